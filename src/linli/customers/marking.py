"""Puts tags on relations at WeCom: intent, call, outcome.

mark_tag is a set operation, so a call whose answer was lost may be repeated; calls for one relation never run side by
side (45035), because one job at a time works through a corp's intents.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import Subquery

from linli.connect import api as connect
from linli.customers.models import Follow, FollowTag, MarkIntent, Tag
from linli.customers.readings import next_read_no
from linli.customers.retagging import ENDED, living, tag_facts
from linli.kit.clock import now
from linli.kit.killpoints import passing
from linli.ledger import api as ledger
from linli.wecom.catalogue import Retry
from linli.wecom.client import Client
from linli.wecom.errors import ApiError

_CHUNK = 25
_NOBODY = 60111


@dataclass(frozen=True)
class _Relation:
    """The waiting intents of one relation; of two about one tag the later counts."""

    follow: Follow
    intents: tuple[MarkIntent, ...]

    def tags(self, *, wanted: bool) -> list[Tag]:
        last = {intent.tag_id: intent for intent in self.intents}
        return [intent.tag for intent in last.values() if intent.wanted is wanted]


@dataclass(frozen=True)
class _Outcome:
    """`mark_no`: drawn when the call had ended."""

    relation: _Relation
    why: str
    mark_no: int


def tag_follow(
    *, corp_id: int, follow_id: int, tag_ids: Sequence[int] = (), remove_tag_ids: Sequence[int] = ()
) -> None:
    """Ask for tags on a relation, in the caller's transaction if there is one; the job calls soon after its commit.

    What is asked for while the same waits is asked for again: the call for the first may be under way, and may be about a
    relation that has ended and begun anew since.
    """
    with transaction.atomic():
        if not Follow.objects.filter(corp_id=corp_id, id=follow_id).exists():
            return  # it became one with another relation of the same clerk, who hears of it (fact follow_merged)
        has = set(FollowTag.objects.filter(corp_id=corp_id, follow_id=follow_id).values_list("tag_id", flat=True))
        waiting = MarkIntent.objects.filter(corp_id=corp_id, follow_id=follow_id, state=MarkIntent.State.WAITING)
        asked = set(waiting.values_list("tag_id", flat=True))
        wishes = dict.fromkeys(tag_ids, True) | dict.fromkeys(remove_tag_ids, False)
        at = now()
        MarkIntent.objects.bulk_create(
            MarkIntent(corp_id=corp_id, follow_id=follow_id, tag_id=tag_id, wanted=wanted, asked_at=at)
            for tag_id, wanted in wishes.items()
            if tag_id in asked or (tag_id in has) is not wanted
        )
        transaction.on_commit(lambda: start_marking(corp_id=corp_id))


def mark_again(*, corp_id: int, staff_id: int) -> None:
    """What WeCom refused because it does not know the clerk's id (60111) waits again: they have another one now."""
    refused = MarkIntent.objects.filter(
        corp_id=corp_id, follow__staff_id=staff_id, state=MarkIntent.State.REFUSED, why=str(_NOBODY)
    )
    if refused.update(state=MarkIntent.State.WAITING, settled_at=None, why="", mark_no=None):
        transaction.on_commit(lambda: start_marking(corp_id=corp_id))


def start_marking(*, corp_id: int) -> None:
    """Queue the marking job unless one waits already; the sweep (jobs.py) covers a crash just before this."""
    from procrastinate.contrib.django import app
    from procrastinate.exceptions import AlreadyEnqueued

    name = f"customers.mark_tags:{corp_id}"
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM procrastinate_jobs WHERE queueing_lock = %s AND status = 'todo' LIMIT 1", [name])
        if cursor.fetchone():
            return
    job = app.configure_task("customers.mark_tags", queueing_lock=name, lock=name, queue="default")
    try:
        job.defer(corp_id=corp_id)
    except AlreadyEnqueued:
        return


def marks_waiting(*, corp_id: int) -> int:
    """How many tags Linli has yet to put on relations at WeCom, or to take off."""
    return MarkIntent.objects.filter(corp_id=corp_id, state=MarkIntent.State.WAITING).count()


def corps_with_waiting_marks() -> list[int]:
    """Where something waits to be marked."""
    waiting = MarkIntent.objects.filter(state=MarkIntent.State.WAITING)
    return list(waiting.order_by("corp_id").values_list("corp_id", flat=True).distinct())


def mark_waiting(*, corp_id: int) -> int:
    """Mark all that waits; returns the number of relations done. Raises what may pass: what was done is kept."""
    client = connect.client(corp_id=corp_id, lane=connect.Lane.BULK)
    done = 0
    while relations := _next(corp_id):
        outcomes: list[_Outcome] = []
        try:
            for relation in relations:
                why = _call(client, relation)
                outcomes.append(_Outcome(relation, why, next_read_no()))
        finally:
            passing("marking.called")
            _commit(corp_id, outcomes)
        done += len(outcomes)
    return done


def _next(corp_id: int) -> list[_Relation]:
    waiting = MarkIntent.objects.filter(corp_id=corp_id, state=MarkIntent.State.WAITING)
    follow_ids = list(dict.fromkeys(waiting.order_by("id").values_list("follow_id", flat=True)[: 4 * _CHUNK]))[:_CHUNK]
    rows = waiting.filter(follow_id__in=follow_ids).order_by("id")
    grouped: defaultdict[int, list[MarkIntent]] = defaultdict(list)
    for intent in rows.select_related("tag", "follow__staff", "follow__customer"):
        grouped[intent.follow_id].append(intent)
    return [_Relation(grouped[follow_id][0].follow, tuple(grouped[follow_id])) for follow_id in follow_ids]


def _call(client: Client, relation: _Relation) -> str:
    """Make the call; returns "" or why WeCom (or we) will not."""
    add, remove = relation.tags(wanted=True), relation.tags(wanted=False)
    follow = relation.follow
    if any(tag.wecom_id is None or tag.deleted_at is not None for tag in [*add, *remove]):
        return "tag is not at WeCom"
    if not follow.live or follow.customer.external_userid is None:
        return ENDED
    try:
        client.mark_tag(
            follow.staff.userid,
            follow.customer.external_userid,
            add=[str(tag.wecom_id) for tag in add],
            remove=[str(tag.wecom_id) for tag in remove],
        )
    except ApiError as error:
        if error.meaning.retry is not Retry.NEVER:
            raise
        return str(error.code)
    return ""


@transaction.atomic
def _commit(corp_id: int, outcomes: Sequence[_Outcome]) -> None:
    said: list[ledger.NewFact] = []
    for one in sorted(outcomes, key=lambda one: one.relation.follow.pk):  # locked in this order everywhere
        relation, why = one.relation, one.why
        state = MarkIntent.State.REFUSED if why else MarkIntent.State.DONE
        follow = _as_it_is(corp_id, relation)
        if follow is None or (why == str(_NOBODY) and follow.staff.userid != relation.follow.staff.userid):
            continue  # asked under an id that is the clerk's no more: it waits, and is asked under the present one
        MarkIntent.objects.filter(id__in=[intent.pk for intent in relation.intents]).update(
            state=state, settled_at=now(), mark_no=one.mark_no, why=why
        )
        if not why:
            said += _keep(corp_id, follow, relation)
    ledger.publish_many(corp_id=corp_id, facts=said)


def _as_it_is(corp_id: int, relation: _Relation) -> Follow | None:
    """The relation that the intents belong to by now, locked; two of one clerk may have become one during the call."""
    belongs = MarkIntent.objects.filter(id=relation.intents[0].pk).values("follow_id")
    rows = Follow.objects.select_for_update(of=("self",)).select_related("staff")
    return rows.filter(corp_id=corp_id, id=Subquery(belongs)).first()


def _keep(corp_id: int, follow: Follow, relation: _Relation) -> list[ledger.NewFact]:
    add, remove = relation.tags(wanted=True), relation.tags(wanted=False)
    rows = FollowTag.objects.filter(corp_id=corp_id, follow=follow)
    has = set(rows.values_list("tag_id", flat=True))
    alive = living([tag.pk for tag in add])
    added = [tag.pk for tag in add if tag.pk not in has and tag.pk in alive]
    removed = [tag.pk for tag in remove if tag.pk in has]
    FollowTag.objects.bulk_create(FollowTag(corp_id=corp_id, follow=follow, tag_id=tag_id) for tag_id in added)
    rows.filter(tag_id__in=removed).delete()
    labels = {tag.pk: tag.name for tag in [*add, *remove]}
    return tag_facts(follow, added, removed, labels, "linli")
