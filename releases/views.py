from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_GET, require_POST

from accounts.http import Request
from releases import actions, downloads
from releases.models import Artifact, Release

PER_PAGE = 20


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
    }
    return TemplateResponse(request, "releases/detail.html", context)


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


def visible_release(request: Request, pk: int) -> Release:
    releases = Release.objects.visible_to(request.user).select_related(
        "group", "rule", "source", "created_by"
    )
    return get_object_or_404(releases, pk=pk)
