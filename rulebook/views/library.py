"""The library as a list and as a tree."""

from collections.abc import Sequence
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from accounts.http import Request
from accounts.models import User
from accounts.permissions import holds, require
from accounts.preferences import prefer, preference
from releases.models import ReleaseType
from rulebook import filters
from rulebook.filters import State
from rulebook.views.sync import box
from rules.models import Branch, Rule
from rules.paging import FoundOnce

PER_PAGE = 25
VIEWS = ("list", "tree")
ASKED = ("search", *filters.COLUMNS, "state")


@login_required
@require_GET
def index(request: Request) -> HttpResponse:
    require(request.user, "rules", "read")
    asked = request.GET
    tree = Rule.objects.tree()
    is_of_site = asked.get("state") == State.LISTED
    is_narrowed = any(asked.get(name) for name in ASKED)
    context: dict[str, Any] = {
        "asked": {name: asked.get(name, "") for name in ASKED},
        "is_narrowed": is_narrowed,
        "is_sought": any(asked.get(name) for name in ASKED if name != "state"),
        "query": query(asked),
        "tree": tree,
        "view": view_of(request.user),
        "choices": filters.choices(tree, asked.get("scene", "")),
        "types": ReleaseType,
        "origins": Rule.Origin,
        "states": State,
        "is_of_site": is_of_site,
        "waiting": 0 if is_narrowed else filters.not_downloaded().count(),
        "may_add": holds(request.user, "rules", "write"),
        "may_change": holds(request.user, "rules", "mod"),
    }
    context |= (
        listed_there(asked) if is_of_site else listed_here(asked, None if is_narrowed else tree)
    )
    if request.htmx:
        return TemplateResponse(request, "rulebook/index.html#rules", context)
    return TemplateResponse(request, "rulebook/index.html", context | box(request.user))


def listed_here(asked: QueryDict, whole: Sequence[Branch] | None) -> dict[str, Any]:
    """Return a page of the library, each rule with the lines that were sought.

    The tree of the `whole` library tells how many there are, where nothing narrows it.
    """
    sought = asked.get("search", "").strip()
    found = filters.rules_asked(asked).order_by("scene", "section", "-year", "name")
    paginator: Paginator[Rule] = Paginator(found.without_texts(), PER_PAGE)
    if sought:
        with_texts = Rule.objects.defer("words", "spec_data", "unread")
        told = filters.told_if_edited(with_texts)
        paginator = FoundOnce(found, PER_PAGE, rows=told)
    if whole is not None:
        paginator.count = sum(scene.count for scene in whole)
    page = paginator.get_page(asked.get("page"))
    rows = [
        {"rule": rule, "hits": filters.hits(rule.content, sought) if sought else []}
        for rule in page
    ]
    return {"page": page, "rows": rows}


def listed_there(asked: QueryDict) -> dict[str, Any]:
    """Return a page of what the site lists and the library has not."""
    found = filters.listings_asked(asked)
    return {"page": Paginator(found, PER_PAGE).get_page(asked.get("page"))}


def query(asked: QueryDict) -> str:
    """Return the filters as an address carries them, without the page."""
    kept = asked.copy()
    kept.pop("page", None)
    return kept.urlencode()


def view_of(user: User) -> str:
    kept = preference(user, "list_filters").get("rules")
    return kept if kept in VIEWS else VIEWS[0]


@login_required
@require_POST
def remember(request: Request) -> HttpResponse:
    """Keep whether this user looks at a list or at a tree."""
    wanted = request.POST.get("view", "")
    if wanted in VIEWS:
        kept = preference(request.user, "list_filters")
        prefer(request.user, "list_filters", kept | {"rules": wanted})
    filters_kept = QueryDict(request.POST.get("query", "")).urlencode()
    return redirect(f"{reverse('rulebook:index')}?{filters_kept}")
