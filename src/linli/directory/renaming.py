"""One person, whatever their UserID: an id that changed leads to them, and two rows that were made of them become one."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta

from django.db import IntegrityError, connection, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from linli.access import api as access
from linli.connect.api import ELSEWHERE
from linli.directory import facts
from linli.directory.diary import STAFF_DAYS
from linli.directory.models import Staff
from linli.kit.clock import now
from linli.kit.errors import Refused
from linli.ledger import api as ledger

_SHOWN = ("name", "shop_id", "position", "main_department_wecom_id")
_STANDING = ("status", "left_at", "out_of_sight_at")
_CLOCKS_APART = timedelta(minutes=1)  # WeCom's and ours
# Held until the caller's transaction ends, so that nobody makes one of two members while rows that name them are written.
# FOR KEY SHARE is what a foreign key takes: writers do not wait for each other, nor for a reading of the address book.
_HELD = """
SELECT asked.userid, member.id FROM directory_staff AS asked
JOIN directory_staff AS member ON member.id = coalesce(asked.now_id, asked.id)
WHERE asked.corp_id = %s AND asked.userid = ANY(%s) ORDER BY asked.id FOR KEY SHARE OF asked, member
"""


def members_by_userid(*, corp_id: int, userids: Iterable[str]) -> dict[str, Staff]:
    """The members whom these ids lead to, also ids that were; by the id that was asked for."""
    with connection.cursor() as cursor:
        cursor.execute(_HELD, [corp_id, sorted(set(userids))])
        leads = dict(cursor.fetchall())
    rows = Staff.every_id.in_bulk(set(leads.values()))
    return {userid: rows[pk] for userid, pk in leads.items()}


def members_by_id(*, corp_id: int, staff_ids: Collection[int]) -> dict[int, Staff]:
    """The members whom these rows stand for, also rows of ids that were; by the row's id that was asked for."""
    leads = dict(
        Staff.every_id.filter(corp_id=corp_id, id__in=list(staff_ids)).values_list("id", "now_id").order_by("id")
    )
    rows = Staff.every_id.in_bulk([leads[pk] or pk for pk in leads])
    return {pk: rows[to or pk] for pk, to in leads.items()}


def present_ids(*, corp_id: int, userids: Iterable[str]) -> dict[str, str]:
    """Of ids that were: what they are now. Ids that are still the same, and strangers', are not in the answer."""
    rows = Staff.every_id.filter(corp_id=corp_id, userid__in=list(userids), now__isnull=False)
    return dict(rows.values_list("userid", "now__userid"))


def rename_staff(*, corp_id: int, was: str, userid: str, at: datetime, sure: bool = False) -> None:
    """`userid` is who `was` was, since `at`: WeCom's word, or an administrator's. In any order, any number of times.

    Where a reading had met the new id first, two rows are one person: the older one stays, and rooms above hear which was
    the other (fact staff_merged) and give what was written under it to the one that stays. A member who was known under
    the new id before is somebody else, unless one is `sure`: then nothing is done.
    """
    for again in (True, True, False):
        try:
            _rename(corp_id, was, userid, at, sure=sure)
        except IntegrityError:  # somebody met the new id in this very moment: now their row is there to be seen
            if not again:
                raise
        else:
            return


@transaction.atomic
def _rename(corp_id: int, was: str, userid: str, at: datetime, *, sure: bool) -> None:
    held = Staff.every_id.select_for_update().filter(corp_id=corp_id, userid__in=[was, userid]).order_by("id")
    rows = {row.userid: row for row in held}
    named = {one: _meant(rows.get(one), at) for one in (was, userid)}
    people = list(
        Staff.objects.select_for_update().filter(id__in={pk for pk in named.values() if pk is not None}).order_by("id")
    )
    if len(people) > 1 and not sure and any(one.pk == named[userid] and _known_before(one, at) for one in people):
        return
    kept, *gone = people or [_newcomer(corp_id, userid)]
    ids = [kept.userid, *(one.userid for one in gone)]
    present, kept.id_since = _present([kept, *gone], was, userid, at)
    news = [_fact(facts.STAFF_MERGED, kept, was_staff_id=one.pk, userid=present) for one in gone]
    if changed := _look_as_shown(kept, next((one for one in gone if one.userid == present), None)):
        news.append(_fact(changed, kept, userid=present, shop_id=kept.shop_id, cause=ELSEWHERE))
    for one in gone:
        Staff.every_id.filter(Q(now=one) | Q(id=one.pk)).update(now=kept)
        STAFF_DAYS.take_over(corp_id=corp_id, was=one.pk, staff_id=kept.pk)
    kept.save()
    _carry(kept, present, {was, userid, *ids})
    for former in ids:
        if former != present:
            access.rename_staff(corp_id=corp_id, was=former, userid=present)
            news.append(_fact(facts.STAFF_RENAMED, kept, was=former, userid=present))
    ledger.publish_many(corp_id=corp_id, facts=news)


@transaction.atomic
def set_free(*, corp_id: int, userid: str) -> None:
    """WeCom shows a former id and the present one side by side: the former is somebody else's now, yet to be read."""
    if Staff.every_id.select_for_update().filter(corp_id=corp_id, userid=userid, now__isnull=False).exists():
        _newcomer(corp_id, userid)


def join(*, corp_id: int, was_id: int, staff_id: int) -> None:
    """An administrator says of two members that they are one person, who had the first one's UserID and has the second's.

    Refused unless WeCom shows the first nowhere and the second at work: a mistake gives one person's customers and account
    to another.
    """
    found = members_by_id(corp_id=corp_id, staff_ids=[was_id, staff_id])
    was, shown = found.get(was_id), found.get(staff_id)
    if was is None or shown is None or was.pk == shown.pk or not _away(was) or _away(shown):
        why = _("One person can only be made of a member whom WeCom shows no more and one who is at work.")
        raise Refused("not_one_person", why)
    rename_staff(corp_id=corp_id, was=was.userid, userid=shown.userid, at=now(), sure=True)


def _away(row: Staff) -> bool:
    return row.out_of_sight_at is not None or row.status == Staff.Status.LEFT


def _newcomer(corp_id: int, userid: str) -> Staff:
    """A member of whom no more is known than this id, which may have been another's."""
    unknown = {"now": None, "status": Staff.Status.UNKNOWN, "met_at": now()}
    row, _made = Staff.every_id.update_or_create(corp_id=corp_id, userid=userid, defaults=unknown)
    return row


def _meant(row: Staff | None, at: datetime) -> int | None:
    """Whom an id meant at a time: the member who has it; of a former id its member until the change, and nobody known after."""
    if row is None or row.now is None:
        return row.pk if row else None
    return row.now.pk if row.now.id_since is not None and at <= row.now.id_since else None


def _known_before(row: Staff, at: datetime) -> bool:
    return row.met_at is None or row.met_at < at - _CLOCKS_APART


def _present(people: Sequence[Staff], was: str, userid: str, at: datetime) -> tuple[str, datetime]:
    """Which id is the latest: the one told now, or one that somebody told of later (events come in any order)."""
    told = [(one.id_since, one.userid) for one in people if one.id_since is not None]
    since, latest = max(told, default=(at, was))
    # Two changes within a second, the grain of WeCom's times: the second begins where the first ended.
    return (userid, at) if since < at or (since == at and latest == was) else (latest, since)


def _look_as_shown(kept: Staff, shown: Staff | None) -> str:
    """Take over what was read, or told, under the present id; returns the fact to be said where one joined or left by it."""
    if shown is None or shown.status == Staff.Status.UNKNOWN:
        return ""
    had_left = kept.status == Staff.Status.LEFT
    for name in (*_STANDING, *(_SHOWN if shown.name else ())):  # who left before anybody read of them has no name here
        setattr(kept, name, getattr(shown, name))
    has_left = kept.status == Staff.Status.LEFT
    if had_left == has_left:
        return ""
    return facts.STAFF_LEFT if has_left else facts.STAFF_JOINED


def _carry(kept: Staff, present: str, ids: set[str]) -> None:
    """Give the member the present id, and every other one a row that leads to them."""
    rows = Staff.every_id.filter(corp_id=kept.corp_id)
    if kept.userid != present:
        before = kept.userid
        rows.filter(id=kept.pk).update(userid=f"#{kept.pk}")  # no UserID has this sign: nobody's for a moment
        # A member who has the id and was not seen above is left alone: the next line fails, and all is looked at again.
        rows.filter(userid=present, now__isnull=False).update(userid=before, now=kept)
        rows.filter(id=kept.pk).update(userid=present)
        kept.userid = present
    former = rows.filter(userid__in=ids - {present})
    former.update(now=kept)
    there = set(former.values_list("userid", flat=True))
    Staff.every_id.bulk_create(
        [Staff(corp_id=kept.corp_id, userid=one, now=kept) for one in sorted(ids - there - {present})]
    )


def _fact(kind: str, row: Staff, *, userid: str, **more: object) -> ledger.NewFact:
    data = {"staff_id": row.pk, "userid": userid, **more}
    return ledger.NewFact(kind=kind, subject=f"staff:{userid}", data=data)
