"""Open sends: no callback tells of a confirmation, and a task whose answer was lost is found by lookup."""

import pytest

from linli.messaging import api
from linli.messaging.operations import results
from tests.connect.dropping import calls
from tests.messaging.acting import Line, cut_line


def test_confirmations_are_found_with_the_fewest_calls(chain):
    send_id = chain.launched()
    confirmed = chain.tasks(send_id)[:2]
    for task in confirmed:
        chain.confirm(task)
    before = calls(chain.stage)
    found = api.reconcile(corp_id=chain.corp_id)
    assert calls(chain.stage) - before == 6 + 2  # each task's state, and the results of those confirmed
    assert dict(found.elsewhere)["messaging.task_confirmed"] == 2
    assert (found.read, found.changed, found.unread) == (6, 2, ())
    assert chain.states(send_id)["sent"] == sum(task.size for task in confirmed)
    again = api.reconcile(corp_id=chain.corp_id)
    assert (again.read, again.changed) == (4, 0)


def test_a_task_whose_answer_was_lost_is_found_and_not_made_twice(chain, monkeypatch):
    send_id = chain.approved()
    with monkeypatch.context() as patch:
        # The answer of the first task is lost, and so is the first look for it.
        cut_line(patch, Line("add_msg_template", after=True, times=1))
        patch.setattr("linli.messaging.operations.lookup._find", _cut)
        assert api.launch(corp_id=chain.corp_id, send_id=send_id) is False
    assert chain.states(send_id)["unknown"] > 0
    found = api.reconcile(corp_id=chain.corp_id)
    assert dict(found.elsewhere)["messaging.task_created"] == 1
    assert len(chain.theirs()) == 6
    assert chain.states(send_id) == {"tasked": 12}


def _cut(client, task):
    from linli.wecom.errors import NoAnswer

    raise NoAnswer("externalcontact/get_groupmsg_list_v2", "cut")


def test_a_task_that_cannot_be_read_keeps_its_place_and_is_listed(chain, monkeypatch):
    import httpx

    send_id = chain.launched()
    monkeypatch.setattr("linli.wecom.transport._FIRST_WAIT", 0.001)
    with monkeypatch.context() as patch:
        cut_line(patch, Line("get_groupmsg_task", after=False, times=99, error=httpx.ConnectError("refused")))
        found = api.reconcile(corp_id=chain.corp_id)
    assert len(found.unread) == 1  # the line is down: the others are not even tried
    assert chain.states(send_id) == {"tasked": 12}
    assert api.reconcile(corp_id=chain.corp_id).unread == ()


def test_a_killed_reading_goes_on_behind_its_last_send(chain, monkeypatch):
    first, second = chain.launched(), chain.launched("第二条")
    pull, read = results.pull, []

    class Killed(BaseException):
        pass

    def die(corp_id, send_id, unread):
        if send_id == second and not read:
            read.append(send_id)
            raise Killed
        return pull(corp_id, send_id, unread)

    monkeypatch.setattr(results, "pull", die)
    with pytest.raises(Killed):
        api.reconcile(corp_id=chain.corp_id)
    before = calls(chain.stage)
    found = api.reconcile(corp_id=chain.corp_id)
    assert calls(chain.stage) - before == len(chain.tasks(second)), "the first send is not read again"
    assert found.unread == ()
    assert api.reconcile(corp_id=chain.corp_id).read == len(chain.tasks(first)) + len(chain.tasks(second))
