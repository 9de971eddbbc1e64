from django.db import migrations
from django.db.models import Q


def close(apps, schema_editor):
    """Mark instances that had an administrator before there was a mark."""
    users = apps.get_model("accounts", "User").objects
    if users.filter(Q(is_superuser=True) | Q(groups__name="Admin")).exists():
        apps.get_model("accounts", "FirstRun").objects.get_or_create(pk=1)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_sessions_and_first_run"),
    ]

    operations = [migrations.RunPython(close, migrations.RunPython.noop)]
