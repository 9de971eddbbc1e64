from typing import Any

from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in
from django.http import HttpRequest


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        user_logged_in.connect(begin_session)


def begin_session(request: HttpRequest, user: Any, **others: Any) -> None:
    """Note at the login what every page of the session needs, so that none asks for it."""
    from accounts.display import remember  # noqa: PLC0415  # models are not loaded before
    from accounts.sessions import note_beginning  # noqa: PLC0415

    remember(request.session, user)
    note_beginning(request.session, request)
    user.sessions.expired().delete()
