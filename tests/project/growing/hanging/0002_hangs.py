from django.db import migrations

from tests.project.growing.steps import ran


class Migration(migrations.Migration):
    dependencies = [("growing", "0001_tree")]
    operations = [ran("SELECT pg_sleep(3600)")]
