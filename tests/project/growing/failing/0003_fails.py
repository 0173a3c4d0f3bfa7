from django.db import migrations

from tests.project.growing.steps import ran


class Migration(migrations.Migration):
    dependencies = [("growing", "0002_column")]
    operations = [ran("UPDATE growing_tree SET height = 0"), ran("SELECT 1 / height FROM growing_tree")]
