"""The commands that keep the house: their words on the command line, and what they tell the administrator."""

import argparse
import os
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from linli.kit.errors import BadInput
from linli.kit.sealing import key_id, load_master_key
from linli.kit.settings import read_settings

COMMANDS = ("backup", "restore", "upgrade", "rotate-key", "doctor")


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Backup, restore, upgrade."""
    backup = commands.add_parser("backup", help="copy the whole database; works while the house runs")
    backup.add_argument("--to", type=Path, help="a folder other than LINLI_BACKUP_DIR: one copy, by itself")
    backup.add_argument(
        "--with-keys", type=Path, metavar="FILE", help="the keys too, sealed by a passphrase, in this file"
    )
    restore = commands.add_parser("restore", help="build the house anew from a backup, in an empty directory")
    restore.add_argument("--from", dest="source", type=Path, required=True, help="the backup folder")
    restore.add_argument("--into", type=Path, required=True, help="the empty data directory")
    restore.add_argument("--until", help="not the latest state but that of this moment: 2026-11-22 08:00")
    restore.add_argument("--keys", type=Path, metavar="FILE", help="the file that --with-keys made")
    commands.add_parser("upgrade", help="after installing a new version: back up, migrate, verify, or go back")
    commands.add_parser("rotate-key", help="a new master key: every secret is sealed anew; works while the house runs")
    doctor = commands.add_parser("doctor", help="look at every part, say how it is and what to do")
    doctor.add_argument("--lang", choices=("zh", "en"), default="zh")
    doctor.add_argument("--json", action="store_true")


def run(chosen: argparse.Namespace) -> int:
    """Exit code 0 or 1; what cannot be done raises LinliError."""
    commands = {"backup": _backup, "restore": _restore, "upgrade": _upgrade, "rotate-key": _rotate,
            "doctor": _doctor}  # fmt: skip
    return commands[chosen.command](chosen)


def _backup(chosen: argparse.Namespace) -> int:
    from linli.project.backup import take
    from linli.project.house import reached
    from linli.project.keys import keep_keys, passphrase

    words = passphrase(twice=True) if chosen.with_keys else ""
    with reached(by="backup") as (settings, server, _running):
        made = take(
            folder=chosen.to or settings.backup_dir, url=os.environ["DATABASE_URL"], server=server,
            key=key_id(load_master_key(settings.master_key_file)).hex(),
            keep=None if chosen.to else settings.backup_keep, log=chosen.to is None,
        )  # fmt: skip
    print(f"linli: backed up {_size(made.note['bytes'])} in {made.note['seconds']} s to {made.path}")
    if chosen.with_keys:
        keep_keys(settings.data_dir, chosen.with_keys, words)
        print(f"linli: the keys are in {chosen.with_keys}, sealed by the passphrase; keep it away from the backup")
    else:
        print(f"linli: the keys are not in it: keep a copy of {settings.master_key_file} somewhere else")
    print(f"linli: to come back: linli restore --from {chosen.to or settings.backup_dir} --into <an empty directory>")
    return 0


def _restore(chosen: argparse.Namespace) -> int:
    from linli.project.keys import give_keys, open_keys, passphrase
    from linli.project.restore import restore

    keys = open_keys(chosen.keys, passphrase(twice=False)) if chosen.keys else None
    done = restore(source=chosen.source, into=chosen.into, until=_moment(chosen.until) if chosen.until else None)
    if keys is not None:
        give_keys(keys, chosen.into)
    print(f"linli: restored {done.backup.path.name} in {done.seconds:.1f} s, {done.log}")
    print(f"linli: {done.rows} rows in {done.tables} tables; {done.checked}")
    if keys is None and not (chosen.into / "master.key").exists():
        print(f"linli: now put the master.key {done.backup.note['key']} into {chosen.into}; without it no secret opens")
    print(f"linli: then start it: LINLI_DATA_DIR={chosen.into} linli up")
    return 0


def _upgrade(chosen: argparse.Namespace) -> int:
    from linli.project.house import entered, migrate

    with entered(by=chosen.command) as (settings, server):
        for sentence in migrate(settings, server) or ["nothing waits: the tables are of this version"]:
            print(f"linli: {sentence}")
    return 0


def _rotate(chosen: argparse.Namespace) -> int:
    from linli.project.house import reached
    from linli.project.rotation import rotate

    with reached(by=chosen.command) as (settings, _server, running):
        done = rotate(settings.master_key_file, os.environ["DATABASE_URL"])
    print(f"linli: {done.resealed} secrets are sealed under the new key {done.key} in {settings.master_key_file}")
    print(f"linli: the old key is put aside as {done.aside}: backups made until now need it, keep it as long as them")
    if running:
        print("linli: the processes that run use the new key already")
    return 0


def _doctor(chosen: argparse.Namespace) -> int:
    from linli.project.consultation import consult

    return consult(language="en" if chosen.lang == "en" else "zh-hans", as_json=chosen.json)


def _moment(text: str) -> datetime:
    try:
        given = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadInput("until", f"--until {text!r} is not a moment such as 2026-11-22 08:00") from error
    return given if given.tzinfo else given.replace(tzinfo=ZoneInfo(read_settings().zone))


def _size(count: int) -> str:
    return f"{count / 1_000_000:.1f} MB" if count < 1_000_000_000 else f"{count / 1_000_000_000:.2f} GB"
