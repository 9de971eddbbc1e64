from django.db import migrations

from releases.identity import identity

AT_ONCE = 500


def fill(apps, schema_editor):
    """Give each release its ISBN and the key of its work, and note whose each base is."""
    releases = apps.get_model("releases", "Release").objects.select_related("group", "source")
    read = releases.only(
        *("type", "name", "metadata", "format", "volume_base", "released_on"),
        *("group__tag", "source__analysis"),
    ).order_by("pk")
    last = 0
    while some := list(read.filter(pk__gt=last)[:AT_ONCE]):
        last = some[-1].pk
        for release in some:
            known = known_of(release)
            release.isbn, release.work_key = known.isbn, known.work
        releases.bulk_update(some, ["isbn", "work_key"])
        note_bases(apps.get_model("releases", "VolumeBase"), some)


def known_of(release):
    form = str(release.source.analysis.get("format", ""))
    return identity(
        release.type, release.name, release.metadata, group=release.group.tag, form=form
    )


def note_bases(model, releases):
    """The earlier of two that have one keeps it: names of what is packed cannot change."""
    model.objects.bulk_create(
        (
            model(
                group_id=release.group_id,
                year=release.released_on.year,
                base=release.volume_base,
                name=release.name,
            )
            for release in releases
            if release.format == "ZIP" and len(release.volume_base) <= 6
        ),
        ignore_conflicts=True,
    )


def forget_bases(apps, schema_editor):
    apps.get_model("releases", "VolumeBase").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [
        ("releases", "0010_duplicates_are_found"),
    ]

    operations = [migrations.RunPython(fill, forget_bases)]
