"""The page that lists releases, and what it asks for while somebody types."""

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.http import Request
from accounts.models import ReleaseGroup, User
from accounts.preferences import prefer, preferences
from jobs.models import Job
from releases import copies, saved, search
from releases.filters import SORTS, Asked, Conformity, asked_of
from releases.models import Release, ReleaseType
from releases.paging import pages_of

PER_PAGE = 25
MODES = ("table", "cards")
OFFERED = 20
"""Groups or people that are offered while one is typed."""
SHOW_ALL = "show"
"""In an address: the list as it is, not the view that it opens with."""

LABELS = {
    "search": gettext_lazy("Search"),
    "type": gettext_lazy("Type"),
    "status": gettext_lazy("Status"),
    "conformity": gettext_lazy("Conformity"),
    "group": gettext_lazy("Group"),
    "owner": gettext_lazy("Owner"),
    "since": gettext_lazy("From"),
    "until": gettext_lazy("Until"),
}


@login_required
@require_GET
def index(request: Request) -> HttpResponse:
    """Show a page of the releases that are asked for; the view of one's own where nothing is."""
    told = preferences(request.user, saved.KEY, "view_mode")
    default = saved.default_in(told[saved.KEY])
    if default and not request.GET:
        return redirect(f"{reverse('releases:index')}?{saved.views_in(told[saved.KEY])[default]}")
    template = "releases/index.html#release-table" if request.htmx else "releases/index.html"
    asked = asked_of(request.GET)
    context = listed(request, asked, told["view_mode"])
    views = list(named(told[saved.KEY], asked))
    context |= {
        "views": views,
        "is_by_default": bool(default),
        "is_saved": any(view["is_now"] for view in views),
    }
    return TemplateResponse(request, template, context)


def listed(request: Request, asked: Asked, mode: str) -> dict[str, Any]:
    rows = Release.objects.brief().select_related("created_by", *covers(mode))
    page = pages_of(asked, request.user, PER_PAGE, rows=rows).get_page(request.GET.get("page"))
    sought = search.parts(asked.search)
    active = Job.objects.active().filter(subject__in=[row.subject for row in page])
    return {
        "page": page,
        "rows": [shown(row, sought, mode) for row in page],
        "active": dict(active.values_list("subject", "pk")),
        "asked": asked,
        "query": asked.query(),
        "is_narrow": asked.is_narrow,
        "chips": list(chips(asked)),
        "mode": mode,
        "sorts": list(sorts(asked)),
        "types": ReleaseType,
        "statuses": Release.Status,
        "states": Conformity,
    }


def covers(mode: str) -> tuple[str, ...]:
    return ("source",) if mode == "cards" else ()


def shown(row: Release, sought: list[str], mode: str) -> dict[str, Any]:
    """Return what the list tells of a release, with what was sought marked in it."""
    texts = {"name": row.name, "title": row.title, "author": row.author, "group": row.group_tag}
    told = {name: search.marked(text, sought) for name, text in texts.items()}
    has_cover = mode == "cards" and copies.has_cover(row.source)
    state = row.conformity_state or Conformity.UNKNOWN
    known = state in Conformity.values
    label = Conformity(state).label if known else state
    return {"release": row, "has_cover": has_cover, "state": state, "state_label": label, **told}


def chips(asked: Asked) -> Iterator[dict[str, str]]:
    """Yield each thing that narrows the list, and the address of the list without it."""
    known: dict[str, Any] = {
        "type": ReleaseType,
        "status": Release.Status,
        "conformity": Conformity,
    }
    for name, label in LABELS.items():
        value = getattr(asked, name)
        for one in value if isinstance(value, tuple) else [value] if value else []:
            choices = known.get(name)
            words = choices(one).label if choices and one in choices.values else one
            yield {"label": str(label), "value": str(words), "query": asked.without(name, one)}


def sorts(asked: Asked) -> Iterator[dict[str, Any]]:
    """Yield each column that the list can be sorted by, and the address of that."""
    for name in SORTS:
        is_now = asked.sort == name
        first = "asc" if name in {"name", "group"} else "desc"
        other = {"asc": "desc", "desc": "asc"}[asked.order]
        order = other if is_now else first
        yield {
            "name": name,
            "is_now": is_now,
            "direction": {"asc": "ascending", "desc": "descending"}[asked.order],
            "query": asked.query(sort=name, order=order),
        }


def named(kept: dict[str, Any], asked: Asked) -> Iterator[dict[str, Any]]:
    """Yield the views of a person."""
    for name, query in saved.views_in(kept).items():
        yield {
            "name": name,
            "query": query or f"{SHOW_ALL}=all",
            "is_now": query == asked.query(),
            "is_default": name == saved.default_in(kept),
        }


@login_required
@require_POST
def remember(request: Request) -> HttpResponse:
    """Keep whether this user looks at a table or at cards."""
    if (mode := request.POST.get("mode", "")) in MODES:
        prefer(request.user, "view_mode", mode)
    return redirect(list_of(request.POST.get("query", "")))


def list_of(query: str) -> str:
    """Return the address of the list that a form came from."""
    return f"{reverse('releases:index')}?{saved.sane(query) or f'{SHOW_ALL}=all'}"


@login_required
@require_http_methods(["GET", "POST"])
def views(request: Request) -> HttpResponse:
    """Show the views of one's own; a POST keeps another one."""
    if request.method == "GET":
        kept = preferences(request.user, saved.KEY)[saved.KEY]
        context = {"views": list(named(kept, asked_of(QueryDict()))), "most": saved.NAME_LENGTH}
        return TemplateResponse(request, "releases/views.html", context)
    query = request.POST.get("query", "")
    try:
        name = saved.save(request.user, request.POST.get("name", ""), query)
    except ValidationError as error:
        for sentence in error.messages:
            messages.error(request, sentence)
    else:
        messages.success(request, _("The view %(name)s is saved.") % {"name": name})
    return redirect(list_of(query))


@login_required
@require_POST
def change_view(request: Request) -> HttpResponse:
    """Rename a view, delete it, or have the list open with it."""
    name, new = request.POST.get("name", ""), request.POST.get("new", "")
    changes = {
        "rename": lambda: saved.rename(request.user, name, new),
        "delete": lambda: saved.delete(request.user, name),
        "open": lambda: saved.make_default(request.user, name),
        "open-all": lambda: saved.make_default(request.user, ""),
    }
    change = changes.get(request.POST.get("do", ""))
    if change is None:
        raise Http404
    try:
        change()
    except ValidationError as error:
        for sentence in error.messages:
            messages.error(request, sentence)
    else:
        messages.success(request, _("Your views are changed."))
    return redirect("releases:views")


@login_required
@require_GET
def groups(request: Request) -> HttpResponse:
    """Offer the groups, among those of releases one may see, that begin as what is typed."""
    typed = last_typed(request, "group").upper()
    found = ReleaseGroup.objects.filter(tag__startswith=typed).order_by("tag")
    if not request.user.is_admin:
        seen = Release.objects.visible_to(request.user).values("group")
        found = found.filter(pk__in=seen)
    return offered(request, list(found.values_list("tag", flat=True)[:OFFERED]))


@login_required
@require_GET
def owners(request: Request) -> HttpResponse:
    """Offer an administrator the people whose names begin as what is typed."""
    if not request.user.is_admin:
        raise Http404
    typed = last_typed(request, "owner")
    found = User.objects.filter(username__istartswith=typed).order_by("username")
    return offered(request, list(found.values_list("username", flat=True)[:OFFERED]))


def last_typed(request: Request, name: str) -> str:
    """Return what is typed in a field that may stand in the form several times."""
    return (request.GET.getlist(name) or [""])[-1].strip()[:100]


def offered(request: Request, found: list[str]) -> HttpResponse:
    return TemplateResponse(request, "releases/_offered.html", {"offered": found})
