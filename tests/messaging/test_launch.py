"""From an approved send to tasks at the sandbox: each once, whatever happens half-way."""

import httpx
import pytest

from linli.kit.clock import frozen, now
from linli.messaging import api
from linli.messaging.models import StaffTask
from linli.messaging.operations import launch, outcomes
from tests.messaging.acting import Line, cut_line


class Killed(BaseException):
    """The process dies here."""


def test_one_task_for_each_clerk_with_the_shops_name(chain):
    send_id = chain.launched()
    tasks = chain.tasks(send_id)
    assert sorted(one["userid"] for one in chain.theirs()) == sorted(task.userid for task in tasks)
    assert len(tasks) == 6
    for task in tasks:
        shop = task.userid.removeprefix("clerk").partition("-")[0]
        assert task.text == f"好久没见你来{shop} 号店坐坐啦。"
    assert chain.states(send_id) == {"tasked": 12}
    assert api.send(corp_id=chain.corp_id, send_id=send_id).state == "tasked"


def test_launching_again_makes_nothing_new(chain):
    send_id = chain.launched()
    assert api.launch(corp_id=chain.corp_id, send_id=send_id) is False
    assert len(chain.theirs()) == 6


@pytest.mark.parametrize("moment", ["before the call", "after the call"])
def test_killed_half_way_makes_each_task_once(chain, monkeypatch, moment):
    send_id = chain.approved()
    calls = iter(range(100))

    def die(*args, **kwargs):
        if next(calls) == 2:
            raise Killed
        return real(*args, **kwargs)

    step = "calling" if moment == "before the call" else "created"
    real = getattr(outcomes, step)
    with monkeypatch.context() as patch:
        patch.setattr(outcomes, step, die)
        with pytest.raises(Killed):
            api.launch(corp_id=chain.corp_id, send_id=send_id)
    assert len(chain.theirs()) == (2 if moment == "before the call" else 3)
    assert api.launch(corp_id=chain.corp_id, send_id=send_id) is True
    assert len(chain.theirs()) == 6
    assert chain.states(send_id) == {"tasked": 12}
    assert {one["msgid"] for one in chain.theirs()} == {task.msgid for task in chain.tasks(send_id)}


def test_an_answer_lost_after_the_work_was_done_is_looked_up(chain, monkeypatch):
    send_id = chain.approved()
    cut_line(monkeypatch, Line("add_msg_template", after=True, times=3))
    assert api.launch(corp_id=chain.corp_id, send_id=send_id) is True
    assert len(chain.theirs()) == 6
    assert chain.funnel(send_id).unknown == 0
    assert {one["msgid"] for one in chain.theirs()} == {task.msgid for task in chain.tasks(send_id)}


def test_equal_texts_of_two_sends_are_told_apart(chain, monkeypatch):
    first = chain.launched("同一句话")
    second = chain.approved("同一句话")
    cut_line(monkeypatch, Line("add_msg_template", after=True, times=6))
    assert api.launch(corp_id=chain.corp_id, send_id=second) is True
    assert len(chain.theirs()) == 12
    ours = {task.msgid for send_id in (first, second) for task in chain.tasks(send_id)}
    assert ours == {one["msgid"] for one in chain.theirs()}


def test_a_call_that_was_lost_on_the_way_is_made_again_after_two_looks(chain, monkeypatch):
    send_id = chain.approved()
    with frozen(now()) as clock:
        with monkeypatch.context() as patch:
            cut_line(patch, Line("add_msg_template", after=False))
            assert api.launch(corp_id=chain.corp_id, send_id=send_id) is False
        assert chain.funnel(send_id).unknown == 2
        assert chain.states(send_id) == {"tasked": 10, "unknown": 2}
        assert api.launch(corp_id=chain.corp_id, send_id=send_id) is False  # too soon to look again
        assert len(chain.theirs()) == 5
        clock.forward(seconds=61)
        assert api.launch(corp_id=chain.corp_id, send_id=send_id) is True
    assert len(chain.theirs()) == 6
    assert chain.states(send_id) == {"tasked": 12}


def test_without_a_line_nothing_is_lost_and_nothing_doubled(chain, monkeypatch):
    send_id = chain.approved()
    with monkeypatch.context() as patch:
        cut_line(patch, Line("add_msg_template", after=False, times=99, error=httpx.ConnectError("no line")))
        assert api.launch(corp_id=chain.corp_id, send_id=send_id) is False
    assert chain.theirs() == []
    assert set(StaffTask.objects.values_list("state", flat=True)) == {"intent"}
    assert api.launch(corp_id=chain.corp_id, send_id=send_id) is True
    assert len(chain.theirs()) == 6


def test_a_token_that_ends_twice_in_one_call_fails_no_task(chain):
    send_id = chain.approved()
    rule = {"fault": 42001, "paths": ["externalcontact/add_msg_template"], "counts": [1, 2]}
    chain.stage.control("faults", {"rules": [rule]})
    assert api.launch(corp_id=chain.corp_id, send_id=send_id) is False
    assert not chain.funnel(send_id).failed
    assert api.launch(corp_id=chain.corp_id, send_id=send_id) is True
    assert (chain.funnel(send_id).tasked, len(chain.tasks(send_id))) == (12, 6)


def test_two_workers_do_not_launch_the_same_send(chain, transactional_db):
    from threading import Thread

    from django.db import connections

    send_id = chain.approved()

    def work():
        api.launch(corp_id=chain.corp_id, send_id=send_id)
        connections.close_all()

    workers = [Thread(target=work) for _ in range(4)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    api.launch(corp_id=chain.corp_id, send_id=send_id)
    assert len(chain.theirs()) == 6
    assert chain.states(send_id) == {"tasked": 12}


def test_large_tasks_are_split_at_what_one_call_takes(chain, monkeypatch):
    monkeypatch.setattr(launch, "CUSTOMERS_A_CALL", 1)
    send_id = chain.launched()
    assert len(chain.tasks(send_id)) == 12
    assert chain.states(send_id) == {"tasked": 12}


def test_who_wecom_cannot_reach_is_failed_with_its_reason(chain):
    send_id = chain.approved()
    chain.stage.act("customer_deletes", userid="clerk0-0", external_userid=chain.people[0])
    assert api.launch(corp_id=chain.corp_id, send_id=send_id)
    found = chain.funnel(send_id)
    assert found.failed == {"refused_by_wecom": 1}
    assert found.tasked == 11


def test_a_refused_task_is_told_with_its_code(chain):
    send_id = chain.approved()
    for number in (0, 6):
        chain.stage.act("customer_deletes", userid="clerk0-0", external_userid=chain.people[number])
    assert api.launch(corp_id=chain.corp_id, send_id=send_id)
    found = chain.funnel(send_id)
    assert found.failed == {"wecom_41048": 2}
    assert [task.state for task in chain.tasks(send_id)].count("failed") == 1


def test_quiet_hours_at_the_moment_of_sending_move_it(chain):
    from datetime import date, time

    send_id = chain.approved()
    api.set_quiet_hours(
        corp_id=chain.corp_id, starts=time(0), ends=time(23, 59, 59), move=True, valid_from=date(2001, 1, 1), author=""
    )
    assert api.launch(corp_id=chain.corp_id, send_id=send_id) is False
    found = api.send(corp_id=chain.corp_id, send_id=send_id)
    assert found.state == "approved"
    assert found.send_at > now()
    assert chain.theirs() == []
