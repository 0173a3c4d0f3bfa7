"""Kf accounts (微信客服, wire.md H): what happens there, for apps and people alike."""

from wecom_sandbox.callbacks.events import kf_event
from wecom_sandbox.corp import Corp
from wecom_sandbox.office import KfAccount, KfCode, KfItem, KfSession, KfToken
from wecom_sandbox.records import Json
from wecom_sandbox.world import World

NEW, ASSISTANT, WAITING, SERVED, ENDED = range(5)
CUSTOMER, SYSTEM, SERVICER = 3, 4, 5
TOOK, CLOSED, TOOK_AGAIN = 1, 3, 4
TOKEN_LIFE_S = 600


def record(world: World, corp: Corp, session: KfSession, origin: int, body: Json, servicer: str = "") -> KfItem:
    """Keep something for sync_msg and let the apps hear that there is something."""
    seq = corp.next_seq()
    msgid = corp.digest(f"kf/{seq}").replace("/", "")[:32]
    now = world.now()
    item = KfItem(seq, session.open_kfid, session.external_userid, msgid, now, origin, body, servicer)
    corp.office.kf_items[session.open_kfid].add(seq, item)
    tokens, at = corp.office.kf_tokens, world.clock.time()
    corp.office.kf_tokens = {one.token: one for one in tokens.values() if at - one.issued_at <= TOKEN_LIFE_S}
    token = KfToken(corp.new_id("ENC"), session.open_kfid, at)
    corp.office.kf_tokens[token.token] = token
    world.emit(corp, kf_event(token.token, session.open_kfid))
    return item


def record_event(world: World, corp: Corp, session: KfSession, event: Json) -> KfItem:
    """Keep an event of a session; it names account and customer inside itself."""
    about = {"open_kfid": session.open_kfid, "external_userid": session.external_userid}
    kept = {name: value for name, value in event.items() if value != ""}
    return record(world, corp, session, SYSTEM, {"msgtype": "event", "event": {**kept, **about}})


def new_code(world: World, corp: Corp, session: KfSession) -> str:
    """Issue a code for one answer to an event."""
    code = corp.new_id("kfc")
    corp.office.kf_codes[code] = KfCode(code, session.open_kfid, session.external_userid, world.clock.time())
    return code


def open_for(world: World, session: KfSession) -> bool:
    """Tell whether the customer's last word is young enough to be answered."""
    return bool(session.heard_at) and world.clock.time() - session.heard_at <= world.tunables.kf_answer_s


def current_state(world: World, session: KfSession) -> int:
    """Give the state; a session whose time is over has ended."""
    return session.state if open_for(world, session) else ENDED


def servicers(corp: Corp, account: KfAccount) -> set[str]:
    """Collect who serves, by name or by department."""
    by_party = {user.userid for one in account.parties for user in corp.members_of(one, deep=True)}
    return by_party | set(account.servicers)
