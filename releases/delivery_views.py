"""Deliveries of a release: what became of them, and the form that asks for one."""

from dataclasses import asdict

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.http import Request, our_page
from delivery.models import Destination
from delivery.outcome import outcome_of
from releases.actions import Refused
from releases.actions.delivering import request_delivery, try_destination
from releases.deliveries_page import TESTED, deliveries_of, tested
from releases.detail_page import page
from releases.models import Release
from releases.views import DIGITS, visible_release


@login_required
@require_GET
def index(request: Request, pk: int) -> HttpResponse:
    release = visible_release(request, pk)
    return page(request, release, "deliveries", deliveries_of(request, release))


@login_required
@require_POST
def deliver(request: Request, pk: int) -> HttpResponse:
    """Have a release delivered to the destination of the form, or try that."""
    release = visible_release(request, pk)
    here = reverse("releases:deliveries", args=[pk])
    back = our_page(request, request.POST.get("next", "")) or here
    asked = request.POST.get("destination", "")
    if not (asked.isdecimal() and len(asked) <= DIGITS):
        messages.warning(request, _("Choose a destination first."))
        return redirect(back)
    usable = Destination.objects.usable_by(request.user)
    destination = get_object_or_404(usable, pk=asked)
    if "test" in request.POST:
        return tried(request, release, destination, back)
    try:
        request_delivery(release, destination, by=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect(back)


def tried(request: Request, release: Release, destination: Destination, back: str) -> HttpResponse:
    """Try a destination; htmx gets the outcome for beside the button, others the page with it."""
    outcome = outcome_of(
        lambda: try_destination(release, destination, by=request.user), destination.pk
    )
    if request.htmx:
        context = tested(outcome, destination, request.user) | {"back": back}
        return TemplateResponse(request, "delivery/_tested.html", context)
    request.session[TESTED] = asdict(outcome)
    return redirect(back)
