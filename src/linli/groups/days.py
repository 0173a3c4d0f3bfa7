"""Keeps WeCom's figures of each owner's groups, day by day, before WeCom forgets them."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from django.db import connection, transaction

from linli.connect import api as connect
from linli.connect.api import Compared
from linli.directory import api as directory
from linli.groups.models import GroupChat, OwnerDay
from linli.kit.clock import now
from linli.wecom.days import Span, begins, within_reach
from linli.wecom.errors import ApiError, BadAnswer
from linli.wecom.statistic_calls import OwnerFigures

KIND = "group_days"
_OWNERS = 100
_FIGURES = ("new_groups", "groups", "groups_active", "new_members", "members", "members_active", "messages")
_TOLD = OwnerDay.Told
# A day is read again until it has been read two days later: whether WeCom has counted it by the next night, nobody says.
_MISSING = """
    SELECT d.day::date, s.id, s.userid
    FROM directory_staff s
    CROSS JOIN generate_series(%(first)s::date, %(last)s::date, interval '1 day') AS d(day)
    LEFT JOIN groups_ownerday k ON k.corp_id = s.corp_id AND k.staff_id = s.id AND k.day = d.day::date
        AND k.read_at >= (k.day + 2)::timestamp AT TIME ZONE 'Asia/Shanghai'
    WHERE s.corp_id = %(corp)s AND s.userid = ANY(%(userids)s) AND k.id IS NULL
    ORDER BY d.day, s.userid
"""
_LAST_BEFORE = """
    SELECT staff_id, max(day) FROM groups_ownerday WHERE corp_id = %(corp)s AND day < %(first)s
    GROUP BY 1 HAVING max(day) < %(first)s::date - 1
"""


@dataclass(frozen=True)
class _Ask:
    """One call: a day of up to 100 owners, their staff ids by userid."""

    day: date
    owners: dict[str, int]

    def alone(self) -> Iterator["_Ask"]:
        """The same, owner by owner."""
        return (_Ask(self.day, {userid: staff_id}) for userid, staff_id in self.owners.items())


@dataclass(frozen=True)
class _Told:
    """What was answered, and about whom: those refused before were not asked for again."""

    owners: dict[str, int]
    figures: list[OwnerFigures]


def reconcile(*, corp_id: int, reconciliation_id: int | None = None, only: Collection[str] = frozenset()) -> Compared:
    """Read the days that are missing of everybody who owns or owned a group (`only`: of these userids)."""
    with connect.run(corp_id=corp_id, kind=KIND, reconciliation_id=reconciliation_id) as run:
        client = connect.client(corp_id=corp_id, lane=connect.Lane.BULK)
        reach = within_reach(now())
        run.finds.undetectable["statistic_days"] += note_out_of_reach(corp_id, reach.first)
        asks = _asks(corp_id, sorted(only or _owners(corp_id)), reach)
        refused: set[str] = set()

        def ask(one: _Ask) -> _Told:
            owners = {userid: staff_id for userid, staff_id in one.owners.items() if userid not in refused}
            found = list(client.group_statistics(sorted(owners), begins(one.day))) if owners else []
            return _Told(owners, found)

        for asked, (one, answer) in enumerate(connect.side_by_side(ask, asks), start=1):
            if isinstance(answer, ApiError) and len(one.owners) > 1:
                # One owner whom WeCom refuses must not hide the ninety-nine others, nor be asked for 180 times.
                for each, said in connect.side_by_side(ask, one.alone()):
                    _take(run, each, said, refused)
            else:
                _take(run, one, answer, refused)
            run.part(asked, len(asks))
            run.progress(run.done)
    return run.compared()


def _take(run: connect.Run, one: _Ask, answer: _Told | ApiError | BadAnswer, refused: set[str]) -> None:
    try:
        if isinstance(answer, Exception):
            raise answer
        run.done += keep(run.corp_id, one.day, answer.owners, answer.figures)
    except (ApiError, BadAnswer) as error:
        for userid in one.owners.keys() - refused:
            refused.add(userid)
            run.could_not(userid, error, key=userid)


@transaction.atomic
def keep(corp_id: int, day: date, owners: dict[str, int], told: Sequence[OwnerFigures]) -> int:
    """Write the day of every owner, also of those WeCom shows nothing of; BadAnswer where it told of others."""
    by_owner = {one.owner: one.figures for one in told}
    if strange := by_owner.keys() - owners.keys():
        raise BadAnswer("externalcontact/groupchat/statistic", f"{min(strange)} was not asked for")
    at = now()
    rows = [
        OwnerDay(
            corp_id=corp_id, staff_id=staff_id, day=day, read_at=at,
            told=_TOLD.FIGURES if userid in by_owner else _TOLD.NOTHING,
            **({name: getattr(by_owner[userid], name) for name in _FIGURES} if userid in by_owner else {}),
        )
        for userid, staff_id in owners.items()
    ]  # fmt: skip
    OwnerDay.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["corp", "staff", "day"],
        update_fields=["told", "read_at", *_FIGURES],
    )
    return len(by_owner)


@transaction.atomic
def note_out_of_reach(corp_id: int, first: date) -> int:
    """The days between what was read last and the first that WeCom still tells are lost: say so, once. Returns how many."""
    with connection.cursor() as cursor:
        cursor.execute(_LAST_BEFORE, {"corp": corp_id, "first": first})
        gaps = cursor.fetchall()
    one = timedelta(days=1)
    rows = [
        OwnerDay(corp_id=corp_id, staff_id=staff_id, day=day, told=_TOLD.OUT_OF_REACH, read_at=now())
        for staff_id, last in gaps
        for day in Span(last + one, first - one)
    ]
    OwnerDay.objects.bulk_create(rows, ignore_conflicts=True, batch_size=5000)
    return len(rows)


def _owners(corp_id: int) -> set[str]:
    groups = GroupChat.objects.filter(corp_id=corp_id).exclude(owner_userid="")
    return set(groups.values_list("owner_userid", flat=True))


def _asks(corp_id: int, userids: Sequence[str], reach: Span) -> list[_Ask]:
    directory.ensure_staff(corp_id=corp_id, userids=userids)
    with connection.cursor() as cursor:
        cursor.execute(_MISSING, {"corp": corp_id, "userids": list(userids), "first": reach.first, "last": reach.last})
        missing: list[tuple[date, int, str]] = cursor.fetchall()
    found = []
    for day, rows in groupby(missing, key=lambda row: row[0]):
        owners = [(userid, staff_id) for _, staff_id, userid in rows]
        found += [_Ask(day, dict(owners[start : start + _OWNERS])) for start in range(0, len(owners), _OWNERS)]
    return found
