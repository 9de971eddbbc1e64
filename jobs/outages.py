"""When the database is away: what shows it, and how the work of a job waits for it."""

import logging
import sqlite3
import time
from collections.abc import Callable, Iterator
from typing import TypeVar

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection

RETRY_S = 0.25
AWAY = frozenset({1040, 1053, 1205, 1213, 1927, 2002, 2003, 2006, 2013, 2055, 4031})
"""MariaDB's numbers: not there, going, full, or our work was given up for another's."""
LOCKED = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
Result = TypeVar("Result")

logger = logging.getLogger(__name__)


def is_outage(error: BaseException | None) -> bool:
    """Tell whether `error` comes of a database that cannot serve now, and will again."""
    return any(map(_is_away, _chain(error)))


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__


def _is_away(error: BaseException) -> bool:
    if isinstance(error, InterfaceError):
        return True  # of a connection that is closed
    if isinstance(error, sqlite3.OperationalError):
        return (error.sqlite_errorcode & 0xFF) in LOCKED
    if not isinstance(error, OperationalError) or not error.args:
        return False
    return error.args[0] in AWAY


def patiently(act: Callable[[], Result]) -> Result:
    """Do `act`, again and again while the database is away for less than a lease.

    What `act` does may be done twice: where the answer was lost, not the question.
    """
    until = time.monotonic() + settings.JOB_LEASE_S
    while True:
        try:
            return act()
        except (OperationalError, InterfaceError) as error:
            is_lasting = time.monotonic() > until or connection.in_atomic_block
            if is_lasting or not is_outage(error):
                raise
            logger.warning("The database is away: %s", error)
            connection.close()  # the next try gets a new one
            time.sleep(RETRY_S)
