from django.db import migrations

from tests.project.growing.steps import TABLE, ran


class Migration(migrations.Migration):
    initial = True
    operations = [TABLE, ran("INSERT INTO growing_tree (height) SELECT n FROM generate_series(1, 1000) AS n")]
