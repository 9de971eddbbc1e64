from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AbstractUser
from django.contrib.auth.models import Group as AuthGroup
from django.core.validators import MaxLengthValidator, MinLengthValidator, RegexValidator
from django.db import models
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
    preferences_version = models.PositiveIntegerField(default=0, editable=False)
    created_by = models.ForeignKey(
        "self",
        verbose_name=_("added by"),
        null=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    modified_at = models.DateTimeField(_("changed"), null=True, editable=False)

    scopes: frozenset[str] | None = None
    """What the token allows that asks in this user's name; None: all that the user may."""

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
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)

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


class FirstRun(models.Model):
    """The mark that an instance got its first administrator. There is room for one row."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        default_permissions = ()
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="one_first_run")]

    def __str__(self) -> str:
        return str(self.at)
