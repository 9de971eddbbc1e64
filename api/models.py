from __future__ import annotations

from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.utils import timezone

from accounts.models import User
from accounts.sweeping import swept
from accounts.system import system

KEY_LENGTH = 100


class IdempotentAnswerQuerySet(models.QuerySet["IdempotentAnswer"]):
    def over(self) -> Self:
        """Narrow to those that are kept no longer."""
        days = system().answers_days
        since = timezone.now() - timedelta(days=days)
        return self.filter(asked_at__lt=since) if days else self.none()

    def at_work_since(self, moment: datetime) -> Self:
        return self.filter(status=None, asked_at=moment)


class IdempotentAnswer(models.Model):
    """What a request was answered that may come again, since its client did not hear it.

    See `api.idempotency`.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=KEY_LENGTH, help_text="As the client chose it.")
    door = models.CharField(max_length=255, help_text="Method and path.")
    fingerprint = models.CharField(max_length=64, help_text="SHA-256 of what was sent.")
    status = models.PositiveSmallIntegerField(null=True, help_text="Null while it is at work.")
    headers = models.JSONField(default=dict)
    body = models.TextField(blank=True)
    asked_at = models.DateTimeField(default=timezone.now, db_index=True)

    objects = IdempotentAnswerQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["user", "key"], name="one_answer_per_key"),
        ]

    def __str__(self) -> str:
        return f"{self.door} {self.key}"


def forget_old_answers() -> int:
    """Free the keys of requests that nobody will send again; return how many."""
    return swept(IdempotentAnswer.objects.over())
