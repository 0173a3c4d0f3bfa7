"""Recipients by the month of their plan; rows stay. All rows of a send are written at once and share the moment."""

import linli.kit.clock
from django.db import migrations, models

from linli.kit.partitions import convert
from linli.messaging.partitions import RECIPIENTS

FILL = """
UPDATE messaging_recipient r SET planned_at = coalesce(s.planned_at, s.created_at) FROM messaging_send s WHERE s.id = r.send_id
"""
ONCE = "ALTER TABLE messaging_recipient ADD CONSTRAINT messaging_recipient_once UNIQUE (corp_id, send_id, customer_id, planned_at)"


def forwards(apps, schema_editor):
    if schema_editor.collect_sql:
        return  # sqlmigrate has no table to look at
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(FILL)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE messaging_recipient ALTER COLUMN planned_at SET NOT NULL")
        convert(cursor, RECIPIENTS)
        cursor.execute(ONCE)


class Migration(migrations.Migration):
    dependencies = [("messaging", "0001_initial")]

    operations = [
        migrations.AddField(model_name="recipient", name="planned_at", field=models.DateTimeField(null=True)),
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(forwards)],
            state_operations=[
                migrations.RemoveConstraint(model_name="recipient", name="messaging_recipient_once"),
                migrations.AlterField(
                    model_name="recipient",
                    name="planned_at",
                    field=models.DateTimeField(default=linli.kit.clock.now),
                ),
                migrations.AddConstraint(
                    model_name="recipient",
                    constraint=models.UniqueConstraint(
                        fields=("corp", "send", "customer", "planned_at"), name="messaging_recipient_once"
                    ),
                ),
            ],
        ),
    ]
