"""Tickets for the JS-SDK (wire.md E): the corp's and the app's, the same until they end; lives are real time."""

import secrets
import time

from wecom_sandbox.errors import WireError
from wecom_sandbox.records import Json, JsTicket
from wecom_sandbox.wire.call import Call

CORP = 0  # no app has this agentid
HOUR = 3600


def of_corp(call: Call) -> Json:
    """Answer get_jsapi_ticket."""
    tunables, now = call.world.tunables, call.world.now()
    call.corp.office.take(f"jsapi/{call.app.agentid}", tunables.js_tickets_per_hour_app, HOUR, now)
    call.corp.office.take("jsapi", tunables.js_tickets_per_hour_corp, HOUR, now)
    return _ticket(call, CORP)


def of_app(call: Call) -> Json:
    """Answer ticket/get, which knows one type."""
    if call.text("type") != "agent_config":
        raise WireError(40058)
    most = call.world.tunables.js_tickets_per_hour_app
    call.corp.office.take(f"agent_config/{call.app.agentid}", most, HOUR, call.world.now())
    return _ticket(call, call.app.agentid)


def _ticket(call: Call, owner: int) -> Json:
    key = (call.corp.corp_id, owner)
    life, now = call.world.tunables.js_ticket_life_s, time.monotonic()
    ticket = call.world.js_tickets.get(key)
    if ticket is None or now >= ticket.issued_at + life:
        ticket = call.world.js_tickets[key] = JsTicket(secrets.token_urlsafe(64), now)
    return {"ticket": ticket.value, "expires_in": int(ticket.issued_at + life - now)}
