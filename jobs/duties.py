"""Doing the chores, and what one can change of them."""

import logging
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import Error
from django.db.models.functions import Now
from django.utils import translation
from django.utils.functional import Promise
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import require
from jobs.actions import Refused
from jobs.chores import Chore
from jobs.outages import is_outage

TABLE = "packer_site.chores.CHORES"
"""By name, all that is done again and again."""
LEAST_S, MOST_S = 10, 31 * 86_400

logger = logging.getLogger(__name__)

Reason = Callable[[BaseException, str], tuple[str, str]]
"""Tells why something unforeseen happened, for people; takes the reference in the log."""


@dataclass(frozen=True, slots=True)
class Duty:
    label: str | Promise
    do: Callable[[], int | None]
    """Returns how many things it did."""
    told: Any
    """Says how many, in the language of who reads: a lazy plural of `count`."""
    every_s: int = 0
    """Unless somebody says otherwise. 0: at each look of each machine, and nobody says otherwise:
    it is about that machine alone, or what the site cannot be without."""


def duties() -> Mapping[str, Duty]:
    table: Mapping[str, Duty] = import_string(TABLE)
    return table


def do_due(reason: Reason, meanwhile: Callable[[], None]) -> None:
    """Do the chores that are due, and `meanwhile` after each: one may take long.

    One that fails keeps no other from being done.

    Raises:
        OperationalError, InterfaceError: the database is away.
    """
    known = duties()
    rows, due = rows_of(known), set(Chore.objects.due().values_list("name", flat=True))
    with translation.override(settings.LANGUAGE_CODE):  # nobody asked, who had one
        for name, duty in known.items():
            if not duty.every_s or (name in due and Chore.objects.claim(rows[name])):
                do(duty, rows[name], reason)
                meanwhile()


def rows_of(known: Mapping[str, Duty]) -> dict[str, Chore]:
    """Return the rows of what is `known`; those that are missing are made."""
    rows = {row.name: row for row in Chore.objects.filter(name__in=known)}
    if missing := [name for name in known if name not in rows]:
        new = [Chore(name=name, every_s=known[name].every_s) for name in missing]
        Chore.objects.bulk_create(new, ignore_conflicts=True)
        return {row.name: row for row in Chore.objects.filter(name__in=known)}
    return rows


def do(duty: Duty, row: Chore, reason: Reason) -> None:
    began = time.monotonic()
    try:
        count = duty.do() or 0
    except Exception as error:
        if is_outage(error):
            with suppress(Error):
                row.failed(_("The database was away."), passed_ms(began))
            raise
        reference = uuid4().hex[:8]
        logger.exception("%s failed, reference %s; it is tried again", row, reference)
        row.failed(reason(error, reference)[0], passed_ms(began))
    else:
        if duty.every_s or count or row.failures:  # a row is not written every other second
            row.done(count, passed_ms(began))


def passed_ms(since: float) -> int:
    return round((time.monotonic() - since) * 1000)


@dataclass(frozen=True, slots=True)
class Listed:
    """A chore as people and programs see it."""

    duty: Duty
    row: Chore

    @property
    def has_turns(self) -> bool:
        return bool(self.duty.every_s)

    @property
    def outcome(self) -> str:
        """Return what it did the last time; nothing where it never ended."""
        return str(self.duty.told % {"count": self.row.count}) if self.row.ended_at else ""

    @property
    def next_at(self) -> datetime | None:
        return self.row.due_at if self.has_turns and self.row.is_on else None


def listed() -> list[Listed]:
    """Return all chores, in the order in which they are done."""
    known = duties()
    rows = rows_of(known)
    return [Listed(duty, rows[name]) for name, duty in known.items()]


def change_chore(name: str, *, by: User, is_on: bool | None, every_s: int | None) -> None:
    """Switch a chore on or off, or have it done at another interval; None leaves it as it is.

    Raises:
        PermissionDenied: `by` may not configure the site.
        Refused: it is always done.
        ValidationError: no such interval.
    """
    require(by, "config", "write")
    row = changeable(name)
    facts: dict[str, object] = {} if is_on is None else {"is_on": is_on}
    if every_s is not None and every_s != row.every_s:
        if not LEAST_S <= every_s <= MOST_S:
            sentence = _("A number of seconds from %(least)d to %(most)d is expected.")
            values = {"least": LEAST_S, "most": MOST_S}
            raise ValidationError({"every_s": [sentence % values]})
        facts |= {"every_s": every_s, "due_at": Now()}
    if facts:
        Chore.objects.filter(pk=row.pk).update(**facts)
        logger.info("%s changes the chore %s: %s", by, name, ", ".join(sorted(facts)))


def ask_for_chore(name: str, *, by: User) -> None:
    """Have a chore done at once, that is: at the next look of any machine that keeps workers.

    Raises:
        PermissionDenied: `by` may not configure the site.
        Refused: it is always done.
    """
    require(by, "config", "write")
    Chore.objects.filter(pk=changeable(name).pk).update(is_wanted=True)
    logger.info("%s wants the chore %s done now", by, name)


def changeable(name: str) -> Chore:
    """Return the row of a chore that has turns.

    Raises:
        Chore.DoesNotExist: there is no such chore.
        Refused: it is always done.
    """
    known = duties()
    if name not in known:
        raise Chore.DoesNotExist(name)
    if not known[name].every_s:
        raise Refused(_("%(name)s is always done: it cannot be changed.") % known_as(known[name]))
    return rows_of(known)[name]


def known_as(duty: Duty) -> dict[str, str]:
    return {"name": str(duty.label)}
