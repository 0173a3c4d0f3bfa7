"""Application messages to members (wire.md D, message/send)."""

from wecom_sandbox.errors import WireError
from wecom_sandbox.records import Json, Notice
from wecom_sandbox.wire.call import Call

TEXT_BYTES = 2048
MOST_USERS, MOST_PARTIES = 1000, 100
DUPLICATE_INTERVAL, DUPLICATE_INTERVAL_MOST = 1800, 14_400

# What each kind must carry, with its longest size in characters or bytes.
_FIELDS: dict[str, dict[str, tuple[int, str]]] = {
    "text": {"content": (TEXT_BYTES, "bytes")},
    "markdown": {"content": (TEXT_BYTES, "bytes")},
    "textcard": {"title": (128, "chars"), "description": (512, "chars"), "url": (2048, "bytes")},
}


def send(call: Call) -> Json:
    """Answer message/send; part of the receivers may be invalid, all of them may not."""
    if call.integer("agentid") != call.app.agentid:
        raise WireError(40056)
    msgtype = call.text("msgtype", missing=40008)
    content = _content(call, msgtype)
    receivers, bad_users, bad_parties, bad_tags = _receivers(call)
    if not receivers:
        raise WireError(81013)
    notice = Notice(call.corp.new_id("n"), call.app.agentid, call.world.now(), msgtype, content)
    for userid in receivers:
        if not _seen_lately(call, userid, notice):
            call.corp.notices[userid].append(notice)
    return {
        "invaliduser": "|".join(one.lower() for one in bad_users),
        "invalidparty": "|".join(bad_parties),
        "invalidtag": "|".join(bad_tags),
        "unlicenseduser": "",
        "msgid": notice.msgid,
    }


def _content(call: Call, msgtype: str) -> Json:
    fields = _FIELDS.get(msgtype)
    if fields is None:
        raise WireError(40008)
    content = call.nested(msgtype)
    for name, (longest, unit) in fields.items():
        value = content.get(name)
        if not isinstance(value, str) or not value:
            raise WireError(44004 if name == "content" else 40058)
        if len(value.encode() if unit == "bytes" else value) > longest:
            raise WireError(45002)
    return content


def _receivers(call: Call) -> tuple[list[str], list[str], list[str], list[str]]:
    touser, toparty, totag = (_names(call.text(name)) for name in ("touser", "toparty", "totag"))
    if not touser and not toparty and not totag:
        raise WireError(82001)
    if len(touser) > MOST_USERS or len(toparty) > MOST_PARTIES or len(totag) > MOST_PARTIES:
        raise WireError(40058)
    if touser == ["@all"]:
        return list(call.corp.users), [], [], []
    found = [userid for userid in touser if userid in call.corp.users]
    bad_users = [userid for userid in touser if userid not in call.corp.users]
    bad_parties: list[str] = []
    for party in toparty:
        if party.isdigit() and int(party) in call.corp.departments:
            found.extend(user.userid for user in call.corp.members_of(int(party), deep=True))
        else:
            bad_parties.append(party)
    # Contact tags do not exist here, so that every totag is invalid.
    return list(dict.fromkeys(found)), bad_users, bad_parties, totag


def _names(piped: str) -> list[str]:
    return list(dict.fromkeys(name.strip() for name in piped.split("|") if name.strip()))


def _seen_lately(call: Call, userid: str, notice: Notice) -> bool:
    if not call.flag("enable_duplicate_check", default=False):
        return False
    interval = min(call.integer("duplicate_check_interval", DUPLICATE_INTERVAL), DUPLICATE_INTERVAL_MOST)
    for old in reversed(call.corp.notices[userid]):
        if old.time < notice.time - interval:
            return False
        if (old.agentid, old.msgtype, old.content) == (notice.agentid, notice.msgtype, notice.content):
            return True
    return False
