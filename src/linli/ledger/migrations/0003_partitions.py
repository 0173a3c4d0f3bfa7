"""The inbox by the month of the event, the facts by the month in which they happened; rows stay.

A unique key of a partitioned table holds the partition's column. The inbox's event time lies inside the hashed bytes, so
(corp, hash, time) is as unique as (corp, hash); positions are given by one sequencer alone (ledger/sequencer.py).
"""

from django.db import migrations, models

from linli.kit.partitions import convert
from linli.ledger.partitions import FACTS, INBOX

ONCE = "ALTER TABLE ledger_inbox ADD CONSTRAINT ledger_inbox_once UNIQUE (corp_id, payload_hash, event_at)"


def forwards(apps, schema_editor):
    if schema_editor.collect_sql:
        return  # sqlmigrate has no table to look at
    with schema_editor.connection.cursor() as cursor:
        convert(cursor, INBOX)
        convert(cursor, FACTS)
        cursor.execute(ONCE)


class Migration(migrations.Migration):
    dependencies = [("ledger", "0002_parked")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(forwards)],
            state_operations=[
                migrations.RemoveConstraint(model_name="inboxrow", name="ledger_inbox_once"),
                migrations.AddConstraint(
                    model_name="inboxrow",
                    constraint=models.UniqueConstraint(
                        fields=("corp_id", "payload_hash", "event_at"), name="ledger_inbox_once"
                    ),
                ),
                migrations.AlterField(model_name="factrow", name="position", field=models.BigIntegerField(null=True)),
            ],
        ),
        migrations.AddIndex(
            model_name="factrow", index=models.Index(fields=["position"], name="ledger_fact_position")
        ),
    ]
