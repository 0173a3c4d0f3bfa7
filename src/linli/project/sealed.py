"""Every column that is sealed by the master key, and the place to which each value is bound.

A rotation reads this table, `linli doctor` opens each value of it, and a test holds it against the models and the code: a
sealed column that is not here fails that test.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from string import Formatter
from typing import Any

import psycopg
from psycopg import sql


@dataclass(frozen=True)
class Sealed:
    """`place` is a format string over columns of the row."""

    table: str
    column: str
    place: str

    @property
    def columns(self) -> list[str]:
        return [name for _, name, _, _ in Formatter().parse(self.place) if name]


SEALED = (
    Sealed("access_secret", "sealed", "access.secret:{corp_id}:{name}"),
    Sealed("connect_apptoken", "value_sealed", "connect.apptoken:{corp_id}:{app}"),
    Sealed("connect_callbackline", "token_sealed", "connect.callback:{key}:token"),
    Sealed("connect_callbackline", "aes_key_sealed", "connect.callback:{key}:aes_key"),
    Sealed("archive_archivekey", "private_sealed", "archive.key:{corp_id}:{version}"),
)
# Binary, and not sealed by the master key: digests, WeCom's own bytes, and what is sealed by a corp's own key (an access_secret).
PLAIN = {
    ("access_apikey", "digest"), ("access_recoverycode", "digest"),
    ("access_audit_seal", "leaves"), ("access_audit_seal", "previous"), ("access_audit_seal", "digest"),
    ("access_audit_seal", "key"), ("access_audit_seal", "mac"),
    ("customers_suppression", "token"), ("privacy_personexport", "sealed"), ("privacy_erasure", "subject_sealed"),
    ("archive_message", "content_sealed"), ("archive_mediapiece", "content_sealed"), ("archive_audience", "digest"),
    ("ledger_inbox", "payload"), ("ledger_inbox", "payload_hash"),
}  # fmt: skip


def values(connection: psycopg.Connection[Any], one: Sealed) -> Iterator[tuple[int, str, bytes]]:
    """(row id, place, sealed value) of every row."""
    query = sql.SQL("SELECT id, {}, {} FROM {} WHERE {} IS NOT NULL ORDER BY id").format(
        sql.Identifier(one.column), sql.SQL(", ").join(map(sql.Identifier, one.columns)), sql.Identifier(one.table),
        sql.Identifier(one.column),
    )  # fmt: skip
    for row in connection.execute(query).fetchall():
        yield row[0], one.place.format(**dict(zip(one.columns, row[2:], strict=True))), bytes(row[1])
