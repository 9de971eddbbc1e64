"""Step 4: the file that is chosen, and the three ways to choose one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from accounts.http import Request
from drafts import choosing, fetching
from drafts.forms import StepForm
from drafts.models import Draft
from jobs.models import Job
from releases import description
from releases.actions import Refused
from releases.actions.folders import browse, own_place
from releases.folder import Entry, Listing, NotThere, Order
from releases.labels import Label
from releases.models import Source
from rules.models import Rule

WAYS: Mapping[str, Label] = {
    "upload": gettext_lazy("Send a file"),
    "folder": gettext_lazy("Server folder"),
    "url": gettext_lazy("From an address"),
}
ORDERS: Mapping[Order, Label] = {
    Order.NAME: gettext_lazy("by name"),
    Order.NEWEST: gettext_lazy("newest first"),
    Order.SIZE: gettext_lazy("largest first"),
}


@dataclass(frozen=True, slots=True)
class Way:
    key: str
    title: Label
    is_shown: bool


@dataclass(frozen=True, slots=True)
class Crumb:
    name: str
    path: str


@dataclass(frozen=True, slots=True)
class Row:
    """An entry of the folder, and why it cannot be chosen."""

    entry: Entry
    reason: str

    @property
    def changed_at(self) -> datetime:
        return datetime.fromtimestamp(self.entry.mtime, UTC)


@login_required
@require_POST
def choose(request: Request, draft: UUID) -> HttpResponse:
    """Choose a file of the server's folder."""
    found = own_draft(request, draft)
    path = request.POST.get("folder_path", "")
    above = path.rpartition("/")[0]
    try:
        choosing.choose_file(found, path, dict(request.POST.lists()), by=request.user)
    except NotThere:
        messages.error(request, _("This file is not there any more: choose another."))
        above = ""
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect(address_of(found, **{"from": "folder"} | ({"path": above} if above else {})))


@login_required
@require_POST
def fetch(request: Request, draft: UUID) -> HttpResponse:
    """Have the file at an address fetched, or say why it cannot be."""
    found, url = own_draft(request, draft), request.POST.get("url", "").strip()
    try:
        fetching.request_fetch(found, url, dict(request.POST.lists()), by=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect(address_of(found, **{"from": "url"}))


@login_required
@require_POST
def check_address(request: Request, draft: UUID) -> HttpResponse:
    """Say what is wrong with an address as it is typed."""
    own_draft(request, draft)
    url = request.POST.get("url", "").strip()
    context = {"url_error": fetching.address_trouble(url) if url else ""}
    return TemplateResponse(request, "wizard/steps/_source_url.html#trouble", context)


def own_draft(request: Request, uuid: UUID) -> Draft:
    return get_object_or_404(Draft.objects.visible_to(request.user), uuid=uuid)


def address_of(draft: Draft, **query: str) -> str:
    here = reverse("wizard:step", args=[draft.uuid, "source"])
    return f"{here}?{urlencode(query)}"


def panel(draft: Draft, form: StepForm, request: Request) -> dict[str, Any]:
    """Return the file chosen, the ways, and what the one that is shown needs."""
    job = fetching.fetches(draft).first()
    way = shown_way(request, job)
    shown = {"folder": folder_panel, "url": url_panel}.get(way, nothing)
    return shown(draft, request, job) | {
        "source": chosen(draft, form),
        "rule": draft.rule,
        "ways": [Way(key, title, key == way) for key, title in WAYS.items()],
        "way": way,
        "job": job if job and not job.is_over else None,
    }


def shown_way(request: Request, job: Job | None) -> str:
    asked = request.GET.get("from", "")
    if asked in WAYS:
        return asked
    return "url" if job and not job.is_over else "upload"


def chosen(draft: Draft, form: StepForm) -> Source | None:
    """Return the file that stands in the form, be it an answer already or not."""
    handle = str(form["file_path"].value() or "")
    if handle == draft.answer("source", "file_path"):
        return draft.source
    try:
        return Source.objects.filter(created_by=draft.owner_id, handle=UUID(handle)).first()
    except ValueError:
        return None


def nothing(draft: Draft, request: Request, job: Job | None) -> dict[str, Any]:
    return {}


def url_panel(draft: Draft, request: Request, job: Job | None) -> dict[str, Any]:
    typed = draft.typed.get("source", {}).get("url")
    url = typed[0] if typed else ""
    return {
        "url": url or (job.arguments.get("url", "") if job else ""),
        "url_error": fetching.address_trouble(url) if url else "",
        "fetched": job if job and job.is_over else None,
    }


def folder_panel(draft: Draft, request: Request, job: Job | None) -> dict[str, Any]:
    asked = request.GET
    path, search = asked.get("path", ""), asked.get("find", "").strip()[:200]
    try:
        listing = browse(
            path, by=request.user, search=search, order=order_of(asked), page=page_of(asked)
        )
    except NotThere:
        if path:
            raise Http404 from None
        listing = Listing(path="", entries=(), total=0, page=1, pages=1)
    query = {"from": "folder", "path": path, "find": search, "order": order_of(asked).value}
    return {
        "listing": listing,
        "rows": [Row(entry, unsuitable(entry, draft.rule)) for entry in listing.entries],
        "crumbs": crumbs(path),
        "inbox_folder": own_place(request.user),
        "search": search,
        "order": order_of(asked).value,
        "orders": [(one.value, title) for one, title in ORDERS.items()],
        "query": urlencode({name: value for name, value in query.items() if value}),
    }


def order_of(asked: QueryDict) -> Order:
    wished = asked.get("order", "")
    return Order(wished) if wished in list(Order) else Order.NAME


def page_of(asked: QueryDict) -> int:
    wished = asked.get("page", "")
    return int(wished) if wished.isascii() and wished.isdecimal() and len(wished) < 7 else 1  # noqa: PLR2004


def crumbs(path: str) -> list[Crumb]:
    names = path.split("/") if path else []
    return [Crumb(name, "/".join(names[: depth + 1])) for depth, name in enumerate(names)]


def unsuitable(entry: Entry, rule: Rule | None) -> str:
    """Return why `entry` cannot be chosen, as far as its name tells."""
    if entry.is_folder:
        return ""
    if rule is None:
        return _("Choose a rule first: it says which files it allows.")
    if not entry.size:
        return _("empty")
    suffix = entry.name.rpartition(".")[2].lower()
    allowed = {one for form in rule.spec.formats for one in description.extensions(form)}
    return "" if suffix in allowed else _("not allowed by %(rule)s") % {"rule": rule.name}
