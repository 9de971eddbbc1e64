"""Keeps what is typed: while it is typed, when the session ends, when another tab was faster."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib.auth.views import redirect_to_login
from django.forms import BoundField, ModelChoiceField
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.datastructures import MultiValueDict
from django.views.decorators.http import require_POST

from drafts import actions, pages
from drafts.models import Draft
from drafts.pages import DIGITS, Overtaken, Page
from drafts.steps import BY_KEY, Step

Typed = MultiValueDict[str, str]
View = Callable[..., HttpResponseBase]
ASIDE = "put_aside"
"""In the session: what somebody sent whose session had ended."""
MOST_ASIDE = 500_000
"""Characters that are put aside."""
NOT_TYPED = {"csrfmiddlewaretoken"}


@require_POST
def keep(request: HttpRequest, draft: UUID, step: str) -> HttpResponse:
    """Keep what stands in the form, and tell what is wrong with it so far."""
    if not request.user.is_authenticated:
        return JsonResponse({"login": login_url(draft, step)}, status=401)
    found = Draft.objects.visible_to(request.user).filter(uuid=draft).first()
    if found is None or step not in BY_KEY:
        return notice(request, "gone", {}, status=404)
    try:
        actions.keep_typed(found, BY_KEY[step], request.POST)
    except actions.Packed:
        return notice(request, "packed", {"draft": found}, status=409)
    except Overtaken:
        told = overtaken(found, BY_KEY[step], request.POST)
        return notice(request, "overtaken", {"overtaken": told}, status=409)
    return JsonResponse({"wrong": wrong(found, BY_KEY[step], request.POST)})


def wrong(draft: Draft, step: Step, typed: Typed) -> dict[str, list[str]]:
    """Return the errors by field; what is not typed yet is no error."""
    form = actions.bound_form(draft, step, typed)
    form.overlook_missing()
    return {name: [str(one) for one in found] for name, found in form.errors.items()}


def notice(
    request: HttpRequest, name: str, context: dict[str, Any], *, status: int
) -> HttpResponse:
    """Answer a script with what stands in the way of keeping."""
    html = render_to_string(f"wizard/notices/{name}.html", context, request)
    return JsonResponse({"html": html}, status=status)


def login_url(draft: UUID, step: str) -> str:
    return redirect_to_login(reverse("wizard:step", args=[draft, step])).url


@dataclass(frozen=True, slots=True)
class Difference:
    field: BoundField
    here: str
    elsewhere: str


@dataclass(frozen=True, slots=True)
class OvertakenBy:
    """What another page wrote at the step meanwhile."""

    version: int
    differences: list[Difference]
    url: str


def overtaken(draft: Draft, step: Step, typed: Typed) -> OvertakenBy:
    form = step.form(draft=draft)
    elsewhere = pages.standing(draft, step.key, form.fields)
    here = pages.plain(typed, form.fields)
    differing = [name for name in form.fields if here.get(name) != elsewhere.get(name)]
    return OvertakenBy(
        version=pages.version(draft, step.key),
        differences=[
            Difference(
                form[name],
                chosen(form[name], here.get(name, [])),
                chosen(form[name], elsewhere.get(name, [])),
            )
            for name in differing
        ],
        url=reverse("wizard:step", args=[draft.uuid, step.key]),
    )


def chosen(field: BoundField, values: list[str]) -> str:
    """Return `values` as a reader knows them: by their label where there are some to choose."""
    if isinstance(field.field, ModelChoiceField):
        keys = [value for value in values if value.isdecimal() and len(value) <= DIGITS]
        return ", ".join(map(str, field.field.queryset.filter(pk__in=keys)))  # type: ignore[union-attr]
    labels = {str(key): str(label) for key, label in getattr(field.field, "choices", ())}
    return ", ".join(labels.get(value, value) for value in values)


def login_keeps_typed(view: View) -> View:
    """Ask for the login, as `login_required` does; what was sent is shown again after it."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, draft: UUID, **kwargs: Any) -> HttpResponseBase:
        if request.user.is_authenticated:
            return view(request, *args, draft=draft, **kwargs)
        step = kwargs.get("step", "enrichment")
        if request.method == "POST" and step in BY_KEY:
            put_aside(request, draft, step)
            return redirect_to_login(reverse("wizard:step", args=[draft, step]))
        return redirect_to_login(request.get_full_path())

    return wrapped


def put_aside(request: HttpRequest, draft: UUID, step: str) -> None:
    """Keep in the session what was sent to a draft, whose address only its owner knows."""
    typed = {name: values for name, values in request.POST.lists() if name not in NOT_TYPED}
    length = sum(len(value) for values in typed.values() for value in values)
    if length <= MOST_ASIDE and Draft.objects.filter(uuid=draft).exists():
        request.session[ASIDE] = {"draft": str(draft), "step": step, "typed": typed}


def take_back(request: HttpRequest, draft: Draft, step: str) -> Typed | None:
    """Return what was put aside for this step, once."""
    aside = request.session.get(ASIDE, {})
    if (aside.get("draft"), aside.get("step")) != (str(draft.uuid), step):
        return None
    del request.session[ASIDE]
    return MultiValueDict(aside["typed"])


def seen(draft: Draft, step: Step, typed: Typed | None) -> int:
    """Return the version that the page shows, or that which it showed before it was overtaken."""
    page = Page.of(typed) if typed else None
    return page.seen if page else pages.version(draft, step.key)
