"""Is the audit trail what was written? Walks links and rows side by side and names what does not fit."""

import hmac
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from linli.access.audit_models import AuditRow, AuditSeal
from linli.access.audit_seals import LEAF, content_hash, digest_of, key_id, mac_of, microseconds, read_head
from linli.kit.clock import wall

_MOST_PROBLEMS = 100
_LATE = timedelta(minutes=10)


@dataclass(frozen=True, kw_only=True)
class AuditProblem:
    """`kind`: row_altered, row_removed, row_inserted, rows_reordered, seal_altered, seal_removed, seal_forged.

    `seal` is the link's number, `rows` the ids concerned.
    """

    kind: str
    seal: int
    rows: tuple[int, ...] = ()

    def __str__(self) -> str:
        name, ids = self.kind.replace("_", " "), ", ".join(str(one) for one in self.rows)
        return f"{name}: {ids} (link {self.seal})" if ids else f"{name}: link {self.seal}"


@dataclass(kw_only=True)
class AuditVerdict:
    """What verification found. `sealed_until` is the time of the last link; `unsealed` rows came after it."""

    problems: list[AuditProblem] = field(default_factory=list)
    seals: int = 0
    rows: int = 0
    sealed_until: datetime | None = None
    unsealed: int = 0
    oldest_unsealed_at: datetime | None = None

    @property
    def sound(self) -> bool:
        """Nothing was changed behind our back."""
        return not self.problems

    @property
    def late(self) -> bool:
        """Rows have waited for their seal for more than ten minutes: is the deliver process running?"""
        return self.oldest_unsealed_at is not None and wall() - self.oldest_unsealed_at > _LATE


def verify_audit(*, since: datetime | None = None) -> AuditVerdict:
    """Every link and every sealed row, or only the links made since a moment (with their rows)."""
    verdict = AuditVerdict()
    seals = AuditSeal.objects.order_by("number")
    before: AuditSeal | None = None
    if since is not None:
        before = seals.filter(sealed_at__lt=since).last()
        seals = seals.filter(number__gt=before.number) if before else seals
    retired = _retired_before()
    last = before
    for seal in seals.iterator(chunk_size=200):
        if len(verdict.problems) < _MOST_PROBLEMS:
            _check_link(seal, last, verdict)
            _check_rows(seal, _begin_of(seal, last), retired, verdict)
        verdict.seals += 1
        last = seal
    _check_end(last, verdict)
    _count_unsealed(last, verdict)
    return verdict


def _retired_before() -> int:
    """Microseconds; only links with a good digest count, and a forged link is a problem in itself."""
    last = AuditSeal.objects.exclude(retired_before=None).order_by("-retired_before").first()
    return microseconds(last.retired_before) if last else -1


def _check_link(seal: AuditSeal, last: AuditSeal | None, verdict: AuditVerdict) -> None:
    expected = last.number + 1 if last else 1
    verdict.problems += [
        AuditProblem(kind="seal_removed", seal=number) for number in range(expected, min(seal.number, expected + 10))
    ]
    previous = bytes(seal.previous)
    if seal.number == expected and last is not None and previous != bytes(last.digest):
        verdict.problems.append(AuditProblem(kind="seal_altered", seal=last.number))
    if bytes(seal.digest) != digest_of(seal, previous) or seal.rows != len(seal.leaves) // LEAF.size:
        verdict.problems.append(AuditProblem(kind="seal_altered", seal=seal.number))
    elif bytes(seal.key) == key_id() and not hmac.compare_digest(bytes(seal.mac), mac_of(bytes(seal.digest))):
        verdict.problems.append(AuditProblem(kind="seal_forged", seal=seal.number))


def _begin_of(seal: AuditSeal, last: AuditSeal | None) -> int:
    """The row id behind which the link begins: where the one before ends, or at its own first row when that one is gone."""
    if seal.number == (last.number + 1 if last else 1):
        return last.to_id if last else 0
    leaves = bytes(seal.leaves)
    return int(LEAF.unpack_from(leaves)[0]) - 1 if leaves else seal.to_id


def _check_rows(seal: AuditSeal, after: int, retired: int, verdict: AuditVerdict) -> None:
    wanted = {row_id: (at, content) for row_id, at, content in LEAF.iter_unpack(bytes(seal.leaves))}
    altered: list[tuple[int, bytes]] = []
    inserted: list[int] = []
    for row in AuditRow.objects.filter(id__gt=after, id__lte=seal.to_id).order_by("id").iterator(chunk_size=2000):
        verdict.rows += 1
        known = wanted.pop(row.pk, None)
        if known is None:
            inserted.append(row.pk)
        elif known != (microseconds(row.at), content := content_hash(row)):
            altered.append((row.pk, content))
            wanted[row.pk] = known
    lost = [(row_id, at) for row_id, (at, _) in wanted.items() if at >= retired and row_id not in dict(altered)]
    retired = _retired_before() if lost else retired  # a month may have been retired while we walked
    missing = [row_id for row_id, at in lost if at >= retired]
    kinds = {"row_altered": [row_id for row_id, _ in altered], "row_inserted": inserted, "row_removed": missing}
    if len(altered) > 1 and sorted(content for _, content in altered) == sorted(
        wanted[row_id][1] for row_id, _ in altered
    ):
        kinds = {"rows_reordered": kinds.pop("row_altered"), **kinds}
    verdict.problems += [
        AuditProblem(kind=kind, seal=seal.number, rows=tuple(ids[:20])) for kind, ids in kinds.items() if ids
    ]


def _check_end(last: AuditSeal | None, verdict: AuditVerdict) -> None:
    head = read_head()
    if head is not None and head[0] > (last.number if last else 0):
        first = last.number + 1 if last else 1
        verdict.problems += [
            AuditProblem(kind="seal_removed", seal=n) for n in range(first, min(head[0] + 1, first + 10))
        ]
    elif head is not None:
        remembered = AuditSeal.objects.filter(number=head[0]).first()
        if remembered is not None and bytes(remembered.digest).hex() != head[1]:
            verdict.problems.append(AuditProblem(kind="seal_forged", seal=head[0]))
    if last is not None and bytes(last.key) != key_id() and (head is None or head[0] != last.number):
        verdict.problems.append(AuditProblem(kind="seal_forged", seal=last.number))


def _count_unsealed(last: AuditSeal | None, verdict: AuditVerdict) -> None:
    rows = AuditRow.objects.filter(id__gt=last.to_id if last else 0).order_by("id")
    verdict.unsealed = rows.count()
    first = rows.first()
    verdict.oldest_unsealed_at = first.at if first else None
    verdict.sealed_until = last.sealed_at if last else None
