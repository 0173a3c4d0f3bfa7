"""Whoever asks for recipients of a known time visits no other month's partition: told by the plans, with 60 months made."""

import re
from contextlib import contextmanager
from datetime import date, timedelta

import pytest
from django.db import connection, transaction

from linli.access.api import EVERYTHING
from linli.kit.clock import frozen
from linli.kit.partitions import span
from linli.ledger import api as ledger
from linli.messaging import api as messaging
from linli.messaging import conditions, queries
from linli.messaging.models import Recipient, Send, StaffTask
from linli.messaging.operations import drafts, nudges, outcomes, results
from linli.wecom.message_calls import MassResult
from tests.access.world import NOON, Town

(RECIPIENTS,) = messaging.PARTITIONED
MONTHS = span(date(2024, 1, 1), date(2028, 12, 1))


@pytest.fixture
def town(db):
    """A send of July 2026, looked at four days later; all of it is rolled back, the months too."""
    assert ledger.make_months(RECIPIENTS, MONTHS)
    with frozen(NOON):
        made = Town("月月")
    Send.objects.filter(corp_id=made.corp_id).update(created_at=NOON, planned_at=NOON)
    Send.objects.filter(id=made.send.pk).update(tasked_at=NOON, approved_at=NOON)
    Recipient.objects.filter(corp_id=made.corp_id).update(tasked_at=NOON)
    with frozen(NOON + timedelta(days=4)):
        yield made


@contextmanager
def visited():
    """The partitions in the plans of every statement over recipients."""
    found: list[set[str]] = []

    def explained(execute, sql, params, many, context):
        if re.search(r"(FROM|UPDATE|JOIN) \"?messaging_recipient", sql):
            with connection.connection.cursor() as cursor:
                cursor.execute("EXPLAIN (COSTS OFF) " + sql, params)
                plan = "\n".join(line for (line,) in cursor.fetchall())
            found.append(set(re.findall(r" on messaging_recipient_(\w+)", plan)))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(explained):
        yield found


def _reached(town):
    sql, params = conditions.reached({"as_of": NOON + timedelta(days=4), "days": 7}, corp_id=town.corp_id)
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        assert cursor.fetchall()


def _task(town):
    return StaffTask.objects.get(pk=town.near.task.pk)


def _customers(town):
    return [town.near.customer.pk, town.far.customer.pk]


ASKED = {
    "funnel": lambda town: queries.funnel(town.corp_id, EVERYTHING, town.send.pk),
    "assigned": lambda town: queries.assigned(town.corp_id, town.send.pk),
    "received": lambda town: messaging.received(corp_id=town.corp_id, send_id=town.send.pk),
    "caps": lambda town: queries.reached_counts(town.corp_id, _customers(town), [(NOON - timedelta(days=8), NOON)]),
    "condition": _reached,
    "receivers of a task": lambda town: outcomes.external_userids(_task(town)),
    "title of a card": lambda town: nudges._title(_task(town), again=False),
    "results": lambda town: results._apply(
        _task(town), [MassResult(external_userid="x", status=1, sent_at=1, userid="", chat_id="")]
    ),
    "confirmed": lambda town: results._confirm(_task(town), NOON),
    "discard": lambda town: drafts.discard(town.corp_id, town.draft.pk, author=""),
}


def test_only_the_month_that_is_asked_about_is_visited(town):
    seen = {}
    for what, ask in ASKED.items():
        with visited() as found, transaction.atomic():
            ask(town)
            transaction.set_rollback(True)
        assert found, what
        seen[what] = set().union(*found)
    assert seen == {what: {"2026_07"} for what in ASKED}
    with visited() as found:  # and without a time it is every month, so that this can fail
        list(Recipient.objects.filter(corp_id=town.corp_id, send_id=town.send.pk))
    assert len(found[0]) > len(MONTHS)


def test_a_send_that_is_tasked_months_after_its_making_is_found_whole(town):
    """Caps count it, though its rows are of another month than the send."""
    later = NOON + timedelta(days=90)
    Send.objects.filter(id=town.send.pk).update(tasked_at=later)
    Recipient.objects.filter(send_id=town.send.pk).update(planned_at=later, tasked_at=later)
    rows = Recipient.objects.filter(send_id=town.send.pk).count()
    assert rows
    assert len(queries.assigned(town.corp_id, town.send.pk)) == rows
    counts = queries.reached_counts(
        town.corp_id, _customers(town), [(later - timedelta(hours=1), later + timedelta(hours=1))]
    )
    assert sum(one for (one,) in counts.values()) == rows
