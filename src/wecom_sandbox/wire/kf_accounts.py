"""Kf accounts, their servicers and links (wire.md H); an app manages those that it made."""

import re

from wecom_sandbox.errors import WireError
from wecom_sandbox.office import KfAccount
from wecom_sandbox.records import Json
from wecom_sandbox.wire.call import Call
from wecom_sandbox.wire.media_use import usable

NAME = range(1, 17)
MOST_ROWS, MOST_SERVICERS = 100, 100
SCENE = re.compile(r"[0-9A-Za-z_-]{0,32}")


def managed(call: Call) -> KfAccount:
    """Find the account that a call names, if the app may do something there."""
    account = call.corp.office.kf_accounts.get(call.text("open_kfid", missing=95000))
    if account is None:
        raise WireError(95004)
    if account.agentid != call.app.agentid:
        raise WireError(60011)
    return account


def add(call: Call) -> Json:
    """Answer kf/account/add."""
    office = call.corp.office
    name, media_id = _name(call), usable(call, call.text("media_id", missing=40007), "image").media_id
    if len(office.kf_accounts) >= call.world.tunables.kf_accounts_most:
        raise WireError(95005)
    account = KfAccount(call.corp.new_id("wk"), name, media_id, call.app.agentid)
    office.kf_accounts[account.open_kfid] = account
    return {"open_kfid": account.open_kfid}


def update(call: Call) -> Json:
    """Answer kf/account/update."""
    account = managed(call)
    name = _name(call) if call.text("name") else account.name
    if call.text("media_id"):
        account.media_id = usable(call, call.text("media_id"), "image").media_id
    account.name = name
    return {}


def delete(call: Call) -> Json:
    """Answer kf/account/del."""
    del call.corp.office.kf_accounts[managed(call).open_kfid]
    return {}


def list_accounts(call: Call) -> Json:
    """Answer kf/account/list by offset and limit."""
    offset, limit = call.integer("offset", 0), call.limit(MOST_ROWS, MOST_ROWS)
    if offset < 0:
        raise WireError(40058)
    rows = list(call.corp.office.kf_accounts.values())[offset : offset + limit]
    return {"account_list": [_shown(call, account) for account in rows]}


def add_contact_way(call: Call) -> Json:
    """Answer kf/add_contact_way: the link with a scene, which comes back when a customer enters by it."""
    account, scene = managed(call), call.text("scene")
    if not SCENE.fullmatch(scene):
        raise WireError(40058, "invalid scene")
    if scene and scene not in account.scenes:
        account.scenes.append(scene)
    query = f"?enc_scene={call.corp.digest('kf/' + scene)[:24]}&scene={scene}" if scene else ""
    return {"url": f"{call.base_url}kfid/{account.open_kfid}{query}"}


def add_servicers(call: Call) -> Json:
    """Answer kf/servicer/add."""
    account = managed(call)
    users, parties = _wanted(call)
    rows: list[Json] = []
    for userid in users:
        known = userid in call.corp.users
        rows.append({"userid": userid, **_result(known, userid not in account.servicers, 60111)})
        account.servicers += [userid] if known and userid not in account.servicers else []
    for party in parties:
        known = party in call.corp.departments
        rows.append({"department_id": party, **_result(known, party not in account.parties, 60123)})
        account.parties += [party] if known and party not in account.parties else []
    return {"result_list": rows}


def remove_servicers(call: Call) -> Json:
    """Answer kf/servicer/del."""
    account = managed(call)
    users, parties = _wanted(call)
    rows: list[Json] = [{"userid": one, **_result(True, one in account.servicers, 0)} for one in users]
    rows += [{"department_id": one, **_result(True, one in account.parties, 0)} for one in parties]
    account.servicers = [one for one in account.servicers if one not in users]
    account.parties = [one for one in account.parties if one not in parties]
    return {"result_list": rows}


def list_servicers(call: Call) -> Json:
    """Answer kf/servicer/list: members with their status, and departments."""
    account = managed(call)
    members: list[Json] = [{"userid": one, "status": int(one in account.resting)} for one in account.servicers]
    return {"servicer_list": [*members, *({"department_id": one} for one in account.parties)]}


def _name(call: Call) -> str:
    name = call.text("name")
    if len(name) not in NAME:
        raise WireError(95006)
    return name


def _shown(call: Call, account: KfAccount) -> Json:
    return {
        "open_kfid": account.open_kfid,
        "name": account.name,
        "avatar": f"{call.base_url}media/{account.media_id}",
        "manage_privilege": account.agentid == call.app.agentid,
    }


def _wanted(call: Call) -> tuple[list[str], list[int]]:
    users, parties = call.texts("userid_list", most=MOST_SERVICERS), call.integers("department_id_list")
    if len(parties) > MOST_SERVICERS:
        raise WireError(40058, f"department_id_list has more than {MOST_SERVICERS} items")
    if not users and not parties:
        raise WireError(40058)
    return list(dict.fromkeys(users)), list(dict.fromkeys(parties))


def _result(known: bool, changes: bool, unknown: int) -> Json:
    if not known:
        return {"errcode": unknown, "errmsg": WireError(unknown).text}
    return {"errcode": 0, "errmsg": "success" if changes else "ignored"}
