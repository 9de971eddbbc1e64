from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("releases", "0006_first_versions_of_templates"),
    ]

    operations = [
        migrations.AddField(
            model_name="release",
            name="metadata_sources",
            field=models.JSONField(
                blank=True,
                default=dict,
                help_text="By field: file, person, or the provider that said it.",
                verbose_name="sources of the metadata",
            ),
        ),
    ]
