"""The inbox: what was found there, and what became of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_POST

from accounts.http import Request
from accounts.models import User
from drafts import inbox
from drafts.models import Draft
from jobs.models import Job
from releases.actions import Refused
from releases.actions.folders import own_place
from releases.actions.inbox import MOVES, request_moving
from releases.labels import Label
from releases.models import InboxFile, InboxFileQuerySet, Release

PER_PAGE = 50
MOST_CHOSEN = 500
State = InboxFile.State
SHOWN: Mapping[str, tuple[Label, Sequence[State]]] = {
    "all": (gettext_lazy("All"), State.values),  # type: ignore[dict-item]
    "drafted": (gettext_lazy("With a draft"), [State.DRAFTED]),
    "waiting": (gettext_lazy("Arriving"), [State.WAITING, State.EXAMINED]),
    "refused": (gettext_lazy("Refused"), [State.REFUSED]),
    "ignored": (gettext_lazy("Ignored"), [State.IGNORED]),
    "moved": (gettext_lazy("Moved out"), [State.MOVED]),
}


@dataclass(frozen=True, slots=True)
class Filter:
    key: str
    title: Label
    count: int
    is_shown: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A file, its draft where the reader may open it, and what can be done."""

    file: InboxFile
    draft: Draft | None
    is_own: bool
    moving: Job | None

    @property
    def release(self) -> Release | None:
        return self.draft.release if self.draft else None

    @property
    def is_packed(self) -> bool:
        return bool(self.release and self.release.status == Release.Status.COMPLETED)

    @property
    def is_trashed(self) -> bool:
        return bool(self.release and self.release.trashed_at)

    @property
    def is_drafted(self) -> bool:
        return self.file.state == State.DRAFTED

    @property
    def can_be_moved(self) -> bool:
        return self.is_drafted and self.is_packed and not self.is_trashed and self.moving is None


@login_required
@require_GET
def index(request: Request) -> HttpResponse:
    visible = InboxFile.objects.visible_to(request.user)
    shown = request.GET.get("show", "")
    shown = shown if shown in SHOWN else "all"
    counts = dict(visible.order_by().values_list("state").annotate(Count("pk")))
    listed = visible.filter(state__in=SHOWN[shown][1]).newest_first()
    page = Paginator(listed, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": rows(list(page), request.user),
        "filters": filters(counts, shown),
        "shown": shown,
        "inbox_folder": own_place(request.user),
        "is_changing": counts.get(State.WAITING, 0) + counts.get(State.EXAMINED, 0),
    }
    template = "inbox/index.html#files" if request.htmx else "inbox/index.html"
    return TemplateResponse(request, template, context)


def filters(counts: Mapping[str, int], shown: str) -> list[Filter]:
    return [
        Filter(key, title, sum(counts.get(state, 0) for state in states), key == shown)
        for key, (title, states) in SHOWN.items()
    ]


def rows(files: Sequence[InboxFile], reader: User) -> list[Row]:
    numbers = [file.draft_number for file in files if file.draft_number]
    drafts = Draft.objects.filter(pk__in=numbers).select_related("release").defer("typed")
    known = {draft.pk: draft for draft in drafts}
    subjects = [file.subject for file in files]
    jobs = Job.objects.active().filter(work=MOVES, subject__in=subjects)
    moving = {job.subject: job for job in jobs}
    return [
        Row(
            file,
            known.get(file.draft_number or 0),
            file.owner_id == reader.pk,
            moving.get(file.subject),
        )
        for file in files
    ]


@login_required
@require_POST
def act(request: Request) -> HttpResponse:
    """Do what the button says with the files that are chosen."""
    numbers = [number for number in request.POST.getlist("file")[:MOST_CHOSEN] if is_key(number)]
    visible = InboxFile.objects.visible_to(request.user).select_related("owner")
    chosen = visible.filter(pk__in=numbers)
    if not chosen:
        messages.warning(request, _("Choose files first."))
    elif deed := DEEDS.get(request.POST.get("do", "")):
        try:
            messages.success(request, deed(chosen, request.user))
        except Refused as refusal:
            messages.error(request, str(refusal))
    return redirect(f"{request.path.removesuffix('act/')}?show={shown_of(request)}")


def is_key(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 19  # noqa: PLR2004 - as keys are


def shown_of(request: Request) -> str:
    shown = request.POST.get("show", "")
    return shown if shown in SHOWN else "all"


def draft_them(chosen: InboxFileQuerySet, by: User) -> str:
    count = inbox.want_files(chosen, by=by)
    sentence = ngettext("%(count)d file is looked at.", "%(count)d files are looked at.", count)
    return sentence % {"count": count}


def ignore_them(chosen: InboxFileQuerySet, by: User) -> str:
    count = inbox.ignore_files(chosen, by=by)
    sentence = ngettext("%(count)d file is ignored.", "%(count)d files are ignored.", count)
    return sentence % {"count": count}


def move_them(chosen: InboxFileQuerySet, by: User) -> str:
    for file in chosen:
        request_moving(file, by=by)
    return ngettext(
        "The original is moved out of the inbox.",
        "The originals are moved out of the inbox.",
        len(chosen),
    )


DEEDS: Mapping[str, Callable[[InboxFileQuerySet, User], str]] = {
    "draft": draft_them,
    "ignore": ignore_them,
    "move": move_them,
}
