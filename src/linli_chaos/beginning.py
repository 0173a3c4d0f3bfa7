"""The beginning of every seed, made once: a corp of two shops, connected, with codes, groups and tags."""

from linli.access import api as access
from linli.acquisition import api as acquisition
from linli.connect import api as connect
from linli.customers import api as customers
from linli.directory import api as directory
from linli.groups import api as groups
from linli_demo.sandbox import Sandbox

CORP, AGENT, SECRET = "ww0chaos0chaos0cha", 1000002, "opens-only-the-sandbox"
SHOPS, CLERKS = ("徐汇店", "静安店"), ("anna-0", "bo-0", "anna-1", "bo-1")
BOSS = "zhou"


def corp() -> dict[str, object]:
    """The sandbox's corp."""
    departments = [
        {"id": 1, "name": "小邻里", "parentid": 0, "order": 3},
        {"id": 10, "name": "门店", "parentid": 1, "order": 2},
        *({"id": 100 + n, "name": name, "parentid": 10, "order": 9 - n} for n, name in enumerate(SHOPS)),
    ]
    users = [
        {"userid": BOSS, "name": "周岚", "department": [1], "position": "运营"},
        *({"userid": one, "name": one, "department": [100 + int(one[-1])], "position": "导购"} for one in CLERKS),
    ]
    apps = [{"agentid": AGENT, "name": "邻里", "secret": SECRET}]
    return {"corp_id": CORP, "corp_name": "小邻里", "apps": apps, "departments": departments, "users": users}


def begin(sandbox: Sandbox) -> dict[str, list[str]]:
    """Connect, read, make codes; returns the states of the shops' codes and of their group codes."""
    sandbox.post("seed", corp())
    corp_id = access.create_corp(wecom_id=CORP, name="小邻里").id
    connect.connect_corp(corp_id=corp_id, base_url=sandbox.base, agent_id=AGENT, secret=SECRET)
    line = connect.callback_settings(corp_id=corp_id)
    wishes = {"url": line.url, "token": line.token, "aes_key": line.encoding_aes_key, "verify": False}
    sandbox.post("callback", {"corp_id": CORP, "agentid": AGENT, **wishes})
    directory.sync(corp_id=corp_id)
    directory.choose_shop_parent(corp_id=corp_id, parent_wecom_id=10)
    customers.sync(corp_id=corp_id)
    for n, name in enumerate(SHOPS):
        sandbox.act("create_group", owner=f"anna-{n}", name=f"{name}福利群", members=[])
    groups.sync(corp_id=corp_id)
    acquisition.ensure_shop_codes(corp_id=corp_id)
    codes = [one.state for one in acquisition.codes(corp_id=corp_id)]
    return {"codes": codes, "ways": [one.state for one in groups.join_ways_by_shop(corp_id=corp_id).values()]}
