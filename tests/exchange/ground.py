"""One sandbox for a whole table of cases: each finds the corp, its settings and its faults as new."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from linli.wecom.client import Client
from tests.exchange.conftest import client_of
from tests.sandbox.stage import AGENT, CORP, RIVAL_SECRET, SECRET, SEED, Stage

FAR_SECRET, HELPER_SECRET, NARROW_SECRET, SHUT_SECRET = "secret-far", "secret-helper", "secret-narrow", "secret-shut"
NOBODY = "wmnobody"
APPS = [
    *SEED["apps"],
    {"agentid": 1000004, "name": "Store", "secret": NARROW_SECRET, "visible": [3]},
    {"agentid": 1000005, "name": "Helper", "secret": HELPER_SECRET, "contacts": True},
    {"agentid": 1000006, "name": "Shut", "secret": SHUT_SECRET, "callable": False},
    {"agentid": 1000007, "name": "Far", "secret": FAR_SECRET, "trusted_ips": ["10.0.0.0/8"]},
]


@dataclass
class Ground:
    """A corp and who calls: `client` as the first app, `by` as another."""

    stage: Stage
    clients: dict[str, Client] = field(default_factory=dict)

    @property
    def client(self) -> Client:
        return self.by(SECRET)

    @property
    def rival(self) -> Client:
        return self.by(RIVAL_SECRET)

    def by(self, secret: str) -> Client:
        if secret not in self.clients:
            self.clients[secret] = client_of(self.stage, secret)
        return self.clients[secret]

    def ask(self, path: str, body: dict[str, Any]) -> object:
        """Send what no method of the client would: crudely, by its own transport, so that its errors are read."""
        return self.client._query(path, body, lane=None)

    def customer(self, number: int = 1, *, of: str = "zhangsan") -> str:
        """Somebody new who added a member by a code."""
        self.stage.way(f"of-{of}", users=(of,))
        return self.stage.befriend(number, state=f"of-{of}")

    def tune(self, **values: object) -> None:
        self.stage.control("tunables", values)

    def reseed(self, **changes: Any) -> None:
        """Make the corp anew; `zhangsan={...}` changes a member."""
        users = [{**one, **changes.pop(one["userid"], {})} for one in SEED["users"]]
        self.stage.control("seed", {**SEED, "apps": APPS, "users": users, "reset": True, **changes})

    def close(self) -> None:
        for client in self.clients.values():
            client.close()


@pytest.fixture(scope="module")
def house() -> Iterator[Stage]:
    stage = Stage()
    yield stage
    stage.stop()


@pytest.fixture
def ground(house: Stage) -> Iterator[Ground]:
    usual = {name: value for name, value in house.control("tunables").items() if name != "ok"}
    ground = Ground(house)
    ground.reseed()
    house._tokens.clear()
    yield ground
    ground.close()
    house.control("tunables", usual)
    house.control("faults", {"rules": []})


__all__ = ["AGENT", "CORP", "NOBODY", "Ground", "ground", "house"]
