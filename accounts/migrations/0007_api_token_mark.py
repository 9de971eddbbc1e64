from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0006_credentials_and_settings"),
    ]

    operations = [
        migrations.AddField(
            model_name="apitoken",
            name="mark",
            field=models.CharField(
                default="",
                help_text="Of the password: another one ends the token.",
                max_length=64,
            ),
            preserve_default=False,
        ),
    ]
