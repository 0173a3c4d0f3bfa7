"""Writing the audit trail: who did what, when, from where, to what, with what outcome. No personal data, by construction.

A request leaves a note before its work (`begin`), which goes in the statement that writes its row (`finish`): when the
process is killed between the two, the note becomes a row whose outcome is unknown, so no act goes unseen.
"""

import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any
from uuid import UUID, uuid4

from django.db import connection

from linli.access.audit_models import AuditBegun
from linli.kit.clock import wall
from linli.kit.sealing import derived_key

DONE, REFUSED, FAILED, UNKNOWN = 200, 409, 500, 0
_LEFT_OVER = timedelta(minutes=15)
_MOST_ITEMS = 50
# A value of the house's own: a state, a kind, a route, an address of a machine. Everything else is a fingerprint.
_OWN_WORD = re.compile(r"[a-z][a-z0-9_.:/-]{0,99}")

# A note left behind is as durable as what came after it, because a commit flushes all that was logged before: so neither
# statement has to wait for the disk itself.
_BEGIN = """
INSERT INTO access_audit_begun (id, at, row)
SELECT %(id)s, %(at)s, %(row)s::jsonb FROM set_config('synchronous_commit', 'off', true)
"""
_WRITE = """
INSERT INTO access_audit (at, corp_id, who_kind, who_id, action, ip, request_id, subject, before, after, outcome, error)
SELECT %(at)s, %(corp_id)s, %(who_kind)s, %(who_id)s, %(action)s, %(ip)s, %(request_id)s, %(subject)s, %(before)s::jsonb,
    %(after)s::jsonb, %(outcome)s, %(error)s
"""
_FINISH = f"WITH note AS (DELETE FROM access_audit_begun WHERE id = %(note)s) {_WRITE} FROM set_config('synchronous_commit', 'off', true)"  # noqa: S608 - no value in it

# Whoever took the note away writes the row: of two sweeps at once, or of a sweep beside a late end, one.
_LEFT = f"WITH note AS (DELETE FROM access_audit_begun WHERE id = %(note)s RETURNING id) {_WRITE} FROM note"  # noqa: S608 - no value in it


@dataclass
class Act:
    """What a view may say of what it does (`request.act`); the rest is known by itself.

    `subject` is "kind:id". `before` and `after` hold ids and plain values; words of people become fingerprints.
    """

    subject: str = ""
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None
    error: str = ""
    corp_id: int | None = None

    @property
    def told(self) -> bool:
        """Has a view said what it does? Then even a reading leaves a row."""
        return bool(self.subject or self.before is not None or self.after is not None)

    def refused(self, error: object) -> None:
        """It was answered kindly, and yet not done: `error` is an expected error, or a code."""
        self.error = error if isinstance(error, str) else str(getattr(error, "code", type(error).__name__))


@dataclass(frozen=True, kw_only=True)
class Who:
    """`kind`: account, api_key, staff, customer (of the H5 pages, unnamed), system, nobody."""

    kind: str = "nobody"
    id: int | None = None


SYSTEM = Who(kind="system")


@dataclass(frozen=True, kw_only=True)
class NewAudit:
    """A row to be written; `outcome` is an HTTP status, 0 when nobody knows."""

    action: str
    who: Who = field(default=SYSTEM)
    corp_id: int | None = None
    ip: str = ""
    request_id: str = ""
    subject: str = ""
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None
    outcome: int = DONE
    error: str = ""


def record(row: NewAudit) -> None:
    """Write one row: in the caller's transaction where there is one, so that it stands or falls with the act."""
    with connection.cursor() as cursor:
        cursor.execute(_WRITE, _values(row, wall()))


def system_act(
    *, corp_id: int | None, action: str, subject: str = "", after: Mapping[str, Any] | None = None, error: str = ""
) -> None:
    """What Linli did by itself: one row, with a count where it was done to many."""
    outcome = FAILED if error else DONE
    record(NewAudit(action=action, corp_id=corp_id, subject=subject, after=after, outcome=outcome, error=error))


def begin(row: NewAudit) -> UUID:
    """Leave a note that this is about to be tried; raises when the database does not take it, and then nothing is tried."""
    note = uuid4()
    kept = asdict(row) | {"who_kind": row.who.kind, "who_id": row.who.id, "before": None, "after": None}
    del kept["who"]
    with connection.cursor() as cursor:
        cursor.execute(_BEGIN, {"id": note, "at": wall(), "row": json.dumps(kept)})
    return note


def finish(note: UUID, row: NewAudit) -> None:
    """What was begun has ended so: the note goes, the row comes."""
    with connection.cursor() as cursor:
        cursor.execute(_FINISH, _values(row, wall()) | {"note": note})


def sweep() -> int:
    """Notes that nobody will finish become rows with an unknown outcome; returns how many."""
    written = 0
    left = list(AuditBegun.objects.filter(at__lt=wall() - _LEFT_OVER).order_by("at")[:1000])
    with connection.cursor() as cursor:
        for note in left:
            values = note.row | {"at": note.at, "note": note.pk, "outcome": UNKNOWN, "error": "process_ended"}
            cursor.execute(_LEFT, values)
            written += cursor.rowcount
    return written


def plain(value: Any) -> Any:
    """The value as the trail keeps it: numbers, moments, and words of the house stay; people's words become fingerprints."""
    match value:
        case None | bool() | int() | float():
            return value
        case datetime() | date() | time():
            return value.isoformat()
        case Decimal() | UUID():
            return str(value)
        case Mapping():
            return {str(key): plain(one) for key, one in list(value.items())[:_MOST_ITEMS]}
        case list() | tuple() | set() | frozenset():
            items = sorted(value, key=str) if isinstance(value, set | frozenset) else value
            return [plain(one) for one in items] if len(items) <= _MOST_ITEMS else {"count": len(items)}
        case _:
            text = str(value)
            return text if not text or _OWN_WORD.fullmatch(text) else fingerprint(text)


def fingerprint(text: str) -> str:
    """ "~a1b2c3d4e5/12": equal texts look equal, the text of 12 characters cannot be guessed without the master key."""
    return f"~{hmac.new(_word_key(), text.encode(), hashlib.sha256).hexdigest()[:10]}/{len(text)}"


@lru_cache(maxsize=1)
def _word_key() -> bytes:
    return derived_key("access.audit.words")


def _values(row: NewAudit, at: datetime) -> dict[str, Any]:
    return {
        "at": at, "corp_id": row.corp_id, "who_kind": row.who.kind, "who_id": row.who.id, "action": row.action,
        "ip": row.ip, "request_id": row.request_id, "subject": row.subject, "before": _json(row.before),
        "after": _json(row.after), "outcome": row.outcome, "error": row.error,
    }  # fmt: skip


def _json(values: Mapping[str, Any] | None) -> str | None:
    return None if values is None else json.dumps(plain(values), ensure_ascii=False)
