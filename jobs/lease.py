"""How a worker holds a job while it runs: see docs/adr/0003-jobs-as-rows.md."""

import logging
import threading
import time
from collections.abc import Callable
from functools import partial
from itertools import cycle
from types import TracebackType
from typing import Self

from django.conf import settings
from django.db import Error, connection

from accounts.logs import LOG
from jobs.models import Job, JobQuerySet, lease_end
from jobs.outages import patiently
from jobs.pace import Pace

BEAT_S = 0.5
LISTENINGS = 5
"""How often a beat asks whether the job is still wanted: a cancellation is not to wait."""

Heard = Callable[[str, int, int], None]
"""Hears (stage, bytes done, bytes in all)."""

logger = logging.getLogger(__name__)


class Cancelled(Exception):
    """A person asked for the job to stop."""


class LeaseLost(Exception):
    """The job was given to another worker: this one must change nothing more."""


class Lease:
    """Holds a running job: prolongs it, writes its progress, hears of its cancellation.

    The work calls `progress` and `enter` as it goes; both raise as soon as it must stop. Only a
    thread of the lease writes to the database meanwhile, twice a second. `heard` hears the same
    progress, for who watches from this process.
    """

    def __init__(self, job: Job, heard: Heard | None = None) -> None:
        self.job, self.heard = job, heard
        self._stage, self._done, self._total = "", 0, 0
        self._is_in_bytes = True
        self._is_cancelled = self._is_lost = self._is_away = False
        self._held_at = time.monotonic()
        self._pace = Pace(self._held_at, 0)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._keep, daemon=True, name=f"lease of {job}")

    def __enter__(self) -> Self:
        LOG.follow()
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        self._thread.join()

    def log(self, message: str, level: str = "INFO") -> None:
        patiently(partial(self.job.log, message, level))

    def enter(self, stage: str) -> None:
        """Begin `stage`, after making sure in the database that the job is still ours."""
        self._begin(stage, 0, 0)
        patiently(self._prolong)
        self.check()

    def progress(self, stage: str, done: int, total: int) -> None:
        """Hear how far `stage` is, in bytes; cheap enough for every piece of a file."""
        self._is_in_bytes = True
        self._hear(stage, done, total)

    def count(self, stage: str, done: int, total: int) -> None:
        """Hear how far `stage` is, in things that are no bytes."""
        self._is_in_bytes = False
        self._hear(stage, done, total)

    def check(self) -> None:
        """Raise Cancelled or LeaseLost when the work must stop."""
        if self._is_cancelled:
            raise Cancelled
        if self._is_lost:
            raise LeaseLost

    def _hear(self, stage: str, done: int, total: int) -> None:
        if stage == self._stage:
            self._done, self._total = done, total
        else:
            self._begin(stage, done, total)
            patiently(self._prolong)
        self.check()
        if self.heard:
            self.heard(stage, done, total)

    def _begin(self, stage: str, done: int, total: int) -> None:
        self._stage, self._done, self._total = stage, done, total
        self._pace = Pace(time.monotonic(), done)

    def _keep(self) -> None:
        try:
            for act in cycle([*[self._listen] * (LISTENINGS - 1), self._beat]):
                if self._stop.wait(BEAT_S / LISTENINGS):
                    return
                self._try(act)
        finally:
            connection.close()

    def _try(self, act: Callable[[], None]) -> None:
        """Do `act`; a database away for less than a lease costs nothing."""
        try:
            act()
            self._is_away = False
        except Error:
            if not self._is_away:
                logger.warning("The database of %s is away", self.job, exc_info=True)
            self._is_away = True
            self._is_lost = time.monotonic() - self._held_at > settings.JOB_LEASE_S
            connection.close()  # the next try gets a new one

    def _beat(self) -> None:
        LOG.follow()
        self._prolong(self._pace.rate(time.monotonic(), self._done))

    def _prolong(self, rate: int = 0) -> None:
        self._ours().update(
            lease_until=lease_end(),
            stage=self._stage[:32],
            progress=min(100, self._done * 100 // self._total) if self._total else 0,
            bytes_done=self._done if self._is_in_bytes else 0,
            bytes_total=self._total if self._is_in_bytes else 0,
            rate=rate if self._is_in_bytes else 0,
        )
        self._listen()
        self._held_at = time.monotonic()

    def _listen(self) -> None:
        """Ask whether the job is still ours, and still wanted."""
        wishes = list(self._ours().values_list("cancel_requested", flat=True))
        self._is_lost, self._is_cancelled = not wishes, wishes == [True]

    def _ours(self) -> JobQuerySet:
        return Job.objects.filter(pk=self.job.pk, token=self.job.token, status=Job.Status.RUNNING)
