from __future__ import annotations

from django.db import IntegrityError, models, transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _


class TallyQuerySet(models.QuerySet["Tally"]):
    def add(self, name: str, label: str, amount: int) -> None:
        """Count `amount` more; whoever counts the first of a kind makes its row."""
        row = self.filter(name=name, label=label)
        if row.update(value=F("value") + amount):
            return
        try:
            with transaction.atomic():
                self.create(name=name, label=label, value=amount)
        except IntegrityError:  # another was the first
            row.update(value=F("value") + amount)


class Tally(models.Model):
    """How often something happened, ever: what rows that are swept away would forget."""

    name = models.CharField(_("name"), max_length=50)
    label = models.CharField(_("kind"), max_length=100, help_text="By commas where it is of two.")
    value = models.PositiveBigIntegerField(_("count"), default=0)

    objects = TallyQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        verbose_name = _("tally")
        verbose_name_plural = _("tallies")
        constraints = [models.UniqueConstraint(fields=["name", "label"], name="one_tally_of_each")]

    def __str__(self) -> str:
        return f"{self.name} {self.label}: {self.value}"
