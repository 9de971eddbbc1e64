from __future__ import annotations

from typing import Self

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User, four_permissions
from rules.spec import Spec


class RuleQuerySet(models.QuerySet["Rule"]):
    def for_type(self, release_type: str) -> Self:
        return self.filter(release_type=release_type)

    def recommended_first(self) -> Self:
        """Newest year first, which for EBOOK is [2022] eBOOK."""
        return self.order_by("-year", "section", "name")


class Rule(models.Model):
    """A packaging rule: its text as published, and the spec that is its machine form."""

    name = models.CharField(_("name"), max_length=100, unique=True, help_text="E.g. 2022_EBOOK.")
    scene = models.CharField(_("scene"), max_length=32)
    section = models.CharField(_("section"), max_length=32)
    year = models.PositiveSmallIntegerField(_("year"))
    release_type = models.CharField(_("type"), max_length=8, db_index=True)
    content = models.TextField(_("text"), blank=True, help_text=_("The rule as published."))
    spec_data = models.JSONField(_("spec"), default=dict)
    created_by = models.ForeignKey(
        User, verbose_name=_("added by"), null=True, blank=True, on_delete=models.SET_NULL
    )
    created_at = models.DateTimeField(_("added"), default=timezone.now)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    objects = RuleQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        permissions = four_permissions("rule")
        verbose_name = _("rule")
        verbose_name_plural = _("rules")

    def __str__(self) -> str:
        return f"[{self.year}] {self.section}"

    def belongs_to(self, user: User) -> bool:
        """A rule is everybody's: what is held on rules is held on each."""
        return True

    @property
    def spec(self) -> Spec:
        return Spec.from_dict(self.spec_data)
