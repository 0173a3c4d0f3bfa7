"""What WeCom refuses for one send or one clerk does not hold up the others, and is not asked for each second."""

import httpx
import pytest

from linli.kit.clock import frozen, now
from linli.messaging import api
from linli.messaging.errors import WrongState
from linli.messaging.models import StaffTask
from linli.messaging.operations import launch, results
from linli.wecom.errors import MissingArgument
from tests.messaging.acting import Line, cut_line


class Refusing(httpx.BaseTransport):
    """The real line, but one call is refused (for bodies that hold `about`)."""

    def __init__(self, api_name: str, code: int, about: str = "") -> None:
        self.real, self.api_name, self.code, self.about = httpx.HTTPTransport(), api_name, code, about
        self.refused = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith(self.api_name) and self.about in request.read().decode():
            self.refused += 1
            return httpx.Response(200, json={"errcode": self.code, "errmsg": "refused"})
        return self.real.handle_request(request)


def test_a_task_that_wecom_refuses_to_read_does_not_stop_the_others(chain, monkeypatch, caplog):
    send_id = chain.launched()
    first, *others = chain.tasks(send_id)
    for task in (first, *others):
        chain.confirm(task)
    cut_line(monkeypatch, Refusing("get_groupmsg_task", 41048, first.msgid))
    api.tick(corp_id=chain.corp_id, at=now())
    assert chain.funnel(send_id).sent == 10
    assert f"send {send_id}: the results of task {first.pk}" in caplog.text
    row = api.send(corp_id=chain.corp_id, send_id=send_id)
    assert row.state == "tasked"


@pytest.mark.parametrize("error", [MissingArgument("msgid"), WrongState()])
def test_one_sends_trouble_does_not_hold_up_what_comes_after(chain, monkeypatch, caplog, error):
    bad, good, stopped = chain.launched(), chain.launched("第二条"), chain.launched("第三条")
    with monkeypatch.context() as patch:
        cut_line(patch, Refusing("cancel_groupmsg_send", 41048))
        assert api.cancel(corp_id=chain.corp_id, send_id=stopped, author="周岚") is False
    for task in chain.tasks(good):
        chain.confirm(task)
    real = results.pull

    def pull(corp_id: int, send_id: int) -> bool:
        if send_id == bad:
            raise error
        return real(corp_id, send_id)

    monkeypatch.setattr(results, "pull", pull)
    with frozen(now()) as clock:
        clock.forward(hours=1)
        api.tick(corp_id=chain.corp_id, at=now())
    assert api.send(corp_id=chain.corp_id, send_id=good).state == "done"
    assert chain.funnel(stopped).cancelled == {"by_operator": 12}
    assert f"send {bad}: pull failed" in caplog.text


def test_a_launch_that_fails_lets_the_next_send_begin(chain, monkeypatch):
    bad, good = chain.approved(), chain.approved("第二条")
    real = launch.resolve

    def resolve(corp_id: int, send_id: int) -> None:
        if send_id == bad:
            raise MissingArgument("sender")
        real(corp_id, send_id)

    monkeypatch.setattr(launch, "resolve", resolve)
    api.tick(corp_id=chain.corp_id, at=now())
    assert api.send(corp_id=chain.corp_id, send_id=good).state == "tasked"


@pytest.mark.parametrize("code", [81013, 60011])
def test_a_card_that_wecom_will_never_take_is_given_up(chain, monkeypatch, code):
    send_id = chain.launched()
    first = chain.tasks(send_id)[0]
    line = Refusing("message/send", code, first.userid)
    cut_line(monkeypatch, line)
    with frozen(now()) as clock:
        for _ in range(3):
            api.tick(corp_id=chain.corp_id, at=now())
            clock.forward(minutes=10)  # no reminder yet: its card is another matter
    assert line.refused == 1
    first.refresh_from_db()
    assert (first.told_at, first.next_tell_at, str(code) in first.told_error) == (None, None, True)
    assert StaffTask.objects.filter(send_id=send_id, told_at=None).count() == 1


@pytest.mark.parametrize("arrived", [True, False])
def test_a_card_whose_answer_was_lost_is_said_again_soon_and_seen_once(chain, monkeypatch, arrived):
    send_id = chain.launched()
    with frozen(now()) as clock:
        with monkeypatch.context() as patch:
            cut_line(patch, Line("message/send", after=arrived))
            assert api.tell(corp_id=chain.corp_id, send_id=send_id) == 5
        clock.forward(minutes=1)
        assert api.tell(corp_id=chain.corp_id, send_id=send_id) == 1
    cards = [chain.stage.control(f"staff/{one.userid}/messages")["messages"] for one in chain.tasks(send_id)]
    assert [len(one) for one in cards] == [1] * 6


def test_a_card_that_may_pass_later_is_tried_with_a_growing_pause(chain, monkeypatch):
    send_id = chain.launched()
    first = chain.tasks(send_id)[0]
    start = now()
    with frozen(start) as clock:
        with monkeypatch.context() as patch:
            cut_line(patch, Refusing("message/send", 830003, first.userid))
            pauses = []
            for _ in range(3):
                api.tell(corp_id=chain.corp_id, send_id=send_id)
                api.tell(corp_id=chain.corp_id, send_id=send_id)  # not due: nothing is tried
                first.refresh_from_db()
                pauses.append((first.next_tell_at - now()).total_seconds())
                clock.forward(seconds=pauses[-1])
        assert (first.tell_tries, pauses) == (3, [60, 120, 240])
        assert api.tell(corp_id=chain.corp_id, send_id=send_id) == 1
    first.refresh_from_db()
    assert (first.told_at is not None, first.told_error) == (True, "")
