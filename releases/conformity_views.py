"""The pages of the conformity report: of a release, and of what anybody has."""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.cache import get_conditional_response, patch_cache_control
from django.views.decorators.http import require_GET, require_http_methods

from accounts.http import Request
from accounts.permissions import require
from jobs.models import Job
from releases import actions, conformity, downloads
from releases.actions import Refused
from releases.conformity_forms import CheckForm, FilterForm
from releases.detail_page import page
from releases.models import Release
from releases.models.artifact import TEXTS
from releases.packing.lint import Report, restored
from releases.views import visible_release

RECENT = 10
MOST_TEXTS = 100
"""Of a release, those that violations are linked to."""
BADGE_AGE_S = 60
EM_PX = 7
"""About how wide a letter of the badge is."""


@login_required
@require_http_methods(["GET", "POST"])
def index(request: Request) -> HttpResponse:
    require(request.user, "releases", "write")
    asked = request.POST if request.method == "POST" else request.GET
    release = asked.get("release", "")
    files = request.FILES if request.method == "POST" else None
    data = request.POST if request.method == "POST" else None
    form = CheckForm(data, files, user=request.user, release=release, initial={"release": release})
    if refusal := getattr(request, "upload_refusal", ""):
        form.add_error("file", refusal)
    if form.is_bound and form.is_valid():
        try:
            job = requested(request, form)
        except Refused as refused:
            form.add_error("file" if form.cleaned_data["file"] else "release", str(refused))
        else:
            return redirect(reverse("conformity:report", args=[job.pk]))
    recent = Job.objects.filter(by=request.user, work=actions.CHECKS).newest_first()
    context = {"form": form, "jobs": [entry(job) for job in recent[:RECENT]]}
    return TemplateResponse(request, "conformity/index.html", context)


def requested(request: Request, form: CheckForm) -> Job:
    given = form.cleaned_data
    if given["file"]:
        return actions.request_check_of_zip(given["file"], by=request.user, rule=given["rule"])
    release = visible_release(request, given["release"].pk)
    return actions.request_check(release, by=request.user, rule=given["rule"])


def entry(job: Job) -> dict[str, Any]:
    """Return what the list of checks says of one."""
    kept = job.result.get("reports", [])
    names = [report["release"] for report in kept]
    name = job.arguments.get("name") or next(iter(names), str(job))
    return {"job": job, "name": name, "badges": [conformity.badge(one) for one in kept[:RECENT]]}


@login_required
@require_GET
def report(request: Request, pk: int) -> HttpResponse:
    """Show the reports of a check; of several one at a time."""
    job = checked(request, pk)
    reports = job.result.get("reports", [])
    context: dict[str, Any] = {"job": job, "name": entry(job)["name"]}
    if reports:
        at = place_of(request, len(reports))
        context |= shown(request, restored(reports[at])) | {
            "several": several(reports) if len(reports) > 1 else [],
            "at": at,
            "documents": [
                (form, reverse("conformity:document", args=[pk, form]))
                for form in conformity.DOCUMENTS
            ],
        }
    return TemplateResponse(request, "conformity/report.html", context)


def checked(request: Request, pk: int) -> Job:
    jobs = Job.objects.visible_to(request.user).filter(work=actions.CHECKS)
    return get_object_or_404(jobs, pk=pk)


def place_of(request: Request, count: int) -> int:
    said = request.GET.get("report", "0")
    at = int(said) if said.isdecimal() and len(said) < len(str(count)) + 1 else 0
    return min(at, count - 1)


def several(reports: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [
        {"name": one["place"] or one["release"], "badge": conformity.badge(one)} for one in reports
    ]


def shown(
    request: Request, report: Report, urls: Mapping[str, str] | None = None
) -> dict[str, Any]:
    filters = FilterForm(request.GET)
    found = conformity.shown(report, **filters.wanted(), urls=urls)
    return {"shown": found, "filters": filters}


@login_required
@require_GET
def document(request: Request, pk: int, form: str) -> HttpResponse:
    job = checked(request, pk)
    kept = job.result.get("reports", [])
    return sent([restored(one) for one in kept], form, entry(job)["name"])


def sent(reports: Sequence[Report], form: str, name: str) -> HttpResponse:
    """Answer `reports` as a file to keep."""
    if form not in conformity.DOCUMENTS or not reports:
        raise Http404
    return HttpResponse(
        conformity.document(reports, form).encode(errors="backslashreplace"),
        content_type="application/octet-stream",
        headers=downloads.kept(f"{name}.{conformity.DOCUMENTS[form]}"),
    )


@login_required
@require_http_methods(["GET", "POST"])
def of_release(request: Request, pk: int) -> HttpResponse:
    """Show the report that is kept with a release; a POST has it made anew."""
    release = visible_release(request, pk)
    if request.method == "POST":
        try:
            actions.request_check(release, by=request.user)
        except Refused as refusal:
            messages.error(request, str(refusal))
        return redirect("releases:conformity", pk)
    return page(request, release, "conformity", report_of(request, release))


def report_of(request: Request, release: Release) -> dict[str, Any]:
    if not release.conformity:
        return {}
    report = restored(release.conformity)
    return shown(request, report, urls_of_texts(release)) | {
        "name": release.name,
        "documents": [
            (form, reverse("releases:conformity-document", args=[release.pk, form]))
            for form in conformity.DOCUMENTS
        ],
    }


def urls_of_texts(release: Release) -> dict[str, str]:
    """Return where the texts of a release can be looked at, by their paths in it."""
    texts = release.artifacts.filter(kind__in=TEXTS).values_list("pk", "path")[:MOST_TEXTS]
    return {
        PurePosixPath(path).relative_to(release.name).as_posix(): reverse(
            "releases:view-file", args=[release.pk, pk]
        )
        for pk, path in texts
        if path.startswith(f"{release.name}/")
    }


@login_required
@require_GET
def document_of_release(request: Request, pk: int, form: str) -> HttpResponse:
    release = visible_release(request, pk)
    reports = [restored(release.conformity)] if release.conformity else []
    return sent(reports, form, release.name)


@login_required
@require_GET
def badge(request: Request, pk: int) -> HttpResponse:
    """Draw how a release keeps to its rule."""
    release = visible_release(request, pk)
    context: dict[str, Any] = {"release": release, **conformity.badge(release.conformity)}
    context |= {"width": EM_PX * len(context["words"]) + 20}
    drawn = render_to_string("conformity/badge.svg", context).encode()
    etag = f'"{hashlib.sha256(drawn).hexdigest()}"'
    response = HttpResponse(
        drawn,
        content_type="image/svg+xml",
        headers={
            "ETag": etag,
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "default-src 'none'; sandbox",
        },
    )
    patch_cache_control(response, private=True, max_age=BADGE_AGE_S)
    return get_conditional_response(request, etag=etag, response=response) or response
