"""Personal tokens: what a program shows in place of a login."""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions.refusal import Refused
from accounts.models import ApiToken, User
from accounts.scopes import expanded, require_all, require_login

BEGINNING = "rpk_"
SECRET_BYTES = 32
SHOWN = len(BEGINNING) + 6
MOST_TOKENS = 50
NOTED_EVERY = timedelta(minutes=5)


class TooManyTokens(Refused):
    pass


@transaction.atomic
def make_token(
    name: str, scopes: Iterable[str], *, by: User, expires_at: datetime | None = None
) -> tuple[ApiToken, str]:
    """Make a token of `by`; return it with its text, which nothing can tell again.

    What a scope implies is given with it.

    Raises:
        PermissionDenied: a token asks, or `by` lacks what a scope allows.
        TooManyTokens: `by` has as many as one may.
        ValueError: a scope is none.
    """
    require_login(by)
    given = expanded(scopes)
    require_all(by, given)
    User.objects.select_for_update().get(pk=by.pk)  # of many at once, each counts the others
    if by.api_tokens.count() >= MOST_TOKENS:
        sentence = _("You have %(count)s tokens: revoke one of them first.")
        raise TooManyTokens(sentence % {"count": MOST_TOKENS})
    text = BEGINNING + secrets.token_urlsafe(SECRET_BYTES)
    token = ApiToken.objects.create(
        user=by,
        name=name,
        prefix=text[:SHOWN],
        digest=digest(text),
        mark=by.get_session_auth_hash(),
        scopes=given,
        expires_at=expires_at,
    )
    return token, text


def revoke_token(token: ApiToken, *, by: User) -> None:
    """End a token of `by`.

    Raises:
        PermissionDenied: a token asks.
    """
    require_login(by)
    token.delete()


def holder_of(text: str) -> User | None:
    """Return whom a token speaks for, with its scopes; None where it is none, or is over."""
    found = ApiToken.objects.alive().select_related("user").filter(digest=digest(text)).first()
    if found is None or not found.is_alive:
        return None
    note_use(found)
    found.user.scopes = frozenset(found.scopes)
    return found.user


def digest(text: str) -> str:
    """Return what is kept of a token: it is random, so that a plain sum tells nothing."""
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()


def note_use(token: ApiToken) -> None:
    """Note that the token is used now, unless that was noted of late."""
    now = timezone.now()
    if token.last_used_at is None or token.last_used_at < now - NOTED_EVERY:
        unnoted = Q(last_used_at=None) | Q(last_used_at__lt=now - NOTED_EVERY)
        ApiToken.objects.filter(unnoted, pk=token.pk).update(last_used_at=now)
