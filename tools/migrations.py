"""Migrations: none missing, and none that would lock or break a running house (django-migration-linter, on a server of its own)."""

import os
import shutil
import sys
import tempfile
from pathlib import Path

import django

sys.path.insert(0, "src")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "linli.project.settings")


def main() -> int:
    from linli.kit.settings import default_data_dir
    from linli.project.postgres import Postgres

    base = default_data_dir(os.environ).parent
    base.mkdir(parents=True, exist_ok=True)
    house = Path(tempfile.mkdtemp(prefix="check-", dir=base))
    server = Postgres(house / "postgres", durable=False)
    try:
        server.start()
        os.environ["DATABASE_URL"] = server.url()
        return look()
    finally:
        server.stop()
        shutil.rmtree(house, ignore_errors=True)


def look() -> int:
    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django_migration_linter import MigrationLinter

    try:
        call_command("makemigrations", check=True, dry_run=True, verbosity=1)
    except SystemExit:
        return 1
    linter = MigrationLinter(
        path="src/linli",
        include_apps=list(settings.ROOMS),  # procrastinate's own migrations are its own
        no_cache=True,
        quiet=["ok", "ignore", "warning"],
        ignore_initial_migrations=True,
    )
    linter.lint_all_migrations()
    if linter.has_errors:
        linter.print_summary()
    return int(linter.has_errors)


if __name__ == "__main__":
    sys.exit(main())
