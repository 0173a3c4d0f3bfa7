"""Migrations: none missing, and none that would lock or break a running house (django-migration-linter)."""

import os
import sys

import django

sys.path.insert(0, "src")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "linli.project.settings")


def main() -> int:
    django.setup()
    from django.apps import apps
    from django.db.migrations.autodetector import MigrationAutodetector
    from django.db.migrations.loader import MigrationLoader
    from django.db.migrations.questioner import NonInteractiveMigrationQuestioner
    from django.db.migrations.state import ProjectState
    from django_migration_linter import MigrationLinter

    loader = MigrationLoader(None, ignore_no_initial=True)
    changes = MigrationAutodetector(
        loader.project_state(), ProjectState.from_apps(apps), NonInteractiveMigrationQuestioner(specified_apps=set())
    ).changes(graph=loader.graph)
    own = {label for label in changes if apps.get_app_config(label).name.startswith("linli.")}
    if own:
        print(f"models without a migration: {', '.join(sorted(own))}")
        return 1
    linter = MigrationLinter(
        path="src/linli", no_cache=True, quiet=["ok", "ignore", "warning"], ignore_initial_migrations=True
    )
    linter.lint_all_migrations()
    if linter.has_errors:
        linter.print_summary()
    return int(linter.has_errors)


if __name__ == "__main__":
    sys.exit(main())
