from __future__ import annotations

from typing import Any, Self

from django.contrib.auth.models import AbstractUser
from django.contrib.auth.models import Group as AuthGroup
from django.contrib.sessions.base_session import AbstractBaseSession
from django.core.validators import MaxLengthValidator, MinLengthValidator, RegexValidator
from django.db import models
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from accounts.sessions import ADDRESS_LENGTH, AGENT_LENGTH, BROWSERS, SYSTEMS, SessionStore, named

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


class SessionQuerySet(models.QuerySet["Session"]):
    def valid(self) -> Self:
        return self.filter(expire_date__gt=timezone.now())

    def expired(self) -> Self:
        return self.filter(expire_date__lte=timezone.now())

    def last_seen_first(self) -> Self:
        return self.order_by("-seen_at")


class Session(AbstractBaseSession):
    """A login in one browser. See `accounts.sessions`."""

    user = models.ForeignKey(User, null=True, on_delete=models.CASCADE, related_name="sessions")
    address = models.CharField(max_length=ADDRESS_LENGTH, blank=True)
    agent = models.CharField(max_length=AGENT_LENGTH, blank=True)
    begun_at = models.DateTimeField()
    seen_at = models.DateTimeField()

    objects = SessionQuerySet.as_manager()  # type: ignore[misc,assignment]  # of a narrower model

    class Meta(AbstractBaseSession.Meta):
        default_permissions = ()

    def __str__(self) -> str:
        """Tell it from others without its key: pages of the administration show this."""
        return " ".join(filter(None, [self.browser, self.system, self.address])) or "?"

    @classmethod
    def get_session_store_class(cls) -> type[SessionStore]:
        return SessionStore

    @property
    def handle(self) -> str:
        """Name the session without its key, which would sign anybody in."""
        return salted_hmac("accounts.Session", self.session_key, algorithm="sha256").hexdigest()

    @property
    def browser(self) -> str:
        return named(self.agent, BROWSERS)

    @property
    def system(self) -> str:
        return named(self.agent, SYSTEMS)


class FirstRun(models.Model):
    """The mark that an instance got its first administrator. There is room for one row."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        default_permissions = ()
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="one_first_run")]

    def __str__(self) -> str:
        return str(self.at)
