"""A marking no longer makes the readings before it count as old: it says which of their tags it has changed since."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("customers", "0002_privacy")]

    operations = [
        migrations.AddField(model_name="markintent", name="mark_no", field=models.BigIntegerField(null=True)),
    ]
