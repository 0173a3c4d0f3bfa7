"""Keeps WeCom's figures of each owner's groups, day by day, before WeCom forgets them."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

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
DIARY = connect.Diary(
    rows=OwnerDay.objects,
    figures=("new_groups", "groups", "groups_active", "new_members", "members", "members_active", "messages"),
)


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
        run.finds.undetectable["statistic_days"] += DIARY.note_out_of_reach(corp_id=corp_id, first=reach.first)
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


def keep(corp_id: int, day: date, owners: dict[str, int], told: Sequence[OwnerFigures]) -> int:
    """Write the day of every owner, also of those WeCom shows nothing of; BadAnswer where it told of others."""
    by_owner = {one.owner: one.figures for one in told}
    if strange := by_owner.keys() - owners.keys():
        raise BadAnswer("externalcontact/groupchat/statistic", f"{min(strange)} was not asked for")
    days = [connect.Day(staff_id=key, day=day, figures=by_owner.get(userid)) for userid, key in owners.items()]
    DIARY.keep(corp_id=corp_id, days=days)
    return len(by_owner)


def _owners(corp_id: int) -> set[str]:
    groups = GroupChat.objects.filter(corp_id=corp_id).exclude(owner_userid="")
    return set(groups.values_list("owner_userid", flat=True))


def _asks(corp_id: int, userids: Sequence[str], reach: Span) -> list[_Ask]:
    rows = directory.ensure_staff(corp_id=corp_id, userids=userids).values()
    userid_of = {row.id: row.userid for row in rows}
    missing = DIARY.missing(corp_id=corp_id, staff_ids=userid_of, reach=reach)
    of_day: defaultdict[date, list[tuple[str, int]]] = defaultdict(list)
    for staff_id, day in missing:
        of_day[day].append((userid_of[staff_id], staff_id))
    found = []
    for day, unsorted in sorted(of_day.items()):
        owners = sorted(unsorted)
        found += [_Ask(day, dict(owners[start : start + _OWNERS])) for start in range(0, len(owners), _OWNERS)]
    return found
