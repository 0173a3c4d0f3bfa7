"""Template cards: what they hold, which of them answer, and how an app changes one afterwards (wire.md D)."""

import re

from wecom_sandbox.corp import Corp
from wecom_sandbox.errors import WireError
from wecom_sandbox.office import CardCode
from wecom_sandbox.records import Json, Notice
from wecom_sandbox.sight import sees_party, sees_user
from wecom_sandbox.wire.call import Call

NOTICES = frozenset({"text_notice", "news_notice"})
ASKING = frozenset({"button_interaction", "vote_interaction", "multiple_interaction"})
SUB_TITLE = 112
TASK_ID = re.compile(r"[0-9A-Za-z_@-]{1,128}")
_MOST = {"horizontal_content_list": 6, "jump_list": 3, "vertical_content_list": 4, "button_list": 6, "select_list": 3}


def check(card: Json) -> None:
    """Refuse a card that WeCom would not show."""
    kind = card.get("card_type")
    if kind not in NOTICES | ASKING:
        raise WireError(40058, "invalid card_type")
    for name, most in _MOST.items():
        if len(_rows(card, name)) > most:
            raise WireError(40058, f"{name} has more than {most} items")
    sub_title = str(card.get("sub_title_text") or "")
    if len(sub_title) > SUB_TITLE:
        raise WireError(45002)
    title = _part(card, "main_title").get("title")
    if not title and not (kind == "text_notice" and sub_title):
        raise WireError(40058, "main_title.title is missing")
    if kind in NOTICES and _part(card, "card_action").get("type") not in (1, 2):
        raise WireError(40058, "card_action.type is 1 or 2")
    menu = _rows(_part(card, "action_menu"), "action_list")
    task_id = card.get("task_id")
    needed = kind in ASKING or bool(menu)
    if (needed or task_id) and not (isinstance(task_id, str) and TASK_ID.fullmatch(task_id)):
        raise WireError(40058, "invalid task_id")
    if kind in ASKING and not keys(card):
        raise WireError(40058, f"{kind} has nothing to press")
    if kind == "vote_interaction" and not 1 <= len(_rows(_part(card, "checkbox"), "option_list")) <= 20:
        raise WireError(40058, "option_list has 1 to 20 items")
    if kind == "multiple_interaction" and not _rows(card, "select_list"):
        raise WireError(40058, "select_list is missing")


def keys(card: Json) -> list[str]:
    """List what can be pressed: buttons, the submit button, and the menu's items."""
    rows = [
        *_rows(card, "button_list"),
        _part(card, "submit_button"),
        *_rows(_part(card, "action_menu"), "action_list"),
    ]
    return [str(row["key"]) for row in rows if row.get("key")]


def questions(card: Json) -> dict[str, set[str]]:
    """Give the options that can be chosen, by question."""
    asked = [_part(card, "checkbox"), _part(card, "button_selection"), *_rows(card, "select_list")]
    return {
        str(one["question_key"]): {str(option.get("id")) for option in _rows(one, "option_list")}
        for one in asked
        if one.get("question_key")
    }


def answers(content: Json) -> bool:
    """Tell whether a card can be pressed, so that a response_code goes with it."""
    return bool(keys(content))


def new_code(call_corp: Corp, notice: Notice, receivers: list[str], at: float) -> str:
    """Issue a response_code for these receivers of a card."""
    code = call_corp.new_id("rc")
    call_corp.office.card_codes[code] = CardCode(code, notice.agentid, notice.msgid, at, receivers)
    return code


def update(call: Call) -> Json:
    """Answer message/update_template_card: by a code that works once, within its life."""
    if call.integer("agentid") != call.app.agentid:
        raise WireError(40056)
    code = call.corp.office.card_codes.get(call.text("response_code", missing=40058))
    if code is None or code.agentid != call.app.agentid:
        raise WireError(40058, "invalid response_code")
    if code.used or call.world.clock.time() - code.issued_at > call.world.tunables.card_code_life_s:
        raise WireError(60140)
    words = call.nested("button").get("replace_name")
    card = call.nested("template_card")
    if card:
        check(card)
    elif not isinstance(words, str) or not words:
        raise WireError(40058, "button.replace_name or template_card is missing")
    wanted, invalid = _wanted(call, code)
    if not wanted:
        raise WireError(81013)
    code.used = True
    for userid in wanted:
        for notice in call.corp.notices[userid]:
            if notice.msgid == code.msgid:
                notice.content = card or {**notice.content, "replaced": words}
    return {"invaliduser": invalid}


def _wanted(call: Call, code: CardCode) -> tuple[list[str], list[str]]:
    """Find who is named, and has the card."""
    corp = call.corp
    if call.integer("atall", 0) == 1:
        return code.receivers, []
    named = call.texts("userids", most=1000)
    for party in call.integers("partyids"):
        if party in corp.departments and sees_party(corp, call.app, party):
            named += [user.userid for user in corp.members_of(party, deep=True)]
    for tagid in call.integers("tagids"):
        tag = corp.office.tags.get(tagid)
        named += tag.users if tag else []
    named = list(dict.fromkeys(named))
    if not named:
        raise WireError(82001)
    good = [
        one
        for one in named
        if one in code.receivers and one in corp.users and sees_user(corp, call.app, corp.users[one])
    ]
    return good, [one for one in named if one not in good]


def _part(card: Json, name: str) -> Json:
    part = card.get(name) or {}
    if not isinstance(part, dict):
        raise WireError(40058, f"{name} must be an object. Warning: wrong json format.")
    return part


def _rows(card: Json, name: str) -> list[Json]:
    rows = card.get(name) or []
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise WireError(40058, f"{name} must be an array. Warning: wrong json format.")
    return rows
