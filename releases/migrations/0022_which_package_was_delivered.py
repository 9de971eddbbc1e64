from django.db import migrations
from django.db.models import Exists, F, OuterRef, Subquery


def fill(apps, schema_editor):
    """Take what was delivered since the package was made for that, unless one was put back since."""
    releases = apps.get_model("releases", "Release").objects.filter(pk=OuterRef("release"))
    undone = apps.get_model("releases", "Revision").objects.filter(
        release=OuterRef("release"), operation="undo", at__gt=OuterRef("delivered_at")
    )
    deliveries = apps.get_model("releases", "Delivery").objects.filter(
        ~Exists(undone), packed_at=None, delivered_at__gte=F("release__packed_at")
    )
    deliveries.update(packed_at=Subquery(releases.values("packed_at")[:1]))


class Migration(migrations.Migration):
    dependencies = [
        ("releases", "0021_deliveries_know_their_package"),
    ]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
