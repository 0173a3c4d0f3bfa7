"""What the tests of the wire share: where the samples are, and a client whose HTTP boundary is a script."""

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from linli.wecom.client import Client, Lane

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared" / "wecom"
FIXTURES = SHARED / "fixtures"
SAMPLES = Path(__file__).parent / "samples"
BASE = "https://wecom.example"
TOKEN = "token-that-must-stay-secret"

Answer = dict[str, Any] | httpx.Response | Exception


def fixture(name: str) -> bytes:
    """A file of the wire catalogue, which lies beside the repository and is not shipped with it."""
    path = FIXTURES / name
    if not path.exists():
        pytest.skip(f"the wire catalogue's fixture {name} is not beside this checkout")
    return path.read_bytes()


def json_fixture(name: str) -> Any:
    return json.loads(fixture(name))


def sample(name: str) -> bytes:
    return (SAMPLES / name).read_bytes()


def ok(**keys: Any) -> dict[str, Any]:
    return {"errcode": 0, "errmsg": "ok", **keys}


def refusal(code: int, **keys: Any) -> dict[str, Any]:
    return {"errcode": code, "errmsg": f"no, hint: [1_2_abc], more info at e={code}", **keys}


class Tokens:
    def __init__(self, *values: str) -> None:
        self.values = list(values) or [TOKEN]
        self.renewed: list[str] = []

    def get(self) -> str:
        return self.values[0]

    def renew(self, stale: str) -> str:
        self.renewed.append(stale)
        if len(self.values) > 1:
            self.values.pop(0)
        return self.values[0]


class Budget:
    def __init__(self) -> None:
        self.taken: list[tuple[str, Lane]] = []

    def take(self, api: str, lane: Lane) -> None:
        self.taken.append((api, lane))


class Line:
    """A client, the answers it will get one after the other (the last one stays), and what it asked."""

    def __init__(self, *answers: Answer, tokens: Tokens | None = None, **settings: Any) -> None:
        self.answers = list(answers)
        self.requests: list[httpx.Request] = []
        self.waits: list[float] = []
        self.tokens = tokens or Tokens()
        self.budget = Budget()
        self.client = Client(
            base_url=BASE,
            tokens=self.tokens,
            budget=self.budget,
            http=httpx.Client(transport=httpx.MockTransport(self._handle)),
            sleep=self.waits.append,
            random=random.Random(7),
            **settings,
        )

    def _handle(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self.answers[0] if len(self.answers) == 1 else self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, httpx.Response) else httpx.Response(200, json=answer)

    @property
    def paths(self) -> list[str]:
        return [request.url.path.removeprefix("/cgi-bin/") for request in self.requests]

    @property
    def bodies(self) -> list[Any]:
        return [json.loads(request.content) for request in self.requests]

    def query(self, index: int = -1) -> dict[str, str]:
        return {k: v for k, v in self.requests[index].url.params.items() if k != "access_token"}


Call = Callable[[Client], Any]
