"""What is done to several releases of a list, and the trash."""

import csv
import io
from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.http import Request
from accounts.system import system
from jobs.models import Job
from releases import actions, downloads
from releases.actions import DEEDS, MOST, Refused
from releases.filters import asked_of
from releases.list_views import list_of
from releases.models import Release, ReleaseQuerySet
from releases.paging import numbers

PER_PAGE = 25
NAMED = 100
"""Releases that a page names one by one; of more it tells the number."""
DIGITS = 18
"""Of a number that any database takes."""
EXPORTED = 100_000
LIVE = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for a formula at the beginning of a cell."""
COLUMNS = (
    *("name", "title", "author", "type", "group", "size", "status", "conformity"),
    *("owner", "created_at"),
)


@login_required
@require_http_methods(["GET", "POST"])
def bulk(request: Request) -> HttpResponseBase:
    """Show what will become of each release that is chosen; a POST has it done."""
    given = request.POST if request.method == "POST" else request.GET
    if given.get("do") == "export":
        return exported(request, given)
    if given.get("do") not in DEEDS:
        raise Http404
    releases, are_too_many = chosen(request, given)
    if are_too_many:
        sentence = _("At most %(most)d releases are chosen at once: narrow the list first.")
        messages.error(request, sentence % {"most": MOST})
        return redirect(origin(given))
    prospects = actions.prospects(given.get("do", ""), releases, by=request.user)
    if not prospects:
        messages.warning(request, _("Choose a release first."))
        return redirect(origin(given))
    ready = [one.release.pk for one in prospects if not one.refusal]
    if request.method == "POST" and ready:
        job = actions.request_bulk(given.get("do", ""), ready, by=request.user)
        return redirect("releases:bulk-result", job.pk)
    return TemplateResponse(request, "releases/bulk.html", preview(given, prospects))


def preview(given: QueryDict, prospects: list[actions.Prospect]) -> dict[str, Any]:
    ready = [one.release for one in prospects if not one.refusal]
    refused = [one for one in prospects if one.refusal]
    return {
        "deed": DEEDS[given.get("do", "")],
        "do": given.get("do", ""),
        "ready": ready[:NAMED],
        "ready_count": len(ready),
        "refused": refused[:NAMED],
        "refused_count": len(refused),
        "chosen": ",".join(str(one.release.pk) for one in prospects),
        "is_whole": bool(given.get("all")),
        "query": given.get("query", ""),
        "back": origin(given),
    }


def chosen(request: Request, given: QueryDict) -> tuple[ReleaseQuerySet, bool]:
    """Return the releases that a form names, and whether they are more than can be chosen.

    `all` stands for all that its list shows.
    """
    deed = DEEDS.get(given.get("do", ""))
    if deed and deed.is_for_trash:
        found = Release.objects.trashed().reachable_by(request.user)
        if given.get("all"):
            return found, found.count() > MOST
    else:
        found = Release.objects.visible_to(request.user)
        if given.get("all"):
            asked = asked_of(QueryDict(given.get("query", "")))
            every = numbers(asked.narrowed(found), asked.index, 0, MOST + 1)
            return found.filter(pk__in=every[:MOST]), len(every) > MOST
    keys = named(given)
    return found.filter(pk__in=keys[:MOST]), len(keys) > MOST


def named(given: QueryDict) -> list[str]:
    """Return the keys of the releases that are ticked, or that a preview named.

    A preview names all in one field: of fields, a form may have but a thousand.
    """
    told = [*given.getlist("release"), *given.get("releases", "").split(",")]
    return [text for text in told if text.isdecimal() and len(text) < DIGITS]


def origin(given: QueryDict) -> str:
    """Return the address of the list that a form came from."""
    deed = DEEDS.get(given.get("do", ""))
    if deed and deed.is_for_trash:
        return reverse("releases:trash")
    return list_of(given.get("query", ""))


@login_required
@require_GET
def result(request: Request, pk: int) -> HttpResponse:
    """Show what became of each release."""
    job = bulk_job(request, pk)
    items = job.result.get("items", [])
    done = [one for one in items if not one["refusal"]]
    refused = [one for one in items if one["refusal"]]
    deed = DEEDS[job.arguments["deed"]]
    context = {
        "job": job,
        "deed": deed,
        "do": job.arguments["deed"],
        "done": done[:NAMED],
        "done_count": len(done),
        "refused": refused[:NAMED],
        "refused_count": len(refused),
        "may_undo": job.is_over and deed.undone_by and done,
        "is_gone": job.arguments["deed"] in {"trash", "delete"},
        "reload_when_over": not job.is_over,
    }
    return TemplateResponse(request, "releases/bulk_result.html", context)


def bulk_job(request: Request, pk: int) -> Job:
    return get_object_or_404(Job.objects.visible_to(request.user).filter(work="bulk"), pk=pk)


@login_required
@require_POST
def undo(request: Request, pk: int) -> HttpResponse:
    try:
        job = actions.undo_bulk(bulk_job(request, pk), by=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("releases:bulk-result", pk)
    return redirect("releases:bulk-result", job.pk)


@login_required
@require_GET
def trash(request: Request) -> HttpResponse:
    """Show what lies in the trash."""
    found = Release.objects.trashed().reachable_by(request.user).brief()
    newest = found.select_related("group", "created_by").order_by("-trashed_at", "-pk")
    page = Paginator(newest, PER_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "days": system().trash_days}
    return TemplateResponse(request, "releases/trash.html", context)


def exported(request: Request, given: QueryDict) -> HttpResponse:
    """Send what is chosen as a table for a spreadsheet."""
    found = Release.objects.visible_to(request.user)
    if given.get("all"):
        asked = asked_of(QueryDict(given.get("query", "")))
        keys = numbers(asked.narrowed(found), asked.index, 0, EXPORTED)
    else:
        ticked = found.filter(pk__in=named(given)[:MOST])
        keys = list(ticked.newest_first().values_list("pk", flat=True))
    if not keys:
        messages.warning(request, _("Choose a release first."))
        return redirect(origin(given))
    return downloads.whole(table(keys).encode("utf-8-sig"), "releases.csv")


def table(keys: list[int]) -> str:
    """Return the releases of `keys` as CSV, in which nothing is a formula."""
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow(COLUMNS)
    for start in range(0, len(keys), MOST):
        writer.writerows(lines(keys[start : start + MOST]))
    return written.getvalue()


def lines(keys: list[int]) -> Iterator[list[str]]:
    rows = Release.objects.brief().select_related("created_by").in_bulk(keys)
    for row in (rows[pk] for pk in keys if pk in rows):
        cells = (
            *(row.name, row.title, row.author, row.type, row.group_tag, row.size, row.status),
            *(row.conformity_state, row.created_by.username, row.created_at.isoformat()),
        )
        yield [still(str(cell)) for cell in cells]


def still(cell: str) -> str:
    """Return `cell` so that a spreadsheet shows it and does nothing else."""
    return f"'{cell}" if cell.startswith(LIVE) else cell
