"""What leads on from the list of releases: saved views, what is done to several, the trash."""

from django.urls import reverse

from accounts.models import User
from accounts.preferences import prefer
from releases import actions, saved
from releases.models import Release
from tests.atlas import Place
from tests.atlas.hostile import BIDI
from tests.factories import make_release

NARROW = "?type=EBOOK&status=draft&conformity=unknown&group=GRP&owner=admin&since=2000-01-01"


def list_pages_of(who: User) -> list[Place]:
    """Return the pages around the list of `who`, an administrator."""
    saved.save(who, "Not packed", "status=draft")
    saved.save(who, BIDI[:50], "search=verne&type=TV")
    kept, gone = (make_release(owner=who) for _ in range(2))
    actions.trash_release(make_release(owner=who), by=who)
    job = actions.request_bulk("trash", [gone.pk, 999_999], by=who)
    chosen = f"&release={kept.pk}&release={Release.objects.standing().earliest('pk').pk}"
    return [
        page_of("narrowed list", "index", who, query=NARROW),
        page_of("saved views", "views", who),
        page_of("trash", "trash", who),
        page_of("release in the trash", "detail", who, gone.pk),
        page_of("several to pack", "bulk", who, query=f"?do=pack{chosen}"),
        page_of("several to throw away", "bulk", who, query=f"?do=trash{chosen}"),
        page_of("all of the trash to delete", "bulk", who, query="?do=delete&all=1"),
        page_of("what became of several", "bulk-result", who, job.pk),
    ]


def cards_of(who: User) -> list[Place]:
    """Return the list as `who` sees it, who prefers cards and sees nothing of the trash."""
    prefer(who, "view_mode", "cards")
    return [page_of("cards", "index", who), page_of("empty trash", "trash", who)]


def page_of(name: str, page: str, who: User, *args: int, query: str = "") -> Place:
    route = f"releases:{page}"
    return Place(name, reverse(route, args=args) + query, who.username, route)
