"""Who asks. DRF loads this by name: it may not import views, directly or not."""

from typing import Any, TypeVar
from uuid import UUID

from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.tokens import AccessToken, Token

from accounts.models import Login, User

CHALLENGE = 'Bearer realm="api"'
PERSONAL = "rpk_"
"""How tokens begin that people make for their programs."""

Kind = TypeVar("Kind", bound=Token)


class Bearer(BaseAuthentication):
    """Takes the access token of a login, or a personal token.

    What a token says of its user is not believed: one query tells whether its login goes on, and
    who they are now. `request.auth` is the login; a personal token has none.
    """

    def authenticate(self, request: Request) -> tuple[User, Login | None] | None:
        text = shown(request)
        if text is None:
            return None
        if text.startswith(PERSONAL):
            return holder(text), None
        login = login_of(text)
        return login.user, login

    def authenticate_header(self, request: Request) -> str:
        return CHALLENGE


def shown(request: Request) -> str | None:
    """Return the token that the client shows."""
    scheme, _, text = request.META.get("HTTP_AUTHORIZATION", "").strip().partition(" ")
    return text.strip() if scheme.lower() == "bearer" else None


def holder(text: str) -> User:
    from accounts.actions.tokens import holder_of  # noqa: PLC0415  # few programs show one

    user = holder_of(text)
    if user is None:
        raise AuthenticationFailed
    return user


def login_of(text: str) -> Login:
    try:
        login = Login.objects.living(sid_of(decoded(AccessToken, text)))
    except TokenError as error:
        raise AuthenticationFailed from error
    if login is None:
        raise AuthenticationFailed
    return login


def decoded(kind: type[Kind], text: str) -> Kind:
    """Return the token that `text` is.

    Raises:
        TokenError: it is none of ours, of another kind, too old, or for somebody else.
    """
    token = kind(text)  # type: ignore[arg-type]  # the annotation is wrong: it is decoded
    if "aud" in token:
        raise TokenError("We name no audience")
    return token


def sid_of(token: Token) -> UUID:
    """Return which login `token` belongs to.

    Raises:
        TokenError: it does not say.
    """
    named: Any = token.get("sid")
    try:
        return UUID(str(named))
    except ValueError as error:
        raise TokenError("No login is named") from error
