"""The tabs of the page of one release, but for those that change it."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.views.decorators.http import require_GET

from accounts.http import Request
from accounts.permissions import holds
from releases import copies
from releases.actions import waiting_edits
from releases.actions.mending import can_be_undone, restored, with_standing
from releases.detail_page import page
from releases.history import changed_by, changed_since
from releases.labels import FILE, label, origin
from releases.listing import listing
from releases.models import Release, Revision
from releases.views import visible_release

PER_PAGE = 25
MOST_NAMED = 20
"""Of the releases like this one, those that are named."""


@login_required
@require_GET
def info(request: Request, pk: int) -> HttpResponse:
    if thrown := Release.objects.trashed().reachable_by(request.user).filter(pk=pk).first():
        return TemplateResponse(request, "releases/detail/trashed.html", {"release": thrown})
    release = visible_release(request, pk)
    context = {
        "metadata": described(release),
        "alike": alike(request, release),
        "has_cover": copies.has_cover(release.source),
        **waiting(request, release),
    }
    return page(request, release, "detail", context)


def waiting(request: Request, release: Release) -> dict[str, Any]:
    """Return what waits for a repack, and what one may do about it."""
    if not release.edits:
        return {}
    return {
        "edits": waiting_edits(release),
        "may_repack": holds(request.user, "releases", "mod", release),
        "may_discard": holds(request.user, "releases", "write", release),
    }


def described(release: Release) -> list[dict[str, Any]]:
    """Return what is known of the work: each field with who said it, and where in the file."""
    places = release.source.places()
    said = [(name, value) for name, value in release.metadata.items() if value]
    return [
        {
            "label": label(name),
            "value": value,
            "origin": origin(source := release.metadata_sources.get(name, "")),
            "place": places.get(name, "") if source == FILE else "",
        }
        for name, value in said
    ]


def alike(request: Request, release: Release) -> list[dict[str, Any]]:
    """Return the releases that this one was packed beside, those one may see with their page."""
    names = [str(name) for name in release.duplicate_of][:MOST_NAMED]
    if not names:
        return []
    seen = Release.objects.visible_to(request.user).filter(name__in=names).only("name")
    urls = {one.name: one.get_absolute_url() for one in seen}
    return [{"name": name, "url": urls.get(name, "")} for name in names]


@login_required
@require_GET
def files(request: Request, pk: int) -> HttpResponse:
    release = visible_release(request, pk)
    context = {"listing": listing(release, request.GET.get("page"))}
    return page(request, release, "files", context)


@login_required
@require_GET
def jobs(request: Request, pk: int) -> HttpResponse:
    release = visible_release(request, pk)
    seen = release.jobs().visible_to(request.user).prefetch_related("by")
    shown = Paginator(seen, PER_PAGE).get_page(request.GET.get("page"))
    return page(request, release, "jobs", {"page": shown})


@login_required
@require_GET
def history(request: Request, pk: int) -> HttpResponse:
    """List what changed the release, newest first."""
    release = visible_release(request, pk)
    revisions = with_standing(release.revisions.defer("before", "after").select_related("undoes"))
    shown = Paginator(revisions.prefetch_related("by"), PER_PAGE).get_page(request.GET.get("page"))
    may_change = holds(request.user, "releases", "mod", release)
    context = {
        "page": shown,
        "entries": [entry(one) | {"may_undo": may_change and can_be_undone(one)} for one in shown],
    }
    return page(request, release, "history", context)


def entry(one: Revision) -> dict[str, Any]:
    return {"revision": one, "sentences": [str(change) for change in restored(one.changes)]}


@login_required
@require_GET
def revision(request: Request, pk: int, number: int) -> HttpResponse:
    """Show what one change did, or what is different now from what was before it."""
    release = visible_release(request, pk)
    one = get_object_or_404(release.revisions.select_related("by", "undoes"), number=number)
    is_since = "since" in request.GET
    context = {
        **entry(one),
        "is_since": is_since,
        "changed": changed_since(release, one) if is_since else changed_by(one),
        "may_change": holds(request.user, "releases", "mod", release),
    }
    return page(request, release, "history", context, body="revision")
