"""A small file beside the database that remembers erasures when an older backup is restored.

`erasures.jsonl` in the data directory (mode 0600): a line for each erasure and each lifting, with HMACs only and the key
they were made with. Keep a copy wherever the backups are kept: a backup made before an erasure knows nothing of it.
"""

import json
import os
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings

from linli.access import api as access
from linli.customers import api as customers


def path() -> Path:
    """Where the journal lies."""
    return Path(settings.LINLI.data_dir) / "erasures.jsonl"


def write_erasure(*, corp_id: int, customer_id: int, tokens: Iterable[tuple[str, bytes]], at: datetime) -> None:
    """Before the erasure's first commit; a line too many does no harm."""
    _write(
        corp_id,
        {
            "at": at.isoformat(),
            "customer": customer_id,
            "tokens": [[kind, one.hex()] for kind, one in tokens],
            "key": _key(corp_id).hex(),
        },
    )


def write_lifted(*, corp_id: int, tokens: Iterable[tuple[str, bytes]], at: datetime) -> None:
    """Somebody may come in again."""
    _write(corp_id, {"at": at.isoformat(), "lifted": [[kind, one.hex()] for kind, one in tokens]})


def read() -> Iterator[dict[str, Any]]:
    """The lines, oldest first; a line torn by a crash is passed over (its erasure was not committed)."""
    if not path().exists():
        return
    for line in path().read_text(encoding="utf-8").splitlines():
        try:
            yield json.loads(line)
        except ValueError:
            continue


def _key(corp_id: int) -> bytes:
    return access.secret_key(corp_id=corp_id, name=customers.SUPPRESSION_KEY)


def _write(corp_id: int, line: dict[str, Any]) -> None:
    text = json.dumps({"corp": access.corp(corp_id=corp_id).wecom_id, **line}, separators=(",", ":"))
    path().parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path(), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(handle, "ab") as file:
        file.write(f"\n{text}\n".encode())
        file.flush()
        os.fsync(file.fileno())
