"""Sessions at kf accounts (wire.md H): sync_msg, sending, states, customers."""

import re

from wecom_sandbox import serving
from wecom_sandbox.errors import WireError
from wecom_sandbox.office import KfItem, KfSession
from wecom_sandbox.records import Json, Message
from wecom_sandbox.wire.call import Call, cursor_at
from wecom_sandbox.wire.kf_accounts import managed
from wecom_sandbox.wire.media_use import usable

CURSOR_BYTES, TOKEN_BYTES, PAGE = 64, 128, 1000
MOST_CLICKS, TEXT_BYTES, MOST_CUSTOMERS = 10, 2048, 100
MSGID = re.compile(r"[0-9A-Za-z_-]{1,32}")
REFUSED_BY_CUSTOMER = 10

_ITEM_KINDS = {"click": "id", "view": "url", "miniprogram": "appid", "text": "content"}
# What each kind must carry, with the error where it does not.
_NEEDED: dict[str, tuple[tuple[str, int], ...]] = {
    "text": (("content", 44004),),
    "image": (("media_id", 40007),),
    "voice": (("media_id", 40007),),
    "video": (("media_id", 40007),),
    "file": (("media_id", 40007),),
    "link": (("title", 40058), ("url", 40058), ("thumb_media_id", 40007)),
    "miniprogram": (("appid", 40058), ("thumb_media_id", 40007), ("pagepath", 40058)),
    "msgmenu": (),
    "location": (("latitude", 40058), ("longitude", 40058)),
    "ca_link": (("link_url", 40058),),
}
# Which field of a kind names a file, and what that file must be.
_FILES = {kind: ("media_id", kind) for kind in ("image", "voice", "video", "file")}
_FILES |= dict.fromkeys(("link", "miniprogram"), ("thumb_media_id", "image"))
_AFTER = {  # which states a session may be moved to
    serving.NEW: {serving.ASSISTANT, serving.WAITING, serving.SERVED, serving.ENDED},
    serving.ASSISTANT: {serving.WAITING, serving.SERVED, serving.ENDED},
    serving.WAITING: {serving.SERVED, serving.ENDED},
    serving.SERVED: {serving.SERVED, serving.ENDED},
    serving.ENDED: set(),
}


def sync(call: Call) -> Json:
    """Answer kf/sync_msg; a page whose rows are all too old is empty and not the last."""
    token = call.text("token")
    known = call.corp.office.kf_tokens.get(token)
    if known and call.world.tunables.old_forms and "open_kfid" not in call.args:
        call.args["open_kfid"] = known.open_kfid
    account = managed(call)
    if len(token.encode()) > TOKEN_BYTES or len(call.text("cursor").encode()) > CURSOR_BYTES:
        raise WireError(40058)
    if call.integer("voice_format", 0) not in (0, 1):
        raise WireError(40058, "invalid voice_format")
    limit = call.limit(PAGE, PAGE)
    start, _ = call.cursor("kf")
    if token:
        fresh = known is not None and call.world.clock.time() - known.issued_at <= serving.TOKEN_LIFE_S
        if known is None or not fresh or known.open_kfid != account.open_kfid:
            raise WireError(95007)
    else:
        most = call.world.tunables.kf_syncs_without_token_a_minute
        call.corp.office.take(f"kf/sync_msg/{account.open_kfid}", most, 60, call.world.now())
    items = call.corp.office.kf_items[account.open_kfid]
    page = items.after(start, limit)
    end = page[-1].seq if page else start
    horizon = call.world.now() - call.world.tunables.kf_kept_s
    return {
        "next_cursor": cursor_at("kf", end),
        "has_more": int(bool(items.after(end, 1))),
        "msg_list": [_row(item) for item in page if item.send_time >= horizon],
    }


def send(call: Call) -> Json:
    """Answer kf/send_msg: as long as the session is nobody else's, five times within 48 hours after the customer."""
    account = managed(call)
    session = _session(call, account.open_kfid, call.text("touser", missing=40058))
    msgtype, body = _content(call, frozenset(_NEEDED))
    if not serving.open_for(call.world, session):
        raise WireError(95002)
    if session.state not in (serving.NEW, serving.ASSISTANT):
        raise WireError(95018)
    if session.replies >= call.world.tunables.kf_replies_most:
        raise WireError(95001)
    msgid = _msgid(call)
    session.replies += 1
    if session.refuses:
        failed = {"event_type": "msg_send_fail", "fail_msgid": msgid, "fail_type": REFUSED_BY_CUSTOMER}
        serving.record_event(call.world, call.corp, session, failed)
    else:
        _show(call, session, msgid, msgtype, body)
    return {"msgid": msgid}


def send_on_event(call: Call) -> Json:
    """Answer kf/send_msg_on_event: a code works once, and not for long."""
    code = call.corp.office.kf_codes.get(call.text("code", missing=95007))
    life = call.world.tunables.kf_code_life_s
    if code is None or code.used or call.world.clock.time() - code.issued_at > life:
        raise WireError(95007)
    account = call.corp.office.kf_accounts.get(code.open_kfid)
    if account is None or account.agentid != call.app.agentid:
        raise WireError(95007)
    msgtype, body = _content(call, frozenset({"text", "msgmenu"}))
    msgid = _msgid(call)
    code.used = True
    _show(call, call.corp.office.kf_session(code.open_kfid, code.external_userid), msgid, msgtype, body)
    return {"msgid": msgid}


def get_state(call: Call) -> Json:
    """Answer kf/service_state/get."""
    session = _session(call, managed(call).open_kfid, call.customer().external_userid)
    state = serving.current_state(call.world, session)
    return {"service_state": state, "servicer_userid": session.servicer if state == serving.SERVED else ""}


def move(call: Call) -> Json:
    """Answer kf/service_state/trans; a code for one answer comes on the way into the pool, to somebody, or to the end."""
    account = managed(call)
    session = _session(call, account.open_kfid, call.customer().external_userid)
    state, servicer = call.integer("service_state"), call.text("servicer_userid")
    if state not in _AFTER[serving.current_state(call.world, session)]:
        raise WireError(95016)
    if state == serving.SERVED:
        if servicer not in serving.servicers(call.corp, account):
            raise WireError(95014)
        if servicer in account.resting:
            raise WireError(95019)
    first = session.state != serving.SERVED
    session.state, session.servicer = state, servicer if state == serving.SERVED else ""
    gives = state == serving.ENDED or (state in (serving.WAITING, serving.SERVED) and first)
    return {"msg_code": serving.new_code(call.world, call.corp, session)} if gives else {}


def batchget(call: Call) -> Json:
    """Answer kf/customer/batchget: those who have been at an account of the corp."""
    ids = call.texts("external_userid_list", most=MOST_CUSTOMERS)
    if not ids:
        raise WireError(40058)
    context = call.integer("need_enter_session_context", 0) == 1
    rows, invalid = [], []
    for one in ids:
        customer = call.corp.customers.get(one)
        sessions = [session for (_, who), session in call.corp.office.kf_sessions.items() if who == one]
        if customer is None or not sessions:
            invalid.append(one)
            continue
        row: Json = {name: getattr(customer, name) for name in ("external_userid", "avatar", "gender", "unionid")}
        row["nickname"] = customer.name
        if context:
            row["enter_session_context"] = max(sessions, key=lambda session: session.heard_at).entered
        rows.append(row)
    return {"customer_list": rows, "invalid_external_userid": invalid}


def _session(call: Call, open_kfid: str, external_userid: str) -> KfSession:
    if external_userid not in call.corp.customers:
        raise WireError(40096)
    return call.corp.office.kf_sessions.get((open_kfid, external_userid)) or KfSession(open_kfid, external_userid)


def _row(item: KfItem) -> Json:
    row: Json = {"msgid": item.msgid, "send_time": item.send_time, "origin": item.origin, **item.body}
    if item.body["msgtype"] != "event":
        row |= {"open_kfid": item.open_kfid, "external_userid": item.external_userid}
    return row | ({"servicer_userid": item.servicer} if item.servicer else {})


def _content(call: Call, kinds: frozenset[str]) -> tuple[str, Json]:
    msgtype = call.text("msgtype", missing=40008)
    if msgtype not in kinds:
        raise WireError(40008)
    body = call.nested(msgtype)
    for name, code in _NEEDED[msgtype]:
        if body.get(name) in (None, ""):
            raise WireError(code)
    if msgtype in _FILES:
        name, kind = _FILES[msgtype]
        usable(call, body[name], kind)
    if msgtype == "text" and len(str(body["content"]).encode()) > TEXT_BYTES:
        raise WireError(45002)
    if msgtype == "msgmenu":
        _check_menu(body)
    return msgtype, body


def _check_menu(body: Json) -> None:
    rows = body.get("list") or []
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise WireError(40058)
    for row in rows:
        kind = row.get("type")
        inner = row.get(kind) if kind in _ITEM_KINDS else None
        if not isinstance(inner, dict) or not inner.get(_ITEM_KINDS[str(kind)]):
            raise WireError(95009)
    if sum(row["type"] == "click" for row in rows) > MOST_CLICKS:
        raise WireError(95008)
    if not rows and not body.get("head_content") and not body.get("tail_content"):
        raise WireError(44004)


def _msgid(call: Call) -> str:
    msgid = call.text("msgid") or call.corp.new_id("kfm")
    if not MSGID.fullmatch(msgid):
        raise WireError(40058, "invalid msgid")
    return msgid


def _show(call: Call, session: KfSession, msgid: str, msgtype: str, body: Json) -> None:
    text = body if msgtype == "text" else {}
    parts = [] if msgtype == "text" else [{"msgtype": msgtype, msgtype: body}]
    message = Message("kf", session.open_kfid, call.world.now(), text, parts, msgid)
    call.corp.show(message, [session.external_userid])
