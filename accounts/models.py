from __future__ import annotations

from typing import Any, Self

from django.contrib.auth.models import AbstractUser
from django.contrib.auth.models import Group as AuthGroup
from django.core.validators import MaxLengthValidator, MinLengthValidator, RegexValidator
from django.db import models
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

ADMIN_ROLE = "Admin"
ACTIONS = ("read", "write", "mod", "delete")


def four_permissions(noun: str) -> list[tuple[str, Any]]:
    """Return the four permissions on `noun`, as a model's Meta takes them."""
    return [(f"{action}_{noun}", f"{action.upper()} {noun}") for action in ACTIONS]


class User(AbstractUser):
    """A person. Ours from the first migration, so that it can grow."""

    username = models.CharField(
        _("user name"),
        max_length=100,
        unique=True,
        validators=[MinLengthValidator(3), AbstractUser.username_validator],
        error_messages={"unique": _("A user with that name exists already.")},
    )
    note = models.TextField(_("note"), blank=True, validators=[MaxLengthValidator(500)])

    class Meta(AbstractUser.Meta):
        default_permissions = ()
        permissions = four_permissions("user")

    @cached_property
    def is_admin(self) -> bool:
        """Whether the user sees and does everything: a superuser, or of the role Admin."""
        return self.is_superuser or self.groups.filter(name=ADMIN_ROLE).exists()

    def roles(self) -> models.QuerySet[Role]:
        return Role.objects.filter(user=self).order_by("name")  # type: ignore[return-value]


class Role(AuthGroup):
    """A named set of permissions; its users are the auth group's."""

    description = models.CharField(_("description"), max_length=255, blank=True)

    class Meta:
        default_permissions = ()
        permissions = [
            *four_permissions("role"),
            *four_permissions("config"),  # the site's configuration, a resource without rows
        ]


class ReleaseGroup(models.Model):
    """The group a release is made under: the tag after the last dash of its name."""

    tag = models.CharField(
        _("tag"), max_length=100, unique=True, validators=[RegexValidator(r"\A[A-Z0-9]+\Z")]
    )
    members = models.ManyToManyField(
        User, verbose_name=_("members"), blank=True, related_name="release_groups"
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now)

    class Meta:
        default_permissions = ()
        verbose_name = _("release group")
        verbose_name_plural = _("release groups")

    def __str__(self) -> str:
        return self.tag


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
