from __future__ import annotations

from datetime import timedelta
from typing import Any, Self
from uuid import uuid4

from django.db import models
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from vault.fields import EncryptedTextField

NAME_LENGTH = 100
HAND_OUT_S = 120
"""For so long nobody else takes a message that was handed to a worker."""
EVENTS = {
    "job_completed": _("When a job of mine is done"),
    "job_failed": _("When a job of mine failed"),
}


def all_events() -> list[str]:
    return list(EVENTS)


class ChannelQuerySet(models.QuerySet["Channel"]):
    def visible_to(self, user: User) -> Self:
        """Narrow to the user's own: an address may be a secret."""
        return self.filter(user=user)

    def hearing(self, event: str) -> list[Channel]:
        """Return those that are told of `event`."""
        return [channel for channel in self.filter(is_on=True) if event in channel.events]


class Channel(models.Model):
    """A way by which one person is told what happens while no page is open."""

    class Type(models.TextChoices):
        MAIL = "MAIL", _("Mail")
        WEBHOOK = "WEBHOOK", _("Webhook: JSON, signed")
        APPRISE = "APPRISE", _("A service that Apprise knows")

    user = models.ForeignKey(
        User, verbose_name=_("user"), on_delete=models.CASCADE, related_name="channels"
    )
    name = models.CharField(_("name"), max_length=NAME_LENGTH)
    type = models.CharField(_("type"), max_length=16, choices=Type)
    address = EncryptedTextField(_("address"), help_text=_("It may hold a token."))
    secret = EncryptedTextField(_("secret"), blank=True, default="")
    events = models.JSONField(_("events"), default=all_events)
    is_on = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(_("added"), default=timezone.now)

    objects = ChannelQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        verbose_name = _("channel")
        verbose_name_plural = _("channels")
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["user", "name"], name="one_channel_name")]

    def __str__(self) -> str:
        return self.name


class MessageQuerySet(models.QuerySet["Message"]):
    def due(self) -> Self:
        """Narrow to those to be sent now, by the database's clock."""
        return self.filter(status=Message.Status.WAITING, due_at__lte=Now()).order_by("due_at")

    def hand_out(self, pk: int) -> bool:
        """Take a due message for a worker; return whether nobody else had."""
        won = self.due().filter(pk=pk).order_by()
        return bool(won.update(due_at=Now() + timedelta(seconds=HAND_OUT_S)))

    def begin(self, pk: int, attempts: int) -> bool:
        """Count one more attempt, and take the message for it, however long it lay in the queue.

        Return whether nobody else made it meanwhile.
        """
        waiting = self.filter(pk=pk, status=Message.Status.WAITING, attempts=attempts)
        until = Now() + timedelta(seconds=HAND_OUT_S)
        return bool(waiting.update(attempts=attempts + 1, due_at=until))


class Message(models.Model):
    """What is to be told, kept until it was: a target that is down loses nothing."""

    class Status(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Given up")

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    channel = models.ForeignKey(
        Channel, verbose_name=_("channel"), on_delete=models.CASCADE, related_name="messages"
    )
    event = models.CharField(_("event"), max_length=32)
    title = models.CharField(_("title"), max_length=300)
    text = models.TextField(_("text"), blank=True)
    facts: models.JSONField[dict[str, Any]] = models.JSONField(_("facts"), default=dict)
    status = models.CharField(_("status"), max_length=16, choices=Status, default=Status.WAITING)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    error = models.TextField(_("reason"), blank=True)
    queued_at = models.DateTimeField(_("queued"), default=timezone.now)
    due_at = models.DateTimeField(_("next attempt"), db_default=Now())
    sent_at = models.DateTimeField(_("sent"), null=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = ["-pk"]
        indexes = [models.Index(fields=["status", "due_at"], name="messages_that_are_due")]

    def __str__(self) -> str:
        return self.title
