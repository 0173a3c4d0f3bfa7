"""The continuous log: PostgreSQL's WAL streamed into `<backup_dir>/wal`, and what that directory holds.

Streamed by pg_receivewal through a replication slot, not by archive_command: it keeps what was written a second ago and not
only whole segments of 16 MB; it fsyncs and renames by itself; and an archive that stands still costs at most
max_slot_wal_keep_size of the data disk, where a failing archive_command would fill it and stop the house.
"""

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from linli.kit.kin import tied
from linli.project.postgres import Postgres, binary, clean_env

SLOT = "linli_archive"
SEGMENT = 16 * 1024 * 1024
_NAME = re.compile(r"([0-9A-F]{8})([0-9A-F]{8})([0-9A-F]{8})(\.partial)?")
_IN_A_FILE = 0x1_0000_0000 // SEGMENT


@dataclass(frozen=True, kw_only=True)
class Archive:
    """`behind`: bytes written by the server and not yet in the archive; `lost`: the slot fell too far behind."""

    streaming: bool
    behind: int
    lost: bool


@dataclass(frozen=True, order=True)
class Segment:
    """A WAL file: timeline and running number."""

    timeline: int
    number: int

    @property
    def name(self) -> str:
        return f"{self.timeline:08X}{self.number // _IN_A_FILE:08X}{self.number % _IN_A_FILE:08X}"

    @staticmethod
    def at(timeline: int, lsn: str) -> "Segment":
        high, low = lsn.split("/")
        return Segment(timeline, (int(high, 16) << 32 | int(low, 16)) // SEGMENT)


def state(connection: psycopg.Connection[Any]) -> Archive | None:
    """How the archive goes, None before the first backup made its slot."""
    row = connection.execute(
        """SELECT slot.active, slot.wal_status = 'lost',
                  pg_wal_lsn_diff(pg_current_wal_lsn(), coalesce(receiver.write_lsn, slot.restart_lsn))
           FROM pg_replication_slots AS slot LEFT JOIN pg_stat_replication AS receiver ON receiver.pid = slot.active_pid
           WHERE slot.slot_name = %s""",
        [SLOT],
    ).fetchone()
    return Archive(streaming=row[0], lost=bool(row[1]), behind=int(row[2] or 0)) if row else None


def open_slot(connection: psycopg.Connection[Any]) -> None:
    """From here on the server keeps its log until the archive has it."""
    if state(connection) is None:
        connection.execute("SELECT pg_create_physical_replication_slot(%s, true)", [SLOT])


def begin_anew(connection: psycopg.Connection[Any], wal: Path) -> None:
    """After a gap: what was archived is put aside under its last day, and a new log begins; it needs a new backup."""
    connection.execute("SELECT pg_drop_replication_slot(%s)", [SLOT])
    open_slot(connection)
    files = segments(wal)
    if files:
        wal.rename(wal.with_name(f"wal-until-{max(files).name}"))


def receive(server: Postgres, wal: Path) -> subprocess.Popen[bytes]:
    """Start the stream; it ends when the server does, or who started it."""
    wal.mkdir(parents=True, exist_ok=True)
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        # The stream of a keeper that was killed may still hold the slot.
        connection.execute(
            "SELECT pg_terminate_backend(active_pid, 5000) FROM pg_replication_slots"
            " WHERE slot_name = %s AND active_pid IS NOT NULL",
            [SLOT],
        )
    return subprocess.Popen(
        tied([binary("pg_receivewal"), "-D", str(wal), "--slot", SLOT, "--no-loop", "--status-interval=1", "--no-password",
              "-h", str(server.home), "-U", "linli"], by="INT"),
        env=client_env(server), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
    )  # fmt: skip


def client_env(server: Postgres) -> dict[str, str]:
    """What PostgreSQL's own tools need to sign in."""
    return clean_env(os.environ) | {"PGPASSWORD": server.password}


def segments(wal: Path) -> dict[Segment, Path]:
    """The log's files; a whole segment wins over its beginning."""
    found: dict[Segment, Path] = {}
    for path in sorted(wal.glob("*"), reverse=True):
        match = _NAME.fullmatch(path.name)
        if match:
            timeline, high, low = (int(part, 16) for part in match.groups()[:3])
            found[Segment(timeline, high * _IN_A_FILE + low)] = path
    return found


def history(wal: Path, timeline: int) -> list[tuple[int, int]]:
    """Where a timeline came from: (older timeline, segment number at which it was left), oldest first."""
    path = wal / f"{timeline:08X}.history"
    if not path.exists():
        return []
    lines = [line.split() for line in path.read_text().splitlines() if re.match(r"\s*\d+\s+\S+/\S+", line)]
    return [(int(words[0]), Segment.at(0, words[1]).number) for words in lines]


def chain(wal: Path, start: Segment) -> tuple[list[Path], Segment | None]:
    """The files that lead on from `start`, and the first missing segment behind which others lie (None: no hole)."""
    files = segments(wal)
    timelines = sorted({one.timeline for one in files}, reverse=True)
    newest = next(
        (one for one in timelines if one == start.timeline or start.timeline in dict(history(wal, one))), start.timeline
    )
    left = history(wal, newest)
    path: list[Path] = []
    number = start.number
    while True:
        timeline = next((old for old, until in left if old >= start.timeline and number < until), newest)
        here = files.get(Segment(timeline, number))
        if here is None:
            beyond = any(one.timeline == newest and one.number > number for one in files)
            return path, Segment(timeline, number) if beyond else None
        path.append(here)
        number += 1


def prune(wal: Path, oldest: Segment) -> None:
    """Remove what only backups that are gone would have needed."""
    for one, path in segments(wal).items():
        if one.number < oldest.number:
            path.unlink()
