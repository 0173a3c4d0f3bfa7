from django.db import migrations, models

from tests.project.growing.steps import ran


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("growing", "0001_tree")]
    operations = [migrations.AddField("tree", "kind", models.TextField(null=True)), ran("SELECT pg_sleep(3600)")]
