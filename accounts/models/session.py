from __future__ import annotations

from typing import Self

from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.models.people import User
from accounts.sessions import ADDRESS_LENGTH, AGENT_LENGTH, BROWSERS, SYSTEMS, SessionStore, named


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
