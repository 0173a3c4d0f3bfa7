"""The house itself: directory, disk, keys, processes, ports, backups."""

import shutil
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
from django.utils.translation import gettext as _

from linli.kit.clock import wall
from linli.kit.errors import LinliError
from linli.kit.heartbeat import silent_s, threads_silent_s
from linli.kit.sealing import neighbours, read_key
from linli.project import archive
from linli.project.backup import backups
from linli.project.doctor.findings import Answer, Ground, fail, warn, well
from linli.project.supervisor import check_port

_MB = 1_000_000
_LOOPS = ("drain", "welcome", "deliver", "keeper")
_SILENT_S = 30


def data_dir(ground: Ground) -> Iterator[Answer]:
    folder = ground.settings.data_dir
    try:
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(b"linli")
            probe.flush()
    except OSError as error:
        yield fail(
            _("%(path)s cannot be written (%(why)s).") % {"path": folder, "why": error.strerror},
            _("Give the user who runs Linli the right to write there, and make room on the disk."),
        )
        return
    if folder.stat().st_mode & 0o022:
        yield warn(
            _("Others on this machine can write in %(path)s.") % {"path": folder},
            _("Run: chmod go-w %(path)s") % {"path": folder},
        )
        return
    yield well(str(folder))


def disk(ground: Ground) -> Iterator[Answer]:
    for folder in (ground.settings.data_dir, ground.settings.backup_dir):
        if not folder.exists():
            continue
        usage = shutil.disk_usage(folder)
        said = _("%(free)d MB of %(total)d MB are free where %(path)s lies.") % {
            "free": usage.free // _MB, "total": usage.total // _MB, "path": folder,
        }  # fmt: skip
        todo = _(
            "Make room or take a bigger disk. When it is full, callbacks wait and WeCom gives up after three tries."
        )
        if usage.free < min(usage.total * 0.05, 1000 * _MB):
            yield fail(said, todo)
        elif usage.free < min(usage.total * 0.15, 5000 * _MB):
            yield warn(said, todo)
        else:
            yield well(said)


def master_key(ground: Ground) -> Iterator[Answer]:
    path, new, old = neighbours(ground.settings.master_key_file)
    try:
        read_key(path)
    except (OSError, LinliError) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        yield fail(
            _("%(path)s cannot be used: %(why)s.") % {"path": path, "why": why},
            _("Put the key back from where you keep it. Without it no WeCom secret opens."),
        )
        return
    if path.stat().st_mode & 0o077:
        yield fail(
            _("Others on this machine can read %(path)s.") % {"path": path},
            _("Run: chmod 600 %(path)s ; then change the key: linli rotate-key") % {"path": path},
        )
    elif new.exists() or old.exists():
        yield warn(_("A change of the master key is not finished."), _("Run: linli rotate-key"))
    else:
        yield well(str(path))


def running(ground: Ground) -> Iterator[Answer]:
    if ground.running is None:
        yield warn(_("Linli is not running."), _("Start it: linli up"))
    else:
        yield well(_("It runs (%(who)s).") % {"who": ground.running})


def processes(ground: Ground) -> Iterator[Answer]:
    if ground.running is None:
        return
    threads = threads_silent_s(ground.settings.data_dir)
    for name in (*_LOOPS, *threads):
        silent = silent_s(ground.settings.data_dir, name)
        if silent is None or silent > _SILENT_S:
            said = (
                _("%(name)s has given no sign for %(seconds)d s.")
                if silent is not None
                else _("%(name)s has never given a sign.")
            )
            yield fail(
                said % {"name": name, "seconds": silent or 0},
                _("Look at its lines in the log; `linli up` starts what has died, a process that hangs must be ended."),
            )
        else:
            yield well(_("%(name)s is at work.") % {"name": name})


def ports(ground: Ground) -> Iterator[Answer]:
    settings = ground.settings
    for name, port, variable in (
        ("console", settings.console_port, "LINLI_CONSOLE_PORT"),
        ("ingress", settings.ingress_port, "LINLI_INGRESS_PORT"),
    ):
        if ground.running is None:
            try:
                check_port(settings, port, variable)
            except LinliError as error:
                yield fail(str(error), _("Free the port, or set %(variable)s.") % {"variable": variable})
                continue
            yield well(_("Port %(port)d is free.") % {"port": port})
            continue
        try:
            answer = httpx.get(f"http://{settings.host}:{port}/healthz", timeout=5, trust_env=False)
            answer.raise_for_status()
        except httpx.HTTPError as error:
            yield fail(
                _("%(name)s does not answer on port %(port)d (%(why)s).")
                % {"name": name, "port": port, "why": type(error).__name__},
                _("Look at its lines in the log; `linli up` starts what has died, a process that hangs must be ended."),
            )
        else:
            yield well(_("%(name)s answers on port %(port)d.") % {"name": name, "port": port})


def kept(ground: Ground) -> Iterator[Answer]:
    settings = ground.settings
    try:
        found = backups(settings.backup_dir)
    except OSError as error:
        yield fail(
            _("%(path)s cannot be read (%(why)s).") % {"path": settings.backup_dir, "why": error.strerror},
            _("Set LINLI_BACKUP_DIR to a folder that Linli can write."),
        )
        return
    if not found:
        yield warn(_("There is no backup."), _("Run: linli backup ; and set LINLI_BACKUP_AT=03:30 for one each night."))
        return
    age = wall() - found[-1].finished_at
    said = _("The last backup is of %(at)s UTC, %(hours)d hours ago, in %(path)s.") % {
        "at": f"{found[-1].finished_at:%Y-%m-%d %H:%M}", "hours": age // timedelta(hours=1), "path": settings.backup_dir,
    }  # fmt: skip
    if age > timedelta(days=7):
        yield fail(said, _("Run: linli backup ; and look in the log why the nightly one fails."))
    elif age > timedelta(hours=36):
        yield warn(said, _("Run: linli backup ; and look in the log why the nightly one fails."))
    elif not settings.backup_at:
        yield warn(said, _("No nightly backup is set: set LINLI_BACKUP_AT=03:30."))
    elif _same_disk(settings.backup_dir, settings.data_dir):
        yield warn(said, _("The backups lie on the disk of the data: let LINLI_BACKUP_DIR be on another one."))
    else:
        yield well(said)


def log(ground: Ground) -> Iterator[Answer]:
    if not ground.embedded or ground.database is None:
        return
    found = archive.state(ground.database)
    if found is None:
        yield warn(_("The continuous log is not kept: it begins with the first backup."), _("Run: linli backup"))
    elif found.lost:
        yield fail(_("The continuous log has a gap."), _("Run: linli backup ; it makes the log whole from here on."))
    elif ground.running is None:
        yield well(_("%(mb)d MB wait for the next `linli up`.") % {"mb": found.behind // _MB})
    elif not found.streaming:
        yield fail(
            _("The continuous log stands still, %(mb)d MB behind.") % {"mb": found.behind // _MB},
            _("Look at the keeper's lines in the log; is there room in %(path)s?")
            % {"path": ground.settings.backup_dir},
        )
    elif found.behind > 64 * _MB:
        yield warn(
            _("The continuous log is %(mb)d MB behind.") % {"mb": found.behind // _MB},
            _("The disk of the backups is slower than the data grows: take a faster one."),
        )
    else:
        yield well(_("The continuous log is complete to the last second."))


def _same_disk(one: Path, other: Path) -> bool:
    return one.stat().st_dev == other.stat().st_dev
