from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_GET, require_POST

from accounts.http import Request
from releases import actions, downloads
from releases.labels import FILE, label, origin
from releases.models import Artifact, Release, Source

PER_PAGE = 20
COVER_AGE_S = 86_400
"""How long a browser may show the cover it has."""


@login_required
@require_GET
def index(request: Request) -> HttpResponse:
    template = "releases/index.html#release-table" if request.htmx else "releases/index.html"
    search = request.GET.get("search", "").strip()
    found = Release.objects.visible_to(request.user).search(search).newest_first()
    listed = found.prefetch_related("group", "created_by")
    page = Paginator(listed, PER_PAGE).get_page(request.GET.get("page"))
    return TemplateResponse(request, template, {"page": page, "search": search})


@login_required
@require_GET
def detail(request: Request, pk: int) -> HttpResponse:
    release = visible_release(request, pk)
    context = {
        "release": release,
        "artifacts": release.artifacts.all(),
        "jobs": release.jobs()[:10],
        "job": release.latest_job(),
        "metadata": described(release),
    }
    return TemplateResponse(request, "releases/detail.html", context)


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


@login_required
@require_POST
def pack(request: Request, pk: int) -> HttpResponse:
    release = visible_release(request, pk)
    try:
        actions.request_packing(release, by=request.user)
    except actions.Refused as refusal:
        messages.error(request, str(refusal))
    return redirect(release)


@login_required
@require_GET
def download(request: Request, pk: int) -> StreamingHttpResponse:
    """Send the whole release as one ZIP."""
    release = visible_release(request, pk)
    if release.status != Release.Status.COMPLETED or not release.folder.is_dir():
        raise Http404
    return downloads.whole_release(release)


@login_required
@require_GET
def download_file(request: Request, pk: int, artifact: int) -> StreamingHttpResponse:
    release = visible_release(request, pk)
    found = get_object_or_404(
        Artifact.objects.select_related("release"), release=release, pk=artifact
    )
    if not (release.into / found.path).is_file():
        raise Http404
    return downloads.one_file(found)


@login_required
@require_GET
def cover(request: Request, handle: UUID) -> HttpResponse:
    """Send the small cover of a source."""
    source = get_object_or_404(Source.objects.visible_to(request.user), handle=handle)
    if not source.cover_path.is_file():
        raise Http404
    response = HttpResponse(source.cover_path.read_bytes(), content_type="image/jpeg")
    response["X-Content-Type-Options"] = "nosniff"
    patch_cache_control(response, private=True, max_age=COVER_AGE_S)
    return response


def visible_release(request: Request, pk: int) -> Release:
    releases = Release.objects.visible_to(request.user).select_related(
        "group", "rule", "source", "created_by", "nfo_template"
    )
    return get_object_or_404(releases, pk=pk)
