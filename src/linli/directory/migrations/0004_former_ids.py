import django.db.models.deletion
import django.db.models.manager
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('directory', '0003_out_of_sight'),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='staff',
            options={'base_manager_name': 'every_id'},
        ),
        migrations.AlterModelManagers(
            name='staff',
            managers=[
                ('objects', django.db.models.manager.Manager()),
                ('every_id', django.db.models.manager.Manager()),
            ],
        ),
        migrations.AddField(
            model_name='staff',
            name='met_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='staff',
            name='id_since',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='staff',
            name='now',
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='directory.staff',
            ),
        ),
    ]
