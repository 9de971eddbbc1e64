from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("releases", "0017_inbox_files"),
    ]

    operations = [
        migrations.AddField(
            model_name="release",
            name="edits",
            field=models.JSONField(
                blank=True,
                default=dict,
                editable=False,
                help_text="What the next repack takes: by column, or metadata.<field>.",
            ),
        ),
    ]
