"""How pages are shown to whoever asks: in which theme, in which language, by which clock."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language

from accounts.models import User
from accounts.preferences import check, said

SESSION_KEY = "display"
COOKIES = {"theme": "theme", "language": settings.LANGUAGE_COOKIE_NAME, "time_zone": "zone"}
"""What keeps each for those who are not signed in. The browser says its zone by itself."""
A_YEAR_S = 31_536_000


@dataclass(frozen=True, slots=True)
class Display:
    theme: str
    language: str
    time_zone: str


def display_for(request: HttpRequest) -> Display:
    """Return what the person prefers, else what the browser says, else what is usual here."""
    usual = {"theme": "auto", "language": get_language() or settings.LANGUAGE_CODE}
    usual["time_zone"] = settings.TIME_ZONE
    return Display(**usual | told_by_cookies(request) | preferred(request))


def told_by_cookies(request: HttpRequest) -> dict[str, str]:
    told = {key: unquote(request.COOKIES.get(name, "")) for key, name in COOKIES.items()}
    return {key: value for key, value in told.items() if value and is_kept(key, value)}


def is_kept(key: str, value: str) -> bool:
    try:
        check(key, value)
    except ValidationError:
        return False
    return True


def preferred(request: HttpRequest) -> dict[str, str]:
    """Return what the signed-in person prefers: asked once a session, and after each change."""
    user = request.user
    if not isinstance(user, User):
        return {}
    remembered = request.session.get(SESSION_KEY)
    if remembered is None or remembered["version"] != user.preferences_version:
        remembered = remember(request.session, user)
    wishes: dict[str, str] = remembered["said"]
    return wishes


def remember(session: SessionBase, user: User) -> dict[str, Any]:
    wishes = {key: value for key, value in said(user, *COOKIES).items() if value}
    session[SESSION_KEY] = {"version": user.preferences_version, "said": wishes}
    return {"said": wishes}


def keep_in_cookies(response: HttpResponse, wished: dict[str, str]) -> None:
    """Have the browser show the next login as this page was asked to be."""
    for key, value in wished.items():
        response.set_cookie(
            COOKIES[key],
            value,
            max_age=A_YEAR_S,
            secure=settings.SESSION_COOKIE_SECURE,
            samesite="Lax",
        )
