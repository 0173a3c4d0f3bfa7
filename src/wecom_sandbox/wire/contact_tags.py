"""Tags on members and departments (wire.md B, tag/*); only the app that made a tag may change it."""

from wecom_sandbox.errors import WireError
from wecom_sandbox.office import ContactTag
from wecom_sandbox.records import Json
from wecom_sandbox.sight import sees_party, sees_user
from wecom_sandbox.wire.call import Call

NAME = range(1, 33)
MOST_USERS, MOST_PARTIES = 1000, 100


def list_tags(call: Call) -> Json:
    """Answer tag/list."""
    return {"taglist": [{"tagid": tag.tagid, "tagname": tag.name} for tag in call.corp.office.tags.values()]}


def get(call: Call) -> Json:
    """Answer tag/get: those whom the app sees."""
    corp, tag = call.corp, _tag(call)
    users = [corp.users[one] for one in tag.users if one in corp.users]
    return {
        "tagname": tag.name,
        "userlist": [{"userid": one.userid, "name": one.name} for one in users if sees_user(corp, call.app, one)],
        "partylist": [one for one in tag.parties if sees_party(corp, call.app, one)],
    }


def create(call: Call) -> Json:
    """Answer tag/create; an id that is not given is the next free one."""
    tags, name = call.corp.office.tags, _name(call)
    tagid = call.integer("tagid", max(tags, default=0) + 1)
    if tagid in tags or tagid < 0:
        raise WireError(40068)
    tags[tagid] = ContactTag(tagid, name, call.app.agentid)
    return {"tagid": tagid, "errmsg": "created"}


def update(call: Call) -> Json:
    """Answer tag/update."""
    tag = _own(call)
    tag.name = _name(call, tag)
    return {"errmsg": "updated"}


def delete(call: Call) -> Json:
    """Answer tag/delete."""
    del call.corp.office.tags[_own(call).tagid]
    return {"errmsg": "deleted"}


def add_members(call: Call) -> Json:
    """Answer tag/addtagusers."""
    tag = _own(call)
    users, parties, invalid = _members(call)
    tag.users = list(dict.fromkeys([*tag.users, *users]))
    tag.parties = list(dict.fromkeys([*tag.parties, *parties]))
    return invalid


def remove_members(call: Call) -> Json:
    """Answer tag/deltagusers."""
    tag = _own(call)
    users, parties, invalid = _members(call)
    tag.users = [one for one in tag.users if one not in users]
    tag.parties = [one for one in tag.parties if one not in parties]
    return invalid


def _tag(call: Call) -> ContactTag:
    tag = call.corp.office.tags.get(call.integer("tagid", missing=40068))
    if tag is None:
        raise WireError(40068)
    return tag


def _own(call: Call) -> ContactTag:
    tag = _tag(call)
    if tag.agentid != call.app.agentid:
        raise WireError(60011)
    return tag


def _name(call: Call, own: ContactTag | None = None) -> str:
    name = call.text("tagname")
    if len(name) not in NAME:
        raise WireError(40072)
    if any(tag.name == name and tag is not own for tag in call.corp.office.tags.values()):
        raise WireError(40071)
    return name


def _members(call: Call) -> tuple[list[str], list[int], Json]:
    corp = call.corp
    userids, parties = call.texts("userlist", most=MOST_USERS), call.integers("partylist")
    if not userids and not parties:
        raise WireError(40058)
    if len(parties) > MOST_PARTIES:
        raise WireError(40058, f"partylist has more than {MOST_PARTIES} items")
    users = [one for one in userids if one in corp.users and sees_user(corp, call.app, corp.users[one])]
    found = [one for one in parties if one in corp.departments and sees_party(corp, call.app, one)]
    if not users and not found:
        raise WireError(40070)
    bad_users = [one for one in userids if one not in users]
    bad_parties = [one for one in parties if one not in found]
    invalid: Json = {"invalidlist": "|".join(bad_users)} if bad_users else {}
    return users, found, invalid | ({"invalidparty": bad_parties} if bad_parties else {})
