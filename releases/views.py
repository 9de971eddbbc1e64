from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.http import Request
from releases import actions, copies, downloads
from releases.bucket import StoreAway
from releases.forms import NfoForm
from releases.models import Artifact, Release, Source
from releases.packing import PackingError, diz
from releases.packing.nfo import losses
from releases.telling import told
from releases.template_files import safe_stem

MOST_CHOSEN = 1000
"""Files that are sent together; more are downloaded with all others."""
DIGITS = 18
"""Of a number that any database takes."""


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
def download(request: Request, pk: int) -> HttpResponseBase:
    """Send the whole release as one ZIP."""
    release = visible_release(request, pk)
    if release.status != Release.Status.COMPLETED or copies.is_gone(release):
        raise Http404
    return zipped(request, release, list(release.artifacts.all()), f"{release.name}.zip")


@login_required
@require_POST
def download_several(request: Request, pk: int) -> HttpResponseBase:
    """Send the chosen files as one ZIP."""
    release = visible_release(request, pk)
    chosen = request.POST.getlist("file")[:MOST_CHOSEN]
    keys = {key for key in chosen if key.isdecimal() and len(key) <= DIGITS}
    artifacts = list(release.artifacts.filter(pk__in=keys))
    if not artifacts:
        messages.warning(request, _("Choose the files to download first."))
        return redirect("releases:files", pk)
    return zipped(request, release, artifacts, f"{release.name}.files.zip")


def zipped(
    request: Request, release: Release, artifacts: Sequence[Artifact], name: str
) -> HttpResponseBase:
    """Send `artifacts` as one ZIP, or say which of them is gone."""
    try:
        copies.have_package(release)
    except StoreAway as away:
        messages.error(request, told(away))
        return redirect("releases:files", release.pk)
    gone = next((one for one in artifacts if not one.file.is_file()), None)
    if gone:
        sentence = _("%(file)s is gone from the disk: put it back, or choose the others alone.")
        messages.error(request, sentence % {"file": gone.place})
        return redirect("releases:files", release.pk)
    return downloads.zipped(artifacts, name)


@login_required
@require_GET
def download_file(request: Request, pk: int, artifact: int) -> HttpResponseBase:
    found = visible_artifact(request, pk, artifact)
    try:
        copies.have_package(found.release)
    except StoreAway as away:
        messages.error(request, told(away))
        return redirect("releases:files", pk)
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
    context: dict[str, Any] = {
        "artifact": found,
        "release": found.release,
        "title": found.place,
        "at_line": pointed_line(request),
    }
    try:
        read = actions.read_artifact(found)
    except actions.Refused as refusal:
        context |= {"refusal": str(refusal)}
        return TemplateResponse(request, "releases/file.html", context, status=409)
    if "as" in request.GET:
        return sent(request, read.text, read.fitting_encoding, found.name)
    return TemplateResponse(request, "releases/file.html", context | {"read": read})


@login_required
@require_GET
def view_diz(request: Request, pk: int) -> HttpResponse:
    """Show the file_id.diz that lies in the first volume of a release."""
    release = visible_release(request, pk)
    context: dict[str, Any] = {"release": release, "title": diz.NAME}
    try:
        read = actions.read_diz(release)
    except actions.Refused as refusal:
        context |= {"refusal": str(refusal)}
        return TemplateResponse(request, "releases/file.html", context, status=409)
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
    return downloads.cover(source)


@login_required
@require_GET
def release_cover(request: Request, pk: int) -> HttpResponse:
    """Send the small cover of a release: whoever sees the one sees the other."""
    return downloads.cover(visible_release(request, pk).source)


def pointed_line(request: Request) -> int:
    """Return the number of the line that a link points at; 0 where it is none."""
    said = request.GET.get("line", "")
    return int(said) if said.isdecimal() and len(said) <= DIGITS else 0


def visible_artifact(request: Request, pk: int, artifact: int) -> Artifact:
    return get_object_or_404(visible_release(request, pk).artifacts.all(), pk=artifact)


def visible_release(request: Request, pk: int) -> Release:
    releases = Release.objects.visible_to(request.user).select_related(
        "group", "rule", "source", "created_by", "nfo_template"
    )
    return get_object_or_404(releases, pk=pk)
