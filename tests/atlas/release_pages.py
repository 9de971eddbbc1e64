"""The page of one release: each tab, in each state, and what leads on from it."""

from django.urls import reverse

from accounts.models import User
from delivery.models import Destination
from jobs.queue import run_here
from releases.actions.delivering import request_delivery
from releases.models import Artifact, Delivery, Release, Revision
from tests.atlas import Place
from tests.atlas.hostile import BIDI, LONG

TABS = ("detail", "files", "conformity", "deliveries", "jobs", "history", "actions")
OPERATIONS = ("nfofix", "dirfix", "repack", "readnfo")


def tabs_of(release: Release, who: User, state: str) -> list[Place]:
    """Return every tab of a release in some `state`."""
    return [page_of(release, who, f"{tab} of a {state} release", tab) for tab in TABS]


def mending_of(release: Release, who: User) -> list[Place]:
    """Return what shows a change of a release, and what would make one."""
    give_revision(release, who, release.nfo.replace("e", "3"))
    return [
        page_of(release, who, "change of a release", "revision", 1),
        page_of(release, who, "changes since then", "revision", 1, query="?since"),
        page_of(release, who, "taking a change back", "undo", 1),
        page_of(release, who, "description in a volume", "diz"),
        *(page_of(release, who, f"{name} looked at", "mend", name) for name in OPERATIONS),
    ]


def hostile_tabs_of(release: Release, who: User, text: str) -> list[Place]:
    """Return the tabs of a release whose files and changes are called what mean harm."""
    for name in (text, BIDI, LONG):
        path = f"{release.name[:100]}/{name[:300]}"
        Artifact.objects.create(release=release, path=path, kind="nfo", size=1, crc32="0" * 8)
    give_revision(release, who, text)
    Release.objects.filter(pk=release.pk).update(
        edits={"metadata.title": f"edited {text}", "format": "RAR"}
    )
    changed = page_of(release, who, "change of a hostile release", "revision", 1)
    return [*tabs_of(release, who, "hostile"), changed]


def give_deliveries(
    release: Release, who: User, arrived_at: Destination, failed_at: Destination
) -> None:
    """Deliver a release to one place, and fail at another."""
    run_here(request_delivery(release, arrived_at, by=who, at_once=True))
    job = request_delivery(release, failed_at, by=who, at_once=True)
    job.fail(f"{release} was not delivered to {failed_at}. {failed_at.host} refuses the login.")
    Delivery.objects.create(
        release=release, place=f"{BIDI}{LONG}", by=who, delivered_at="2001-01-01T10:00Z"
    )


def give_revision(release: Release, who: User, text: str) -> None:
    Revision.objects.create(
        release=release,
        number=1,
        operation="nfofix",
        by=who,
        changes=[["Line %(number)s became %(text)s", {"number": 1, "text": text[:300]}]],
        before={"nfo": f"{text}\nsame\n", "metadata": {"title": text}, "name": text},
        after={"nfo": release.nfo, "metadata": release.metadata, "name": release.name},
    )


def page_of(
    release: Release, who: User, name: str, page: str, *args: object, query: str = ""
) -> Place:
    route = f"releases:{page}"
    path = reverse(route, args=[release.pk, *args])
    return Place(name, path + query, who.username, route)
