from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('connect', '0003_try_again'),
    ]

    operations = [
        migrations.AddField(
            model_name='syncrun',
            name='passed_over',
            field=models.IntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name='syncrun',
            name='saved_at',
            field=models.DateTimeField(null=True),
        ),
    ]
