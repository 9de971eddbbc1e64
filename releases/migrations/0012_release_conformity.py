from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("releases", "0011_fill_what_duplicates_are_found_by")]

    operations = [
        migrations.AddField(
            model_name="release",
            name="conformity",
            field=models.JSONField(
                blank=True,
                default=dict,
                editable=False,
                help_text="The latest report; see releases.packing.lint.kept.",
                verbose_name="conformity",
            ),
        ),
        migrations.AddField(
            model_name="release",
            name="checked_at",
            field=models.DateTimeField(editable=False, null=True, verbose_name="checked"),
        ),
    ]
