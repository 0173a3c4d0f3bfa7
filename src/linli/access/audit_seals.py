"""The chain over the audit trail: sealed by one sealer, a minute at a time, so that writers never wait for each other.

A link's digest is SHA-256(previous digest ‖ number ‖ to_id ‖ retired_before ‖ leaves) and its MAC is made with a key from
the master key file: who has only the database can neither change a sealed row nor forge a link. A leaf is 32 bytes: row
id, `at` in microseconds, and half the SHA-256 of the row's content, so that verification can name the row. The newest
link's number and digest also stand in `audit.head` beside the master key: the end of the chain cannot be cut off either.
"""

import hashlib
import hmac
import json
import logging
import os
import struct
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from django.db import connection, transaction

from linli.access.audit_models import AuditRow, AuditSeal
from linli.access.partitions import AUDIT
from linli.kit.clock import monotonic, wall
from linli.kit.errors import LinliError
from linli.kit.partitions import drop, shift
from linli.kit.sealing import derived_key

log = logging.getLogger(__name__)
LEAF = struct.Struct(">qq16s")
_HEAD = struct.Struct(">qqq")
_LOCK = 0x61756469  # "audi"
_MOST_ROWS = 50_000  # a link holds this many leaves at most: 1.6 MB
_POLL_S = 0.02
_START = bytes(32)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
CONTENT = (
    "corp_id", "who_kind", "who_id", "action", "ip", "request_id", "subject", "before", "after", "outcome", "error",
)  # fmt: skip


@dataclass
class AuditSealer:
    """Seals what is final. One object a process; a second process waits its turn at a lock and finds the work done."""

    _mark: tuple[int, int] | None = None  # (row id, transaction) that were the newest at the last look

    def seal(self, *, patience_s: float, pause: Callable[[float], object]) -> int:
        """Seal all rows written until now; returns how many. A transaction that stays open longer is waited for at the next call."""
        deadline = monotonic() + patience_s
        mark = self._mark = self._mark or _mark()
        while not _all_ended_before(mark[1]):
            if monotonic() >= deadline:
                return 0
            pause(_POLL_S)
        self._mark = None
        sealed = 0
        while found := _seal_some(mark[0]):
            sealed += found
        return sealed


def retire(*, month: date) -> int | None:
    """Retention: in one transaction a link says that rows from before this month's end may be gone, and the month goes whole.

    Returns about how many rows it had, None (and it stays) while one of them is not sealed. Raises OperationalError when the
    table is too busy (call it again), ChainBroken when the chain's end is not ours.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        last = _locked_last()
        rows = drop(cursor, AUDIT, month)
        if last is not None and rows is not None:
            end = datetime.combine(shift(month, 1), time(), UTC)
            _append(last, to_id=last.to_id, leaves=b"", retired_before=end)
    _write_head()
    return rows


def content_hash(row: AuditRow) -> bytes:
    """16 bytes of SHA-256 over what the row says (not its id or time: those stand in the leaf itself)."""
    values = [getattr(row, name) for name in CONTENT]
    text = json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).digest()[:16]


def leaf(row: AuditRow) -> bytes:
    """The 32 bytes by which a link remembers a row."""
    return LEAF.pack(row.pk, microseconds(row.at), content_hash(row))


def microseconds(at: datetime | None) -> int:
    """A moment as whole microseconds since 1970; -1 for none."""
    return -1 if at is None else (at - _EPOCH) // timedelta(microseconds=1)


def digest_of(seal: AuditSeal, previous: bytes) -> bytes:
    """What the link's digest must be behind this one."""
    head = _HEAD.pack(seal.number, seal.to_id, microseconds(seal.retired_before))
    return hashlib.sha256(previous + head + bytes(seal.leaves)).digest()


def mac_of(digest: bytes) -> bytes:
    """The MAC of a digest under this installation's key."""
    return hmac.new(seal_key(), digest, hashlib.sha256).digest()


def seal_key() -> bytes:
    """The key of the chain."""
    return derived_key("access.audit.seal")


def key_id() -> bytes:
    """8 bytes that tell keys apart and nothing about them."""
    return hashlib.sha256(b"id" + seal_key()).digest()[:8]


def head_file() -> Path:
    """Where the newest link is remembered outside the database."""
    return Path(os.environ["LINLI_MASTER_KEY_FILE"]).with_name("audit.head")


def read_head() -> tuple[int, str] | None:
    """Number and digest (hex) of the newest link as the file remembers it; None without a file (a fresh or restored house)."""
    try:
        kept = json.loads(head_file().read_text())
        return int(kept["number"]), str(kept["digest"])
    except FileNotFoundError:
        return None


def _mark() -> tuple[int, int]:
    """The newest row id, and a transaction number (spent for this) younger than every transaction that holds an id up to it.

    Two statements: the number must be taken later. A snapshot's xmax would not do: it follows the newest transaction that has
    ended, and younger ones may be at work already.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM access_audit_id")
        row_id = int(cursor.fetchone()[0])
        cursor.execute("SELECT pg_current_xact_id()::text::bigint")
        return row_id, int(cursor.fetchone()[0])


def _all_ended_before(transaction_id: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
        return int(cursor.fetchone()[0]) >= transaction_id


def _seal_some(horizon: int) -> int:
    """One link over the next rows up to the horizon; returns how many rows it holds."""
    with transaction.atomic():
        last = _locked_last()
        after = last.to_id if last else 0
        rows = list(AuditRow.objects.filter(id__gt=after, id__lte=horizon).order_by("id")[:_MOST_ROWS])
        if not rows:
            return 0
        to_id = rows[-1].pk if len(rows) == _MOST_ROWS else horizon
        _append(last, to_id=to_id, leaves=b"".join(leaf(row) for row in rows))
    _write_head()
    return len(rows)


def _lock() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def _locked_last() -> AuditSeal | None:
    _lock()
    return AuditSeal.objects.order_by("-number").first()


def _append(last: AuditSeal | None, *, to_id: int, leaves: bytes, retired_before: datetime | None = None) -> None:
    _refuse_forged(last)
    previous = bytes(last.digest) if last else _START
    seal = AuditSeal(
        number=last.number + 1 if last else 1, sealed_at=wall(), to_id=to_id, rows=len(leaves) // LEAF.size,
        retired_before=retired_before, leaves=leaves, previous=previous, key=key_id(),
    )  # fmt: skip
    seal.digest = digest_of(seal, previous)
    seal.mac = mac_of(seal.digest)
    seal.save(force_insert=True)


def _refuse_forged(last: AuditSeal | None) -> None:
    """A new link is a signature under all before it: it is not put behind an end that is not ours, or that was cut off."""
    head = read_head()
    number = last.number if last else 0
    if head is not None and (head[0] > number or (last and head[0] == number and head[1] != bytes(last.digest).hex())):
        raise ChainBroken(number)
    if last is None or (
        bytes(last.key) == key_id() and hmac.compare_digest(bytes(last.mac), mac_of(bytes(last.digest)))
    ):
        return
    if bytes(last.key) == key_id() or (head is not None and head[0] != number):
        raise ChainBroken(number)
    # After a change of the master key, the file vouches for the last link made under the old one.
    log.warning("the audit chain goes on under another master key behind link %d", number)


class ChainBroken(LinliError):
    """The end of the chain is not ours: nothing is sealed behind it until a person has looked."""

    def __init__(self, number: int) -> None:
        message = "link %d, the last of the audit chain, is not the one that was made here: run `linli audit verify`"
        super().__init__("audit_chain_broken", message % number)


def accept_end() -> tuple[int, int]:
    """A person has looked: the chain goes on behind the end that the database has (a restored backup, say).

    Returns the number that the file remembered and the number that holds from now on.
    """
    known = read_head()
    head_file().unlink(missing_ok=True)
    _write_head()
    now_known = read_head()
    return (known[0] if known else 0), (now_known[0] if now_known else 0)


def _write_head() -> None:
    """After the commit: the file never names a link that could still vanish. In a caller's transaction it is left for later.

    Under the sealers' lock: two of them share the draft, and the later one must not write the older link.
    """
    if connection.in_atomic_block:
        return
    with transaction.atomic():
        _lock()
        last = AuditSeal.objects.order_by("-number").only("number", "digest").first()
        known = read_head()
        if last is None or (known is not None and known[0] >= last.number):
            return
        draft = head_file().with_suffix(".draft")
        with draft.open("w") as file:
            json.dump({"number": last.number, "digest": bytes(last.digest).hex()}, file)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(head_file())
