from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Self
from uuid import uuid4

from django.db import models
from django.db.models import F, Q, Sum
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.system import system

HOLD_S = 10
"""How long nobody else may add to an upload after its holder was last heard of."""


def hold_end() -> models.expressions.CombinedExpression:
    """Return when a hold taken now ends, by the database's clock: servers' clocks may differ."""
    return Now() + timedelta(seconds=HOLD_S)


ROOM_KEPT_S = 3600
"""How long the room that a silent upload still needs is kept free for it."""


class UploadQuerySet(models.QuerySet["Upload"]):
    def visible_to(self, user: User) -> Self:
        """An upload in progress is its sender's alone."""
        return self.filter(created_by=user)

    def newest_first(self) -> Self:
        return self.order_by("-created_at", "-pk")

    def about(self, *subjects: str) -> Self:
        """Narrow to what is sent for e.g. ``draft:7``."""
        return self.filter(subject__in=subjects)

    def free(self) -> Self:
        """Narrow to those that nobody adds to just now."""
        return self.filter(Q(held_until=None) | Q(held_until__lt=Now()))

    def alive(self) -> Self:
        if not (expiry_s := system().upload_expiry_s):
            return self.all()
        return self.filter(touched_at__gte=Now() - timedelta(seconds=expiry_s))

    def under_way(self) -> Self:
        """Narrow to those that were heard of lately: no other room is kept free for long."""
        return self.filter(touched_at__gte=Now() - timedelta(seconds=ROOM_KEPT_S))

    def expired(self) -> Self:
        if not (expiry_s := system().upload_expiry_s):
            return self.none()
        return self.free().filter(touched_at__lt=Now() - timedelta(seconds=expiry_s))

    def missing_bytes(self) -> int:
        """Return how many bytes are still to come, of all of them."""
        total: int | None = self.aggregate(missing=Sum(F("size") - F("received")))["missing"]
        return total or 0


class Upload(models.Model):
    """A file on its way: what has arrived lies in the uploads folder. Whole, it becomes a Source.

    The Source takes over its `handle`.
    """

    handle = models.UUIDField(default=uuid4, unique=True, editable=False)
    name = models.CharField(_("file name"), max_length=255)
    size = models.PositiveBigIntegerField(_("size"))
    received = models.PositiveBigIntegerField(_("bytes received"), default=0)
    subject = models.CharField(
        _("subject"), max_length=64, blank=True, db_index=True, help_text="E.g. draft:7."
    )
    created_by = models.ForeignKey(
        User, verbose_name=_("sent by"), on_delete=models.CASCADE, related_name="uploads"
    )
    created_at = models.DateTimeField(_("begun"), default=timezone.now)
    touched_at = models.DateTimeField(_("last heard of"), default=timezone.now, db_index=True)
    token = models.CharField(max_length=32, blank=True, editable=False)
    held_until = models.DateTimeField(null=True, editable=False)

    objects = UploadQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        verbose_name = _("upload")
        verbose_name_plural = _("uploads")
        constraints = [
            models.CheckConstraint(
                name="uploads_receive_no_more_than_they_are", condition=Q(received__lte=F("size"))
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def path(self) -> Path:
        """Where what has arrived lies."""
        return system().uploads / f".arriving-{self.handle}"

    @property
    def expires_at(self) -> datetime | None:
        expiry_s = system().upload_expiry_s
        return self.touched_at + timedelta(seconds=expiry_s) if expiry_s else None

    @property
    def percent(self) -> int:
        return self.received * 100 // self.size if self.size else 0
