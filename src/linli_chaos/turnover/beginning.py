"""The beginning of this kind: three clerks a shop, an address book that tells, an archive, and who else makes codes."""

from typing import Any

from linli.access import api as access
from linli.acquisition import api as acquisition
from linli.archive import api as archive
from linli.connect import api as connect
from linli.customers import api as customers
from linli.directory import api as directory
from linli.groups import api as groups
from linli_demo.sandbox import Sandbox

CORP, AGENT, SECRET = "ww0turn0turn0turn0", 1000002, "opens-only-the-sandbox"
HELPER, HELPER_SECRET = 1000003, "only-the-address-book"
ARCHIVE, ARCHIVE_SECRET = 2000004, "only-the-archive"
SHOPS = {101: "徐汇店", 102: "静安店"}
CLERKS = {f"{name}-{shop}": shop for shop in SHOPS for name in ("anna", "bo", "chen")}
FULL_SOON, CAP = "chen-102", 9  # a clerk who can take over only a few
BOSS = "zhou"


def corp() -> dict[str, Any]:
    """The sandbox's corp; an anna keeps each shop."""
    departments = [
        {"id": 1, "name": "小邻里", "parentid": 0, "order": 3},
        {"id": 10, "name": "门店", "parentid": 1, "order": 2},
        *({"id": number, "name": name, "parentid": 10, "order": 9} for number, name in SHOPS.items()),
    ]
    users: list[dict[str, Any]] = [{"userid": BOSS, "name": "周岚", "department": [1], "position": "运营"}]
    for one, shop in CLERKS.items():
        position = "店长" if one.startswith("anna") else "导购"
        users.append({"userid": one, "name": one, "department": [shop], "position": position})
        if one == FULL_SOON:
            users[-1]["customer_cap"] = CAP
    apps = [
        {"agentid": AGENT, "name": "邻里", "secret": SECRET},
        {"agentid": HELPER, "name": "通讯录同步", "secret": HELPER_SECRET, "contacts": True, "callable": False},
        {"agentid": ARCHIVE, "name": "会话存档", "secret": ARCHIVE_SECRET, "archive": True, "callable": False},
    ]
    return {"corp_id": CORP, "corp_name": "小邻里", "apps": apps, "departments": departments, "users": users}


def begin(sandbox: Sandbox) -> dict[str, list[str]]:
    """Connect with all three apps, read, make codes, choose the archive; the states of codes and group codes."""
    sandbox.post("seed", corp())
    corp_id = access.create_corp(wecom_id=CORP, name="小邻里").id
    connect.connect_corp(
        corp_id=corp_id, base_url=sandbox.base, agent_id=AGENT, secret=SECRET, contact_secret=HELPER_SECRET
    )
    line = connect.callback_settings(corp_id=corp_id)
    wishes = {"url": line.url, "token": line.token, "aes_key": line.encoding_aes_key, "verify": False}
    for agent in (AGENT, HELPER, ARCHIVE):
        sandbox.post("callback", {"corp_id": CORP, "agentid": agent, **wishes})
    directory.sync(corp_id=corp_id)
    directory.choose_shop_parent(corp_id=corp_id, parent_wecom_id=10)
    customers.sync(corp_id=corp_id)
    for shop, name in SHOPS.items():
        sandbox.act("create_group", owner=f"anna-{shop}", name=f"{name}福利群", members=[])
    groups.sync(corp_id=corp_id)
    acquisition.ensure_shop_codes(corp_id=corp_id)
    sandbox.act("admin_buys_quota", count=1000)
    _choose_archive(sandbox, corp_id)
    codes = [one.state for one in acquisition.codes(corp_id=corp_id)]
    return {"codes": codes, "ways": [one.state for one in groups.join_ways_by_shop(corp_id=corp_id).values()]}


def _choose_archive(sandbox: Sandbox, corp_id: int) -> None:
    key = archive.add_key(corp_id=corp_id, version=1, author="管理员")
    sandbox.act("admin_sets_archive", userids=[one for one in CLERKS if not one.startswith("chen")])
    sandbox.act("admin_sets_archive_key", public_key=key.public_pem)
    archive.choose(
        corp_id=corp_id, back=archive.SANDBOX, secret=ARCHIVE_SECRET, proxy="", proxy_password="", timeout_s=10,
        author="管理员",
    )  # fmt: skip
