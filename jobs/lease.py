"""How a worker holds a job while it runs: see docs/adr/0003-jobs-as-rows.md."""

import logging
import threading
import time
from types import TracebackType
from typing import Self

from django.conf import settings
from django.db import Error, close_old_connections, connection

from jobs.models import Job, lease_end

BEAT_S = 1.0

logger = logging.getLogger(__name__)


class Cancelled(Exception):
    """A person asked for the job to stop."""


class LeaseLost(Exception):
    """The job was given to another worker: this one must change nothing more."""


class Lease:
    """Holds a running job: prolongs it, writes its progress, hears of its cancellation.

    The work calls `progress` and `enter` as it goes; both raise as soon as it must stop. Only a
    thread of the lease writes to the database meanwhile, once a second.
    """

    def __init__(self, job: Job) -> None:
        self.job = job
        self._percent, self._stage = 0, ""
        self._is_cancelled = self._is_lost = False
        self._held_at = time.monotonic()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._keep, daemon=True, name=f"lease of {job}")

    def __enter__(self) -> Self:
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
        self.job.log(message, level)

    def enter(self, stage: str) -> None:
        """Begin `stage`, after making sure in the database that the job is still ours."""
        self._stage = stage
        self._prolong()
        self.check()

    def progress(self, stage: str, done: int, total: int) -> None:
        """Hear how far `stage` is, in bytes; cheap enough for every piece of a file."""
        self._percent = min(100, done * 100 // total) if total else 0
        if stage == self._stage:
            self.check()
        else:
            self.enter(stage)

    def check(self) -> None:
        """Raise Cancelled or LeaseLost when the work must stop."""
        if self._is_cancelled:
            raise Cancelled
        if self._is_lost:
            raise LeaseLost

    def _keep(self) -> None:
        try:
            while not self._stop.wait(BEAT_S):
                self._beat()
        finally:
            connection.close()

    def _beat(self) -> None:
        """Prolong; a database away for less than a lease costs nothing."""
        close_old_connections()
        try:
            self._prolong()
        except Error:
            logger.warning("The lease of %s could not be prolonged", self.job, exc_info=True)
            self._is_lost = time.monotonic() - self._held_at > settings.JOB_LEASE_S

    def _prolong(self) -> None:
        ours = Job.objects.filter(pk=self.job.pk, token=self.job.token, status=Job.Status.RUNNING)
        held = ours.update(lease_until=lease_end(), progress=self._percent, stage=self._stage[:32])
        self._is_lost = not held
        self._is_cancelled = ours.filter(cancel_requested=True).exists()
        self._held_at = time.monotonic()
