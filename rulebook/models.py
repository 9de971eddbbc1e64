from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from rules.models import NAME_LENGTH


class Listing(models.Model):
    """A rule as its site lists it, whether its text was downloaded or not.

    Those of the seed list were never seen: `seen_at` is empty.
    """

    name = models.CharField(
        _("name"), max_length=NAME_LENGTH, unique=True, help_text=_("As in its address.")
    )
    scene = models.CharField(_("scene"), max_length=32)
    section = models.CharField(_("section"), max_length=64)
    year = models.PositiveSmallIntegerField(_("year"), null=True)
    url = models.CharField(_("address"), max_length=500)
    etag = models.CharField(max_length=255, blank=True)
    last_modified = models.CharField(max_length=64, blank=True)
    sha256 = models.CharField(
        max_length=64, blank=True, help_text=_("Of its text as last downloaded.")
    )
    seen_at = models.DateTimeField(_("last seen"), null=True)
    vanished_at = models.DateTimeField(_("vanished"), null=True)
    trouble = models.CharField(
        _("trouble"), max_length=500, blank=True, help_text=_("Why it could not be downloaded.")
    )

    class Meta:
        default_permissions = ()
        verbose_name = _("listed rule")
        verbose_name_plural = _("listed rules")
        ordering = ["scene", "section", "-year", "name"]

    def __str__(self) -> str:
        return self.name


class SyncPlan(models.Model):
    """How often the rules are synchronized. There is one row, or none: then never."""

    class Interval(models.TextChoices):
        OFF = "off", _("Never")
        DAILY = "daily", _("Every day")
        WEEKLY = "weekly", _("Every week")

    id = models.PositiveSmallIntegerField(primary_key=True, editable=False)
    interval = models.CharField(
        _("how often"), max_length=8, choices=Interval, default=Interval.OFF
    )
    by = models.ForeignKey(
        User,
        verbose_name=_("planned by"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text=_("The jobs are theirs."),
    )
    last_at = models.DateTimeField(_("last started"), null=True)

    class Meta:
        default_permissions = ()
        verbose_name = _("plan of synchronization")
        verbose_name_plural = _("plan of synchronization")
        constraints = [models.CheckConstraint(name="one_sync_plan", condition=Q(pk=1))]

    def __str__(self) -> str:
        return str(self.get_interval_display())

    @classmethod
    def current(cls) -> Self:
        return cls.objects.filter(pk=1).first() or cls(pk=1)
