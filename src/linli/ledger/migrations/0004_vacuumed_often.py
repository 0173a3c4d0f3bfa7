"""Inbox and facts are looked for by what changes after they came; a share of a large month is too many dead rows to pass over."""

from django.db import migrations

_SET = """
DO $$
DECLARE part regclass;
BEGIN
    FOR part IN SELECT inhrelid::regclass FROM pg_inherits
        WHERE inhparent IN ('ledger_inbox'::regclass, 'ledger_fact'::regclass)
    LOOP
        EXECUTE format('ALTER TABLE %s {change}', part);
    END LOOP;
END $$
"""
_OFTEN = "SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000)"
_USUAL = "RESET (autovacuum_vacuum_scale_factor, autovacuum_vacuum_threshold)"


class Migration(migrations.Migration):
    dependencies = [("ledger", "0003_partitions")]

    operations = [
        migrations.RunSQL(_SET.replace("{change}", _OFTEN), _SET.replace("{change}", _USUAL)),
    ]
