"""Where a release was delivered to, and where it can be: what its page and the wizard show."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from accounts.http import Request
from accounts.models import User
from accounts.permissions import holds
from delivery.models import Destination
from delivery.outcome import Outcome
from jobs.models import Job
from releases.models import Delivery, Release

TESTED = "tested-for-release"
"""Where a session keeps the outcome of a test until the next page shows it."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A delivery, and what who looks may know of it and do."""

    delivery: Delivery
    place: str
    """Nothing where it is somebody else's."""
    job: Job | None
    """Where they may watch it."""
    may_repeat: bool


def tested(outcome: Outcome, destination: Destination, by: User) -> dict[str, Any]:
    may_accept = destination.belongs_to(by) or holds(by, "config", "mod")
    return {"outcome": outcome, "destination": destination, "may_accept": may_accept}


def deliveries_of(request: Request, release: Release) -> dict[str, Any]:
    """Return where `release` stands and goes, and what there is to choose from."""
    by = request.user
    may_deliver = holds(by, "releases", "write", release)
    usable = list(Destination.objects.usable_by(by).order_by("name")) if may_deliver else []
    rows = list(release.deliveries.select_related("destination", "job", "by"))
    shown = [described(row, usable, by) for row in rows]
    under_way = [one.job for one in shown if one.job and not one.job.is_over]
    context = {
        "deliveries": shown,
        "destinations": usable,
        "chosen": usual(usable, by),
        "may_deliver": may_deliver,
        "can_be_delivered": release.status == Release.Status.COMPLETED,
        "back": request.path,
        **last_test(request, usable),
    }
    return context | ({"job": under_way[0], "job_of_another": None} if under_way else {})


def described(row: Delivery, usable: Sequence[Destination], by: User) -> Shown:
    is_usable = any(one.pk == row.destination_id for one in usable)
    is_seen = is_usable or row.by_id == by.pk or holds(by, "config", "read")
    is_own = by.is_admin or bool(row.job and row.job.by_id == by.pk)
    return Shown(
        row,
        place=row.place if is_seen else "",
        job=row.job if is_own else None,
        may_repeat=is_usable and not row.is_under_way,
    )


def usual(usable: Sequence[Destination], by: User) -> int | None:
    """Return the destination that `by` chose last, or the first."""
    keys = [one.pk for one in usable]
    if len(keys) < 2:  # noqa: PLR2004  # there is nothing to choose
        return keys[0] if keys else None
    last = Delivery.objects.filter(by=by, destination__in=keys)
    return last.values_list("destination", flat=True).first() or keys[0]


def last_test(request: Request, usable: Sequence[Destination]) -> dict[str, Any]:
    """Return the outcome of the test that the page was asked for without script."""
    kept = request.session.pop(TESTED, None)
    destination = next((one for one in usable if kept and one.pk == kept["pk"]), None)
    if destination is None:
        return {}
    return tested(Outcome(**kept), destination, request.user) | {"chosen": destination.pk}
