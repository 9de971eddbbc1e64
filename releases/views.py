from pathlib import Path
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.http import Request
from releases import actions, downloads
from releases.conformity import badge
from releases.forms import NfoForm
from releases.labels import FILE, label, origin
from releases.models import Artifact, Release, Source
from releases.packing import PackingError
from releases.packing.nfo import losses
from releases.template_files import safe_stem

PER_PAGE = 20
COVER_AGE_S = 86_400
"""How long a browser may show the cover it has."""


@login_required
@require_GET
def index(request: Request) -> HttpResponse:
    template = "releases/index.html#release-table" if request.htmx else "releases/index.html"
    search = request.GET.get("search", "").strip()
    found = Release.objects.visible_to(request.user).search(search).newest_first()
    listed = found.with_state().prefetch_related("group", "created_by")
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
        "conformity": badge(release.conformity),
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
    found = visible_artifact(request, pk, artifact)
    if not found.file.is_file():
        raise Http404
    return downloads.one_file(found)


@login_required
@require_GET
def nfo(request: Request, pk: int) -> HttpResponse:
    """Send the NFO of a release, or a picture of it."""
    release = visible_release(request, pk)
    return sent(request, release.nfo, release.nfo_encoding, release.name)


@login_required
@require_GET
def view_file(request: Request, pk: int, artifact: int) -> HttpResponse:
    """Show a text of a release as it lies on the disk, or send a picture of it."""
    found = visible_artifact(request, pk, artifact)
    context: dict[str, Any] = {"artifact": found, "release": found.release}
    try:
        read = actions.read_artifact(found)
    except actions.Refused as refusal:
        context |= {"refusal": str(refusal)}
        return TemplateResponse(request, "releases/file.html", context, status=409)
    if "as" in request.GET:
        return sent(request, read.text, read.fitting_encoding, found.name)
    return TemplateResponse(request, "releases/file.html", context | {"read": read})


@login_required
@require_http_methods(["GET", "POST"])
def view_nfo(request: Request) -> HttpResponse:
    """Show an NFO that the user has; nothing is kept."""
    form = NfoForm(request.POST, request.FILES) if request.method == "POST" else NfoForm()
    context: dict[str, Any] = {"form": form}
    if refusal := getattr(request, "upload_refusal", ""):
        form.add_error("file", refusal)
    elif form.is_bound and form.is_valid():
        file, encoding = form.cleaned_data["file"], form.cleaned_data["encoding"]
        try:
            read = actions.read_nfo(file.read(), encoding)
        except actions.Refused as refused:
            form.add_error("file", str(refused))
        else:
            context |= {"read": read, "name": file.name, "notes": map(actions.told, read.notes)}
    return TemplateResponse(request, "nfo/view.html", context)


@login_required
@require_POST
def download_nfo(request: Request) -> HttpResponse:
    """Send a text that is shown, or a picture of it."""
    text, name = request.POST.get("text", ""), request.POST.get("name", "")
    encoding = "utf-8" if losses(text, "cp437") else "cp437"
    return sent(request, text, encoding, safe_stem(Path(name).stem))


def sent(request: Request, text: str, encoding: str, stem: str) -> HttpResponse:
    """Answer `text` as what the request asks for; see `downloads.nfo_as`."""
    asked = request.POST if request.method == "POST" else request.GET
    try:
        return downloads.nfo_as(asked.get("as", ""), text, encoding, stem)
    except PackingError as error:
        reason = {"reason": actions.told(error)}
        return TemplateResponse(request, "400.html", reason, status=400)


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


def visible_artifact(request: Request, pk: int, artifact: int) -> Artifact:
    return get_object_or_404(visible_release(request, pk).artifacts.all(), pk=artifact)


def visible_release(request: Request, pk: int) -> Release:
    releases = Release.objects.visible_to(request.user).select_related(
        "group", "rule", "source", "created_by", "nfo_template"
    )
    return get_object_or_404(releases, pk=pk)
