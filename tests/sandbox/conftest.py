"""Fixtures: an empty sandbox, a seeded one, and one that a receiver listens to."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.sandbox.stage import SEED, Receiver, Stage

SAMPLES = Path(__file__).parents[2] / ".." / "shared" / "wecom" / "fixtures"


@pytest.fixture
def empty_stage() -> Iterator[Stage]:
    stage = Stage()
    yield stage
    stage.stop()


@pytest.fixture
def stage(empty_stage: Stage) -> Stage:
    empty_stage.control("seed", SEED)
    return empty_stage


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.hosted.stop()


@pytest.fixture
def heard_stage(stage: Stage, receiver: Receiver) -> Stage:
    """A seeded sandbox whose first app listens through `receiver`."""
    stage.listen(receiver)
    return stage


@pytest.fixture
def sample_text() -> Callable[[str], str]:
    """Read one of the collected WeCom samples; skips where they are not at hand."""

    def read(name: str) -> str:
        path = SAMPLES / name
        if not path.exists():
            pytest.skip(f"NOT COMPARED WITH WECOM'S SAMPLES: {name} is not at ../shared/wecom/fixtures")
        return path.read_text(encoding="utf-8")

    return read


@pytest.fixture
def sample(sample_text: Callable[[str], str]) -> Callable[[str], dict[str, Any]]:
    def read(name: str) -> dict[str, Any]:
        data: dict[str, Any] = json.loads(sample_text(name))
        return data

    return read
