"""Who may be archived and who agreed (wire.md G.3); the archive's secret only, which the gate has checked."""

from wecom_sandbox.corp import Corp
from wecom_sandbox.errors import WireError
from wecom_sandbox.office import Consent
from wecom_sandbox.records import EXTERNAL, Json
from wecom_sandbox.wire.call import Call
from wecom_sandbox.world import World

MOST_PAIRS = 100
EDITIONS = (1, 2, 3)
AGREED, REFUSED, BY_DEFAULT = "Agree", "Disagree", "Default_Agree"
MINUTE = 60


def permit_list(call: Call) -> Json:
    """Answer get_permit_user_list: of one edition, or all."""
    _open(call)
    edition = call.integer("type", 0)
    if edition and edition not in EDITIONS:
        raise WireError(40058, "invalid type")
    seats = call.corp.office.archive_seats
    return {"ids": [userid for userid, bought in seats.items() if edition in (0, bought)]}


def single_agree(call: Call) -> Json:
    """Answer check_single_agree; the misspelt key is WeCom's."""
    _open(call)
    pairs = call.args.get("info")
    if not isinstance(pairs, list) or not pairs or not all(isinstance(pair, dict) for pair in pairs):
        raise WireError(40058)
    if len(pairs) > MOST_PAIRS:
        raise WireError(301060)
    corp, rows = call.corp, []
    for pair in pairs:
        userid, external = str(pair.get("userid", "")), str(pair.get("exteranalopenid", ""))
        if userid not in corp.users or external not in corp.customers:
            raise WireError(301061)
        rows.append({"userid": userid, **_answer(call, corp.office.consents.get((userid, "", external)), external)})
    return {"agreeinfo": rows}


def room_agree(call: Call) -> Json:
    """Answer check_room_agree: the customers in a customer group."""
    _open(call)
    group = call.corp.groups.get(call.text("roomid", missing=40058))
    if group is None:
        raise WireError(90501)
    customers = [member.userid for member in group.members.values() if member.type == EXTERNAL]
    consents = call.corp.office.consents
    return {"agreeinfo": [_answer(call, consents.get(("", group.chat_id, one)), one) for one in customers]}


def inner_group(call: Call) -> Json:
    """Answer msgaudit/groupchat/get: groups without customers, no others."""
    _open(call)
    group = call.corp.office.inner_groups.get(call.text("roomid", missing=40058))
    if group is None:
        raise WireError(301059)
    return {
        "roomname": group.name,
        "creator": group.creator,
        "room_create_time": group.create_time,
        "notice": group.notice,
        "members": [{"memberid": userid, "jointime": came} for userid, came in group.members.items()],
    }


def robot(call: Call) -> Json:
    """Answer get_robot_info."""
    _open(call)
    most = call.world.tunables.robot_infos_per_minute
    call.corp.office.take("msgaudit/get_robot_info", most, MINUTE, call.world.now())
    found = call.corp.office.robots.get(call.text("robot_id", missing=40058))
    if found is None:
        raise WireError(40058, "invalid robot_id")
    return {"data": dict(vars(found))}


def need_alive(world: World, corp: Corp) -> None:
    """Refuse where the archive was not bought or has ended."""
    if not corp.office.archive_seats:
        raise WireError(301053)
    if not alive(world, corp):
        raise WireError(301052)


def alive(world: World, corp: Corp) -> bool:
    """Tell whether the archive, if it was bought, has not ended."""
    return not corp.office.archive_ends or world.now() < corp.office.archive_ends


def agreed(world: World, corp: Corp, userid: str, chat_id: str, external_userid: str) -> bool:
    """Tell whether a customer's words may be kept, in the chat with a member or in a group."""
    return _word(world, corp.office.consents.get((userid, chat_id, external_userid))) != REFUSED


def _open(call: Call) -> None:
    need_alive(call.world, call.corp)


def _word(world: World, consent: Consent | None) -> str:
    silence = BY_DEFAULT if world.tunables.archive_silence_agrees else REFUSED
    return silence if consent is None else AGREED if consent.agreed else REFUSED


def _answer(call: Call, consent: Consent | None, external_userid: str) -> Json:
    word = _word(call.world, consent)
    at = consent.at if consent else 0
    return {"status_change_time": at, "exteranalopenid": external_userid, "agree_status": word}
