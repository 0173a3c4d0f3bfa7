"""A reading of a relation beside the marking of its tag, each in a thread and a session of its own, in both orders.

The one is held inside its transaction until the other has ended or waits for a lock; nothing depends on time.
"""

from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event

import pytest
from django.db import connection

from linli.connect import api as connect
from linli.customers import api as customers
from linli.customers import marking, operations
from linli.customers.models import Follow, FollowTag
from linli.customers.readings import from_detail, next_read_no
from tests.customers.acting import ours, theirs
from tests.customers.test_customers_tags import follow  # noqa: F401 - the fixture of a relation

_WAITS = "SELECT EXISTS (SELECT 1 FROM pg_stat_activity WHERE pid = %s AND wait_event_type = 'Lock')"


class Rival:
    """Work in a thread of its own; it holds still at `pause` (called from inside) until `go`."""

    def __init__(self, work) -> None:
        self._executor = ThreadPoolExecutor(1)
        self._session: Future[int] = Future()
        self._held, self._go = Event(), Event()
        self._work = work

    def start(self) -> None:
        self._done = self._executor.submit(self._run)

    def _run(self) -> None:
        try:
            connection.ensure_connection()
            self._session.set_result(connection.connection.info.backend_pid)
            self._work()
        finally:
            connection.close()

    def pause(self) -> None:
        self._held.set()
        assert self._go.wait(60)

    def until_held(self) -> None:
        assert self._held.wait(60)

    def until_it_waits_or_ends(self) -> None:
        session = self._session.result(60)
        with connection.cursor() as cursor:
            while not self._done.done():
                cursor.execute(_WAITS, [session])
                if cursor.fetchone()[0]:
                    return

    def end(self) -> None:
        self._go.set()
        self._done.result(60)
        self._executor.shutdown()


@pytest.fixture
def rivals(line, stage, follow):  # noqa: F811 - the fixture
    """A reading that does not show the tag, drawn before the tag was marked; and the marking, about to begin."""
    tag = customers.ensure_tags(corp_id=line.id, group="渠道", names=["a"])["a"]
    number = next_read_no()
    stage.act("staff_remarks", userid="clerk0-0", external_userid=follow.customer.external_userid, remark="爱喝冷萃")
    old = from_detail(connect.client(corp_id=line.id).customer(follow.customer.external_userid), number)
    customers.tag_follow(corp_id=line.id, follow_id=follow.pk, tag_ids=[tag])
    return (
        Rival(lambda: operations.apply(corp_id=line.id, reads=[old])),
        Rival(lambda: marking.mark_waiting(corp_id=line.id)),
    )


def paused(monkeypatch, module, name: str, rival: Rival) -> None:
    """The rival holds still when it comes to this function, inside its transaction."""
    whole = getattr(module, name)

    def held(*args, **kwargs):
        rival.pause()
        return whole(*args, **kwargs)

    monkeypatch.setattr(module, name, held)


def kept(line, stage) -> None:
    assert FollowTag.objects.count() == 1, "the tag that was marked is still there"
    assert Follow.objects.get().remark == "爱喝冷萃", "what else the reading showed is news"
    assert ours(line.id) == theirs(stage)


def test_marked_while_a_reading_is_written(line, stage, rivals, monkeypatch):
    """The reading has looked at the relation; the tag comes before it looks at the tags."""
    reading, mark = rivals
    paused(monkeypatch, operations, "write_tags", reading)
    reading.start()
    reading.until_held()
    mark.start()
    mark.until_it_waits_or_ends()
    reading.end()
    mark.end()
    kept(line, stage)


def test_read_while_a_marking_is_written(line, stage, rivals, monkeypatch):
    """The marking is written and not committed; the reading must not judge by the relation as it was before."""
    reading, mark = rivals
    paused(monkeypatch, marking, "tag_facts", mark)
    mark.start()
    mark.until_held()
    reading.start()
    reading.until_it_waits_or_ends()
    mark.end()
    reading.end()
    kept(line, stage)
