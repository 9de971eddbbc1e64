"""Whether the site can do what it is for, and what is in the way. Tells nothing confidential."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from functools import cache as remembered
from functools import partial
from pathlib import Path
from pkgutil import iter_modules

from django.apps import apps
from django.core.cache import cache
from django.db import Error, connection
from django.db.migrations.recorder import MigrationRecorder

from jobs import health as at_work
from monitoring.disks import disks
from releases import bucket

FULL_BYTES = 256 << 20
"""With less room nothing can be uploaded or packed, and a database on that disk stands still."""
KEPT_S = 2.0
"""So long one look counts: who asks again and again costs no more than that."""


class State(IntEnum):
    """The higher, the worse."""

    OK, DEGRADED, FAILING = range(3)

    @property
    def word(self) -> str:
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Check:
    name: str
    state: State = State.OK
    told: str = ""
    """What is wrong, and what to do."""


@dataclass(frozen=True, slots=True)
class Readiness:
    checks: tuple[Check, ...]

    @property
    def state(self) -> State:
        return max(check.state for check in self.checks)

    @property
    def word(self) -> str:
        return {State.OK: "ready", State.DEGRADED: "degraded"}.get(self.state, "unready")

    @property
    def is_ready(self) -> bool:
        return self.state < State.FAILING


def readiness() -> Readiness:
    """Return how things stand, as of a moment ago."""
    if LOOK.at is None or time.monotonic() - LOOK.at > KEPT_S:
        LOOK.found, LOOK.at = Readiness(tuple(looked())), time.monotonic()
    return LOOK.found


class Look:
    """The last look of this process."""

    def __init__(self) -> None:
        self.at: float | None = None
        self.found = Readiness(())


LOOK = Look()


def looked() -> Iterator[Check]:
    there = asked("database", database)
    yield there
    if there.state is State.OK:
        jobs = remembered(partial(at_work.jobs, None))
        yield asked("migrations", migrations)
        yield asked("workers", lambda: workers(jobs()))
        yield asked("queue", lambda: queue(jobs()))
    yield asked("disk", disk)
    yield shared_cache()
    if bucket.is_set():
        yield store()


def asked(name: str, look: Callable[[], Check]) -> Check:
    """Return what `look` finds; a database that does not answer it is away."""
    try:
        return look()
    except Error:
        connection.close()  # the next look gets a new one
        return Check(name, State.FAILING, "The database does not answer: see the log, and its own.")
    except OSError:
        return Check(name, State.FAILING, "The folders of the site cannot be reached.")


def database() -> Check:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.fetchone()
    return Check("database")


def migrations() -> Check:
    pending = shipped() - set(MigrationRecorder(connection).applied_migrations())
    if not pending:
        return Check("migrations")
    sentence = f"{len(pending)} migrations are pending: run `packer setup`."
    return Check("migrations", State.FAILING, sentence)


@remembered
def shipped() -> frozenset[tuple[str, str]]:
    """Return the migrations that lie there, by their files: to load them all takes seconds."""
    return frozenset(
        (app.label, found.name)
        for app in apps.get_app_configs()
        for found in iter_modules([str(Path(app.path) / "migrations")])
        if not found.name.startswith("_")
    )


def workers(jobs: at_work.Jobs) -> Check:
    if at_work.workers(jobs).state in {"ready", "busy"}:
        return Check("workers")
    return Check("workers", State.DEGRADED, "No worker is heard of: start `packer worker`.")


def queue(jobs: at_work.Jobs) -> Check:
    if not jobs.waits_long:
        return Check("queue")
    sentence = f"A job waits for over {at_work.PATIENCE_S} s: more workers are needed."
    return Check("queue", State.DEGRADED, sentence)


def disk() -> Check:
    found = disks()
    if any(one.free < FULL_BYTES for one in found):
        return Check("disk", State.FAILING, "A disk is full: make room.")
    if any(one.is_low for one in found):
        return Check("disk", State.DEGRADED, "Less than 10 % or 5 GiB of a disk are free.")
    return Check("disk")


def shared_cache() -> Check:
    """Ask the shared cache, where there is one; without it, each process counts by itself."""
    is_there = getattr(cache, "is_there", None)
    if is_there is None or is_there():
        return Check("cache")
    return Check("cache", State.DEGRADED, "Redis does not answer: limits are counted by process.")


def store() -> Check:
    """Ask the store of files; without it nothing is received or packed, but much can be read."""
    try:
        bucket.look()
    except bucket.StoreAway:
        sentence = "The store of files does not answer: see S3_ENDPOINT_URL, and its own log."
        return Check("store", State.DEGRADED, sentence)
    return Check("store")
