from __future__ import annotations

from datetime import datetime, timedelta
from math import ceil
from typing import Self
from uuid import UUID, uuid4

from django.db import models
from django.db.models import Case, F, Q, When
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext_lazy as _

from accounts.models.people import User
from accounts.rates import Rate
from accounts.sessions import ADDRESS_LENGTH, AGENT_LENGTH

TOKEN_NAME_LENGTH = 100


class LoginQuerySet(models.QuerySet["Login"]):
    def alive(self) -> Self:
        return self.filter(ended_at=None, expires_at__gt=timezone.now(), user__is_active=True)

    def over_since(self, moment: datetime) -> Self:
        return self.filter(Q(ended_at__lt=moment) | Q(expires_at__lt=moment))

    def living(self, sid: UUID) -> Login | None:
        """Return the login `sid` with its user, unless it is over or the password is another."""
        login = self.alive().select_related("user").filter(pk=sid).first()
        return login if login and constant_time_compare(login.mark, mark_of(login.user)) else None


def mark_of(user: User) -> str:
    """Return what changes with the password of `user`, and tells nothing of it."""
    return salted_hmac("accounts.Login", user.password, algorithm="sha256").hexdigest()


class Login(models.Model):
    """A login of a program, and the family of all tokens that come from it.

    Each use of its refresh token makes another one; whoever shows an older one has a copy, and
    the login is over for both.
    """

    sid = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="logins")
    refresh_jti = models.CharField(max_length=32, help_text="Of the one refresh token that counts.")
    mark = models.CharField(max_length=64, help_text="Of the password: another one ends the login.")
    address = models.CharField(max_length=ADDRESS_LENGTH, blank=True)
    agent = models.CharField(max_length=AGENT_LENGTH, blank=True)
    begun_at = models.DateTimeField(default=timezone.now)
    refreshed_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(db_index=True)
    ended_at = models.DateTimeField(null=True)

    objects = LoginQuerySet.as_manager()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.sid)


class LoginTriesQuerySet(models.QuerySet["LoginTries"]):
    def spend(self, key: str, rate: Rate) -> int:
        """Count one more try, or return after how many seconds there will be one.

        Tries are free again once none was counted for the period of `rate`: so no period holds
        more. One UPDATE decides, since many may try at the same time.
        """
        now = timezone.now()
        period = timedelta(seconds=rate.seconds)
        is_stale = Q(since__lte=now - period)
        self.bulk_create([LoginTries(key=key, since=now)], ignore_conflicts=True)
        is_counted = self.filter(is_stale | Q(count__lt=rate.count), key=key).update(
            count=Case(When(is_stale, then=1), default=F("count") + 1),
            since=now,  # second: MySQL would compare what it has just written
        )
        if is_counted:
            return 0
        since = self.filter(key=key).values_list("since", flat=True).first() or now - period
        return max(1, ceil((since + period - now).total_seconds()))

    def stale(self, rate: Rate) -> Self:
        return self.filter(since__lte=timezone.now() - timedelta(seconds=rate.seconds))


class LoginTries(models.Model):
    """How often somebody tried to log in to one account from one address, and when last."""

    key = models.CharField(max_length=64, unique=True, help_text="Sum of account and address.")
    count = models.PositiveIntegerField(default=0)
    since = models.DateTimeField(default=timezone.now, db_index=True)

    objects = LoginTriesQuerySet.as_manager()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.key[:8]


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    def alive(self) -> Self:
        unexpired = Q(expires_at=None) | Q(expires_at__gt=timezone.now())
        return self.filter(unexpired, user__is_active=True)

    def newest_first(self) -> Self:
        return self.order_by("-pk")


class ApiToken(models.Model):
    """What a program shows instead of a login; only a sum of it is kept."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(_("name"), max_length=TOKEN_NAME_LENGTH)
    prefix = models.CharField(max_length=16, help_text="How it begins, to tell it from others.")
    digest = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the whole.")
    mark = models.CharField(max_length=64, help_text="Of the password: another one ends the token.")
    scopes = models.JSONField(_("scopes"), default=list, help_text="E.g. releases:read.")
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("last used"), null=True)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")

    def __str__(self) -> str:
        return self.name

    @property
    def is_alive(self) -> bool:
        """Whether it speaks for its user now, given that they are active."""
        is_expired = self.expires_at is not None and self.expires_at <= timezone.now()
        return not is_expired and self.mark == self.user.get_session_auth_hash()
