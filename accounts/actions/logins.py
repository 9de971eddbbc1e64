"""Logins of programs: a password begins one, and its tokens go on until it ends.

Nothing here needs a transaction: each statement stands for itself, and what ends a login must stay
when the request that showed a copied token is refused.
"""

import time
from datetime import timedelta
from typing import Any, cast
from uuid import UUID, uuid4

from django.conf import settings
from django.utils import timezone

from accounts.models import Login, LoginTries, User
from accounts.models.credentials import mark_of
from accounts.rates import parsed
from accounts.sessions import ADDRESS_LENGTH, AGENT_LENGTH

KEPT = timedelta(days=7)
SWEEP_EVERY_S = 600

_swept_at = float("-inf")


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


def sweep_logins_now_and_then() -> None:
    """Sweep, once in ten minutes however often this is called."""
    global _swept_at  # noqa: PLW0603  # of this process: several may sweep
    if time.monotonic() - _swept_at >= SWEEP_EVERY_S:
        _swept_at = time.monotonic()
        sweep_logins()


def sweep_logins() -> None:
    """Forget logins that are over for a week, and tries that count no longer."""
    Login.objects.over_since(timezone.now() - KEPT).delete()
    LoginTries.objects.stale(parsed(settings.RATE_LIMITS["login"])).delete()
