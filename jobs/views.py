from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from accounts.http import Request
from jobs import actions
from jobs.models import Job

LINES_SHOWN = 200


@login_required
@require_GET
def index(request: Request) -> HttpResponse:
    jobs = Job.objects.visible_to(request.user).newest_first().select_related("by")
    return TemplateResponse(request, "jobs/index.html", {"jobs": jobs[:100]})


@login_required
@require_GET
def detail(request: Request, pk: int) -> HttpResponse:
    """Show one job; htmx asks for its panel alone, until the job is over."""
    template = "jobs/detail.html#job" if request.htmx else "jobs/detail.html"
    job = get_object_or_404(Job.objects.visible_to(request.user), pk=pk)
    return TemplateResponse(request, template, panel(job))


@login_required
@require_POST
def cancel(request: Request, pk: int) -> HttpResponse:
    job = get_object_or_404(Job.objects.visible_to(request.user), pk=pk)
    try:
        actions.cancel_job(job, by=request.user)
    except actions.Refused as refusal:
        messages.error(request, str(refusal))
    return redirect(reverse("jobs:detail", args=[pk]))


@login_required
@require_POST
def rerun(request: Request, pk: int) -> HttpResponse:
    job = get_object_or_404(Job.objects.visible_to(request.user), pk=pk)
    try:
        job = actions.rerun_job(job, by=request.user)
    except actions.Refused as refusal:
        messages.error(request, str(refusal))
    return redirect(reverse("jobs:detail", args=[job.pk]))


def panel(job: Job) -> dict[str, object]:
    """Return what the panel of `job` shows: the job and the last lines of its log."""
    newest = job.lines.order_by("-pk")[:LINES_SHOWN]
    return {"job": job, "lines": reversed(newest)}
