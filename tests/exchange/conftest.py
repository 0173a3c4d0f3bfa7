"""Linli's client against the sandbox, over real HTTP; the two share no code."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from linli.wecom.client import Client
from linli.wecom.tokens import fetch_token
from tests.exchange import recording
from tests.sandbox.stage import AGENT, CORP, RIVAL_SECRET, SECRET, SEED, Receiver, Stage


class Token:
    """The token of one app, asked for when it is first needed and whenever WeCom refuses it."""

    def __init__(self, base_url: str, secret: str, http: httpx.Client) -> None:
        self._asked = (base_url, CORP, secret, http)
        self._value = ""

    def get(self) -> str:
        return self._value or self.renew("")

    def renew(self, stale: str) -> str:
        del stale
        self._value = fetch_token(*self._asked).value
        return self._value


class NoLimit:
    """Room for every call."""

    def take(self, api: str, lane: object) -> None:
        del api, lane


@pytest.fixture(scope="module", autouse=True)
def _recorded(request: pytest.FixtureRequest) -> Iterator[None]:
    """Note which calls of this file ended how, and see that none of the record is missing."""
    failed = request.session.testsfailed
    with recording.watched() as tried:
        yield
    asked = request.config
    if asked.option.keyword or request.session.testsfailed > failed or any("::" in one for one in asked.args):
        return  # not the whole file ran
    name = Path(str(request.path)).relative_to(asked.rootpath).as_posix()
    if os.environ.get("LINLI_WIRE_RECORD") == "1":
        recording.write(name, tried)
    missing = recording.lost(name, tried)
    assert not missing, (
        f"docs/wecom-tried.tsv says that {name} tries {missing}; record it anew (tests/exchange/recording.py)"
    )


@pytest.fixture
def stage() -> Iterator[Stage]:
    stage = Stage()
    stage.control("seed", SEED)
    yield stage
    stage.stop()


def client_of(stage: Stage, secret: str) -> Client:
    base = stage.hosted.url
    return Client(
        base_url=base, tokens=Token(base, secret, stage.http), budget=NoLimit(), sleep=lambda _s: None, max_tries=1
    )


@pytest.fixture
def client(stage: Stage) -> Iterator[Client]:
    """The first app's client; what WeCom asks to repeat surfaces at once."""
    client = client_of(stage, SECRET)
    yield client
    client.close()


@pytest.fixture
def rival(stage: Stage) -> Iterator[Client]:
    """The second app of the same corp: what the first made is not its own."""
    client = client_of(stage, RIVAL_SECRET)
    yield client
    client.close()


@pytest.fixture
def receiver(listening: Callable[..., Receiver]) -> Receiver:
    """What the first app hears."""
    return listening()


@pytest.fixture
def listening(stage: Stage) -> Iterator[Callable[..., Receiver]]:
    """Let an app (the first, unless another is named) hear its callbacks; gives what hears them."""
    receivers: list[Receiver] = []

    def listen(agentid: int = AGENT) -> Receiver:
        receivers.append(Receiver())
        stage.listen(receivers[-1], agentid)
        return receivers[-1]

    yield listen
    for receiver in receivers:
        receiver.hosted.stop()
