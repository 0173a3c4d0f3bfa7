from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('directory', '0002_days'),
    ]

    operations = [
        migrations.AddField(
            model_name='staff',
            name='out_of_sight_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
