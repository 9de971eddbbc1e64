from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("drafts", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="draft",
            name="typed",
            field=models.JSONField(
                blank=True,
                default=dict,
                help_text="By step key, then by field name: what is no valid answer yet.",
                verbose_name="typed",
            ),
        ),
    ]
