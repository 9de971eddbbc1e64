from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseRedirect, QueryDict, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.http import Request, our_page
from jobs import actions, downloads
from jobs.forms import JobFilter
from jobs.listing import NUMBER_DIGITS, Page, listed, narrowed, still_wanted
from jobs.models import Job, JobLog, JobQuerySet

LINES_SHOWN = 200
MOST_AT_ONCE = 100
NAMED_AT_ONCE = 20


@login_required
@require_GET
def index(request: Request) -> HttpResponse:
    template = "jobs/index.html#job-table" if request.htmx else "jobs/index.html"
    form = JobFilter(request.GET, request.user)
    asked = form.answers()
    jobs = narrowed(asked, request.user)
    status = asked.get("status", "")
    shows_everyone = request.user.is_admin and "whose" not in asked
    listed_jobs = jobs.filter(status=status) if status else jobs
    page = Page(
        listed_jobs.prefetch_related("by") if shows_everyone else listed_jobs,
        before=number(request.GET, "before"),
        after=number(request.GET, "after"),
    )
    counts = jobs.count_by_status()
    context = {
        "form": form,
        "asked": asked,
        "page": page,
        "rows": listed(page.rows, request.user),
        "chips": chips(counts, status),
        "counts": counts,
        "shows_everyone": shows_everyone,
    }
    return TemplateResponse(request, template, context)


def number(asked: QueryDict, name: str) -> int:
    text = asked.get(name, "")
    return int(text) if text.isdecimal() and len(text) <= NUMBER_DIGITS else 0


def chips(counts: dict[str, int], status: str) -> list[dict[str, Any]]:
    """Return what narrows the list to one status, with how many jobs it leaves."""
    choices = [("", _("All")), *Job.Status.choices]
    return [
        {
            "value": value,
            "label": label,
            "count": counts[value] if value else sum(counts.values()),
            "is_current": value == status,
        }
        for value, label in choices
    ]


@login_required
@require_GET
def detail(request: Request, pk: int) -> HttpResponse:
    """Show one job; htmx asks for its panel alone."""
    template = "jobs/detail.html#job" if request.htmx else "jobs/detail.html"
    job = get_object_or_404(Job.objects.visible_to(request.user).select_related("by"), pk=pk)
    least = request.GET.get("level", "")
    context = panel(job, least if least in JobLog.Level.values else JobLog.Level.DEBUG)
    (row,) = listed([job], request.user)
    return TemplateResponse(request, template, context | {"row": row, "about": row.about})


@login_required
@require_GET
def log(request: Request, pk: int) -> StreamingHttpResponse:
    """Give the whole log as a file."""
    return downloads.log_of(get_object_or_404(Job.objects.visible_to(request.user), pk=pk))


@login_required
@require_POST
def cancel(request: Request, pk: int) -> HttpResponse:
    job = get_object_or_404(Job.objects.visible_to(request.user), pk=pk)
    try:
        actions.cancel_job(job, by=request.user)
    except actions.Refused as refusal:
        messages.error(request, str(refusal))
    return back(request, pk, job)


@login_required
@require_POST
def rerun(request: Request, pk: int) -> HttpResponse:
    job = get_object_or_404(Job.objects.visible_to(request.user), pk=pk)
    try:
        job = actions.rerun_job(job, by=request.user)
    except actions.Refused as refusal:
        messages.error(request, str(refusal))
    return back(request, pk, job)


def back(request: Request, pk: int, job: Job) -> HttpResponseRedirect:
    """Go back to the page that asked; from that of the job `pk`, to that of `job`."""
    page = our_page(request, request.POST.get("next", ""))
    is_its_own = page.startswith(reverse("jobs:detail", args=[pk]))
    own = reverse("jobs:detail", args=[job.pk])
    return redirect(page if page and not is_its_own else own)


@login_required
@require_http_methods(["GET", "POST"])
def rerun_failed(request: Request) -> HttpResponse:
    """Say which failures of the list would be run again, then do it."""
    failed = asked_for(request).unmended().newest_first()
    if request.method == "POST":
        chosen = failed.filter(pk__lte=number(request.POST, "newest"))
        again, refused = actions.rerun_all(still_wanted(chosen[:MOST_AT_ONCE]), by=request.user)
        tell_again(request, len(again), len(refused))
        return redirect(back_to_list(request))
    jobs = still_wanted(failed[:MOST_AT_ONCE])
    context = {
        "jobs": jobs,
        "rows": listed(jobs[:NAMED_AT_ONCE], request.user),
        "others": len(jobs[NAMED_AT_ONCE:]),
        "most": MOST_AT_ONCE,
        "list_url": back_to_list(request),
    }
    return TemplateResponse(request, "jobs/rerun_failed.html", context)


def tell_again(request: Request, again: int, refused: int) -> None:
    sentence = ngettext("%d job runs again.", "%d jobs run again.", again) % again
    messages.success(request, sentence)
    if refused:
        sentence = ngettext(
            "%d was left out: the same work is waiting or running already.",
            "%d were left out: the same work is waiting or running already.",
            refused,
        )
        messages.warning(request, sentence % refused)


@login_required
@require_POST
def cancel_waiting(request: Request) -> HttpResponse:
    waiting = asked_for(request).waiting().order_by("pk")
    cancelled = actions.cancel_all(waiting[:MOST_AT_ONCE], by=request.user)
    sentence = ngettext("%d job is cancelled.", "%d jobs are cancelled.", cancelled) % cancelled
    messages.success(request, sentence)
    return redirect(back_to_list(request))


def asked_for(request: Request) -> JobQuerySet:
    """Return the jobs of the list that the query string describes, of any status."""
    return narrowed(JobFilter(request.GET, request.user).answers(), request.user)


def back_to_list(request: Request) -> str:
    return f"{reverse('jobs:index')}?{request.GET.urlencode()}"


def panel(job: Job, least: str = JobLog.Level.DEBUG) -> dict[str, object]:
    """Return what the page of `job` shows: the last lines of its log, and how to see others."""
    levels = JobLog.Level.values
    wanted = levels[levels.index(least) :]
    newest = list(job.lines.filter(level__in=wanted).order_by("-pk")[:LINES_SHOWN])
    return {
        "job": job,
        "lines": newest[::-1],
        "last_line": newest[0].pk if newest else 0,
        "least": least,
        "levels": [
            ("DEBUG", _("All")),
            ("WARNING", _("Warnings and errors")),
            ("ERROR", _("Errors alone")),
        ],
    }
