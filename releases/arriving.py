"""An upload while bytes arrive: who may add to it, and its SHA-256 on the way."""

import hashlib
import logging
import threading
import time
from collections import OrderedDict
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from uuid import UUID, uuid4

from django.db import Error, connection
from django.db.models.functions import Now

from releases.models import Upload
from releases.models.upload import HOLD_S, UploadQuerySet, hold_end

BEAT_S = 2.0
PIECE_BYTES = 1 << 20
KEPT_SUMS = 256

logger = logging.getLogger(__name__)


class NotFree(Exception):
    """Somebody else adds to the upload, or has added to it already."""


class Hold:
    """Keeps others from adding to an upload: prolonged by a thread, over soon after a death.

    Like the lease of a job, it is a conditional update by the database's clock that decides.
    """

    def __init__(self, upload: Upload) -> None:
        self.upload, self.token = upload, uuid4().hex
        self.is_lost = False
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._keep, daemon=True, name=f"hold of {upload}")

    def __enter__(self) -> Self:
        """Take the upload as it was read.

        Raises:
            NotFree: another holds it, or it is not as it was read.
        """
        free = Upload.objects.free().filter(pk=self.upload.pk, received=self.upload.received)
        if not free.update(token=self.token, held_until=hold_end()):
            raise NotFree
        self._held_at = time.monotonic()
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
        self.ours().update(token="", held_until=None)

    def ours(self) -> UploadQuerySet:
        return Upload.objects.filter(pk=self.upload.pk, token=self.token)

    def record(self, received: int) -> None:
        """Note that so many bytes lie safely on the disk.

        Raises:
            NotFree: it was taken by another, or is gone.
        """
        fresh: dict[str, Any] = {
            "received": received,
            "held_until": hold_end(),
            "touched_at": Now(),
        }
        if not self.ours().update(**fresh):
            raise NotFree
        self.upload.received = received

    def check(self) -> None:
        """Raise NotFree when nothing more may be written."""
        if self.is_lost:
            raise NotFree

    def _keep(self) -> None:
        try:
            while not self._stop.wait(BEAT_S):
                self._prolong()
        finally:
            connection.close()

    def _prolong(self) -> None:
        """Hold it longer; a database away for less than a hold costs nothing."""
        try:
            self.is_lost = not self.ours().update(held_until=hold_end())
            self._held_at = time.monotonic()
        except Error:
            logger.warning("The database of %s is away", self.upload, exc_info=True)
            self.is_lost = time.monotonic() - self._held_at > HOLD_S
            connection.close()  # the next try gets a new one


class Sum:
    """The SHA-256 of a growing file, made by a thread that follows who writes it.

    It reads what was written, so what it sums is what lies there; after a restart it begins at
    the start of the file while the rest arrives.
    """

    def __init__(self, path: Path) -> None:
        self.path, self.sha256, self.done = path, hashlib.sha256(), 0
        self._limit = 0
        self._is_ending = False
        self._changed = threading.Condition()
        self._error: OSError | None = None

    def follow(self, limit: int) -> "Sum":
        """Begin to sum what lies there up to `limit`."""
        self._limit, self._is_ending, self._error = limit, False, None
        self._thread = threading.Thread(target=self._run, daemon=True, name=f"sum of {self.path}")
        self._thread.start()
        return self

    def reach(self, limit: int) -> None:
        """Hear that the file is whole up to `limit`."""
        with self._changed:
            self._limit = limit
            self._changed.notify()

    def pause(self) -> None:
        """Stop where it is; `follow` goes on from there."""
        with self._changed:
            self._limit, self._is_ending = 0, True
            self._changed.notify()
        self._thread.join()

    def finish(self) -> str:
        """Return the sum of all that was reached, in hexadecimal."""
        with self._changed:
            self._is_ending = True
            self._changed.notify()
        self._thread.join()
        if self._error:
            raise self._error
        return self.sha256.hexdigest()

    def _run(self) -> None:
        try:
            self._read()
        except OSError as error:
            self._error = error

    def _read(self) -> None:
        buffer = memoryview(bytearray(PIECE_BYTES))
        with self.path.open("rb", buffering=0) as file:
            file.seek(self.done)
            while wanted := self._next():
                count = file.readinto(buffer[:wanted])
                if not count:
                    raise OSError(f"{self.path} is shorter than it was")
                self.sha256.update(buffer[:count])
                self.done += count

    def _next(self) -> int:
        """Return how many bytes to read now, waiting for some; none at the end."""
        with self._changed:
            self._changed.wait_for(lambda: self.done < self._limit or self._is_ending)
            return max(0, min(PIECE_BYTES, self._limit - self.done))


class Sums:
    """Remembers how far the sums of a few uploads are, for their next bytes."""

    def __init__(self) -> None:
        self._kept: OrderedDict[UUID, Sum] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, upload: Upload) -> Sum:
        """Return the sum of what has arrived of `upload`, as far as it was made in this process."""
        with self._lock:
            kept = self._kept.pop(upload.handle, None)
        return kept if kept and kept.done <= upload.received else Sum(upload.path)

    def keep(self, upload: Upload, kept: Sum) -> None:
        with self._lock:
            self._kept[upload.handle] = kept
            while len(self._kept) > KEPT_SUMS:
                self._kept.popitem(last=False)


SUMS = Sums()
