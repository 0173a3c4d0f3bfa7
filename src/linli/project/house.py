"""One house made ready: its directory, its PostgreSQL (or a given server), its tables, its first administrator."""

import os
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from linli.kit.errors import LinliError
from linli.kit.sealing import load_master_key
from linli.kit.settings import Settings, read_settings
from linli.project.postgres import Postgres, PostgresFailed


@contextmanager
def opened(*, durable: bool = True) -> Iterator[tuple[Settings, Postgres | None]]:
    """The house with its database up, DATABASE_URL and keys in the environment, tables migrated; closed at the end.

    Gives the settings and the embedded server, None where DATABASE_URL names another.
    """
    settings = read_settings()
    _make_directory(settings.data_dir)
    load_master_key(settings.master_key_file)
    os.environ["LINLI_DATA_DIR"] = str(settings.data_dir)
    os.environ["LINLI_MASTER_KEY_FILE"] = str(settings.master_key_file)
    os.environ["LINLI_SECRET_KEY"] = _django_key(settings.data_dir / "django.key")
    os.environ["DJANGO_SETTINGS_MODULE"] = "linli.project.settings"
    server = None if settings.database_url else Postgres(settings.data_dir / "postgres", durable=durable)
    try:
        if server is not None:
            server.start()
            os.environ["DATABASE_URL"] = server.url()
        else:
            _check_given_server(settings.database_url)
        migrate()
        yield read_settings(), server
    finally:
        if server is not None:
            server.stop()


def migrate() -> None:
    """Bring the tables up to date, with the next months ready; quiet when nothing is to be done."""
    import django
    from django.core.management import call_command

    from linli.project.messages import compile_all

    compile_all()
    django.setup()
    call_command("migrate", verbosity=0, interactive=False)
    from linli.project.partitions import make_ahead

    make_ahead()


def first_administrator() -> tuple[str, str] | None:
    """At first start: one administrator, whose password is shown once. None when somebody is there already."""
    from linli.access import api as access

    if access.has_accounts():
        return None
    password = "-".join(secrets.token_hex(2) for _ in range(4))
    corps = access.corps()
    access.create_administrator(
        corp_id=corps[0].id if corps else None, username="admin", password=password, name="管理员"
    )
    if sys.stdout.isatty():
        print(f"linli: sign in as  admin  with the password  {password}  (shown once)")
    else:  # what a service prints is kept in logs
        note = read_settings().data_dir / "first-sign-in"
        note.touch(mode=0o600)
        note.write_text(f"admin {password}\n")
        print(f"linli: how to sign in for the first time stands in {note} ; delete it then")
    return "admin", password


def _make_directory(path: Path) -> None:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LinliError("data_dir", f"{path} cannot be made ({error.strerror}): set LINLI_DATA_DIR") from error


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
        raise PostgresFailed("database_url", f"DATABASE_URL does not answer: {error}") from error
