"""Who a person is: customer rows, their dense numbers, and the identities other systems know them by."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction

from linli.customers import facts, suppressions
from linli.customers.bulk import numbered, put
from linli.customers.models import ConsentChange, Counter, Customer, Identity, IdentityConflict
from linli.customers.readings import CustomerRead
from linli.kit.clock import now
from linli.ledger import api as ledger

UNIONID = "unionid"
MALL = "mall"


@dataclass(frozen=True, kw_only=True)
class Member:
    """A person as the mall knows them."""

    mall_id: str
    unionid: str | None = None
    name: str = ""


def lock_customers(
    *,
    corp_id: int,
    names: Collection[str],
    reads: Mapping[str, CustomerRead],
    facts_out: list[ledger.NewFact],
) -> tuple[dict[str, Customer], list[Customer]]:
    """Rows of these external_userids, locked until the transaction ends; and those of them that are new.

    The new ones have their ids and are not written yet: the caller writes them before the transaction ends, and nobody makes
    the same meanwhile. A person the mall already knows by the same unionid becomes this customer instead of a second one.
    """
    rows = Customer.objects.filter(corp_id=corp_id, external_userid__in=list(names))
    absent = set(names) - set(rows.values_list("external_userid", flat=True))
    fresh: list[Customer] = []
    if absent:
        numbers = _lock_numbers(corp_id)
        absent -= set(rows.all().values_list("external_userid", flat=True))
        absent -= _adopt(corp_id, absent, reads, facts_out)
        fresh = _made(numbers, [{"external_userid": name} for name in sorted(absent)])
    found = {str(row.external_userid): row for row in fresh}
    if len(found) < len(names):
        found |= {str(row.external_userid): row for row in rows.all().select_for_update().order_by("id")}
    return found, fresh


def known_names(corp_id: int, names: Collection[str]) -> set[str]:
    """Those of these external_userids that have a row."""
    rows = Customer.objects.filter(corp_id=corp_id, external_userid__in=list(names))
    return {str(name) for name in rows.values_list("external_userid", flat=True)}


def remember_unionids(
    *,
    corp_id: int,
    reads: Mapping[str, CustomerRead],
    customers: Mapping[str, Customer],
    facts_out: list[ledger.NewFact],
) -> None:
    """Keep the unionids that readings show."""
    claims = {read.unionid: customers[key].pk for key, read in reads.items() if read.unionid}
    facts_out += link(corp_id=corp_id, kind=UNIONID, claims=claims)


def link(*, corp_id: int, kind: str, claims: Mapping[str, int]) -> list[ledger.NewFact]:
    """Point identities at customers. One that points elsewhere stays there, and the conflict is kept and said."""
    if not claims:
        return []
    at = now()
    held = dict(
        Identity.objects.filter(corp_id=corp_id, kind=kind, value__in=list(claims)).values_list("value", "customer_id")
    )
    fresh = {value: owner for value, owner in claims.items() if value not in held}
    put([
        Identity(corp_id=corp_id, kind=kind, value=value, customer_id=owner, since=at) for value, owner in fresh.items()
    ])  # fmt: skip
    said = [_fact(facts.IDENTIFIED, owner, {"kind": kind, "value": value}) for value, owner in fresh.items()]
    clashes = {value: owner for value, owner in claims.items() if held.get(value, owner) != owner}
    if clashes:
        said += _keep_conflicts(corp_id, kind, clashes, held)
    return said


@transaction.atomic
def ensure_members(*, corp_id: int, members: Sequence[Member]) -> dict[str, int]:
    """Customer ids by mall id: known by mall id, else by unionid, else a new customer without external_userid.

    Who was erased is absent from the answer, whether by mall id or by unionid.
    """
    members = _admitted(corp_id, list({member.mall_id: member for member in members}.values()))
    found = find(corp_id=corp_id, kind=MALL, values=[member.mall_id for member in members])
    if all(member.mall_id in found and not member.unionid for member in members):
        return found
    numbers = _lock_numbers(corp_id)
    found = find(corp_id=corp_id, kind=MALL, values=[member.mall_id for member in members])
    unionids = {member.unionid: member.mall_id for member in members if member.unionid}
    by_unionid = find(corp_id=corp_id, kind=UNIONID, values=list(unionids))
    said: list[ledger.NewFact] = []
    linked = {m.mall_id: by_unionid[m.unionid] for m in members if m.mall_id not in found and m.unionid in by_unionid}
    fresh = [m for m in members if m.mall_id not in found and m.mall_id not in linked]
    created = _made(numbers, [{"name": member.name, "unionid": member.unionid} for member in fresh])
    put(created)
    made = {member.mall_id: row.pk for member, row in zip(fresh, created, strict=True)}
    said += [_fact(facts.MEMBER_KNOWN, owner, {"mall_id": mall_id}) for mall_id, owner in made.items()]
    said += link(corp_id=corp_id, kind=MALL, claims=linked | made)
    found |= linked | made
    claims = {member.unionid: found[member.mall_id] for member in members if member.unionid}
    said += link(corp_id=corp_id, kind=UNIONID, claims=claims)
    ledger.publish_many(corp_id=corp_id, facts=said)
    return found


def find(*, corp_id: int, kind: str, values: Iterable[str]) -> dict[str, int]:
    """Customer ids by identity value."""
    rows = Identity.objects.filter(corp_id=corp_id, kind=kind, value__in=list(values))
    return dict(rows.values_list("value", "customer_id"))


@transaction.atomic
def set_consent(*, corp_id: int, customer_id: int, consent: bool, reason: str = "", author: str = "") -> None:
    """Keep that a customer asked to be left alone, or no longer does; the same again says nothing."""
    row = Customer.objects.select_for_update().filter(corp_id=corp_id, id=customer_id).first()
    if row is not None and row.consent != consent:
        row.consent = consent
        row.save(update_fields=["consent"])
        ConsentChange.objects.create(
            corp_id=corp_id, customer_id=customer_id, consent=consent, reason=reason, author=author, at=now()
        )
        said = _fact(facts.CONSENT_CHANGED, customer_id, {"consent": consent})
        ledger.publish_many(corp_id=corp_id, facts=[said])


def _admitted(corp_id: int, members: list[Member]) -> list[Member]:
    suppressions.hold(corp_id)
    named = [(MALL, one.mall_id) for one in members] + [(UNIONID, one.unionid) for one in members if one.unionid]
    held = suppressions.look(corp_id, named)
    return [one for one in members if (MALL, one.mall_id) not in held and (UNIONID, one.unionid or "") not in held]


def _lock_numbers(corp_id: int) -> Counter:
    """One maker of customers at a time: numbers stay dense and nobody is made twice."""
    row = Counter.objects.select_for_update().filter(corp_id=corp_id).first()
    if row is None:
        Counter.objects.bulk_create([Counter(corp_id=corp_id)], ignore_conflicts=True)
        row = Counter.objects.select_for_update().get(corp_id=corp_id)
    return row


def _made(numbers: Counter, people: Sequence[dict[str, str | None]]) -> list[Customer]:
    """New customers with the next numbers, not written yet."""
    if not people:
        return []
    first = numbers.last_no + 1
    numbers.last_no += len(people)
    numbers.save(update_fields=["last_no"])
    at = now()
    return numbered(
        Customer(corp_id=numbers.corp_id, no=no, created_at=at, **person)
        for no, person in enumerate(people, start=first)
    )


def _adopt(
    corp_id: int, absent: set[str], reads: Mapping[str, CustomerRead], facts_out: list[ledger.NewFact]
) -> set[str]:
    """Give mall members their external_userid where the unionid says they are the same person."""
    names = {str(reads[name].unionid): name for name in sorted(absent) if name in reads and reads[name].unionid}
    holders = {owner: names[value] for value, owner in find(corp_id=corp_id, kind=UNIONID, values=names).items()}
    adopted: set[str] = set()
    rows = Customer.objects.filter(corp_id=corp_id, external_userid=None, id__in=list(holders))
    for row in rows.select_for_update().order_by("id"):
        row.external_userid = holders[row.pk]
        row.save(update_fields=["external_userid"])
        adopted.add(row.external_userid)
        facts_out.append(_fact(facts.IDENTIFIED, row.pk, {"kind": "external_userid", "value": row.external_userid}))
    return adopted


def _keep_conflicts(
    corp_id: int, kind: str, clashes: Mapping[str, int], held: Mapping[str, int]
) -> list[ledger.NewFact]:
    known = set(
        IdentityConflict.objects.filter(corp_id=corp_id, kind=kind, value__in=list(clashes)).values_list(
            "value", "claimant_id"
        )
    )
    fresh = {value: owner for value, owner in clashes.items() if (value, owner) not in known}
    at = now()
    IdentityConflict.objects.bulk_create(
        IdentityConflict(corp_id=corp_id, kind=kind, value=value, holder_id=held[value], claimant_id=owner, seen_at=at)
        for value, owner in fresh.items()
    )
    return [
        _fact(
            facts.IDENTITY_CONFLICT,
            owner,
            {"kind": kind, "value": value, "holder": held[value], "claimant": owner},
        )
        for value, owner in fresh.items()
    ]


def _fact(kind: str, customer_id: int, data: dict[str, object]) -> ledger.NewFact:
    return ledger.NewFact(kind=kind, subject=f"customer:{customer_id}", data=data, customer_id=customer_id)
