"""A process that dies between intent, call and outcome; answers that are lost: looked up, never repeated blindly."""

import os
import subprocess
import sys
from urllib.parse import urlsplit

import pytest
from django.db import connection

from linli.handover import api, calling
from linli.handover.models import Call, CustomerMove

TAKER = "clerk0-2"


class Killed(BaseException):
    """Stands for the process that dies."""


@pytest.fixture
def dies_at(monkeypatch):
    """The process dies when it passes this point, once."""

    def arm(point: str) -> None:
        left = [point]

        def passing(at: str) -> None:
            if at in left:
                left.remove(at)
                raise Killed

        monkeypatch.setattr(calling, "passing", passing)

    return arm


def half_way(firm, **more) -> int:
    key = firm.begin(takers=(TAKER,), work=False, **more)
    # plan_next runs in a `finally`, which kill -9 would not reach: the row says what stood before.
    with pytest.raises(Killed):
        firm.work(key)
    return key


WORK = "import django, sys; django.setup(); from linli.handover import api; api.carry_out(corp_id=int(sys.argv[1]), handover_id=int(sys.argv[2]))"


def killed_at(point: str, firm, key: int, folder) -> None:
    """A turn of work in a process of its own, which kills itself (SIGKILL) when it passes the point."""
    database = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
    env = {
        **os.environ, "DATABASE_URL": database, "LINLI_KILL_AT": point, "LINLI_DATA_DIR": str(folder),
        "DJANGO_SETTINGS_MODULE": "linli.project.settings",
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", WORK, str(firm.corp_id), str(key)], env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == -9, done.stderr[-2000:]


@pytest.mark.parametrize(("point", "made"), [("handover.intent", 0), ("handover.called", 1)])
def test_kill_dash_nine_between_intent_call_and_outcome_begins_nobody_twice_and_loses_nobody(
    firm, tmp_path, point, made
):
    firm.befriended(2)
    key = firm.begin(takers=(TAKER,), work=False)
    killed_at(point, firm, key, tmp_path)
    assert (firm.counts(key), firm.calls()) == ({"planned": 2}, made)
    firm.clock.forward(seconds=5)
    firm.work(key)
    firm.clock.forward(seconds=65)
    firm.work(key)
    assert (firm.counts(key), firm.calls()) == ({"waiting": 2}, 1)
    firm.a_day()
    firm.work(key)
    assert (firm.counts(key), firm.state(key)) == ({"done": 2}, "done")
    assert len(firm.said("handover.handed_over")) == 2


@pytest.mark.parametrize("resigned", [False, True])
def test_killed_after_the_call_nobody_is_asked_for_twice(firm, dies_at, resigned):
    firm.befriended(3)
    if resigned:
        firm.leaves()
    dies_at("handover.called")
    key = half_way(firm)
    assert firm.counts(key) == {"planned": 3}, "WeCom has begun, we do not know it"
    firm.work(key)
    assert (firm.counts(key), firm.calls()) == ({"waiting": 3}, 1)
    assert {move.began_at for move in CustomerMove.objects.all()} == {Call.objects.get().called_at}
    firm.a_day()
    firm.work(key)
    assert (firm.counts(key), firm.state(key)) == ({"done": 3}, "done")
    assert len(firm.said("handover.handed_over")) == 3


def test_killed_before_the_call_it_is_looked_up_twice_a_minute_apart_and_then_made(firm, dies_at):
    firm.befriended(2)
    dies_at("handover.intent")
    key = half_way(firm)
    assert firm.calls() == 0
    firm.work(key)
    assert (firm.counts(key), firm.calls(), firm.calls("transfer_result")) == ({"unknown": 2}, 0, 1)
    firm.clock.forward(seconds=30)
    firm.work(key)
    assert firm.calls("transfer_result") == 1, "not yet time for the second look"
    firm.clock.forward(seconds=31)
    firm.work(key)
    assert (firm.counts(key), firm.calls()) == ({"waiting": 2}, 1)


def test_an_answer_that_was_lost_is_looked_up_and_who_was_refused_is_asked_for_their_code(firm):
    mine, theirs = firm.befriended(2)
    firm.stage.contact(
        "transfer_customer",
        {"handover_userid": "clerk0-1", "takeover_userid": "clerk0-0", "external_userid": [theirs]},
    )
    firm.lose_answer("externalcontact/transfer_customer")
    key = firm.begin(takers=(TAKER,))
    assert firm.counts(key) == {"unknown": 2}
    firm.work(key)
    assert firm.states(key) == {mine: "waiting", theirs: "unknown"}
    firm.clock.forward(seconds=61)
    firm.work(key)
    assert firm.states(key) == {mine: "waiting", theirs: "failed"}, "only the second was asked for again"
    assert firm.calls() == 3, "the colleague's, the one that was lost, and one for the second customer"


def test_who_refuses_before_anybody_has_the_calls_answer_was_begun_all_the_same(firm):
    """The limits count what WeCom took up (seed 3 of the second kind of chaos)."""
    (shy,) = firm.befriended(1)
    firm.lose_answer("externalcontact/transfer_customer")
    key = firm.begin(takers=(TAKER,))
    firm.stage.act("customer_refuses_transfer", external_userid=shy)
    firm.hear()
    assert firm.states(key) == {shy: "refused"}
    move = CustomerMove.objects.get(handover_id=key)
    assert move.began_at == move.call.called_at
    firm.work(key)
    assert (firm.states(key), firm.calls()) == ({shy: "refused"}, 1)


def test_an_older_hand_over_of_the_two_is_not_taken_for_this_one(firm, dies_at):
    (one,) = firm.befriended(1)
    before = firm.begin(takers=(TAKER,))
    firm.stage.act("customer_refuses_transfer", external_userid=one)
    firm.work(before)
    assert firm.states(before) == {one: "refused"}
    dies_at("handover.intent")
    key = half_way(firm)
    firm.work(key)
    firm.clock.forward(seconds=61)
    firm.work(key)
    assert (firm.states(key), firm.calls()) == ({one: "waiting"}, 2)


def test_killed_while_results_are_written_it_goes_on_and_says_each_once(firm, monkeypatch):
    firm.befriended(3)
    key = firm.begin(takers=(TAKER,))
    firm.a_day()
    from linli.handover import outcomes, results

    taken_over, monkey = outcomes.taken_over, []

    def die(*args) -> None:
        taken_over(*args)
        if not monkey:
            monkey.append(1)
            raise Killed

    monkeypatch.setattr(results, "_CHUNK", 2)
    monkeypatch.setattr(outcomes, "taken_over", die)
    with pytest.raises(Killed):
        firm.work(key)
    assert firm.counts(key) == {"done": 2, "waiting": 1}
    firm.work(key)
    assert (firm.counts(key), len(firm.said("handover.handed_over"))) == ({"done": 3}, 3)


def test_a_line_that_is_down_changes_nothing_and_it_goes_on_later(firm):
    firm.befriended(1)
    rule = {"fault": "45009", "counts": [1, 1], "paths": ["externalcontact/transfer_customer"]}
    firm.stage.control("faults", {"seed": 1, "rules": [rule]})
    key = firm.begin(takers=(TAKER,))
    if firm.counts(key) == {"planned": 1}:
        firm.work(key)
    assert firm.counts(key) == {"waiting": 1}


def test_two_workers_do_not_work_on_the_same_hand_over(firm):
    firm.befriended(1)
    key = firm.begin(takers=(TAKER,), work=False)
    from linli.connect import side

    with side.side_connection() as rival:
        rival.execute("SELECT pg_advisory_lock(%s)", [calling._SPACE | key])
        firm.work(key)
        assert firm.calls() == 0
        rival.execute("SELECT pg_advisory_unlock(%s)", [calling._SPACE | key])
    api.carry_out(corp_id=firm.corp_id, handover_id=key)
    assert firm.calls() == 1


def test_a_lookup_that_wecom_refuses_holds_up_nobody_else_and_ends_as_not_known(firm, monkeypatch):
    from linli.wecom.client import Client
    from linli.wecom.errors import ApiError

    def refuses(*_args, **_more):
        raise ApiError(60011, "no privilege", "externalcontact/transfer_result")

    firm.befriended(2)
    firm.lose_answer("externalcontact/transfer_customer")
    key = firm.begin(takers=(TAKER, "clerk0-0"))
    assert sorted(firm.states(key).values()) == ["unknown", "waiting"]
    with monkeypatch.context() as closed:
        closed.setattr(Client, "transfers", refuses)
        firm.clock.forward(seconds=61)
        firm.work(key)
        assert firm.calls() == 2, "it is not called again"
        firm.clock.forward(days=4)
        firm.work(key)
    assert (set(firm.states(key).values()), firm.state(key)) == ({"no_result"}, "done")
    assert firm.calls() == 2
