"""A small world to play with: a corp with two shops, five clerks, six customers, a group, tags, a code and one app."""

from wecom_sandbox.corp import Corp
from wecom_sandbox.humans.acts import perform
from wecom_sandbox.records import App, ContactWay, Department, JoinWay, User
from wecom_sandbox.world import World

CORP, AGENT, SECRET = "wwplay", 1000002, "play-secret"
DOOR, CHAT = "door", "chat"
CLERKS = (
    ("zhangsan", "张三", 2, "店长"),
    ("lisi", "李四", 2, "导购"),
    ("wangwu", "王五", 3, "店长"),
    ("zhaoliu", "赵六", 3, "导购"),
    ("admin", "管理员", 1, "运营"),
)
CUSTOMERS = ("王小姐", "陈先生", "林阿姨", "周老师", "许医生", "何同学")


def furnish(world: World) -> None:
    """Make the world, unless it is there already (a state file keeps it)."""
    if CORP in world.corps:
        return
    corp = Corp(CORP, "街角小店")
    corp.apps[AGENT] = App(AGENT, "我的程序", SECRET)
    for number, name in ((1, "街角小店"), (2, "一店"), (3, "二店")):
        corp.departments[number] = Department(number, name, min(number - 1, 1), number)
    for userid, name, department, position in CLERKS:
        corp.add_user(User(userid, name, [department], position, mobile=f"1380000000{len(corp.users)}"))
    world.corps[CORP] = corp
    now = world.now()
    way = ContactWay(corp.next_seq(), DOOR, AGENT, now, 1, 2, user=["zhangsan"], state=DOOR, remark="门口的码")
    corp.add_contact_way(way)
    people = [_add(world, f"o-play-{number}", name) for number, name in enumerate(CUSTOMERS, start=1)]
    act = {"corp_id": CORP}
    perform(world, {**act, "kind": "admin_creates_tags", "group_name": "会员等级", "names": ["银卡", "金卡", "黑卡"]})
    tag = next(iter(corp.tags))
    perform(world, {**act, "kind": "staff_tags", "userid": "zhangsan", "external_userid": people[0], "add": [tag]})
    group = {
        "kind": "create_group",
        "owner": "zhangsan",
        "name": "街角福利群",
        "staff": ["lisi"],
        "members": people[:4],
    }
    chat_id = perform(world, {**act, **group})["chat_id"]
    corp.add_join_way(JoinWay(CHAT, AGENT, 2, "群码", 1, "街角福利群", 2, [chat_id], CHAT, mark_source=False))


def _add(world: World, unionid: str, name: str) -> str:
    person = {"unionid": unionid, "name": name}
    who: str = perform(world, {"corp_id": CORP, "kind": "scan", "state": DOOR, "person": person})["external_userid"]
    return who


def told(base: str) -> str:
    """Say what there is and how to begin."""
    return (
        f"a world to play with: corp {CORP}, app {AGENT}, secret {SECRET}; code {DOOR!r} leads to 张三, {CHAT!r} to their group\n"
        f"  a token:   curl '{base}/cgi-bin/gettoken?corpid={CORP}&corpsecret={SECRET}'\n"
        f"  a look:    {base}/    the tour: {base}/readme"
    )
