"""The audit trail's rows by their months; until now all of them lay in the default partition."""

from datetime import UTC, datetime

from django.db import migrations

from linli.access.partitions import AUDIT
from linli.kit.partitions import make, months, waiting_months

OLD = "access_audit_default"


def forwards(apps, schema_editor):
    if schema_editor.collect_sql:
        return  # sqlmigrate has no table to look at
    with schema_editor.connection.cursor() as cursor:
        rename(cursor, OLD, AUDIT.rest)
        for month in waiting_months(cursor, AUDIT, datetime.now(UTC).date()):
            make(cursor, AUDIT, month)


def backwards(apps, schema_editor):
    if schema_editor.collect_sql:
        return
    with schema_editor.connection.cursor() as cursor:
        for month in months(cursor, AUDIT):
            name = AUDIT.name(month)
            cursor.execute(f"ALTER TABLE {AUDIT.table} DETACH PARTITION {name}")
            cursor.execute(f"INSERT INTO {AUDIT.table} SELECT * FROM {name}")
            cursor.execute(f"DROP TABLE {name}")
        rename(cursor, AUDIT.rest, OLD)


def rename(cursor, old, new):
    cursor.execute(f"ALTER TABLE {old} RENAME TO {new}")
    cursor.execute(f"ALTER TRIGGER {old}_no_truncate ON {new} RENAME TO {new}_no_truncate")


class Migration(migrations.Migration):
    dependencies = [("access", "0003_people")]

    operations = [migrations.RunPython(forwards, backwards)]
