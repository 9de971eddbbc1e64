from __future__ import annotations

from typing import Self

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User, owner_number
from accounts.permissions import holds
from vault.fields import EncryptedTextField


class ApiConfigQuerySet(models.QuerySet["ApiConfig"]):
    def visible_to(self, user: User) -> Self:
        """Narrow to the user's own; who may read the site's configuration sees all."""
        return self if holds(user, "config", "read") else self.filter(user=user)

    def heard_by(self, user: User) -> Self:
        """Narrow to what counts for `user`, what is for all first: the last word wins."""
        return self.filter(owner_number__in=[0, user.pk]).order_by("owner_number")


class ApiConfig(models.Model):
    """How one provider of metadata is asked, for one person or for all."""

    name = models.CharField(_("provider"), max_length=50)
    user = models.ForeignKey(
        User,
        verbose_name=_("user"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="api_configs",
        help_text=_("Nobody: it is for all."),
    )
    owner_number = owner_number()
    api_key = EncryptedTextField(_("API key"), blank=True, default="")
    base_url = models.CharField(
        _("address"), max_length=500, blank=True, help_text=_("Empty: the provider's own.")
    )
    active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(_("added"), default=timezone.now)

    objects = ApiConfigQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["owner_number", "name"], name="one_api_per_owner")
        ]

    def __str__(self) -> str:
        return self.name

    def belongs_to(self, user: User) -> bool:
        return self.user_id == user.pk


class AnswerQuerySet(models.QuerySet["Answer"]):
    def over(self) -> Self:
        return self.filter(until__lte=timezone.now())


class Answer(models.Model):
    """What the providers' memory keeps for a while. See `enrichment.memory`."""

    key = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the memory's key.")
    value = models.TextField(help_text="JSON, encrypted: the tokens of logins are among it.")
    until = models.DateTimeField(_("kept until"), db_index=True)

    objects = AnswerQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        verbose_name = _("kept answer")
        verbose_name_plural = _("kept answers")

    def __str__(self) -> str:
        return self.key[:8]

    def is_over(self) -> bool:
        return self.until <= timezone.now()
