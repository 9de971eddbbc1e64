from __future__ import annotations

import math
from datetime import timedelta
from typing import Any, Self
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from jobs.stages import STAGES, WORKS


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
    status = models.CharField(
        _("status"), max_length=16, choices=Status, default=Status.PENDING, db_index=True
    )
    stage = models.CharField(_("stage"), max_length=32, blank=True)
    progress = models.PositiveSmallIntegerField(_("progress"), default=0, help_text="0 to 100")
    bytes_done = models.PositiveBigIntegerField(_("bytes done"), default=0, help_text="Of a stage.")
    bytes_total = models.PositiveBigIntegerField(_("bytes in all"), default=0)
    rate = models.PositiveBigIntegerField(_("rate"), default=0, help_text="Bytes per second.")
    error = models.TextField(_("reason"), blank=True)
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
        constraints = [
            models.CheckConstraint(
                name="finished_jobs_have_an_end",
                condition=Q(status__in=["pending", "running"], finished_at__isnull=True)
                | Q(status__in=["completed", "failed", "cancelled"], finished_at__isnull=False),
            ),
            models.CheckConstraint(name="progress_is_a_percentage", condition=Q(progress__lte=100)),
        ]

    def __str__(self) -> str:
        return f"{WORKS.get(self.work, self.work)} {self.pk}"

    @property
    def stage_label(self) -> str:
        return str(STAGES.get(self.stage, self.stage))

    @property
    def is_over(self) -> bool:
        return self.status in self.OVER

    @property
    def eta_s(self) -> int | None:
        """Return in how many seconds the stage ends at its present rate, if that is known."""
        left = max(0, self.bytes_total - self.bytes_done)
        return math.ceil(left / self.rate) if self.rate else None

    def log(self, message: str, level: str = "INFO") -> None:
        JobLog.objects.create(job=self, level=level, message=message)

    def finish(self, result: dict[str, Any]) -> bool:
        return self._end(self.Status.COMPLETED, result=result, progress=100)

    def fail(self, error: str) -> bool:
        return self._end(self.Status.FAILED, error=error)

    def cancel(self) -> bool:
        return self._end(self.Status.CANCELLED)

    def release_to_queue(self) -> bool:
        """Make an abandoned job pending again; its worker's token opens nothing any more."""
        return self._become(self.Status.PENDING, token="", lease_until=None)

    def _end(self, status: Status, **facts: Any) -> bool:
        return self._become(status, finished_at=timezone.now(), active_key=None, **facts)

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
