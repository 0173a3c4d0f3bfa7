"""The beginning of an erasure: who this is by every identifier, and that none of them comes in again."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from linli.customers import suppressions
from linli.customers.models import Customer, Identity, Suppression
from linli.kit.errors import NotFound
from linli.kit.personal import Subject


def subject_of(corp_id: int, customer_id: int, *, lock: bool = False) -> Subject:
    """A person by their identifiers; NotFound when there is no such customer (any more)."""
    rows = Customer.objects.select_for_update() if lock else Customer.objects
    row = rows.filter(corp_id=corp_id, id=customer_id).first()
    if row is None:
        raise NotFound("no_customer", _("This customer is not there."))
    named = set(Identity.objects.filter(corp_id=corp_id, customer_id=customer_id).values_list("kind", "value"))
    named |= {("external_userid", row.external_userid or ""), ("unionid", row.unionid or "")}
    return Subject(corp_id=corp_id, customer_id=customer_id, values=tuple(sorted(one for one in named if one[1])))


def begin_erasure(
    *, corp_id: int, customer_id: int, at: datetime, suppress: bool
) -> tuple[Subject, list[tuple[str, bytes]]]:
    """Who it is, and the tokens under which they are held back from now on (none without `suppress`).

    In the caller's transaction: it waits for the readings that are being written, and later ones see it.
    """
    suppressions.hold(corp_id, alone=True)
    subject = subject_of(corp_id, customer_id, lock=True)
    if not suppress:
        return subject, []
    tokens = [(kind, one) for (kind, _value), one in suppressions.tokens(corp_id, subject.values).items()]
    suppressions.suppress(corp_id, customer_id, tokens, at)
    return subject, tokens


@transaction.atomic
def lift_suppression(*, corp_id: int, kind: str, value: str, why: str) -> list[tuple[str, bytes]]:
    """Let the person with this identifier in again; returns the tokens of all their identifiers (empty: not held)."""
    persons = {one.person for one in suppressions.look(corp_id, [(kind, value)]).values()}
    rows = Suppression.objects.filter(corp_id=corp_id, person__in=persons, lifted_at=None)
    freed = [(kind, bytes(one)) for kind, one in rows.values_list("kind", "token")]
    suppressions.lift(corp_id, persons, why)
    return freed


def suppressed_count(*, corp_id: int) -> tuple[int, int]:
    """How many people are held back, and by how many identifiers."""
    rows = Suppression.objects.filter(corp_id=corp_id, lifted_at=None)
    return rows.values("person").distinct().count(), rows.count()


def came_back(
    *, corp_id: int, key: bytes, tokens: Iterable[tuple[str, bytes]], customer_id: int, at: datetime
) -> set[int]:
    """After an older backup was restored: the customers whom an erasure at `at` had taken out and who are here again.

    Where nobody has one of these identifiers (made with `key`), they are held back once more; who began anew after
    `at` is left alone.
    """
    suppressions.adopt_key(corp_id, key)
    wanted = set(tokens)
    owner = {
        (kind, value): owner_id
        for kind, value, owner_id in Identity.objects.filter(corp_id=corp_id).values_list(
            "kind", "value", "customer_id"
        )
    }
    people = Customer.objects.filter(corp_id=corp_id, erased_at=None)
    for owner_id, external, unionid in people.values_list("id", "external_userid", "unionid"):
        owner |= {("external_userid", external or ""): owner_id, ("unionid", unionid or ""): owner_id}
    made = suppressions.tokens(corp_id, owner, key=key)
    matched = {owner[named] for named, one in made.items() if (named[0], one) in wanted}
    if not matched:
        # The number row of that time is somebody else's by now, or not there: a negative number is nobody's.
        suppressions.suppress(corp_id, -customer_id, wanted, at)
    return set(people.filter(id__in=matched, created_at__lte=at).values_list("id", flat=True))
