"""What step 6 shows: the fields, and beside each what the file and the providers say of it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.forms import BoundField
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _

from accounts.models import User
from drafts import enriching
from drafts.actions import keep_typed
from drafts.enriching import STEP
from drafts.forms import Enrichment
from drafts.known import Known, Match, near, same
from drafts.models import Draft
from enrichment.access import keys_for
from jobs import actions as jobs
from jobs.models import Job
from releases.labels import FILE
from releases.metadata.providers import PROVIDERS

Typed = MultiValueDict[str, str]
"""What stands in the form, and the button pressed."""
SCHEMES = ("http://", "https://")
UNANSWERED = (Job.Status.FAILED, Job.Status.CANCELLED)


@dataclass(frozen=True, slots=True)
class Column:
    """A source, and which of its answers is shown."""

    source: str
    shown: Match
    others: list[tuple[int, str]]
    """Every answer, by its number; empty where there is one."""

    @property
    def title(self) -> str:
        return _("The file") if self.source == FILE else PROVIDERS[self.source].title

    @property
    def number(self) -> int:
        return int(self.shown.key.partition(".")[2] or 0)

    @property
    def url(self) -> str:
        """The page of the answer, if it is one that a browser may open."""
        return self.shown.url if self.shown.url.startswith(SCHEMES) else ""

    @property
    def attribution(self) -> str:
        return "" if self.source == FILE else PROVIDERS[self.source].attribution


@dataclass(frozen=True, slots=True)
class Cell:
    column: Column
    value: Any
    agrees: bool
    """Whether it is what stands in the form."""
    is_near: bool
    """Whether it is that but for a region, e.g. en-GB beside en."""
    place: str = ""
    """Where in the file it stands."""


@dataclass(frozen=True, slots=True)
class Row:
    field: BoundField
    is_locked: bool
    is_kept: bool
    """Whether the browser keeps what is typed in it meanwhile."""
    cells: list[Cell]


def panel(draft: Draft, form: Any = None, changed: Collection[str] | None = None) -> dict[str, Any]:
    """Return the comparison; `changed` are the fields filled just now, all others stay as typed."""
    if not isinstance(form, Enrichment):
        return {}
    form.is_valid()  # so that values are compared as the form takes them
    found = form.known
    columns = [column for source in (FILE, *found.order) if (column := shown(found, source, form))]
    latest = found.latest
    return {
        "columns": columns,
        "rows": rows(draft, form, columns, changed),
        "providers": providers(draft.owner, found),
        "asking": latest if latest and not latest.is_over else None,
        "unanswered": latest if latest and latest.status in UNANSWERED else None,
        "is_empty_handed": is_empty_handed(found),
        "troubles": found.troubles.values(),
    }


def is_empty_handed(found: Known) -> bool:
    """Tell whether the providers answered, all of them, and none knows the work."""
    was_answered = found.latest is not None and found.latest.status == Job.Status.COMPLETED
    return (
        was_answered
        and not found.troubles
        and not any(match.source != FILE for match in found.matches)
    )


def providers(user: User, found: Known) -> list[dict[str, Any]]:
    """Return who is asked, in order, and who cannot be for want of a key."""
    usable = keys_for(user)
    return [
        {
            "name": name,
            "title": PROVIDERS[name].title,
            "lacks_key": PROVIDERS[name].needs_key and name not in usable,
            "up": ",".join(moved(found.order, at, max(0, at - 1))),
            "down": ",".join(moved(found.order, at, at + 1)),
        }
        for at, name in enumerate(found.order)
    ]


def moved(names: Sequence[str], start: int, end: int) -> list[str]:
    """Return `names`, that at `start` having gone to `end`."""
    rest = [name for at, name in enumerate(names) if at != start]
    return [*rest[:end], names[start], *rest[end:]]


def shown(found: Known, source: str, form: Enrichment) -> Column | None:
    """Return the column of `source` with the answer chosen in `form`, if it gave any."""
    matches = found.of(source)
    if not matches:
        return None
    chosen = form.data.get(f"match_{source}", "")
    number = next((at for at in range(len(matches)) if str(at) == chosen), 0)
    others = [(at, named(match)) for at, match in enumerate(matches)]
    return Column(source, matches[number], others if len(others) > 1 else [])


def named(match: Match) -> str:
    told = (match.values.get(name) for name in ("title", "author", "publisher", "year"))
    return " · ".join(str(one) for one in told if one)


def rows(
    draft: Draft, form: Enrichment, columns: list[Column], changed: Collection[str] | None
) -> list[Row]:
    locked = form["locked"].value() or ()
    places = draft.source.places() if draft.source else {}
    listed = []
    for name in [name for name in form.fields if name != "locked"]:
        is_kept = changed is not None and name not in changed
        attributes = form.fields[name].widget.attrs
        attributes |= {"hx-preserve": "true"} if is_kept else {}
        attributes |= {"autofocus": True} if changed and name == next(iter(changed)) else {}
        cells = [cell(column, name, form, places) for column in columns]
        listed.append(Row(form[name], name in locked, changed is not None, cells))
    return listed


def cell(column: Column, name: str, form: Enrichment, places: Mapping[str, str]) -> Cell:
    said = column.shown.values.get(name, "")
    is_series = name == "title" and said == column.shown.values.get("series")
    place = places.get("series" if is_series else name, "") if column.source == FILE else ""
    own = current(form, name)
    return Cell(column, said, same(said, own), near(name, said, own), place)


def current(form: Enrichment, name: str) -> Any:
    """Return what stands in a field: as the form takes it, if it can."""
    taken = form.cleaned_data.get(name) if form.is_bound else None
    return taken or form[name].value()


def accept(draft: Draft, pressed: str, typed: Typed, by: User) -> list[str]:
    key, _colon, field = pressed.partition(":")
    return enriching.accept(draft, key, field, typed=typed)


def enrich(draft: Draft, pressed: str, typed: Typed, by: User) -> list[str]:
    enriching.request_enrichment(draft, by=by)
    return []


def cancel(draft: Draft, pressed: str, typed: Typed, by: User) -> list[str]:
    for job in draft.enrichments().active():
        jobs.cancel_job(job, by=by)
    return []


def order(draft: Draft, pressed: str, typed: Typed, by: User) -> list[str]:
    enriching.prefer_order(pressed.split(","), by=by)
    return []


DEEDS: dict[str, Callable[[Draft, str, Typed, User], list[str]]] = {
    "accept": accept,
    "accept_all": accept,
    "enrich": enrich,
    "cancel": cancel,
    "order": order,
}
"""By the name of the button, whose value they take; each returns the fields that it filled."""


def do(draft: Draft, typed: Typed, *, by: User) -> list[str]:
    """Keep what was typed, do what the button pressed says, and return the fields filled.

    Raises:
        PermissionDenied: `by` may not do it.
        releases.actions.Refused, jobs.actions.Refused: it cannot be done; says why.
    """
    keep_typed(draft, STEP, typed)
    for name, deed in DEEDS.items():
        if name in typed:
            return deed(draft, typed.getlist(name)[-1], typed, by)
    return []
