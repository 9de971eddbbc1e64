from __future__ import annotations

from django.db import models
from django.utils import timezone

from accounts.models import User

KEY_LENGTH = 100


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

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["user", "key"], name="one_answer_per_key"),
        ]

    def __str__(self) -> str:
        return f"{self.door} {self.key}"
