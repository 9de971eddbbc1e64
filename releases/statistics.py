"""How many releases there are: by type, over time. One query for all of it."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Any, cast

from django.core.cache import cache
from django.db.models import Case, Count, IntegerField, Sum, Value, When
from django.utils import timezone

from accounts.models import User
from releases.models import Release, ReleaseType
from releases.models.release import ReleaseQuerySet

MONTHS = 12
KEPT_S = 30


@dataclass(frozen=True, slots=True)
class Month:
    began: date
    count: int


@dataclass(frozen=True, slots=True)
class Numbers:
    count: int
    size: int
    """Bytes of all that is packed."""
    by_type: dict[str, int]
    months: list[Month]
    """The last twelve, the present one last."""

    @property
    def this_month(self) -> int:
        return self.months[-1].count


def own(user: User) -> ReleaseQuerySet:
    """Return the releases that `user` made."""
    return Release.objects.standing().filter(created_by=user)


def visible(user: User) -> ReleaseQuerySet:
    return Release.objects.visible_to(user)


def kept_numbers(releases: ReleaseQuerySet, *, by: User, newest: Iterable[Release]) -> Numbers:
    """Return `numbers`, counted anew every 30 s, and as soon as the `newest` have changed."""
    rows = [(row.pk, row.status, row.size) for row in newest]
    asked = (str(releases.query), by.pk, rows, timezone.get_current_timezone_name())
    key = f"numbers:{sha256(repr(asked).encode()).hexdigest()}"
    return cast("Numbers", cache.get_or_set(key, lambda: numbers(releases), KEPT_S))


def numbers(releases: ReleaseQuerySet) -> Numbers:
    starts = month_starts(timezone.localdate())
    rows = list(counted(releases, starts))
    by_type = Counter(dict.fromkeys(ReleaseType.values, 0))
    by_month: Counter[int] = Counter()
    for kind, month, count, _size in rows:
        by_type[kind] += count
        by_month[month] += count
    months = [Month(start, by_month[number]) for number, start in enumerate(starts)]
    size = sum(size or 0 for *_others, size in rows)
    return Numbers(by_type.total(), size, dict(by_type), months)


def counted(releases: ReleaseQuerySet, starts: list[date]) -> Any:
    """Return (type, number of the month, count, bytes); a month before `starts` has no number.

    The months are told to the database as times: MariaDB may know no zones.
    """
    newest_first = [
        When(created_at__gte=midnight(start), then=Value(number))
        for number, start in reversed(list(enumerate(starts)))
    ]
    month = Case(*newest_first, default=Value(-1), output_field=IntegerField())
    grouped = releases.order_by().annotate(month=month).values_list("type", "month")
    return grouped.annotate(Count("pk"), Sum("size"))


def month_starts(today: date) -> list[date]:
    """Return the first days of the last twelve months, the present one last."""
    present = today.year * 12 + today.month - 1
    return [
        date(month // 12, month % 12 + 1, 1) for month in range(present - MONTHS + 1, present + 1)
    ]


def midnight(day: date) -> datetime:
    """Return when `day` begins where the reader is."""
    return timezone.make_aware(datetime(day.year, day.month, day.day))  # noqa: DTZ001  # made aware
