"""Who a person is: customer rows, their dense numbers, and the identities other systems know them by."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db import IntegrityError, connection, transaction

from linli.customers import facts, suppressions
from linli.customers.bulk import numbered, put
from linli.customers.models import ConsentChange, Customer, Identity, IdentityConflict
from linli.customers.readings import CustomerRead
from linli.kit.clock import now
from linli.ledger import api as ledger

UNIONID = "unionid"
MALL = "mall"
# Numbers stay dense: the row is locked until those who draw are written.
_DRAW = """
INSERT INTO customers_counter (corp_id, last_no) VALUES (%s, %s)
ON CONFLICT (corp_id) DO UPDATE SET last_no = customers_counter.last_no + EXCLUDED.last_no RETURNING last_no
"""
_ONCE = frozenset({"customers_customer_external_once", "customers_identity_once"})


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
    held: Mapping[str, int],
    reads: Mapping[str, CustomerRead],
    facts_out: list[ledger.NewFact],
) -> tuple[dict[str, Customer], list[Customer]]:
    """Rows of these external_userids, locked until the transaction ends; and those of them that are new.

    The new ones have their ids, no numbers, and are not written yet (`write_newcomers`). A person the mall already knows by the
    same unionid (`held`: unionid → customer id) becomes this customer instead of a second one.
    """
    rows = Customer.objects.filter(corp_id=corp_id, external_userid__in=list(names))
    # Nobody's id changes: who makes rows that name these customers need not wait.
    found = {str(row.external_userid): row for row in rows.select_for_update(no_key=True).order_by("id")}
    absent = set(names) - set(found)
    if absent and held:
        found |= _adopt(corp_id, absent, held, reads, facts_out)
    fresh = _made(corp_id, [{"external_userid": name} for name in sorted(absent - set(found))])
    return found | {str(row.external_userid): row for row in fresh}, fresh


def write_newcomers(corp_id: int, fresh: Sequence[Customer], identities: Sequence[Identity]) -> None:
    """The last thing of a transaction: from here to its end nobody else makes customers of this corp.

    Who made one of them meanwhile is met in the unique indexes (`made_meanwhile`): then all is rolled back and done again.
    """
    _number(corp_id, fresh)
    put(fresh)
    put(identities)


def made_meanwhile(error: IntegrityError) -> bool:
    """Was this person, or their identity, written by somebody else since it was looked for?"""
    diag = getattr(error.__cause__, "diag", None)
    return diag is not None and diag.constraint_name in _ONCE


def known_names(corp_id: int, names: Collection[str]) -> set[str]:
    """Those of these external_userids that have a row."""
    rows = Customer.objects.filter(corp_id=corp_id, external_userid__in=list(names))
    return {str(name) for name in rows.values_list("external_userid", flat=True)}


def unionids(
    *, corp_id: int, reads: Mapping[str, CustomerRead], customers: Mapping[str, Customer], held: Mapping[str, int]
) -> tuple[list[Identity], list[ledger.NewFact]]:
    """The unionids that readings show: rows to be written, facts to be said."""
    claims = {read.unionid: customers[key].pk for key, read in reads.items() if read.unionid}
    return _link(corp_id, UNIONID, claims, held)


def _link(
    corp_id: int, kind: str, claims: Mapping[str, int], held: Mapping[str, int]
) -> tuple[list[Identity], list[ledger.NewFact]]:
    """Point identities at customers. One that points elsewhere (`held`) stays there, and the conflict is kept and said."""
    at = now()
    fresh = {value: owner for value, owner in claims.items() if value not in held}
    rows = [
        Identity(corp_id=corp_id, kind=kind, value=value, customer_id=owner, since=at) for value, owner in fresh.items()
    ]
    said = [_fact(facts.IDENTIFIED, owner, {"kind": kind, "value": value}) for value, owner in fresh.items()]
    clashes = {value: owner for value, owner in claims.items() if held.get(value, owner) != owner}
    if clashes:
        said += _keep_conflicts(corp_id, kind, clashes, held)
    return rows, said


@transaction.atomic
def ensure_members(*, corp_id: int, members: Sequence[Member]) -> dict[str, int]:
    """Customer ids by mall id: known by mall id, else by unionid, else a new customer without external_userid.

    Who was erased is absent from the answer, whether by mall id or by unionid.
    """
    members = _admitted(corp_id, list({member.mall_id: member for member in members}.values()))
    found = find(corp_id=corp_id, kind=MALL, values=[member.mall_id for member in members])
    if all(member.mall_id in found and not member.unionid for member in members):
        return found
    _draw(corp_id, 0)  # locked: nobody makes the same meanwhile
    found = find(corp_id=corp_id, kind=MALL, values=[member.mall_id for member in members])
    by_unionid = find(corp_id=corp_id, kind=UNIONID, values=[one.unionid for one in members if one.unionid])
    said: list[ledger.NewFact] = []
    linked = {m.mall_id: by_unionid[m.unionid] for m in members if m.mall_id not in found and m.unionid in by_unionid}
    fresh = [m for m in members if m.mall_id not in found and m.mall_id not in linked]
    created = _made(corp_id, [{"name": member.name, "unionid": member.unionid} for member in fresh])
    _number(corp_id, created)
    put(created)
    made = {member.mall_id: row.pk for member, row in zip(fresh, created, strict=True)}
    said += [_fact(facts.MEMBER_KNOWN, owner, {"mall_id": mall_id}) for mall_id, owner in made.items()]
    found |= linked | made
    claims = {member.unionid: found[member.mall_id] for member in members if member.unionid}
    for kind, wanted, held in ((MALL, linked | made, {}), (UNIONID, claims, by_unionid)):
        rows, told = _link(corp_id, kind, wanted, held)
        put(rows)
        said += told
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


def _draw(corp_id: int, count: int) -> int:
    """The last dense number given out, with these; nobody else draws until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(_DRAW, [corp_id, count])
        return int(cursor.fetchone()[0])


def _number(corp_id: int, fresh: Sequence[Customer]) -> None:
    if fresh:
        last = _draw(corp_id, len(fresh))
        for no, row in enumerate(fresh, start=last - len(fresh) + 1):
            row.no = no


def _made(corp_id: int, people: Sequence[dict[str, str | None]]) -> list[Customer]:
    """New customers with their ids, without numbers, not written yet."""
    at = now()
    return numbered(Customer(corp_id=corp_id, created_at=at, **person) for person in people)


def _adopt(
    corp_id: int,
    absent: set[str],
    held: Mapping[str, int],
    reads: Mapping[str, CustomerRead],
    facts_out: list[ledger.NewFact],
) -> dict[str, Customer]:
    """Give mall members their external_userid where the unionid says they are the same person."""
    names = {str(reads[name].unionid): name for name in sorted(absent) if name in reads and reads[name].unionid}
    holders = {held[value]: name for value, name in names.items() if value in held}
    if not holders:
        return {}
    _draw(corp_id, 0)  # who makes customers waits: else one of them could be made as somebody new
    rows = Customer.objects.filter(corp_id=corp_id, external_userid=None, id__in=list(holders))
    adopted: dict[str, Customer] = {}
    for row in rows.select_for_update(no_key=True).order_by("id"):
        row.external_userid = holders[row.pk]
        row.save(update_fields=["external_userid"])
        adopted[row.external_userid] = row
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
