from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from delivery.models import TEXT_LENGTH, Destination
from jobs.models import Job
from releases.models.release import Release


class State(models.TextChoices):
    """How a delivery stands: as its job does while that is not over, and then as the files do."""

    PENDING = "pending", _("Waiting for a worker")
    RUNNING = "running", _("On its way")
    COMPLETED = "completed", _("Delivered")
    OUTDATED = "outdated", _("An earlier package is there")
    FAILED = "failed", _("Not delivered")
    CANCELLED = "cancelled", _("Cancelled")


class Delivery(models.Model):
    """One release at one destination: what of it arrived there, and when all of it had."""

    release = models.ForeignKey(
        Release, verbose_name=_("release"), on_delete=models.CASCADE, related_name="deliveries"
    )
    destination = models.ForeignKey(
        Destination,
        verbose_name=_("destination"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="deliveries",
    )
    place = models.CharField(
        _("place"), max_length=3 * TEXT_LENGTH, help_text=_("As it was; no secret stands in it.")
    )
    arrived = models.JSONField(
        _("arrived"),
        default=dict,
        editable=False,
        help_text="CRC-32 by name of each file that stands there under its final name.",
    )
    size = models.PositiveBigIntegerField(_("size"), default=0)
    job = models.ForeignKey(
        Job, verbose_name=_("job"), null=True, on_delete=models.SET_NULL, related_name="+"
    )
    by = models.ForeignKey(
        User, verbose_name=_("asked by"), null=True, on_delete=models.SET_NULL, related_name="+"
    )
    asked_at = models.DateTimeField(_("asked"), default=timezone.now)
    delivered_at = models.DateTimeField(_("delivered"), null=True)
    packed_at = models.DateTimeField(
        null=True, editable=False, help_text="When what was delivered was packed: which package."
    )

    class Meta:
        default_permissions = ()
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["release", "destination"], name="one_delivery_per_destination"
            )
        ]

    def __str__(self) -> str:
        return f"{self.release} → {self.place}"

    @property
    def state(self) -> State:
        job = self.job
        if job and (not job.is_over or job.can_run_again):
            return State(job.status)
        if not self.delivered_at:
            return State.FAILED  # its job was deleted since
        return State.COMPLETED if self.is_of_present_package else State.OUTDATED

    @property
    def is_under_way(self) -> bool:
        return self.job is not None and not self.job.is_over

    @property
    def is_of_present_package(self) -> bool:
        """Whether what was delivered is the release as it stands, and not as it stood before."""
        is_same = self.packed_at is not None and self.packed_at == self.release.packed_at
        return bool(self.delivered_at) and is_same
