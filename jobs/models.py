from __future__ import annotations

import math
from datetime import datetime, timedelta
from typing import Any, Self
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Count, Exists, F, OuterRef, Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from jobs.chores import Chore  # noqa: F401  # a model of this app
from jobs.stages import STAGES, WORKS

MOST_SUPERVISORS = 50


def lease_end() -> models.expressions.CombinedExpression:
    """Return when a lease taken now ends, by the database's clock: workers' clocks may differ."""
    return Now() + timedelta(seconds=settings.JOB_LEASE_S)


class JobQuerySet(models.QuerySet["Job"]):
    def visible_to(self, user: User) -> Self:
        return self if user.is_admin else self.filter(by=user)

    def about(self, subject: str) -> Self:
        """Narrow to the jobs about e.g. ``release:7``."""
        return self.filter(subject=subject)

    def active(self) -> Self:
        return self.filter(status__in=[Job.Status.PENDING, Job.Status.RUNNING])

    def abandoned(self) -> Self:
        """Narrow to running jobs whose worker has not been heard of for a whole lease."""
        return self.filter(status=Job.Status.RUNNING, lease_until__lt=Now())

    def newest_first(self) -> Self:
        return self.order_by("-pk")

    def waiting(self) -> Self:
        return self.filter(status=Job.Status.PENDING)

    def running(self) -> Self:
        return self.filter(status=Job.Status.RUNNING)

    def begun(self) -> Self:
        """Narrow to those that wait no more."""
        return self.exclude(status=Job.Status.PENDING)

    def failed(self) -> Self:
        return self.filter(status=Job.Status.FAILED)

    def unmended(self) -> Self:
        """Narrow to failures that nobody has tried again since."""
        again = Job.objects.filter(
            subject=OuterRef("subject"), work=OuterRef("work"), pk__gt=OuterRef("pk")
        ).exclude(subject="")
        return self.failed().exclude(Exists(again))

    def count_by_status(self) -> dict[str, int]:
        """Return how many there are of each status, 0 of those that are missing."""
        counted = self.order_by().values_list("status").annotate(count=Count("pk"))
        return dict.fromkeys(Job.Status.values, 0) | dict(counted)

    def claim(self, pk: int) -> Job | None:
        """Take the pending job `pk`, or return None: another worker has it."""
        token = uuid4().hex
        won = self.filter(pk=pk, status=Job.Status.PENDING).update(
            status=Job.Status.RUNNING,
            token=token,
            lease_until=lease_end(),
            started_at=Now(),
            attempts=F("attempts") + 1,
            progress=0,
            stage="",
            bytes_done=0,
            bytes_total=0,
        )
        return self.select_related("by").get(pk=pk, token=token) if won else None


class Job(models.Model):
    """One piece of background work, as the person who asked for it sees it.

    The row is the truth; the queue only wakes workers. Whoever holds `token` runs it.
    """

    class Status(models.TextChoices):
        PENDING = "pending", _("Waiting for a worker")
        RUNNING = "running", _("Running")
        COMPLETED = "completed", _("Completed")
        FAILED = "failed", _("Failed")
        CANCELLED = "cancelled", _("Cancelled")

    OVER = (Status.COMPLETED, Status.FAILED, Status.CANCELLED)

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    work = models.CharField(_("work"), max_length=32, help_text="A name in packer_site.work.WORK.")
    arguments = models.JSONField(_("arguments"), default=dict)
    subject = models.CharField(
        _("subject"), max_length=64, blank=True, db_index=True, help_text="E.g. release:7."
    )
    active_key = models.CharField(  # noqa: DJ001  # null, unlike "", may stand in many rows
        max_length=100,
        unique=True,
        null=True,
        editable=False,
        help_text="Set while the job is active: one of each work about each subject.",
    )
    by = models.ForeignKey(
        User, verbose_name=_("asked by"), on_delete=models.PROTECT, related_name="jobs"
    )
    language = models.CharField(
        _("language"), max_length=10, help_text=_("Of who asked: its reasons and log speak it.")
    )
    status = models.CharField(_("status"), max_length=16, choices=Status, default=Status.PENDING)
    stage = models.CharField(_("stage"), max_length=32, blank=True)
    progress = models.PositiveSmallIntegerField(_("progress"), default=0, help_text="0 to 100")
    bytes_done = models.PositiveBigIntegerField(_("bytes done"), default=0, help_text="Of a stage.")
    bytes_total = models.PositiveBigIntegerField(_("bytes in all"), default=0)
    rate = models.PositiveBigIntegerField(_("rate"), default=0, help_text="Bytes per second.")
    error = models.TextField(_("reason"), blank=True)
    hint = models.TextField(_("what to do next"), blank=True)
    result = models.JSONField(_("result"), default=dict)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    token = models.CharField(max_length=32, blank=True, editable=False)
    lease_until = models.DateTimeField(null=True, editable=False)
    cancel_requested = models.BooleanField(_("to be cancelled"), default=False)
    queued_at = models.DateTimeField(_("asked"), default=timezone.now)
    started_at = models.DateTimeField(_("started"), null=True)
    finished_at = models.DateTimeField(_("finished"), null=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        # None on the status alone: MariaDB would cross it with that on the user, and sort.
        indexes = [
            models.Index(fields=["by", "status"], name="jobs_of_one_by_status"),
            models.Index(fields=["status", "id", "by", "queued_at"], name="jobs_of_a_status"),
            models.Index(fields=["queued_at"], name="jobs_by_time"),
        ]
        constraints = [
            models.CheckConstraint(
                name="finished_jobs_have_an_end",
                condition=Q(status__in=["pending", "running"], finished_at__isnull=True)
                | Q(status__in=["completed", "failed", "cancelled"], finished_at__isnull=False),
            ),
            models.CheckConstraint(name="progress_is_a_percentage", condition=Q(progress__lte=100)),
        ]

    def __str__(self) -> str:
        return f"{self.work_label} {self.pk}"

    @property
    def work_label(self) -> str:
        return str(WORKS.get(self.work, self.work))

    @property
    def stage_label(self) -> str:
        return str(STAGES.get(self.stage, self.stage))

    @property
    def is_over(self) -> bool:
        return self.status in self.OVER

    @property
    def can_run_again(self) -> bool:
        return self.status in {self.Status.FAILED, self.Status.CANCELLED}

    @property
    def took_s(self) -> int | None:
        """Return how long it ran, or runs already; None where it never began."""
        if self.started_at is None:
            return None
        return max(
            0, round(((self.finished_at or timezone.now()) - self.started_at).total_seconds())
        )

    @property
    def eta_s(self) -> int | None:
        """Return in how many seconds the stage ends at its present rate, if that is known."""
        left = max(0, self.bytes_total - self.bytes_done)
        return math.ceil(left / self.rate) if self.rate else None

    def log(self, message: str, level: str = "INFO") -> None:
        JobLog.objects.create(job=self, level=level, message=message)

    def finish(self, result: dict[str, Any]) -> bool:
        done = {"progress": 100, "bytes_done": F("bytes_total")}  # more than the last beat told
        return self._end(self.Status.COMPLETED, result=result, **done)

    def fail(self, error: str, hint: str = "", *, at: datetime | None = None) -> bool:
        """End it for the reason `error`; `hint` tells what to do next where that does not."""
        facts = {"finished_at": at} if at else {}
        return self._end(self.Status.FAILED, error=error, hint=hint, **facts)

    def cancel(self) -> bool:
        return self._end(self.Status.CANCELLED)

    def release_to_queue(self) -> bool:
        """Make an abandoned job pending again; its worker's token opens nothing any more."""
        return self._become(self.Status.PENDING, token="", lease_until=None)

    def _end(self, status: Status, **facts: Any) -> bool:
        return self._become(status, **{"finished_at": timezone.now(), "active_key": None} | facts)

    def _become(self, status: Status, **facts: Any) -> bool:
        """Change to `status` if we still hold the job; tell whether we did."""
        held = Job.objects.active().filter(pk=self.pk, token=self.token)
        won = held.update(status=status, rate=0, **facts)
        token = facts.get("token", self.token)
        self.refresh_from_db()
        self.token = token  # never learned from the row: it may be another worker's
        return bool(won)


class JobLog(models.Model):
    """One line of what a job did."""

    class Level(models.TextChoices):
        DEBUG = "DEBUG"
        INFO = "INFO"
        WARNING = "WARNING"
        ERROR = "ERROR"

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="lines")
    at = models.DateTimeField(_("time"), default=timezone.now, db_index=True)
    level = models.CharField(_("level"), max_length=8, choices=Level, default=Level.INFO)
    message = models.TextField(_("message"))

    class Meta:
        default_permissions = ()
        verbose_name = _("log line")
        verbose_name_plural = _("log lines")
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.level} {self.message}"


class SupervisorQuerySet(models.QuerySet["Supervisor"]):
    def beat(self, name: str, workers: int) -> None:
        """Note that the supervisor `name` lives, and forget those long gone."""
        self.update_or_create(name=name, defaults={"workers": workers, "seen_at": Now()})
        self.filter(seen_at__lt=Now() - timedelta(seconds=settings.SUPERVISOR_KEPT_S)).delete()

    def heard_of(self) -> list[tuple[Supervisor, bool]]:
        """Return the last ones heard of, and whether that was of late: whether they live.

        The database's clock counts: workers' clocks may differ.
        """
        since = Now() - timedelta(seconds=settings.SUPERVISOR_SILENCE_S)
        alive = models.ExpressionWrapper(Q(seen_at__gte=since), models.BooleanField())
        rows = self.annotate(is_alive=alive).order_by("-seen_at")[:MOST_SUPERVISORS]
        return [(row, bool(row.is_alive)) for row in rows]  # type: ignore[attr-defined]  # above


class Supervisor(models.Model):
    """One process that keeps workers running, as long as it says so."""

    name = models.CharField(_("name"), max_length=100, unique=True, help_text="host:process")
    workers = models.PositiveSmallIntegerField(_("workers"))
    seen_at = models.DateTimeField(_("last heard of"), db_index=True)

    objects = SupervisorQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        verbose_name = _("supervisor of workers")
        verbose_name_plural = _("supervisors of workers")

    def __str__(self) -> str:
        return self.name
