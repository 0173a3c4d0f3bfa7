"""The keeper: `linli up`'s child that streams the log into the archive and makes the nightly backup, by the wall clock.

It needs no Django, so it stays small. Killed, it takes up where the archive ends.
"""

import logging
import shutil
import signal
import subprocess
import sys
import threading
from datetime import datetime, timedelta
from pathlib import Path
from types import FrameType
from zoneinfo import ZoneInfo

import psycopg

from linli.kit.clock import wall
from linli.kit.heartbeat import beat
from linli.kit.kin import tied
from linli.kit.settings import Settings, read_settings
from linli.project import archive
from linli.project.postgres import Postgres

log = logging.getLogger(__name__)
_LOOK_S = 0.5
_ROOM_BYTES = 1_000_000_000


class Keeper:
    """One look every half second: is the stream up, is a backup due?"""

    def __init__(self, settings: Settings, server: Postgres | None) -> None:
        self._settings, self._server = settings, server
        self._stream: subprocess.Popen[bytes] | None = None
        self._backup: subprocess.Popen[bytes] | None = None
        self._due = next_at(settings, wall())

    def look(self) -> None:
        beat()
        if self._server is not None:
            self._keep_streaming(self._server)
        if self._due is not None and wall() >= self._due:
            self._due = next_at(self._settings, wall())
            self._backup = subprocess.Popen(tied([sys.executable, "-m", "linli.project.cli", "backup"], by="INT"))
        if self._backup is not None and self._backup.poll() is not None:
            if self._backup.returncode:
                log.error("the nightly backup failed; `linli doctor` says how old the last one is")
            self._backup = None

    def stop(self) -> None:
        """An ordinary end: the stream writes out what it has; a backup under way is left to end as a draft."""
        for child in (self._backup, self._stream):
            if child is not None and child.poll() is None:
                child.send_signal(signal.SIGINT)
                child.wait(10)

    def _keep_streaming(self, server: Postgres) -> None:
        flowing = self._stream is not None and self._stream.poll() is None
        if self._has_room():
            if not flowing:
                self._restart_stream(server)
        elif flowing and self._stream is not None:
            log.error(
                "%s is nearly full: the continuous log stands still until there is room", self._settings.backup_dir
            )
            self._stream.send_signal(signal.SIGINT)
            self._stream.wait(10)

    def _has_room(self) -> bool:
        """The archive never takes the last of a disk, which may be that of the data."""
        folder = self._settings.backup_dir
        usage = shutil.disk_usage(folder) if folder.exists() else None
        return usage is None or usage.free > min(usage.total * 0.05, _ROOM_BYTES)

    def _restart_stream(self, server: Postgres) -> None:
        wal = self._settings.backup_dir / "wal"
        if self._stream is not None and self._stream.stderr is not None:
            log.warning(
                "the log's stream ended: %s", self._stream.stderr.read().decode(errors="replace").strip()[-300:]
            )
            self._stream = None
        try:
            with psycopg.connect(server.url("postgres"), autocommit=True, connect_timeout=3) as connection:
                found = archive.state(connection)
                if found is None:
                    return
                if found.lost:
                    log.error(
                        "the archive stood still for too long: the log has a gap, `linli backup` makes it whole again"
                    )
                    archive.begin_anew(connection, wal)
            self._stream = archive.receive(server, wal)
        except (OSError, psycopg.Error) as error:
            log.warning("the log's stream waits: %s", type(error).__name__)


def next_at(settings: Settings, now: datetime) -> datetime | None:
    """The next LINLI_BACKUP_AT in the house's zone, None when none is set."""
    if not settings.backup_at:
        return None
    hour, minute = (int(part) for part in settings.backup_at.split(":"))
    local = now.astimezone(ZoneInfo(settings.zone))
    due = local.replace(hour=hour, minute=minute, second=0, microsecond=0)
    return due if due > local else due + timedelta(days=1)


def main() -> int:
    """Until SIGTERM."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    stop = threading.Event()

    def asked(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, asked)
    signal.signal(signal.SIGINT, asked)
    settings = read_settings()
    home = settings.data_dir / "postgres"
    keeper = Keeper(settings, Postgres(home) if own_server(settings, home) else None)
    while not stop.is_set():
        keeper.look()
        stop.wait(_LOOK_S)
    keeper.stop()
    return 0


def own_server(settings: Settings, home: Path) -> bool:
    """Does DATABASE_URL lead to the embedded server? (`linli up` sets it for its children.)"""
    return not settings.database_url or f"host={home}" in settings.database_url


if __name__ == "__main__":
    sys.exit(main())
