"""Messages, files and pieces by the month in which they were sent.

A unique key of a partitioned table holds the partition's column; the moment of a message never changes, so (corp, msgid, moment)
is as unique as (corp, msgid).
"""

from django.db import migrations

from linli.archive.partitions import PARTITIONED
from linli.kit.partitions import convert

ONCE = (
    "ALTER TABLE archive_message ADD CONSTRAINT archive_message_once UNIQUE (corp_id, msgid, sent_at)",
    "ALTER TABLE archive_media ADD CONSTRAINT archive_media_once UNIQUE (corp_id, msgid, number, sent_at)",
    "ALTER TABLE archive_mediapiece ADD CONSTRAINT archive_piece_once UNIQUE (media_id, number, sent_at)",
)


def forwards(apps, schema_editor):
    if schema_editor.collect_sql:
        return  # sqlmigrate has no table to look at
    with schema_editor.connection.cursor() as cursor:
        for table in PARTITIONED:
            convert(cursor, table)
        for statement in ONCE:
            cursor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("archive", "0001_initial")]

    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
