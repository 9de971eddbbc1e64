from dataclasses import asdict
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.http import Request, our_page
from accounts.models import ReleaseGroup, User
from accounts.permissions import holds, require
from delivery import actions
from delivery.checking import Refused
from delivery.forms import SECRETS, DestinationForm
from delivery.models import NAME_LENGTH, Destination
from delivery.outcome import Outcome, outcome_of

OWNERS = {"own": False, "all": True}
"""Whether what is made is for all."""
TESTED = "tested-destination"
"""Where a session keeps the outcome of a test until the next page shows it."""


@login_required
@require_GET
def index(request: Request) -> HttpResponse:
    may = {"test": "write", "change": "mod", "remove": "delete"}
    seen = Destination.objects.visible_to(request.user).select_related("user")
    context = {
        "destinations": seen.prefetch_related("auto_deliveries__group"),
        "groups": groups_for(request.user),
        "may": {what: holds(request.user, "config", action) for what, action in may.items()},
        "outcome": request.session.pop(TESTED, None),
    }
    return TemplateResponse(request, "delivery/index.html", context)


@login_required
@sensitive_post_parameters(*SECRETS)
@require_http_methods(["GET", "POST"])
def create(request: Request, whose: str) -> HttpResponse:
    if whose not in OWNERS:
        raise Http404
    owner = None if OWNERS[whose] else request.user
    if owner is None:
        require(request.user, "config", "write")
    form = DestinationForm(request.POST or None)
    if "test" in request.POST:
        return tried(request, form, owner)
    if form.is_valid():
        try:
            made = actions.create_destination(form.given(), owner=owner, by=request.user)
        except Refused as refusal:
            form.add_error(refusal.field, str(refusal))
        else:
            return kept(request, made)
    return form_page(request, form, owner)


@login_required
@sensitive_post_parameters(*SECRETS)
@require_http_methods(["GET", "POST"])
def change(request: Request, pk: int) -> HttpResponse:
    destination = visible_destination(request, pk)
    form = DestinationForm(request.POST or None, kept=destination)
    if "test" in request.POST:
        return tried(request, form, destination.user)
    if form.is_valid():
        try:
            actions.update_destination(destination, form.given(), by=request.user)
        except Refused as refusal:
            form.add_error(refusal.field, str(refusal))
        else:
            return kept(request, destination)
    return form_page(request, form, destination.user)


@login_required
@require_POST
def remove(request: Request, pk: int) -> HttpResponse:
    destination = visible_destination(request, pk)
    actions.delete_destination(destination, by=request.user)
    messages.success(request, _("%(name)s is forgotten.") % {"name": destination})
    return redirect("delivery:index")


@login_required
@require_POST
def test(request: Request, pk: int) -> HttpResponse:
    """Try a destination; htmx gets the outcome for beside the button, others the page with it."""
    destination = visible_destination(request, pk)
    outcome = outcome_of(lambda: actions.test_destination(destination, by=request.user), pk)
    if request.htmx:
        context = {"outcome": outcome, "destination": destination}
        return TemplateResponse(request, "delivery/_tested.html", context)
    request.session[TESTED] = asdict(outcome)
    return redirect("delivery:index")


@login_required
@require_POST
def accept(request: Request, pk: int) -> HttpResponse:
    """Keep the key that a test showed as the one of the server."""
    destination = visible_destination(request, pk)
    given = actions.Given(host_key=request.POST.get("host_key", ""))
    try:
        actions.update_destination(destination, given, by=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        sentence = _("The key of %(name)s is accepted. Test it again.")
        messages.success(request, sentence % {"name": destination})
    return redirect(way_back(request))


@login_required
@require_POST
def add_group(request: Request, pk: int) -> HttpResponse:
    """Have what is packed under a group delivered there by itself."""
    destination = visible_destination(request, pk)
    tag = request.POST.get("group", "").strip().upper()
    group = groups_for(request.user).filter(tag=tag).first()
    if group is None:
        sentence = _("There is no release group %(tag)s that you may know of: choose another.")
        messages.error(request, sentence % {"tag": tag[:NAME_LENGTH] or "?"})
        return redirect("delivery:index")
    actions.add_auto_delivery(destination, group, by=request.user)
    sentence = _("What is packed under %(group)s goes to %(name)s by itself from now on.")
    messages.success(request, sentence % {"group": group, "name": destination})
    return redirect("delivery:index")


@login_required
@require_POST
def remove_group(request: Request, pk: int, group: int) -> HttpResponse:
    destination = visible_destination(request, pk)
    found = get_object_or_404(
        ReleaseGroup.objects.filter(auto_deliveries__destination=pk), pk=group
    )
    actions.remove_auto_delivery(destination, found, by=request.user)
    sentence = _("What is packed under %(group)s goes to %(name)s by itself no more.")
    messages.success(request, sentence % {"group": found, "name": destination})
    return redirect("delivery:index")


def groups_for(user: User) -> QuerySet[ReleaseGroup]:
    """Return the groups that `user` may choose: all, or their own and those they packed under."""
    found = ReleaseGroup.objects.order_by("tag")
    if holds(user, "config", "write"):
        return found
    return found.filter(Q(members=user) | Q(releases__created_by=user)).distinct()


def way_back(request: Request) -> str:
    """Return the page of this site that a person came from, where a form says so."""
    asked = request.POST.get("next") or request.GET.get("next", "")
    return our_page(request, asked) or reverse("delivery:index")


def tried(request: Request, form: DestinationForm, owner: User | None) -> HttpResponse:
    """Try what a form says, with no secret that is kept."""
    if form.is_valid():
        given = form.given()
        outcome = outcome_of(lambda: actions.test_given(given, owner=owner, by=request.user))
    else:
        wrong = (f"{form[name].label}: {found[0]}" for name, found in form.errors.items())
        outcome = Outcome(worked=False, sentence=" ".join(wrong))
    if request.htmx:
        return TemplateResponse(request, "delivery/_tested.html", {"outcome": outcome})
    return form_page(request, form, owner, outcome)


def visible_destination(request: Request, pk: int) -> Destination:
    visible = Destination.objects.visible_to(request.user)
    return get_object_or_404(visible.select_related("user"), pk=pk)


def form_page(
    request: Request, form: DestinationForm, owner: User | None, outcome: Outcome | None = None
) -> HttpResponse:
    context: dict[str, Any] = {"form": form, "owner": owner, "outcome": outcome}
    context |= {"back": way_back(request)}
    return TemplateResponse(request, "delivery/form.html", context)


def kept(request: Request, destination: Destination) -> HttpResponse:
    messages.success(request, _("%(name)s: saved. Test it below.") % {"name": destination})
    return redirect(way_back(request))
