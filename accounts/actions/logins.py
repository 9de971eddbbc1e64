"""Logins of programs: a password begins one, and its tokens go on until it ends.

Nothing here needs a transaction: each statement stands for itself, and what ends a login must stay
when the request that showed a copied token is refused.
"""

from datetime import timedelta
from typing import Any, cast
from uuid import UUID, uuid4

from django.conf import settings
from django.utils import timezone

from accounts.models import Login, LoginTries, Session, User
from accounts.models.credentials import mark_of
from accounts.rates import parsed
from accounts.sessions import ADDRESS_LENGTH, AGENT_LENGTH
from accounts.sweeping import swept
from accounts.system import system


class LoginOver(Exception):
    """The login ended, or one of its tokens was copied, which ends it."""


def begin_login(user: User, *, address: str = "", agent: str = "") -> Login:
    """Begin a login of `user`, who has proved who they are."""
    now = timezone.now()
    User.objects.filter(pk=user.pk).update(last_login=now)
    return Login.objects.create(
        user=user,
        refresh_jti=uuid4().hex,
        mark=mark_of(user),
        address=address[:ADDRESS_LENGTH],
        agent=agent[:AGENT_LENGTH],
        begun_at=now,
        expires_at=now + lifetime(),
    )


def refresh_login(sid: UUID, jti: str) -> Login:
    """Let the login go on, with another refresh token in place of the one called `jti`.

    Raises:
        LoginOver: it ended, or `jti` was used before: then two have it, and both are logged out.
    """
    login = Login.objects.living(sid)
    if login is None:
        raise LoginOver
    now, login.refresh_jti = timezone.now(), uuid4().hex
    is_newest = Login.objects.filter(pk=sid, ended_at=None, refresh_jti=jti).update(
        refresh_jti=login.refresh_jti,
        refreshed_at=now,
        expires_at=now + lifetime(),
    )
    if not is_newest:
        end_login(login)
        raise LoginOver
    return login


def lifetime() -> timedelta:
    of_tokens: dict[str, Any] = settings.SIMPLE_JWT
    return cast("timedelta", of_tokens["REFRESH_TOKEN_LIFETIME"])


def end_login(login: Login) -> None:
    """End both tokens of a login at once."""
    Login.objects.filter(pk=login.pk, ended_at=None).update(ended_at=timezone.now())


def end_logins(user: User) -> int:
    """End every login of the programs of `user`; return how many."""
    return Login.objects.filter(user=user, ended_at=None).update(ended_at=timezone.now())


def end_all(user: User) -> None:
    """End whatever speaks for `user`, for good: none of it is back when they are.

    Tokens are kept, as over, so that their holder sees which ones to make anew.
    """
    end_logins(user)
    user.sessions.all().delete()
    user.api_tokens.update(mark="")


def sweep_logins() -> int:
    """Forget logins and sessions that are over for long, and tries that count no longer."""
    swept(LoginTries.objects.stale(parsed(settings.RATE_LIMITS["login"])))
    if not (days := system().logins_days):
        return 0
    since = timezone.now() - timedelta(days=days)
    return swept(Login.objects.over_since(since)) + swept(
        Session.objects.filter(expire_date__lt=since)
    )
