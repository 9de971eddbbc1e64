from django.db import migrations

SHIPPED = ("ebook", "tv", "docs", "minimal")


def record_first_versions(apps, schema_editor):
    """Make everybody's what everybody saw, with a first version; remember what was shipped."""
    templates = apps.get_model("releases", "NfoTemplate").objects.all()
    templates.update(is_system=True)
    version = apps.get_model("releases", "TemplateVersion")
    version.objects.bulk_create(
        version(
            template=template,
            number=template.version,
            content=template.content,
            encoding=template.encoding,
            by_id=template.created_by_id,
        )
        for template in templates
    )
    if templates.exists():
        storage = apps.get_model("releases", "TemplateStorage")
        storage.objects.create(id=1, seeded=list(SHIPPED))


class Migration(migrations.Migration):
    dependencies = [
        ("releases", "0005_templates_are_a_library"),
    ]

    operations = [
        migrations.RunPython(record_first_versions, migrations.RunPython.noop),
    ]
