from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from releases.models.release import Release
from releases.models.source import Source


class InboxFileQuerySet(models.QuerySet["InboxFile"]):
    def visible_to(self, user: User) -> Self:
        return self if user.is_admin else self.filter(owner=user)

    def whole(self) -> Self:
        """Narrow to those that did not change for so long that they are whole."""
        since = Now() - timedelta(seconds=settings.INBOX_STABLE_S)
        return self.filter(state=InboxFile.State.WAITING, unchanged_since__lte=since)

    def newest_first(self) -> Self:
        return self.order_by("-pk")


class InboxFile(models.Model):
    """A file that appeared in the inbox, and what became of it."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Still arriving")
        EXAMINED = "examined", _("Being examined")
        DRAFTED = "drafted", _("Has a draft")
        REFUSED = "refused", _("Refused")
        IGNORED = "ignored", _("Ignored")
        MOVED = "moved", _("Moved out")

    path = models.CharField(_("path"), max_length=1024, help_text=_("In the inbox."))
    path_sum = models.CharField(
        max_length=64, unique=True, editable=False, help_text="SHA-256: a path in its own capitals."
    )
    owner = models.ForeignKey(
        User, verbose_name=_("owner"), on_delete=models.CASCADE, related_name="inbox_files"
    )
    size = models.PositiveBigIntegerField(_("size"))
    mtime_ns = models.BigIntegerField(help_text="When it was changed, in nanoseconds.")
    seen_at = models.DateTimeField(_("found"), default=timezone.now)
    unchanged_since = models.DateTimeField(
        default=timezone.now, help_text="By the database's clock."
    )
    state = models.CharField(
        _("state"), max_length=16, choices=State, default=State.WAITING, db_index=True
    )
    reason = models.TextField(_("reason"), blank=True)
    source = models.ForeignKey(
        Source,
        verbose_name=_("source file"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="inbox_files",
    )
    draft_number = models.PositiveBigIntegerField(
        _("draft"), null=True, db_index=True, help_text=_("Of the draft that was made of it.")
    )

    objects = InboxFileQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        verbose_name = _("file of the inbox")
        verbose_name_plural = _("files of the inbox")

    def __str__(self) -> str:
        return self.name

    @staticmethod
    def sum_of(path: str) -> str:
        return hashlib.sha256(path.encode()).hexdigest()

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]

    @property
    def subject(self) -> str:
        return f"inbox:{self.pk}"

    def is_packed(self) -> bool:
        """Tell whether a release of it stands, packed and read back."""
        made = Release.objects.standing().filter(status=Release.Status.COMPLETED)
        return bool(self.source_id) and made.filter(source=self.source_id).exists()
