"""What headquarters plans and what clerks do about it: two sends, confirmed by most clerks after a while, by some never."""

from collections import defaultdict
from datetime import date, datetime

from linli.commerce import api as commerce
from linli.groups import api as groups
from linli.messaging import api as messaging
from linli.segments import api as segments
from linli_demo.people import share
from linli_demo.quiet import wait_until_quiet
from linli_demo.retail import ZONE
from linli_demo.sandbox import Sandbox

OPERATOR = "周岚"
WAKE_UP, FAVOURITES = date(2011, 11, 7), date(2011, 11, 14)
NEVER = 9  # one clerk in so many never confirms
SUPER_GROUP = "超级用户群"
SUPER_SHEET = {
    "name": SUPER_GROUP, "owner": OPERATOR, "kind": "vip", "purpose": "让最好的客人先尝到、先说话",
    "positioning": "各店近 90 天消费前 10% 的人", "target": "按规则每周找，由人来请",
    "value": "新品先试，每月一次免费，别处没有", "rules": "不发广告，不拉人，试了要说真话",
    "why_enter": "别处没有的东西在这里", "who_else": "各店最常来的人", "why_together": "一起决定下个月上什么",
}  # fmt: skip


def morning(sandbox: Sandbox, corp_id: int, day: date) -> None:
    """The plot's part of a day: nothing on most days."""
    if day == date(2011, 3, 1):
        _segments(corp_id)
    if day == WAKE_UP:
        commerce.recompute_rfm(corp_id=corp_id, as_of=day)
        _send(corp_id, "唤醒沉睡客", segments.Rfm(segments=("at_risk",), method="default"), messaging.Content(
            text="好久没见你来{shop}坐坐啦。给你留了张 15 元回店券，7 天内到店都能用，也可以转给朋友～"
        ))  # fmt: skip
    if day == FAVOURITES:
        community = _super_group(sandbox, corp_id)
        _send(corp_id, "超级用户专属群", segments.SuperUser(tier="super"), messaging.Content(
            text="你是{shop}最常来的客人之一。给你们单独开了一个小群：新品先试、每月一次免费，别处没有。",
            attachments=(messaging.GroupCode(title="进超级用户群", desc="只给最常来的你们", community=str(community)),),
        ))  # fmt: skip
    if day > WAKE_UP:
        _clerks(sandbox, day)
        _super_users_join(sandbox, corp_id, day)


def _segments(corp_id: int) -> None:
    """What the operator keeps at hand."""
    have = {one.name for one in segments.segments(corp_id=corp_id)}
    wanted: list[tuple[str, segments.Definition]] = [
        ("需挽留（At Risk）", segments.Rfm(segments=("at_risk",), method="default")),
        ("超级用户", segments.SuperUser(tier="super")),
        ("快成超级用户", segments.SuperUser(tier="near")),
        ("60 天没来、在群里的", segments.And(all=(
            segments.LastPurchase(op="before", days=60), segments.GroupMember(mode="any"),
        ))),
        ("近 30 天新客", segments.Added(days=30)),
    ]  # fmt: skip
    for name, definition in wanted:
        if name not in have:
            segments.create(corp_id=corp_id, name=name, definition=definition, author=OPERATOR)


def _send(corp_id: int, name: str, definition: segments.Definition, content: messaging.Content) -> None:
    """Plan, look, let go: the ticker makes the tasks. Told twice, it is found and not made again."""
    found = next((one for one in messaging.sends(corp_id=corp_id) if one.name == name), None)
    if found is None:
        draft = messaging.Draft(name=name, definition=definition, content=content, holdout_percent=10)
        found = messaging.create(corp_id=corp_id, draft=draft, author=OPERATOR)
    if found.state == "draft":
        messaging.plan(corp_id=corp_id, send_id=found.id, author=OPERATOR)
    if found.state in {"draft", "planned"}:
        messaging.approve(corp_id=corp_id, send_id=found.id, author=OPERATOR)


def _super_group(sandbox: Sandbox, corp_id: int) -> int:
    """A keeper opens the group in the client; its sheet and its code are Linli's part. Told twice, it happens once."""
    sheet = next((one for one in groups.communities(corp_id=corp_id) if one.name == SUPER_GROUP), None)
    if sheet is None:
        sheet = groups.save_community(corp_id=corp_id, sheet=SUPER_SHEET)
        groups.open_community(corp_id=corp_id, community_id=sheet.id)
    if all(one["name"] != SUPER_GROUP for one in sandbox.get("state")["groups"]):
        sandbox.act("create_group", owner="zhou", name=SUPER_GROUP, members=[])
        sandbox.settle()
        wait_until_quiet(corp_id)
    if all(one.name != SUPER_GROUP for one in groups.groups(corp_id=corp_id)):
        groups.sync(corp_id=corp_id)  # its callback was lost: the operator presses 现在同步
    for group in groups.groups(corp_id=corp_id):
        if group.name == SUPER_GROUP:
            groups.assign_group(corp_id=corp_id, group_id=group.id, community_id=sheet.id)
    groups.open_join_way(corp_id=corp_id, community_id=sheet.id)
    return sheet.id


def _clerks(sandbox: Sandbox, day: date) -> None:
    """A clerk confirms one to six days after the task came; one in nine never does."""
    for task in sandbox.get("tasks", status="open")["tasks"]:
        clerk, question = task["userid"], f"confirm-{task['msgid']}"
        if share(clerk, "never", NEVER) == 0:
            continue
        age = day - datetime.fromtimestamp(task["created"], ZONE).date()
        if age.days >= 1 + share(clerk, question, 6):
            sandbox.act("confirm", msgid=task["msgid"], userid=clerk)
    sandbox.settle()


def _super_users_join(sandbox: Sandbox, corp_id: int, day: date) -> None:
    """Four in ten of those who got the super users' code go in, a day or two later."""
    community = next((one for one in groups.communities(corp_id=corp_id) if one.name == SUPER_GROUP), None)
    way = groups.join_way_of_community(corp_id=corp_id, community_id=community.id) if community else None
    send = next((one for one in messaging.sends(corp_id=corp_id) if one.name == "超级用户专属群"), None)
    if way is None or send is None or day.weekday() not in {1, 4}:
        return
    joiners: dict[str, str] = defaultdict(str)
    for external_userid in messaging.received(corp_id=corp_id, send_id=send.id):
        if share(external_userid, "super-joins", 10) < 4:
            joiners[external_userid] = way.state
    sandbox.acts([{"kind": "join", "state": state, "external_userid": external} for external, state in joiners.items()])
    sandbox.settle()
