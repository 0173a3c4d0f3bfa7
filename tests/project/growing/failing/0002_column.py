from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("growing", "0001_tree")]
    operations = [migrations.AddField("tree", "kind", models.TextField(default="pine"))]
