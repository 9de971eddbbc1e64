from collections.abc import Callable
from dataclasses import asdict, dataclass

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.http import Request
from accounts.models import User
from accounts.permissions import holds, require
from delivery import actions
from delivery.checking import Refused
from delivery.endpoint import HostKeyUnknown
from delivery.forms import SECRETS, DestinationForm
from delivery.models import Destination
from delivery.telling import told
from network.addresses import Unreachable
from vault.sealing import Undecryptable

OWNERS = {"own": False, "all": True}
"""Whether what is made is for all."""
TESTED = "tested-destination"
"""Where a session keeps the outcome of a test until the next page shows it."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a test found out, as a page shows it."""

    worked: bool
    sentence: str
    host_key: str = ""
    """What the server showed, where it may be accepted."""
    pk: int | None = None


@login_required
@require_GET
def index(request: Request) -> HttpResponse:
    may = {"test": "write", "change": "mod", "remove": "delete"}
    context = {
        "destinations": Destination.objects.visible_to(request.user).select_related("user"),
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
    return redirect("delivery:index")


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


def outcome_of(test: Callable[[], int], pk: int | None = None) -> Outcome:
    try:
        milliseconds = test()
    except Refused as refusal:
        return Outcome(worked=False, sentence=str(refusal), pk=pk)
    except (Unreachable, Undecryptable) as error:
        shown = error.values["host_key"] if isinstance(error, HostKeyUnknown) else ""
        return Outcome(worked=False, sentence=told(error), host_key=shown, pk=pk)
    sentence = _("It works: a file was written and removed again, in %(milliseconds)d ms.")
    return Outcome(worked=True, sentence=sentence % {"milliseconds": milliseconds}, pk=pk)


def visible_destination(request: Request, pk: int) -> Destination:
    visible = Destination.objects.visible_to(request.user)
    return get_object_or_404(visible.select_related("user"), pk=pk)


def form_page(
    request: Request, form: DestinationForm, owner: User | None, outcome: Outcome | None = None
) -> HttpResponse:
    context = {"form": form, "owner": owner, "outcome": outcome}
    return TemplateResponse(request, "delivery/form.html", context)


def kept(request: Request, destination: Destination) -> HttpResponse:
    messages.success(request, _("%(name)s: saved. Test it below.") % {"name": destination})
    return redirect("delivery:index")
