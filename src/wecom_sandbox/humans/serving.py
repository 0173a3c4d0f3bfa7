"""People at a kf account: customers enter and write, servicers take, answer and end (wire.md H)."""

from wecom_sandbox import serving
from wecom_sandbox.errors import ControlError
from wecom_sandbox.humans.script import Script
from wecom_sandbox.office import KfAccount, KfSession
from wecom_sandbox.records import Json


def kf_enter(script: Script) -> Json:
    """A customer opens the account, by a link's `scene` or without; who has not been lately can be welcomed."""
    account = _account(script)
    scene = script.text("scene", default="")
    if scene and scene not in account.scenes:
        raise ControlError(404, f"no link with the scene {scene!r}")
    session = script.corp.office.kf_session(account.open_kfid, script.person().external_userid)
    world, now = script.world, script.world.clock.time()
    session.entered = {"scene": scene, "scene_param": script.text("scene_param", default="")}
    lately = now - max(session.heard_at, session.welcomed_at) <= world.tunables.kf_answer_s
    code = "" if lately else serving.new_code(world, script.corp, session)
    session.welcomed_at = session.welcomed_at if lately else now
    event = {"event_type": "enter_session", **session.entered, "welcome_code": code}
    serving.record_event(world, script.corp, session, event)
    return {"external_userid": session.external_userid, "welcome_code": code}


def kf_write(script: Script) -> Json:
    """A customer writes `text`, or `content` (msgtype and its body); a session that had ended begins anew."""
    account = _account(script)
    session = script.corp.office.kf_session(account.open_kfid, script.person().external_userid)
    body = script.wishes.get("content") or {"msgtype": "text", "text": {"content": script.text("text")}}
    if not isinstance(body, dict) or not isinstance(body.get(str(body.get("msgtype"))), dict):
        raise ControlError(400, "content is msgtype and its body")
    if serving.current_state(script.world, session) == serving.ENDED:
        session.state, session.servicer = serving.NEW, ""
    session.heard_at, session.replies = script.world.clock.time(), 0
    item = serving.record(script.world, script.corp, session, serving.CUSTOMER, body)
    return {"external_userid": session.external_userid, "msgid": item.msgid, "state": session.state}


def kf_refuses(script: Script) -> Json:
    """A customer takes no more messages of the account: what is sent fails."""
    _session(script).refuses = True
    return {}


def kf_take(script: Script) -> Json:
    """A servicer takes a session."""
    session, userid = _session(script), _servicer(script)
    if serving.current_state(script.world, session) in (serving.SERVED, serving.ENDED):
        raise ControlError(409, "this session is not waiting")
    session.state = serving.SERVED
    return _changed(script, session, serving.TOOK, userid)


def kf_reply(script: Script) -> Json:
    """A servicer writes `text` in a session of theirs; one that had ended is taken up again."""
    session, userid = _session(script), _servicer(script)
    if session.state == serving.ENDED:
        session.state = serving.SERVED
        _changed(script, session, serving.TOOK_AGAIN, userid)
    if session.servicer != userid:
        raise ControlError(409, "this session is not theirs")
    body = {"msgtype": "text", "text": {"content": script.text("text")}}
    return {"msgid": serving.record(script.world, script.corp, session, serving.SERVICER, body, userid).msgid}


def kf_end(script: Script) -> Json:
    """A servicer ends a session of theirs."""
    session = _session(script)
    if session.state != serving.SERVED or session.servicer != script.staff():
        raise ControlError(409, "this session is not theirs")
    session.state = serving.ENDED
    return _changed(script, session, serving.CLOSED, "")


def kf_rest(script: Script) -> Json:
    """A servicer stops serving, or begins again (`resting` false)."""
    account, userid = _account(script), _servicer(script)
    others = [one for one in account.resting if one != userid]
    account.resting = others if script.wishes.get("resting") is False else [*others, userid]
    return {"resting": account.resting}


def _changed(script: Script, session: KfSession, change: int, servicer: str) -> Json:
    code = serving.new_code(script.world, script.corp, session)
    event = {
        "event_type": "session_status_change",
        "change_type": change,
        "old_servicer_userid": session.servicer,
        "new_servicer_userid": servicer,
        "msg_code": code,
    }
    session.servicer = servicer
    serving.record_event(script.world, script.corp, session, event)
    return {"msg_code": code}


def _account(script: Script) -> KfAccount:
    account = script.corp.office.kf_accounts.get(script.text("open_kfid"))
    if account is None:
        raise ControlError(404, f"no kf account {script.wishes['open_kfid']!r}")
    return account


def _session(script: Script) -> KfSession:
    session = script.corp.office.kf_sessions.get((_account(script).open_kfid, script.customer().external_userid))
    if session is None:
        raise ControlError(409, "this customer has never been here")
    return session


def _servicer(script: Script) -> str:
    userid = script.staff()
    if userid not in serving.servicers(script.corp, _account(script)):
        raise ControlError(409, "not a servicer of this account")
    return userid
