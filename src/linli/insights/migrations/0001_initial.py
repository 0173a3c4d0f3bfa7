import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [("access", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="StoryProgress",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.TextField()),
                ("done", models.BigIntegerField(default=0)),
                ("total", models.BigIntegerField(default=0)),
                ("note", models.TextField(blank=True, default="")),
                ("updated_at", models.DateTimeField()),
                (
                    "corp",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="access.corp",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("corp", "key"), name="insights_story_once", nulls_distinct=False)
                ],
            },
        ),
    ]
