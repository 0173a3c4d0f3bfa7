"""What the futures have in common."""

from django.db import migrations, models

TABLE = migrations.CreateModel(
    name="Tree", fields=[("id", models.BigAutoField(primary_key=True)), ("height", models.IntegerField(null=True))]
)


def ran(query: str) -> migrations.RunSQL:
    return migrations.RunSQL(query, migrations.RunSQL.noop)
