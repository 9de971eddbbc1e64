from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from accounts.models.people import User


def owner_number() -> models.GeneratedField:
    """Return the column of a row's `user`, 0 for all: a null would stand beside another null."""
    return models.GeneratedField(
        expression=Coalesce("user", 0, output_field=models.BigIntegerField()),
        output_field=models.BigIntegerField(),
        db_persist=True,
    )


class PreferenceQuerySet(models.QuerySet["Preference"]):
    def heard_by(self, user: User) -> Self:
        """Narrow to what counts for `user`, what is for all first: the last word wins."""
        return self.filter(owner_number__in=[0, user.pk]).order_by("owner_number")


class Preference(models.Model):
    """What one person prefers, or all who say nothing else. See `accounts.preferences`."""

    user = models.ForeignKey(
        User,
        verbose_name=_("user"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="preferences",
        help_text=_("Nobody: it holds for all who say nothing else."),
    )
    owner_number = owner_number()
    key = models.CharField(_("key"), max_length=50)
    value = models.JSONField(_("value"))

    objects = PreferenceQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        verbose_name = _("preference")
        verbose_name_plural = _("preferences")
        constraints = [
            models.UniqueConstraint(fields=["owner_number", "key"], name="one_preference_per_key")
        ]

    def __str__(self) -> str:
        return self.key
