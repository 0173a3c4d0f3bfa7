"""Facts a second through a replay: 1,000,000 facts to a subscriber whose room was emptied, with the same checksum before and after.

The subscriber is `groups.name_stays`: each fact says that somebody became a customer, and names that person's stay in a group.
Emptied means that every name it gave is taken away. `python -m bench.replay [facts]`; about three minutes, so it is not in `bench.all`.
"""

import sys
import time
from collections.abc import Callable

from bench.ground import house

GOAL = 10_000
_PEOPLE = """
INSERT INTO customers_customer (corp_id, no, external_userid, name, avatar, kind, gender, created_at, channel_state, consent, read_no)
SELECT %(corp)s, n, 'wmbench' || n, '', '', 1, 0, now(), '', true, 0 FROM generate_series(1, %(n)s) AS s (n)
"""
_MEMBERS = """
INSERT INTO groups_member (corp_id, group_id, member_id, kind, name, joined_at, join_scene, state, invited_by, left_by)
SELECT %(corp)s, g.id, 'wmbench' || n, 2, '', now(), 0, '', '', '' FROM generate_series(1, %(n)s) AS s (n)
JOIN groups_groupchat g ON g.corp_id = %(corp)s AND g.chat_id = 'wrbench' || n / 200
"""
_FACTS = """
INSERT INTO ledger_fact (corp_id, kind, subject, customer_id, data, occurred_at)
SELECT %(corp)s, %(kind)s, 'follow:' || id, id, jsonb_build_object('follow', id, 'staff', 1, 'userid', 'zhou', 'shop', 1,
    'state', '', 'external_userid', external_userid, 'cause', 'event'), now() FROM customers_customer WHERE corp_id = %(corp)s
ORDER BY id
"""
_CHECKSUM = "SELECT count(customer_id), coalesce(sum(hashtextextended(id || ':' || coalesce(customer_id, 0), 0)), 0) FROM groups_member"


def main(facts: int = 1_000_000) -> dict[str, float]:
    """Prints facts per second of the first hearing, of the dry run and of the replay; goal ≥ 10,000/s for the replay."""
    with house():
        from django.db import connection

        from linli.ledger import api as ledger
        from linli.ledger.replay import CHUNK

        _fill(facts)
        one = ledger.subscription("groups.name_stays")

        def whole() -> float:
            return _timed(lambda: ledger.deliver(one))

        def checksum() -> tuple[int, int]:
            with connection.cursor() as cursor:
                cursor.execute(_CHECKSUM)
                return cursor.fetchone()

        while ledger.sequence_once(limit=100_000):
            pass
        first = whole()
        before = checksum()
        if before[0] != facts:
            raise RuntimeError(f"{before[0]} stays were named")
        with connection.cursor() as cursor:
            cursor.execute("UPDATE groups_member SET customer_id = NULL")
            cursor.execute("VACUUM ANALYZE groups_member")
        dry_id = ledger.start_replay(subscriber=one.name, from_position=0, dry=True, by="bench")
        started = time.perf_counter()
        ledger.dry_run(dry_id, chunk=CHUNK)
        dry = time.perf_counter() - started
        said = ledger.replay(replay_id=dry_id).changes["groups_member"]
        ledger.start_replay(subscriber=one.name, from_position=0, dry=False, by="bench")
        again = whole()
        if checksum() != before or said[1] != facts:
            raise RuntimeError("the room is not what it was")
    print(f"facts, first hearing {facts / first:8.0f} facts/s")
    print(f"facts, dry run       {facts / dry:8.0f} facts/s   {said[1]:,} rows would change")
    print(f"facts, replay        {facts / again:8.0f} facts/s   {facts:,} facts, same checksum (goal ≥ {GOAL:,}/s)")
    return {"first_per_s": facts / first, "dry_per_s": facts / dry, "replay_per_s": facts / again}


def _timed(step: Callable[[], int]) -> float:
    started = time.perf_counter()
    while step():
        pass
    return time.perf_counter() - started


def _fill(facts: int) -> None:
    """A corp with so many people, each with one nameless stay in a group of 200 and one fact."""
    from django.db import connection

    from linli.access import api as access
    from linli.customers.facts import FOLLOW_ADDED
    from linli.groups.models import GroupChat
    from linli.kit.clock import now

    corp = access.create_corp(wecom_id="wwbench", name="bench")
    GroupChat.objects.bulk_create(
        GroupChat(corp_id=corp.id, chat_id=f"wrbench{n}", created_at=now()) for n in range(facts // 200 + 1)
    )
    with connection.cursor() as cursor:
        for sql in (_PEOPLE, _MEMBERS, _FACTS):
            cursor.execute(sql, {"corp": corp.id, "n": facts, "kind": FOLLOW_ADDED})
        cursor.execute("VACUUM ANALYZE customers_customer, groups_member, ledger_fact")


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    sys.exit(0 if main(count)["replay_per_s"] >= GOAL else 1)
