from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import Self

from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import ReleaseGroup
from releases.packing import naming

AT_ONCE = 100


class VolumeBaseQuerySet(models.QuerySet["VolumeBase"]):
    def within(self, group: ReleaseGroup, year: int) -> Self:
        return self.filter(group=group, year=year)

    def claim(self, name: str, group: ReleaseGroup, year: int) -> str:
        """Return the base that is `name`'s in this year of `group`, whoever else asks meanwhile.

        Raises:
            NamingError: none is left.
        """
        bases = naming.volume_bases(name, group.tag)
        some = list(islice(bases, AT_ONCE))
        while some:
            if own := self.within(group, year).filter(name=name).first():
                return own.base
            free = self.within(group, year).free(some)
            if free and self.hold(free, name, group, year):
                return free
            some = some if free else list(islice(bases, AT_ONCE))
        raise naming.no_base_left(group.tag)

    def free(self, bases: Sequence[str]) -> str | None:
        """Return the first of `bases` that nobody has."""
        taken = set(self.filter(base__in=bases).values_list("base", flat=True))
        return next((base for base in bases if base not in taken), None)

    def hold(self, base: str, name: str, group: ReleaseGroup, year: int) -> bool:
        """Note that `base` is `name`'s; tell whether no other was faster."""
        try:
            with transaction.atomic():
                self.create(group=group, year=year, base=base, name=name)
        except IntegrityError:
            return False
        return True


class VolumeBase(models.Model):
    """What the volumes of one release are called, and no others of that group and year.

    It outlives its release, which may have been delivered: see docs/duplicates.md.
    """

    group = models.ForeignKey(
        ReleaseGroup, verbose_name=_("group"), on_delete=models.CASCADE, related_name="bases"
    )
    year = models.PositiveSmallIntegerField(_("year"))
    base = models.CharField(_("base"), max_length=6)
    name = models.CharField(_("release"), max_length=243)

    objects = VolumeBaseQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        verbose_name = _("base of volume names")
        verbose_name_plural = _("bases of volume names")
        constraints = [
            models.UniqueConstraint(fields=["group", "year", "base"], name="one_release_per_base"),
            models.UniqueConstraint(fields=["group", "year", "name"], name="one_base_per_release"),
        ]

    def __str__(self) -> str:
        return self.base
