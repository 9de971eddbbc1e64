"""Sessions that know whose they are, so that people can see and end their own.

The engine that Django's documentation describes: the same rows, with what is told of each in
columns. Keys are never shown: a session is named by a sum of its key.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

from django.contrib.auth import SESSION_KEY as WHO
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.contrib.sessions.base_session import AbstractBaseSession
from django.http import HttpRequest
from django.utils import timezone

if TYPE_CHECKING:
    from accounts.models import Session

BEGUN, SEEN = "begun", "seen"
SEEN_EVERY_S = 300
AGENT_LENGTH, ADDRESS_LENGTH = 300, 45
BROWSERS = {
    "Edg": "Edge",
    "OPR": "Opera",
    "Firefox": "Firefox",
    "Chrom": "Chrome",
    "Safari": "Safari",
}
SYSTEMS = {
    "Android": "Android",
    "iPhone|iPad": "iOS",
    "Windows": "Windows",
    "Mac OS X": "macOS",
    "CrOS": "ChromeOS",
    "Linux|X11": "Linux",
}
"""What each writes in its name, the more particular first: most claim to be others, too."""


class SessionStore(DatabaseStore):
    @classmethod
    def get_model_class(cls) -> "type[Session]":
        from accounts.models import Session  # noqa: PLC0415  # which names this module

        return Session

    def create_model_instance(self, data: dict[str, Any]) -> "Session":
        return described(super().create_model_instance(data), data)

    async def acreate_model_instance(self, data: dict[str, Any]) -> "Session":
        return described(await super().acreate_model_instance(data), data)


def described(made: AbstractBaseSession, data: Mapping[str, Any]) -> "Session":
    """Put what is told of a session into the columns of its row."""
    row, begun = cast("Session", made), data.get(BEGUN, {})
    row.user_id = data.get(WHO)
    row.address = begun.get("address", "")
    row.agent = begun.get("agent", "")
    row.begun_at = moment(begun.get("at"))
    row.seen_at = moment(data.get(SEEN))
    return row


def moment(at: float | None) -> datetime:
    return timezone.now() if at is None else datetime.fromtimestamp(at, UTC)


def note_beginning(session: SessionBase, request: HttpRequest) -> None:
    """Note from where somebody logged in, and when."""
    session[SEEN] = timezone.now().timestamp()
    session[BEGUN] = {
        "at": session[SEEN],
        "address": request.META.get("REMOTE_ADDR", "")[:ADDRESS_LENGTH],
        "agent": request.META.get("HTTP_USER_AGENT", "")[:AGENT_LENGTH],
    }


def note_presence(session: SessionBase) -> None:
    """Note that somebody was there, not at every click: each note is a row written."""
    now = timezone.now().timestamp()
    if now - session.get(SEEN, 0) > SEEN_EVERY_S:
        session[SEEN] = now


def named(agent: str, names: Mapping[str, str]) -> str:
    return next((name for sign, name in names.items() if re.search(sign, agent)), "")
