from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("growing", "0001_tree")]
    operations = [AddIndexConcurrently("tree", models.Index(fields=["height"], name="growing_height"))]
