"""The API of the instance on this machine, asked without a network: its views are called."""

import json
import logging
from collections.abc import Mapping
from functools import partial
from io import BytesIO
from typing import Any
from urllib.parse import urlencode

from django.core.handlers.wsgi import WSGIRequest
from django.http.response import HttpResponseBase
from django.template.response import SimpleTemplateResponse
from django.urls import resolve
from django.utils.translation import gettext as _
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from accounts.models import User
from cli.doors import MALFORMED, Refusal, no_text
from cli.exits import Exit, Stop

ADDRESSES = "api.urls"
"""Those of the pages would take longer to load, and are asked nothing."""

logger = logging.getLogger(__name__)


class Acting(BaseAuthentication):
    """Takes one person for who asks: who can run a command owns the machine."""

    def __init__(self, user: User) -> None:
        self.user = user

    def authenticate(self, request: Request) -> tuple[User, None]:
        return self.user, None


class LocalDoor:
    def __init__(self, username: str | None) -> None:
        from cli.making import acting_user  # noqa: PLC0415  # it is loaded by what it is needed for

        self.user = acting_user(username)

    def ask(
        self, method: str, path: str, *, query: Mapping[str, Any] | None = None, body: Any = None
    ) -> Any:
        """Return what the view at `path` answers, as it would be sent; see `Door`."""
        try:
            request = request_of(method, f"/api{path}", query or {}, body)
        except UnicodeError as error:
            raise no_text() from error
        answer = self.answered(request)
        content = bytes(getattr(answer, "content", b""))
        document = json.loads(content) if content else None
        if answer.status_code >= MALFORMED:
            raise Refusal(answer.status_code, document or {})
        return document

    def answered(self, request: WSGIRequest) -> HttpResponseBase:
        found = resolve(request.path.removeprefix("/api"), urlconf=ADDRESSES)
        view: Any = found.func
        asked = view.cls.as_view(
            **view.initkwargs,
            authentication_classes=[partial(Acting, self.user)],
            throttle_classes=[],  # limits keep others from asking too much
        )
        try:
            answer: HttpResponseBase = asked(request, *found.args, **found.kwargs)
            return answer.render() if isinstance(answer, SimpleTemplateResponse) else answer
        except Exception as error:
            logger.exception("%s %s broke", request.method, request.path)
            raise Stop(Exit.FAILED, unforeseen()) from error


def unforeseen() -> str:
    return _("Something broke that nobody foresaw: the log tells more.")


def request_of(method: str, path: str, query: Mapping[str, Any], body: Any) -> WSGIRequest:
    sent = b"" if body is None else json.dumps(body).encode()
    typed = {"CONTENT_TYPE": "application/json"} if sent else {}
    return WSGIRequest(
        {
            "REQUEST_METHOD": method,
            "PATH_INFO": path,
            "QUERY_STRING": urlencode(query, doseq=True),
            "CONTENT_LENGTH": str(len(sent)),
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "80",
            "HTTP_ACCEPT": "application/json",
            "wsgi.input": BytesIO(sent),
            "wsgi.url_scheme": "http",
            **typed,
        }
    )
