"""The page of the chores: when each is due, how it went, and what administrators change of it."""

from collections.abc import Iterable

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from accounts.http import Request
from accounts.permissions import holds, require
from jobs import duties
from jobs.actions import Refused
from jobs.chores import Chore


class ChoreForm(forms.Form):
    is_on = forms.BooleanField(required=False)
    every_s = forms.IntegerField(
        min_value=duties.LEAST_S,
        max_value=duties.MOST_S,
        error_messages={"required": gettext_lazy("How often it is done is missing.")},
    )


@login_required
@require_GET
def index(request: Request) -> HttpResponse:
    require(request.user, "config", "read")
    context = {
        "chores": duties.listed(),
        "may_change": holds(request.user, "config", "write"),
        "least_s": duties.LEAST_S,
        "most_s": duties.MOST_S,
    }
    return TemplateResponse(request, "jobs/chores.html", context)


@login_required
@require_POST
def change(request: Request, name: str) -> HttpResponse:
    """Switch a chore on or off, and set its interval."""
    require(request.user, "config", "write")
    form = ChoreForm(request.POST)
    try:
        if form.is_valid():
            duties.change_chore(name, by=request.user, **form.cleaned_data)
            messages.success(request, _("The chore is changed."))
        else:
            tell_wrong(request, map(str, form.errors.get("every_s", [])))
    except ValidationError as error:
        tell_wrong(request, error.messages)
    except Refused as refusal:
        messages.error(request, str(refusal))
    except Chore.DoesNotExist as error:
        raise Http404 from error
    return redirect("chores:index")


def tell_wrong(request: Request, sentences: Iterable[str]) -> None:
    for sentence in sentences:
        messages.error(request, sentence)


@login_required
@require_POST
def run(request: Request, name: str) -> HttpResponse:
    try:
        duties.ask_for_chore(name, by=request.user)
        messages.success(request, _("It is done within seconds, where workers are kept running."))
    except Refused as refusal:
        messages.error(request, str(refusal))
    except Chore.DoesNotExist as error:
        raise Http404 from error
    return redirect("chores:index")
