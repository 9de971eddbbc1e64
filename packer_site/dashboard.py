"""What the first page shows: what there is to go on with, and how things stand."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from accounts.models import User
from drafts import listing
from drafts.actions import sample_group
from drafts.models import Draft
from jobs import health as at_work
from jobs.listing import Row
from jobs.models import Job
from jobs.subjects import About, base
from monitoring.disks import database_bytes, disks_reached
from releases.models import Release, ReleaseType
from releases.statistics import Month, Numbers, kept_numbers, own, visible

SHOWN = 5
CHART_HEIGHT, BAR_WIDTH, BAR_STEP = 100, 22, 30


@dataclass(frozen=True, slots=True)
class Bar:
    """One month of the chart, in the units of its drawing."""

    month: Month
    x: int
    y: int
    height: int

    @property
    def middle(self) -> int:
        return self.x + BAR_WIDTH // 2

    @property
    def above(self) -> int:
        return self.y - 4


def dashboard(user: User, *, is_of_all: bool) -> dict[str, Any]:
    """Return what the page shows of the user's own things, or of all that they may see."""
    seen = visible(user) if is_of_all else own(user)
    drafts = listing.rows(listing.listed(user)[:SHOWN])
    latest = list(seen.newest_first().brief()[:SHOWN])
    jobs = Job.objects.visible_to(user) if is_of_all else Job.objects.filter(by=user)
    active = list(jobs.active().newest_first().defer("arguments", "result")[:SHOWN])
    stand = at_work.jobs(None if is_of_all and user.is_admin else user)
    numbers = kept_numbers(seen, by=user, newest=latest)
    return {
        "is_of_all": is_of_all,
        "drafts": drafts,
        "sample_group": sample_group(user),
        "draft_counts": listing.counts(user),
        "rows": rows(active, [*latest, *(one.draft for one in drafts)]),
        "releases": latest,
        "numbers": numbers,
        "bars": bars(numbers.months),
        "by_type": by_type(numbers),
        "jobs_stand": stand,
        "workers": at_work.workers(stand),
        "disks": disks_reached(),
        "database_bytes": database_bytes(),
    }


def rows(jobs: list[Job], shown: Iterable[Release | Draft]) -> list[Row]:
    """Return `jobs`, each with what it is about if that is on the page, too: it costs nothing."""
    abouts = {one.subject: About(title(one), one.get_absolute_url()) for one in shown}
    return [Row(job, abouts.get(base(job.subject))) for job in jobs]


def title(one: Release | Draft) -> str:
    return one.name if isinstance(one, Release) else one.title


def by_type(numbers: Numbers) -> list[dict[str, Any]]:
    return [
        {"value": kind.value, "label": kind.label, "count": numbers.by_type.get(kind.value, 0)}
        for kind in ReleaseType
    ]


def bars(months: list[Month]) -> list[Bar]:
    """Return the months as bars, the highest as high as the chart."""
    most = max(1, *(month.count for month in months))
    heights = [max(1, CHART_HEIGHT * month.count // most) if month.count else 0 for month in months]
    return [
        Bar(month, x=4 + number * BAR_STEP, y=16 + CHART_HEIGHT - height, height=height)
        for number, (month, height) in enumerate(zip(months, heights, strict=True))
    ]
