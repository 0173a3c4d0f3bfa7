"""The beginning: the corp is connected, the shops are found and described, groups are opened, codes are made."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

from linli.access import api as access
from linli.acquisition import api as acquisition
from linli.connect import api as connect
from linli.customers import api as customers
from linli.directory import api as directory
from linli.groups import api as groups
from linli_demo import cast
from linli_demo.quiet import wait_until_quiet
from linli_demo.sandbox import Sandbox

Progress = Callable[..., None]
WELFARE = "门店福利群"
_SHEET = {
    "kind": "shop",
    "purpose": "让来过店里的人有理由再来",
    "positioning": "离家最近的那家店的熟客",
    "winning": "店门口、小票、包装上的码；先加店长，再进群",
    "keeping": "每周固定一次到店福利",
    "converting": "新品先到群里",
    "target": "在本店买过一次以上的人",
    "value": "每周一次到店福利，新品先知道",
    "rules": "不发广告，不拉人，有问题找店长；违者先劝阻，再劝退",
    "why_enter": "店里的福利和新品先到这里",
    "who_else": "同一家店的熟客和店长",
    "why_together": "住得近，买得到，问得着",
}


def chapters(sandbox: Sandbox, corp_id: int, progress: Progress) -> Iterator[tuple[str, Callable[[], None]]]:
    """The chapters of the beginning, in order; each may be told twice."""
    yield "corp", lambda: _corp(sandbox)
    yield "connect", lambda: _connect(sandbox, corp_id, progress)
    yield "shops", lambda: _shops(corp_id, progress)
    yield "groups", lambda: _groups(sandbox, corp_id, progress)
    yield "codes", lambda: _codes(corp_id, progress)
    yield "faults", lambda: _faults(sandbox)


def _corp(sandbox: Sandbox) -> None:
    sandbox.post("seed", cast.corp() | {"reset": True})


def _connect(sandbox: Sandbox, corp_id: int, progress: Progress) -> None:
    progress("connect", 0, 1)
    connect.connect_corp(corp_id=corp_id, base_url=sandbox.base, agent_id=cast.AGENT_ID, secret=cast.APP_SECRET)
    callback = connect.callback_settings(corp_id=corp_id)
    sandbox.post(
        "callback",
        {
            "corp_id": cast.CORP_ID, "agentid": cast.AGENT_ID, "url": callback.url, "token": callback.token,
            "aes_key": callback.encoding_aes_key, "verify": True,
        },
    )  # fmt: skip
    progress("connect", 1, 1)


def _shops(corp_id: int, progress: Progress) -> None:
    progress("shops", 0, 1)
    directory.sync(corp_id=corp_id)
    directory.choose_shop_parent(corp_id=corp_id, parent_wecom_id=cast.SHOPS_DEPARTMENT)
    directory.import_shops(
        corp_id=corp_id,
        rows=[{**place, "department": cast.department_id(n), "is_open": True} for n, place in enumerate(cast.shops())],
    )
    customers.sync(corp_id=corp_id)
    progress("shops", 1, 1)


def _groups(sandbox: Sandbox, corp_id: int, progress: Progress) -> None:
    """Keepers open their shops' first groups in the client (no API can), and the sheet is filled in before."""
    progress("groups", 0, 1)
    sheet = groups.save_community(corp_id=corp_id, sheet={"name": WELFARE, "owner": "周岚", **_SHEET})
    groups.open_community(corp_id=corp_id, community_id=sheet.id)
    sandbox.acts(
        [
            {"kind": "create_group", "owner": cast.clerk_id(n, 0), "name": f"{place['name']}福利群", "members": []}
            for n, place in enumerate(cast.shops())
        ]
    )
    sandbox.settle()
    groups.sync(corp_id=corp_id)
    wait_until_quiet(corp_id)  # a sync leaves to the callbacks what they are about to tell
    progress("groups", 1, 1)


def _codes(corp_id: int, progress: Progress) -> None:
    progress("codes", 0, 1)
    acquisition.ensure_shop_codes(corp_id=corp_id)
    sheet = next(one for one in groups.communities(corp_id=corp_id) if one.name == WELFARE)
    for group in groups.groups(corp_id=corp_id):
        groups.assign_group(corp_id=corp_id, group_id=group.id, community_id=sheet.id)
    progress("codes", 1, 1)
    key = access.create_api_key(
        corp_id=corp_id, name="收银系统", scopes=["orders.write", "orders.read", "members.write"]
    )
    access.seal_secret(corp_id=corp_id, name="demo-api-key", value=key)


def _faults(sandbox: Sandbox) -> None:
    """From here on things go wrong: "1" is doubles and another order, "all" the scenario of faults.yaml."""
    match os.environ.get("LINLI_STORY_FAULTS", ""):
        case "1":
            sandbox.post("faults", {"double": 0.02, "reorder": 0.02, "seed": 20111211})
        case "all":
            # As WeCom does it: whom a customer has deleted, the API still shows (wire.md A.3, 84061).
            sandbox.post("tunables", {"one_way_after_customer_deletes": True, "callback_backoff_s": 1.0})
            scenario = Path(__file__).with_name("faults.yaml").read_text(encoding="utf-8")
            sandbox.post("faults", {"scenario": scenario})
