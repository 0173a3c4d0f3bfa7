"""A member presses a template card, of which its app hears (wire.md F.4, template_card_event)."""

from wecom_sandbox.callbacks.events import Press, card_event
from wecom_sandbox.errors import ControlError
from wecom_sandbox.humans.script import Script
from wecom_sandbox.records import Json, Notice
from wecom_sandbox.wire import cards


def press_card(script: Script) -> Json:
    """Press `key` of the card `msgid`, with what was `chosen` (option ids by question); gives a fresh response_code."""
    userid, notice = script.staff(), _card(script)
    key = script.text("key")
    if key not in cards.keys(notice.content):
        raise ControlError(404, f"nothing to press under {key!r}")
    chosen = script.wishes.get("chosen") or {}
    asked = cards.questions(notice.content)
    if not isinstance(chosen, dict) or any(not set(ids) <= asked.get(one, set()) for one, ids in chosen.items()):
        raise ControlError(400, "chosen is option ids by question_key, as the card has them")
    code = cards.new_code(script.corp, notice, [userid], script.world.clock.time())
    press = Press(
        userid, notice.agentid, key, str(notice.content.get("task_id", "")), notice.content["card_type"], code, chosen
    )
    script.world.tell(script.corp, notice.agentid, card_event(press))
    return {"response_code": code}


def _card(script: Script) -> Notice:
    msgid = script.text("msgid")
    found = next((one for one in script.corp.notices.get(script.staff(), ()) if one.msgid == msgid), None)
    if found is None or found.msgtype != "template_card" or found.recalled:
        raise ControlError(404, f"no card {msgid!r} for this member")
    return found
