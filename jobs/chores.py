"""What is done again and again without being asked for: a row each, so that it can be seen."""

from __future__ import annotations

from datetime import timedelta
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

HELD_S = 600
"""So long whoever began a chore may be at it before another begins it again."""
RETRY_S = 60
"""After a failure it is tried again so soon, whatever its interval."""


class ChoreQuerySet(models.QuerySet["Chore"]):
    def due(self) -> Self:
        """Narrow to what is to be done now, by the database's clock, and nobody is at."""
        wanted = Q(is_on=True, due_at__lte=Now()) | Q(is_wanted=True)
        free = Q(held_until=None) | Q(held_until__lt=Now())
        return self.filter(wanted, free)

    def claim(self, chore: Chore) -> bool:
        """Take `chore` for its next turn; of several that ask at once, one is told that it may.

        The next turn is counted from now: what was missed is not made up for.
        """
        won = (
            self.due()
            .filter(pk=chore.pk)
            .update(
                due_at=Now() + timedelta(seconds=chore.every_s),
                held_until=Now() + timedelta(seconds=HELD_S),
                is_wanted=False,
                began_at=Now(),
            )
        )
        return bool(won)


class Chore(models.Model):
    """One of `packer_site.chores.CHORES`: when it is due, and how it went."""

    name = models.CharField(_("name"), max_length=32, unique=True)
    every_s = models.PositiveIntegerField(
        _("interval"), help_text="Seconds; 0: at each look of each machine."
    )
    is_on = models.BooleanField(_("on"), default=True)
    is_wanted = models.BooleanField(default=False, help_text="Asked for, besides its turns.")
    due_at = models.DateTimeField(_("next"), db_default=Now())
    held_until = models.DateTimeField(null=True, editable=False)
    began_at = models.DateTimeField(_("begun"), null=True)
    ended_at = models.DateTimeField(_("ended"), null=True)
    took_ms = models.PositiveBigIntegerField(_("took"), default=0, help_text="Milliseconds.")
    count = models.PositiveBigIntegerField(_("done"), default=0, help_text="The last time.")
    total = models.PositiveBigIntegerField(_("done in all"), default=0)
    runs = models.PositiveBigIntegerField(_("runs"), default=0)
    failures = models.PositiveIntegerField(_("failures"), default=0, help_text="In a row.")
    error = models.TextField(_("reason"), blank=True, help_text="Of the last failure.")
    failed_at = models.DateTimeField(_("failed"), null=True)

    objects = ChoreQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        verbose_name = _("chore")
        verbose_name_plural = _("chores")

    def __str__(self) -> str:
        return self.name

    def done(self, count: int, took_ms: int) -> None:
        self._end(took_ms, count=count, total=F("total") + count, failures=0)

    def failed(self, error: str, took_ms: int) -> None:
        again = Now() + timedelta(seconds=min(self.every_s, RETRY_S))
        self._end(took_ms, error=error, failed_at=Now(), failures=F("failures") + 1, due_at=again)

    def _end(self, took_ms: int, **facts: object) -> None:
        facts |= {"held_until": None, "ended_at": Now(), "took_ms": took_ms, "runs": F("runs") + 1}
        Chore.objects.filter(pk=self.pk).update(**facts)
