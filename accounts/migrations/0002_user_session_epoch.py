from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="user",
            name="session_epoch",
            # The database's own default too: processes of the version before go on making users.
            field=models.PositiveIntegerField(db_default=0, default=0, editable=False),
        ),
    ]
