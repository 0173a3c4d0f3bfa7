"""Application messages to members (wire.md D): message/send and message/recall."""

from dataclasses import replace

from wecom_sandbox.errors import WireError
from wecom_sandbox.office import SentNotice
from wecom_sandbox.records import Json, Notice
from wecom_sandbox.sight import sees_party, sees_user
from wecom_sandbox.wire import app_content, cards
from wecom_sandbox.wire.call import Call

DUPLICATE_INTERVAL, DUPLICATE_INTERVAL_MOST = 1800, 14_400
MINUTE, HOUR, DAY = 60, 3600, 86_400


def send(call: Call) -> Json:
    """Answer message/send; part of the receivers may be invalid, all of them may not."""
    if call.integer("agentid") != call.app.agentid:
        raise WireError(40056)
    msgtype, content = app_content.read(call, app_content.TO_STAFF)
    safe = call.integer("safe", 0)
    if safe not in ((0, 1, 2) if msgtype == "mpnews" else (0, 1)):
        raise WireError(40058, "invalid safe")
    if msgtype == "miniprogram_notice" and call.text("touser") == "@all":
        raise WireError(40058, "miniprogram_notice cannot go to @all")
    receivers, bad_users, bad_parties, bad_tags = _receivers(call)
    if not receivers:
        raise WireError(81013)
    now, tunables = call.world.now(), call.world.tunables
    most = tunables.account_cap * tunables.notices_per_account_a_day
    call.corp.office.take(f"notices/{call.app.agentid}", most, DAY, now, len(receivers))
    notice = Notice(call.corp.new_id("n"), call.app.agentid, now, msgtype, content, safe)
    limits = ((MINUTE, tunables.notices_per_minute), (HOUR, tunables.notices_per_hour))
    unlicensed = [one for one in receivers if not call.corp.users[one].licensed]
    reached = [one for one in receivers if call.corp.users[one].licensed]
    got = [one for one in reached if not _seen_lately(call, one, notice) and not too_many(call, one, notice, limits)]
    for userid in got:
        call.corp.notices[userid].append(replace(notice))
    call.corp.office.sent[notice.msgid] = SentNotice(notice.msgid, notice.agentid, now, got)
    answer = {
        "invaliduser": "|".join(one.lower() for one in bad_users),
        "invalidparty": "|".join(bad_parties),
        "invalidtag": "|".join(bad_tags),
        "unlicenseduser": "|".join(one.lower() for one in unlicensed),
        "msgid": notice.msgid,
    }
    if msgtype == "template_card" and cards.answers(content):
        answer["response_code"] = cards.new_code(call.corp, notice, got, call.world.clock.time())
    return answer


def recall(call: Call) -> Json:
    """Answer message/recall: within its time, from everybody who got it."""
    sent = call.corp.office.sent.get(call.text("msgid", missing=40058))
    if sent is None or sent.agentid != call.app.agentid:
        raise WireError(40058, "invalid msgid")
    if call.world.now() - sent.time > call.world.tunables.recall_s:
        raise WireError(42052)
    for userid in sent.receivers:
        for notice in call.corp.notices[userid]:
            notice.recalled = notice.recalled or notice.msgid == sent.msgid
    return {}


def too_many(call: Call, userid: str, notice: Notice, limits: tuple[tuple[int, int], ...]) -> bool:
    """Tell whether this member already got as many as a limit (seconds, count) allows: more is dropped silently."""
    oldest = notice.time - max(seconds for seconds, _ in limits)
    counts = [0] * len(limits)
    for old in reversed(call.corp.notices[userid]):
        if old.time <= oldest:
            break
        if old.agentid == notice.agentid and bool(old.chat_id) == bool(notice.chat_id):
            counts = [count + (old.time > notice.time - limits[at][0]) for at, count in enumerate(counts)]
    return any(count >= most for count, (_, most) in zip(counts, limits, strict=True))


def _receivers(call: Call) -> tuple[list[str], list[str], list[str], list[str]]:
    corp = call.corp
    touser, toparty, totag = (_names(call.text(name)) for name in ("touser", "toparty", "totag"))
    if not touser and not toparty and not totag:
        raise WireError(82001)
    most = call.world.tunables
    if len(touser) > most.message_users_most:
        raise WireError(40058)
    for named, code in ((toparty, 82002), (totag, 82003)):
        if len(named) > most.message_parties_most:
            raise WireError(code)
    if touser == ["@all"]:
        return [userid for userid, user in corp.users.items() if sees_user(corp, call.app, user)], [], [], []
    found: list[str] = []
    bad_users: list[str] = []
    for userid in touser:
        known = userid in corp.users and sees_user(corp, call.app, corp.users[userid])
        (found if known else bad_users).append(userid)
    bad_parties: list[str] = []
    for party in toparty:
        if party.isdigit() and int(party) in corp.departments and sees_party(corp, call.app, int(party)):
            found.extend(user.userid for user in corp.members_of(int(party), deep=True))
        else:
            bad_parties.append(party)
    bad_tags: list[str] = []
    for one in totag:
        tag = corp.office.tags.get(int(one)) if one.isdigit() else None
        if tag is None:
            bad_tags.append(one)
            continue
        by_party = [user.userid for party in tag.parties for user in corp.members_of(party, deep=True)]
        found.extend(
            one for one in [*tag.users, *by_party] if one in corp.users and sees_user(corp, call.app, corp.users[one])
        )
    return list(dict.fromkeys(found)), bad_users, bad_parties, bad_tags


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
