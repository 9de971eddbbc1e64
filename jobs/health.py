"""Whether anybody does the jobs."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.db.models import Count, Min, Q
from django.utils import timezone

from accounts.models import User
from jobs.models import Job, Supervisor

PATIENCE_S = 60
"""A job that waits longer than this waits too long, or workers are busy."""


@dataclass(frozen=True, slots=True)
class Jobs:
    failed: int
    running: int
    waiting: int
    waiting_since: datetime | None

    @property
    def waits_long(self) -> bool:
        since = self.waiting_since
        return since is not None and (timezone.now() - since).total_seconds() > PATIENCE_S


@dataclass(frozen=True, slots=True)
class Workers:
    state: Literal["ready", "busy", "silent", "unknown"]
    count: int = 0
    seen_at: datetime | None = None


def jobs(of: User | None) -> Jobs:
    """Return how the jobs stand: the failed ones of one user, or of all."""
    failed = Q(status=Job.Status.FAILED) & (Q(by=of) if of else Q())
    waiting, running = Q(status=Job.Status.PENDING), Q(status=Job.Status.RUNNING)
    counted = Job.objects.filter(failed | waiting | running).aggregate(
        failed=Count("pk", filter=failed),
        running=Count("pk", filter=running),
        waiting=Count("pk", filter=waiting),
        waiting_since=Min("queued_at", filter=waiting),
    )
    return Jobs(**counted)


def workers(jobs: Jobs) -> Workers:
    """Tell whether somebody keeps workers running, as far as the database heard of it."""
    heard = Supervisor.objects.heard_of()
    count = sum(one.workers for one, is_alive in heard if is_alive)
    if count:
        return Workers("busy" if jobs.waits_long else "ready", count)
    if jobs.running:
        return Workers("ready", jobs.running)  # by workers that nobody supervises
    return Workers("silent", seen_at=heard[0][0].seen_at) if heard else Workers("unknown")
