"""The page that moves all texts to a folder, or back to the database."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_http_methods

from accounts.http import Request
from accounts.permissions import require
from jobs.models import Job
from library.forms import StorageForm
from library.views import complain
from releases import actions
from releases.actions import Refused
from releases.actions.template_storage import SUBJECT
from releases.models import NfoTemplate, TemplateStorage


@login_required
@require_http_methods(["GET", "POST"])
def storage(request: Request) -> HttpResponse:
    """Say what a move will do, then begin it."""
    require(request.user, "config", "mod")
    current = TemplateStorage.current()
    asked = request.POST or (request.GET if "storage" in request.GET else None)
    form = StorageForm(asked, initial={"storage": current.storage, "disk_path": current.disk_path})
    plan: dict[str, Any] = {}
    if form.is_bound and form.is_valid():
        try:
            if request.method == "POST":
                actions.request_migration(*answers(form), by=request.user)
                return redirect("library:storage")
            plan = {"moves": actions.planned_migration(*answers(form), by=request.user)}
        except Refused as refusal:
            complain(form, refusal)
    context = {
        "form": form,
        "current": current,
        "count": NfoTemplate.objects.count(),
        "job": Job.objects.about(SUBJECT).newest_first().first(),
        "reload_when_over": False,
    }
    return TemplateResponse(request, "library/storage.html", context | plan)


def answers(form: StorageForm) -> tuple[str, str]:
    return form.cleaned_data["storage"], form.cleaned_data["disk_path"]
