"""After the tasks: clerks confirm or not, results come in, reminders, cancelling, expiry."""

import pytest

from linli.kit.clock import frozen, now
from linli.ledger.models import FactRow
from linli.messaging import api
from linli.messaging.errors import RemindedEnough, WrongState
from linli.messaging.models import Reminder, StaffTask
from linli.messaging.operations import nudges
from tests.messaging.acting import Line, cut_line


def test_confirmed_tasks_bring_results_and_the_others_wait(chain):
    send_id = chain.launched()
    first, second, *_ = chain.tasks(send_id)
    chain.confirm(first)
    chain.confirm(second)
    assert chain.pull(send_id) is False
    found = chain.funnel(send_id)
    assert (found.tasked, found.confirmed, found.sent, found.unconfirmed) == (12, 4, 4, 8)
    told = FactRow.objects.filter(corp_id=chain.corp_id, kind="messaging.sent")
    assert told.count() == 4
    assert chain.pull(send_id) is False
    assert told.count() == 4  # read twice, told once


def test_all_three_results_are_kept_apart(chain):
    one, other = chain.people[0], chain.people[6]
    for _ in range(31):  # WeCom's cap of a month, used up by tasks that Linli did not make
        msgid = chain.stage.contact(
            "add_msg_template", {"sender": "clerk0-0", "external_userid": [other], "text": {"content": "x"}}
        )["msgid"]
        chain.stage.act("confirm", msgid=msgid, userid="clerk0-0")
    send_id = chain.launched()
    chain.stage.act("customer_deletes", userid="clerk0-0", external_userid=one)
    for task in chain.tasks(send_id):
        chain.confirm(task)
    assert chain.pull(send_id) is True
    found = chain.funnel(send_id)
    assert (found.confirmed, found.sent, found.not_friend, found.over_limit) == (12, 10, 1, 1)
    assert api.send(corp_id=chain.corp_id, send_id=send_id).state == "done"
    whys = FactRow.objects.filter(kind="messaging.not_sent").values_list("data__why", flat=True)
    assert sorted(whys) == ["not_friend", "over_limit"]


def test_results_that_cannot_be_read_now_are_read_later(chain, monkeypatch):
    send_id = chain.launched()
    for task in chain.tasks(send_id):
        chain.confirm(task)
    with monkeypatch.context() as patch:
        cut_line(patch, Line("get_groupmsg_send_result", after=True, times=99))
        assert chain.pull(send_id) is False
    assert chain.funnel(send_id).sent == 0
    assert chain.pull(send_id) is True
    assert chain.funnel(send_id).sent == 12


def test_a_card_that_a_dead_process_had_sent_is_not_seen_twice(chain):
    send_id = chain.launched()
    assert api.tell(corp_id=chain.corp_id, send_id=send_id) == 6
    StaffTask.objects.filter(send_id=send_id).update(told_at=None)  # it died before it could say so
    assert api.tell(corp_id=chain.corp_id, send_id=send_id) == 6
    cards = [chain.stage.control(f"staff/clerk{n}-{c}/messages")["messages"] for n in range(3) for c in range(2)]
    assert [len(one) for one in cards] == [1] * 6


def test_clerks_are_told_once(chain):
    send_id = chain.launched()
    assert api.tell(corp_id=chain.corp_id, send_id=send_id) == 6
    assert api.tell(corp_id=chain.corp_id, send_id=send_id) == 0
    for task in chain.tasks(send_id):
        cards = chain.stage.control(f"staff/{task.userid}/messages")["messages"]
        assert len(cards) == 1


def test_three_reminders_within_24_hours_and_no_more(chain):
    send_id = chain.launched()
    task = chain.tasks(send_id)[0]
    start = now()
    with frozen(start) as clock:
        for _ in range(3):
            api.remind(corp_id=chain.corp_id, task_id=task.pk, author="周岚")
            clock.forward(hours=1)
        with pytest.raises(RemindedEnough):
            api.remind(corp_id=chain.corp_id, task_id=task.pk, author="周岚")
        assert Reminder.objects.filter(task=task).count() == 3
        clock.forward(hours=22)
        chain.stage.control("clock", {"advance": 25 * 3600, "force": True})
        api.remind(corp_id=chain.corp_id, task_id=task.pk, author="周岚")
    assert Reminder.objects.filter(task=task, outcome="done").count() == 4


def test_wecoms_own_refusal_counts_too(chain):
    send_id = chain.launched()
    task = chain.tasks(send_id)[0]
    for _ in range(3):
        chain.stage.contact("remind_groupmsg_send", {"msgid": task.msgid})
    with pytest.raises(RemindedEnough):
        api.remind(corp_id=chain.corp_id, task_id=task.pk, author="周岚")
    assert Reminder.objects.get(task=task).outcome == "refused"


def test_silence_ends_at_the_operators_desk(chain):
    send_id = chain.launched()
    tasks = chain.tasks(send_id)
    for task in tasks[1:]:
        chain.confirm(task)
    chain.pull(send_id)
    with frozen(now()) as clock:
        for _ in range(5):
            clock.forward(hours=24)
            chain.stage.control("clock", {"advance": 24 * 3600, "force": True})
            nudges.remind_due(chain.corp_id, now())
    assert Reminder.objects.filter(author="").count() == 3
    waiting = api.escalated(corp_id=chain.corp_id)
    assert [one.task_id for one in waiting] == [tasks[0].pk]


def test_cancelling_stops_what_waits_and_tells_the_truth_about_what_went_out(chain):
    send_id = chain.launched()
    tasks = chain.tasks(send_id)
    chain.confirm(tasks[0])  # not read by Linli yet
    assert api.cancel(corp_id=chain.corp_id, send_id=send_id, author="周岚") is True
    found = chain.funnel(send_id)
    assert (found.sent, found.cancelled) == (2, {"by_operator": 10})
    assert [one for one in chain.theirs() if one["open"]] == []
    with pytest.raises(WrongState):
        api.cancel(corp_id=chain.corp_id, send_id=send_id, author="周岚")


def test_a_cancellation_without_a_line_is_finished_by_the_ticker(chain, monkeypatch):
    send_id = chain.launched()
    with monkeypatch.context() as patch:
        cut_line(patch, Line("cancel_groupmsg_send", after=True, times=99))
        assert api.cancel(corp_id=chain.corp_id, send_id=send_id, author="周岚") is False
    assert chain.funnel(send_id).unconfirmed == 12
    api.tick(corp_id=chain.corp_id, at=now())
    assert chain.funnel(send_id).cancelled == {"by_operator": 12}


def test_after_a_week_what_nobody_confirmed_is_stopped(chain):
    send_id = chain.launched()
    chain.confirm(chain.tasks(send_id)[0])
    with frozen(now()) as clock:
        clock.forward(days=7)
        assert chain.pull(send_id) is True
    found = chain.funnel(send_id)
    assert (found.sent, found.cancelled, found.unknown) == (2, {"not_confirmed": 10}, 0)
    assert [one for one in chain.theirs() if one["open"]] == []


def test_the_ticker_alone_brings_a_send_from_approved_to_done(chain):
    send_id = chain.approved()
    with frozen(now()) as clock:
        api.tick(corp_id=chain.corp_id, at=now())
        for task in chain.tasks(send_id):
            chain.confirm(task)
        clock.forward(hours=1)
        api.tick(corp_id=chain.corp_id, at=now())
    assert api.send(corp_id=chain.corp_id, send_id=send_id).state == "done"
    assert chain.funnel(send_id).sent == 12


def test_arms_hold_everyone_assigned_confirmed_or_not(chain):
    send_id = chain.launched(holdout_percent=25)
    arms = api.assigned(corp_id=chain.corp_id, send_id=send_id)
    assert sorted(arm for _, arm in arms) == ["holdout"] * 3 + ["message"] * 9
    before = dict(arms)
    for task in chain.tasks(send_id):
        chain.confirm(task)
    chain.pull(send_id)
    assert dict(api.assigned(corp_id=chain.corp_id, send_id=send_id)) == before
    found = chain.funnel(send_id)
    assert (found.planned, found.holdout, found.tasked, found.sent) == (12, 3, 9, 9)


def test_what_was_sent_counts_for_the_cap_of_the_next(chain):
    from datetime import date

    api.set_cap(corp_id=chain.corp_id, source="own", per="week", limit_count=1, valid_from=date(2000, 1, 1), author="")
    chain.launched()
    second = chain.draft()
    planned = api.plan(corp_id=chain.corp_id, send_id=second, author="周岚")
    assert planned.excluded == {"capped_own": 12}
    assert planned.to_send == 0
