"""A welcome is said once, and how it ended is what WeCom says, also when the answer came late or never."""

from datetime import timedelta

import pytest

from linli.connect.models import AppToken
from linli.kit.clock import from_unix, now, wall
from linli.ledger.api import DueWelcome, WelcomeOutcome
from linli.project.welcome import send
from tests.connect.staged import befriend, linked_corp, running_stage
from tests.sandbox.stage import Receiver, Stage

stage = pytest.fixture(running_stage)
line = pytest.fixture(linked_corp)


@pytest.fixture
def receiver():
    receiver = Receiver()
    yield receiver
    receiver.hosted.stop()


def due(stage: Stage, receiver: Receiver, corp_id: int, *, late_s: int = 0, again: bool = False) -> DueWelcome:
    """The sandbox's next welcome, as the inbox tells of it; `late_s` makes it older for us."""
    stage.listen(receiver)
    befriend(stage, 1, "clerk0-0")
    stage.settle()
    told = receiver.heard[0].fields
    return DueWelcome(
        id=1, corp_id=corp_id, code=told["WelcomeCode"], user_id=told["UserID"], channel_state=told["State"],
        event_at=from_unix(int(told["CreateTime"])) - timedelta(seconds=late_s), object_key="", received_at=wall(), again=again,
    )  # fmt: skip


def lose_answers(stage: Stage, count: int) -> None:
    rule = {"fault": "answer_lost", "paths": ["externalcontact/send_welcome_msg"], "counts": [1, count]}
    stage.control("faults", {"rules": [rule]})


def test_a_lost_answer_is_looked_up_by_saying_it_again(line, stage, receiver):
    lose_answers(stage, 1)
    assert send(due(stage, receiver, line.id)) == (WelcomeOutcome.SENT, "delivered before")
    assert stage.control("counters")["welcomes_sent"] == 1


def test_an_answer_lost_at_the_edge_is_looked_up_after_the_twenty_seconds(line, stage, receiver):
    """Found by chaos: it was said, and held as too late."""
    lose_answers(stage, 2)
    welcome = due(stage, receiver, line.id, late_s=21)
    assert now() < welcome.event_at + timedelta(seconds=22)
    assert send(welcome)[0] is WelcomeOutcome.SENT
    assert stage.control("counters")["welcomes_sent"] == 1


def test_what_a_dead_predecessor_may_have_said_is_asked_for_however_late(line, stage, receiver):
    welcome = due(stage, receiver, line.id, late_s=3600, again=True)
    body = {"welcome_code": welcome.code, "text": {"content": "欢迎"}}
    stage.contact("send_welcome_msg", body)
    assert send(welcome) == (WelcomeOutcome.SENT, "delivered before")


@pytest.mark.parametrize(("code", "path"), [(42001, "externalcontact/"), (-1, "gettoken"), (45009, "externalcontact/")])
def test_what_passes_is_waited_for(line, stage, receiver, code, path):
    """Found by chaos: a token that ended twice in one call refused the welcome for good."""
    welcome = due(stage, receiver, line.id)
    AppToken.objects.all().delete()
    rule = {"fault": code, "paths": [path], "counts": [1, 2]}
    stage.control("faults", {"rules": [rule]})
    assert send(welcome) == (WelcomeOutcome.SENT, "")


def test_what_is_too_old_and_was_never_claimed_is_not_called_for(line, stage, receiver):
    welcome = due(stage, receiver, line.id, late_s=3600)
    assert send(welcome)[0] is WelcomeOutcome.TOO_LATE
    assert "externalcontact/send_welcome_msg" not in stage.control("counters")["api_calls"]
