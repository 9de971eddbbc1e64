from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from releases.metadata.problem import Problem
from releases.telling import told
from rulebook.detection import type_of
from rules import search
from rules.models import NAME_LENGTH, Rule, any_of, separate


class ListingQuerySet(models.QuerySet["Listing"]):
    def filtered(
        self,
        *,
        scene: Iterable[str] = (),
        section: Iterable[str] = (),
        year: Iterable[str] = (),
        type: Iterable[str] = (),  # noqa: A002  # as it is called everywhere
    ) -> Self:
        """Narrow by what is given, as `RuleQuerySet.filtered` does."""
        found = self
        for column, values in {"scene": scene, "section": section}.items():
            if wanted := separate(values):
                found = found.filter(any_of(f"{column}__iexact", wanted))
        if years := separate(year):
            found = found.filter(year__in=[int(one) for one in years if is_year(one)])
        if types := {one.upper() for one in separate(type)}:
            sections = self.order_by().values_list("section", flat=True).distinct()
            found = found.filter(section__in=[one for one in sections if type_of(one) in types])
        return found

    def search(self, text: str) -> Self:
        """Narrow to those that have each word of `text` in name or section; `*` is anything."""
        found = self
        for word in search.words(text.replace("*", " ")):
            found = found.filter(Q(name__icontains=word) | Q(section__icontains=word))
        return found

    def with_downloaded(self) -> Self:
        """Tell of each as `downloaded` whether its text is here."""
        here = Rule.objects.filter(name=OuterRef("name"), version__gt=0)
        return self.annotate(downloaded=Exists(here))


class SyncPlanQuerySet(models.QuerySet["SyncPlan"]):
    def due(self) -> Self:
        """Narrow to the plan by which a synchronization is to begin, by the database's clock."""
        late = Q()
        for interval, days in PERIODS_DAYS.items():
            is_past = Q(last_at=None) | Q(last_at__lte=Now() - timedelta(days=days))
            late |= Q(interval=interval) & is_past
        return self.filter(late)


def is_year(text: str) -> bool:
    return text.isdecimal() and len(text) <= YEAR_DIGITS


YEAR_DIGITS = 4
PERIODS_DAYS = {"daily": 1, "weekly": 7}


class Listing(models.Model):
    """A rule as its site lists it, whether its text was downloaded or not.

    Those of the seed list were never seen: `seen_at` is empty.
    """

    downloaded: bool
    """Where `with_downloaded` asked for it."""

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
    seen_at = models.DateTimeField(_("seen since"), null=True)
    vanished_at = models.DateTimeField(_("vanished"), null=True)
    fault = models.JSONField(
        _("trouble"),
        default=dict,
        blank=True,
        help_text=_("Why it could not be downloaded: a sentence and its values."),
    )

    objects = ListingQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        verbose_name = _("listed rule")
        verbose_name_plural = _("listed rules")
        ordering = ["scene", "section", "-year", "name"]

    def __str__(self) -> str:
        return self.name

    @property
    def trouble(self) -> str:
        """Why it could not be downloaded, in the language of who reads it."""
        return told(Problem(**self.fault)) if self.fault else ""


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

    objects = SyncPlanQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        verbose_name = _("plan of synchronization")
        verbose_name_plural = _("plan of synchronization")
        constraints = [models.CheckConstraint(name="one_sync_plan", condition=Q(pk=1))]

    def __str__(self) -> str:
        return str(self.get_interval_display())

    @classmethod
    def current(cls) -> SyncPlan:
        return cls.objects.filter(pk=1).first() or cls(pk=1)
