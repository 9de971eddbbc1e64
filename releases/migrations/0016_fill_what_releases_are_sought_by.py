from django.db import migrations

from releases import search

AT_ONCE = 500


def fill(apps, schema_editor):
    """Give each release the words it is sought by, and its state beside its report."""
    releases = apps.get_model("releases", "Release").objects.select_related("group")
    read = releases.only("name", "title", "metadata", "conformity", "group__tag").order_by("pk")
    last = 0
    while some := list(read.filter(pk__gt=last)[:AT_ONCE]):
        last = some[-1].pk
        for release in some:
            author, tag = str(release.metadata.get("author") or ""), release.group.tag
            release.group_tag = tag
            release.words = search.kept(release.name, release.title, author, tag)
            release.conformity_state = str(release.conformity.get("state", ""))
        releases.bulk_update(some, ["group_tag", "words", "conformity_state"])


class Migration(migrations.Migration):
    dependencies = [
        ("releases", "0015_releases_are_found_fast"),
    ]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
