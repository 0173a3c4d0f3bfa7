"""What the tests of connect, directory and customers stand on: a sandbox, and a corp connected to it."""

from collections.abc import Iterator
from typing import Any

from tests.sandbox.stage import AGENT, CORP, SECRET, Stage

SHOPS = 10


def seed(*, shops: int = 3, clerks: int = 2) -> dict[str, Any]:
    """A chain: shops under department 10, a keeper and clerks in each."""
    return {
        "corp_id": CORP,
        "corp_name": "邻里百货",
        "apps": [{"agentid": AGENT, "name": "Linli", "secret": SECRET}],
        "departments": [
            {"id": 1, "name": "邻里百货", "parentid": 0, "order": 1},
            {"id": 2, "name": "总部", "parentid": 1, "order": 2},
            {"id": SHOPS, "name": "门店", "parentid": 1, "order": 3},
            *({"id": 100 + n, "name": f"{n} 号店", "parentid": SHOPS, "order": 100 - n} for n in range(shops)),
        ],
        "users": [
            {"userid": "boss", "name": "周岚", "department": [2], "position": "运营"},
            *(
                {"userid": f"clerk{n}-{c}", "name": f"店员{n}{c}", "department": [100 + n], "position": "导购"}
                for n in range(shops)
                for c in range(clerks)
            ),
        ],
    }


def running_stage() -> Iterator[Stage]:
    stage = Stage()
    stage.control("seed", seed())
    yield stage
    stage.stop()


def linked_corp(transactional_db: None, stage: Stage) -> Iterator[Any]:
    """A corp of Linli connected to the sandbox's corp."""
    from linli.access import api as access
    from linli.connect import api as connect
    from linli.connect import side
    from linli.connect.budget import forget_leases

    corp = access.create_corp(wecom_id=CORP, name="邻里百货")
    connect.connect_corp(corp_id=corp.id, base_url=stage.hosted.url, agent_id=AGENT, secret=SECRET)
    yield corp
    forget_leases()
    side.close()


def befriend(stage: Stage, person: int, clerk: str, state: str = "") -> str:
    """Person scans the code of this clerk; returns the external_userid. The code is made when it is not there."""
    state = state or f"s-{clerk}"
    body = {"kind": "scan", "state": state, "person": {"unionid": f"union{person}", "name": f"顾客{person}"}}
    answer = stage.http.post("/control/act", json=body)
    if answer.status_code == 404:
        stage.way(state, (clerk,))
        answer = stage.http.post("/control/act", json=body)
    assert answer.status_code == 200, answer.text
    external_userid: str = answer.json()["external_userid"]
    return external_userid
