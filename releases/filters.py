"""What a list of releases asks for, be it a page, a saved view or a program."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import date, datetime, time, timedelta

from django.db import models
from django.http import QueryDict
from django.utils.timezone import get_current_timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import ReleaseGroup, User
from releases.models import ReleaseQuerySet
from releases.models.release import BY_DATE, BY_GROUP, BY_NAME, BY_SIZE
from releases.search import MOST_LETTERS

MOST_VALUES, VALUE_LENGTH = 50, 100
"""Of one filter; what follows is passed over."""
SORTS = {
    "created_at": ("created_at", BY_DATE),
    "name": ("name", BY_NAME),
    "size": ("size", BY_SIZE),
    "group": ("group_tag", BY_GROUP),
}
"""The column, and the index that has it in order."""
ORDERS = ("desc", "asc")
EARLIEST, LATEST = date(1, 1, 2), date(9999, 12, 30)
"""The days that begin in the years of the calendar wherever their reader is."""
NEWEST, DOWN = next(iter(SORTS)), ORDERS[0]


class Conformity(models.TextChoices):
    CONFORMS = "conforms", _("Conforms")
    BROKEN = "broken", _("Does not conform")
    DAMAGED = "damaged", _("Damaged")
    UNKNOWN = "unknown", _("Not checked")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is asked for; the names are those of an address."""

    search: str = ""
    type: tuple[str, ...] = ()
    status: tuple[str, ...] = ()
    conformity: tuple[str, ...] = ()
    group: tuple[str, ...] = ()
    owner: tuple[str, ...] = ()
    since: str = ""
    until: str = ""
    sort: str = NEWEST
    order: str = DOWN

    @property
    def is_narrow(self) -> bool:
        """Whether it asks for some releases, not for all."""
        return replace(self, sort=NEWEST, order=DOWN) != Asked()

    @property
    def index(self) -> str:
        return SORTS[self.sort][1]

    def query(self, **changes: object) -> str:
        """Return it, with `changes`, as an address carries it; what goes without saying is out."""
        told, plain = asdict(self) | changes, asdict(Asked())
        carried = QueryDict(mutable=True)
        for name, value in told.items():
            if value != plain[name]:
                carried.setlist(name, list(value) if isinstance(value, tuple) else [value])
        return carried.urlencode()

    def without(self, name: str, value: str) -> str:
        """Return its address without `value` of the filter `name`."""
        kept = getattr(self, name)
        left = tuple(one for one in kept if one != value) if isinstance(kept, tuple) else ""
        return self.query(**{name: left})

    def narrowed(self, releases: ReleaseQuerySet) -> ReleaseQuerySet:
        """Narrow `releases`, and put them in order."""
        found = releases.search(self.search).filter(**self.columns())
        sign = "-" if self.order == DOWN else ""
        return found.order_by(f"{sign}{SORTS[self.sort][0]}", f"{sign}pk")

    def columns(self) -> dict[str, object]:
        """Return what is asked of columns: never by a join, which no index of ours serves."""
        wanted: dict[str, object] = {
            "type__in": self.type,
            "status__in": self.status,
            "conformity_state__in": [state.replace("unknown", "") for state in self.conformity],
            "created_at__gte": midnight(self.since),
            "created_at__lt": midnight(self.until, days=1),
        }
        asked = {name: value for name, value in wanted.items() if value}
        return asked | self.people()

    def people(self) -> dict[str, object]:
        asked: dict[str, object] = {}
        if self.group:
            groups = ReleaseGroup.objects.filter(tag__in=self.group)
            asked["group__in"] = list(groups.values_list("pk", flat=True))
        if self.owner:
            owners = User.objects.filter(username__in=self.owner)
            asked["created_by__in"] = list(owners.values_list("pk", flat=True))
        return asked


def asked_of(query: QueryDict) -> Asked:
    """Return what an address asks for; what makes no sense in it is passed over."""
    several = {one.name for one in fields(Asked) if isinstance(getattr(Asked(), one.name), tuple)}
    given: dict[str, tuple[str, ...]] = {name: values(query.getlist(name)) for name in several}
    sort, order = query.get("sort", ""), query.get("order", "")
    return Asked(
        **given,
        search=readable(query.get("search", ""))[:MOST_LETTERS],
        since=day(query.get("since", "")),
        until=day(query.get("until", "")),
        sort=sort if sort in SORTS else NEWEST,
        order=order if order in ORDERS else DOWN,
    )


def values(repeated: Sequence[str]) -> tuple[str, ...]:
    """Return the values of a filter, repeated or comma-separated, each once."""
    return tuple(dict.fromkeys(some(repeated)))[:MOST_VALUES]


def some(repeated: Iterable[str]) -> Iterator[str]:
    for text in repeated:
        for value in readable(text).split(","):
            if told := value.strip()[:VALUE_LENGTH]:
                yield told


def readable(text: str) -> str:
    """Return `text` without what no database takes and nobody types."""
    return "".join(char for char in text if char.isprintable()).strip()


def day(text: str) -> str:
    """Return a day as it is written in addresses; nothing where `text` is none."""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return ""


def midnight(text: str, days: int = 0) -> datetime | None:
    """Return when the day begins, or one so many `days` later, where its reader is."""
    if not text:
        return None
    begun = min(max(date.fromisoformat(text), EARLIEST), LATEST) + timedelta(days=days)
    return datetime.combine(begun, time.min, get_current_timezone())
