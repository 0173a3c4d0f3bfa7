"""The welcome: 20 seconds, once (wire.md C.8)."""

from wecom_sandbox.errors import WireError
from wecom_sandbox.records import Json, Message
from wecom_sandbox.wire.call import Call
from wecom_sandbox.wire.content import read_content

# For so long after another app's welcome the answer is 41096 (being sent), later 41051 (delivered).
BEING_SENT_S = 1.0


def send(call: Call) -> Json:
    """Answer send_welcome_msg."""
    code = call.text("welcome_code", missing=41049)
    text, attachments = read_content(call)
    call.world.open_welcomes()
    welcome = call.corp.welcomes.get(code)
    now = call.world.clock.time()
    if welcome is None:
        raise WireError(41050)
    if welcome.sent_at:
        rival = welcome.sent_by != call.app.agentid and now - welcome.sent_at < BEING_SENT_S
        raise WireError(41096 if rival else 41051)
    if code not in call.corp.open_welcomes:
        raise WireError(41050)
    if _unheard_of_consent(call, welcome.userid, welcome.external_userid):
        raise WireError(41053)
    welcome.sent_at, welcome.sent_by = now, call.app.agentid
    del call.corp.open_welcomes[code]
    call.world.tally.events["welcomes_sent"] += 1
    message = Message("welcome", welcome.userid, int(now), text, attachments)
    call.corp.show(message, [welcome.external_userid])
    return {}


def _unheard_of_consent(call: Call, userid: str, external_userid: str) -> bool:
    """Tell whether the member's chats are archived and the customer has not agreed to that."""
    office = call.corp.office
    if not call.world.tunables.welcome_waits_for_consent or userid not in office.archive_seats:
        return False
    consent = office.consents.get((userid, "", external_userid))
    return consent is None or not consent.agreed
