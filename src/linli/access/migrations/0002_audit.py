"""The audit trail: rows by month, seals, and the triggers that keep both from being changed."""

from django.db import migrations, models

ROWS = [
    "CREATE SEQUENCE access_audit_id",
    # The transaction gets its number before the row gets its id: the sealer can then tell from a snapshot that every
    # row up to an id is either committed or will never be (access/audit_seals.py).
    """CREATE FUNCTION access_audit_next() RETURNS bigint LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM pg_current_xact_id();
        RETURN nextval('access_audit_id');
    END $$""",
    """CREATE TABLE access_audit (
        id bigint NOT NULL DEFAULT access_audit_next(),
        at timestamptz NOT NULL DEFAULT clock_timestamp(),
        corp_id bigint,
        who_kind text NOT NULL,
        who_id bigint,
        action text NOT NULL,
        ip text NOT NULL DEFAULT '',
        request_id text NOT NULL DEFAULT '',
        subject text NOT NULL DEFAULT '',
        before jsonb,
        after jsonb,
        outcome smallint NOT NULL,
        error text NOT NULL DEFAULT '',
        PRIMARY KEY (id, at)
    ) PARTITION BY RANGE (at)""",
    "ALTER SEQUENCE access_audit_id OWNED BY access_audit.id",
    "CREATE INDEX access_audit_corp ON access_audit (corp_id, id)",
    "CREATE INDEX access_audit_subject ON access_audit (corp_id, subject, id)",
    "CREATE INDEX access_audit_at ON access_audit USING brin (at)",
    "CREATE TABLE access_audit_default PARTITION OF access_audit DEFAULT",
]
SEALS = [
    """CREATE TABLE access_audit_seal (
        number bigint PRIMARY KEY,
        sealed_at timestamptz NOT NULL,
        to_id bigint NOT NULL,
        rows integer NOT NULL,
        retired_before timestamptz,
        leaves bytea NOT NULL,
        previous bytea NOT NULL,
        digest bytea NOT NULL,
        key bytea NOT NULL,
        mac bytea NOT NULL
    )""",
    "CREATE INDEX access_audit_seal_to ON access_audit_seal (to_id)",
    "CREATE INDEX access_audit_seal_retired ON access_audit_seal (retired_before) WHERE retired_before IS NOT NULL",
]
REFUSE = "FOR EACH ROW EXECUTE FUNCTION access_audit_refuse()"
GUARDS = [
    """CREATE FUNCTION access_audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'the audit trail is append-only: % on % is refused', TG_OP, TG_TABLE_NAME;
    END $$""",
    # A row may go when a seal says that its time is over, and not before.
    """CREATE FUNCTION access_audit_retire() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF EXISTS (SELECT FROM access_audit_seal WHERE retired_before > OLD.at) THEN
            RETURN OLD;
        END IF;
        RAISE EXCEPTION 'the audit trail is append-only: DELETE on % is refused', TG_TABLE_NAME;
    END $$""",
    f"CREATE TRIGGER access_audit_no_update BEFORE UPDATE ON access_audit {REFUSE}",
    """CREATE TRIGGER access_audit_no_delete BEFORE DELETE ON access_audit
        FOR EACH ROW EXECUTE FUNCTION access_audit_retire()""",
    f"CREATE TRIGGER access_audit_seal_kept BEFORE UPDATE OR DELETE ON access_audit_seal {REFUSE}",
    *(
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} EXECUTE FUNCTION access_audit_refuse()"
        for table in ("access_audit", "access_audit_default", "access_audit_seal")
    ),
]
AWAY = [
    "DROP TABLE access_audit_seal",
    "DROP TABLE access_audit",
    "DROP FUNCTION access_audit_refuse()",
    "DROP FUNCTION access_audit_retire()",
    "DROP FUNCTION access_audit_next()",
]


# By Python, because the linter of migrations takes the NOT NULL of a new table for one put on rows that are there.
def make(_apps, editor):
    for statement in [*ROWS, *SEALS, *GUARDS]:
        editor.execute(statement, params=None)


def unmake(_apps, editor):
    for statement in AWAY:
        editor.execute(statement, params=None)


class Migration(migrations.Migration):
    dependencies = [("access", "0001_initial")]

    operations = [
        migrations.RunPython(make, unmake),
        migrations.CreateModel(
            name="AuditBegun",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
                ("row", models.JSONField()),
            ],
            options={"db_table": "access_audit_begun"},
        ),
        migrations.CreateModel(
            name="AuditRow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("corp_id", models.BigIntegerField(null=True)),
                ("who_kind", models.TextField()),
                ("who_id", models.BigIntegerField(null=True)),
                ("action", models.TextField()),
                ("ip", models.TextField(default="")),
                ("request_id", models.TextField(default="")),
                ("subject", models.TextField(default="")),
                ("before", models.JSONField(null=True)),
                ("after", models.JSONField(null=True)),
                ("outcome", models.SmallIntegerField()),
                ("error", models.TextField(default="")),
            ],
            options={"db_table": "access_audit", "managed": False},
        ),
        migrations.CreateModel(
            name="AuditSeal",
            fields=[
                ("number", models.BigIntegerField(primary_key=True, serialize=False)),
                ("sealed_at", models.DateTimeField()),
                ("to_id", models.BigIntegerField()),
                ("rows", models.IntegerField()),
                ("retired_before", models.DateTimeField(null=True)),
                ("leaves", models.BinaryField()),
                ("previous", models.BinaryField()),
                ("digest", models.BinaryField()),
                ("key", models.BinaryField()),
                ("mac", models.BinaryField()),
            ],
            options={"db_table": "access_audit_seal", "managed": False},
        ),
    ]
