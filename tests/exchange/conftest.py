"""Linli's client against the sandbox, over real HTTP; the two share no code."""

from collections.abc import Callable, Iterator

import httpx
import pytest

from linli.wecom.client import Client
from linli.wecom.tokens import fetch_token
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
