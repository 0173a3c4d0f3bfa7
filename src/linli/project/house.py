"""One house made ready: its directory, its PostgreSQL (or a given server), its tables, its first administrator."""

import os
import secrets
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from linli.kit.errors import LinliError
from linli.kit.kin import end_leftovers
from linli.kit.sealing import load_master_key
from linli.kit.settings import Settings, read_settings
from linli.project.lock import held, holder
from linli.project.postgres import Postgres, PostgresFailed
from linli.project.restore import finish_going_back

_ROOM_MB = 250  # an empty cluster with its log files, and room to work


@contextmanager
def opened(*, durable: bool = True, by: str = "linli") -> Iterator[tuple[Settings, Postgres | None]]:
    """The house, ours alone, with its database up, DATABASE_URL and keys in the environment, tables migrated; closed at the end.

    Gives the settings and the embedded server, None where DATABASE_URL names another. AlreadyOpen when another process
    keeps it open.
    """
    with entered(durable=durable, by=by) as (settings, server):
        for sentence in migrate(settings, server):
            print(f"linli: {sentence}")
        yield settings, server


@contextmanager
def entered(*, durable: bool = True, by: str = "linli") -> Iterator[tuple[Settings, Postgres | None]]:
    """As `opened`, but the tables stay as they are."""
    settings = read_settings()
    _make_directory(settings.data_dir)
    with held(settings.data_dir, by=by):
        end_leftovers(settings.data_dir)
        _environment(settings)
        server = (
            None
            if settings.database_url
            else Postgres(settings.data_dir / "postgres", durable=durable and settings.fsync)
        )
        if server is not None and not server.data.exists():
            _check_room(settings.data_dir)
        try:
            if server is not None:
                finish_going_back(settings.data_dir)
                server.start()
                os.environ["DATABASE_URL"] = server.url()
            else:
                _check_given_server(settings.database_url)
            yield read_settings(), server
        finally:
            if server is not None:
                server.stop()


@contextmanager
def reached(*, by: str) -> Iterator[tuple[Settings, Postgres | None, bool]]:
    """The house as it is: the database of the `linli up` that runs, else one started for us. The last says whether it runs."""
    settings = read_settings()
    if holder(settings.data_dir) is None:
        with entered(by=by) as (settings, server):
            yield settings, server, False
        return
    _environment(settings)
    server = None if settings.database_url else Postgres(settings.data_dir / "postgres")
    if server is not None:
        os.environ["DATABASE_URL"] = server.url()
    _check_given_server(os.environ["DATABASE_URL"])
    yield read_settings(), server, True


def _environment(settings: Settings) -> None:
    if not settings.master_key_file.exists() and (settings.data_dir / "postgres" / "pgdata").exists():
        raise LinliError(
            "no_master_key",
            f"{settings.master_key_file} is gone: put it back from where you keep it. If it is lost for good, make another"
            " with `head -c 32 /dev/urandom` and enter WeCom's secrets again",
        )
    load_master_key(settings.master_key_file)
    look_at(settings)


def look_at(settings: Settings) -> None:
    """The environment in which Django and Linli's own processes find the house."""
    os.environ["LINLI_DATA_DIR"] = str(settings.data_dir)
    os.environ["LINLI_MASTER_KEY_FILE"] = str(settings.master_key_file)
    os.environ["LINLI_SECRET_KEY"] = _django_key(settings.data_dir / "django.key")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "linli.project.settings")


def migrate(settings: Settings, server: Postgres | None) -> list[str]:
    """Tables up to date (backed up first where there is something to lose), next months ready; what was done, as sentences."""
    set_up()
    from linli.project.partitions import make_ahead
    from linli.project.upgrade import bring_up_to_date

    said = bring_up_to_date(settings, server)
    make_ahead()
    return said


def set_up() -> None:
    """Django, with its catalogues, in this process."""
    import django

    from linli.project.messages import compile_all

    compile_all()
    django.setup()


def first_administrator() -> tuple[str, str] | None:
    """At first start: one administrator, whose password is shown once. None when somebody is there already."""
    from linli.access import api as access

    if access.has_accounts():
        return None
    name = f"linli-{secrets.token_hex(3)}"  # a name that is the same everywhere is half of what a stranger must guess
    password = "-".join(secrets.token_hex(2) for _ in range(4))
    corps = access.corps()
    corp_id = corps[0].id if corps else None
    account_id = access.create_administrator(
        corp_id=corp_id, username=name, password=password, name="管理员", initial=True
    )
    access.system_act(corp_id=corp_id, action="cli.first_administrator", subject=f"account:{account_id}")
    if sys.stdout.isatty():
        print(f"linli: sign in as  {name}  with the password  {password}  (shown once; you choose your own then)")
    else:  # what a service prints is kept in logs
        note = read_settings().data_dir / "first-sign-in"
        note.touch(mode=0o600)
        note.write_text(f"{name} {password}\n")
        print(f"linli: how to sign in for the first time stands in {note} ; delete it then")
    return name, password


def _make_directory(path: Path) -> None:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LinliError("data_dir", f"{path} cannot be made ({error.strerror}): set LINLI_DATA_DIR") from error


def _check_room(path: Path) -> None:
    """A cluster that is there already starts whatever the room: it may have something to give back."""
    free = shutil.disk_usage(path).free >> 20
    if free < _ROOM_MB:
        raise LinliError(
            "disk", f"{path} has {free} MB of free disk; {_ROOM_MB} MB are needed: make room, or set LINLI_DATA_DIR"
        )


def _django_key(path: Path) -> str:
    if not path.exists():
        draft = path.with_suffix(".draft")
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(48))
        draft.replace(path)
    return path.read_text()


def _check_given_server(url: str) -> None:
    try:
        psycopg.connect(url, connect_timeout=5).close()
    except psycopg.OperationalError as error:
        why = " ".join(str(error).split())
        raise PostgresFailed("database_url", f"DATABASE_URL does not answer: {why}") from error
