"""A new master key while the house runs. Killed at any point, the same command goes on where it was.

1. master.key.new is made: every process can open what will be sealed under it.
2. master.key is copied to master.key.old, then master.key.new takes its name: from now on everybody seals under the new key
   and opens under both (kit/sealing.py follows the files).
3. Every sealed value (sealed.py) is opened and sealed anew, each in a transaction of its own that locks its row.
4. When nothing sealed under the old key is left, it is put aside as master.key.retired-<id>: backups need it.
"""

import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from linli.kit.errors import LinliError
from linli.kit.sealing import KeyRing, SealBroken, key_id, load_master_key, neighbours, read_key
from linli.project.backup import sync, write_durably
from linli.project.sealed import SEALED, Sealed, values

_GRACE_S = 1.0  # a value sealed under the old key a moment ago may only now be committed


class RotationFailed(LinliError):
    """A value opens under none of the keys; both keys stay in use, nothing is lost."""


@dataclass(frozen=True, kw_only=True)
class Rotated:
    """`key` is the id of the new key, `aside` where the old one lies now."""

    key: str
    resealed: int
    aside: Path


def rotate(path: Path, url: str) -> Rotated:
    """Do it, or go on with what a killed one had begun."""
    load_master_key(path)
    _, new, old = neighbours(path)
    if not old.exists() or new.exists():
        _begin(path, new, old)
    with psycopg.connect(url, autocommit=True) as connection:
        resealed = _reseal(connection, path)
    aside = path.with_name(f"{path.name}.retired-{key_id(read_key(old)).hex()}")
    old.replace(aside)
    sync(path.parent)
    return Rotated(key=key_id(read_key(path)).hex(), resealed=resealed, aside=aside)


def _begin(path: Path, new: Path, old: Path) -> None:
    if not new.exists():
        write_durably(new, os.urandom(32))
    write_durably(old, read_key(path))
    new.replace(path)
    sync(path.parent)


def _reseal(connection: psycopg.Connection[Any], path: Path) -> int:
    """Until two looks, a moment apart, find nothing under the old key."""
    ring, count, clean = KeyRing(path), 0, False
    while True:
        stale = [
            (one, row, place)
            for one in SEALED
            for row, place, value in values(connection, one)
            if not ring.is_current(value)
        ]
        if not stale and clean:
            return count
        for one, row, place in stale:
            count += _one(connection, ring, one, row, place)
        clean = not stale
        time.sleep(0 if stale else _GRACE_S)


def _one(connection: psycopg.Connection[Any], ring: KeyRing, one: Sealed, row: int, place: str) -> int:
    table, column = sql.Identifier(one.table), sql.Identifier(one.column)
    with connection.transaction():
        found = connection.execute(
            sql.SQL("SELECT {} FROM {} WHERE id = %s FOR UPDATE").format(column, table), [row]
        ).fetchone()
        if found is None or ring.is_current(bytes(found[0])):
            return 0
        try:
            value = ring.open(bytes(found[0]), place=place)
        except SealBroken as error:
            raise RotationFailed(
                "unopened",
                f"{one.table}.{one.column} {row} opens under none of the keys: enter that secret again, then `linli rotate-key`"
                " goes on; both keys stay in use until then",
            ) from error
        connection.execute(
            sql.SQL("UPDATE {} SET {} = %s WHERE id = %s").format(table, column), [ring.seal(value, place=place), row]
        )
        return 1
