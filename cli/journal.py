"""What is done of a batch, line by line: a batch that was cut off goes on where it was."""

import fcntl
import hashlib
import json
import os
import time
from argparse import Namespace
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from errno import ENOSPC
from pathlib import Path
from typing import IO, Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from cli.exits import Exit, Stop
from cli.listing import SHARED
from cli.output import tell
from jobs.models import Job, JobQuerySet
from releases.models import Release

SUFFIX = ".journal"
ASKED_OF_ALL = ("enrich", "no_api", "allow_duplicate", "username")
"""What counts beside the words of an item."""
ELSEWHERE = "PACKER_URL"


def digest(options: Namespace) -> str:
    """Return what tells an item from others: its options, and which file it means as it is now.

    What one instance has made, another one has not.
    """
    said = {name: str(getattr(options, name, None)) for name in (*sorted(SHARED), *ASKED_OF_ALL)}
    path = Path(options.file)
    try:
        status = path.stat()
        age = [status.st_size, status.st_mtime_ns]
    except OSError:
        age = []
    instance = os.environ.get(ELSEWHERE, "").strip().rstrip("/")
    told = json.dumps([said, str(path.resolve()), age, instance], ensure_ascii=True)
    return hashlib.sha256(told.encode()).hexdigest()


class Journal:
    """The lines of one file. Only one batch has it at a time, and all the processes of that."""

    def __init__(self, file: IO[bytes], path: Path) -> None:
        self._file, self._path = file, path
        self.results: dict[str, dict[str, Any]] = {}
        """By digest, what came of items that are done."""
        self.begun: dict[str, dict[str, Any]] = {}
        """By digest, what was last said of items that were begun."""
        for line in whole_lines(file):
            self._learn(line)

    def _learn(self, line: Mapping[str, Any]) -> None:
        item = str(line.get("item"))
        if line.get("status") == "completed":
            self.results[item] = {name: line[name] for name in line.keys() - {"item"}}
            self.begun.pop(item, None)
        elif line.get("status") == "begun":
            self.begun[item] = dict(line)
        else:
            self.begun.pop(item, None)

    def note(self, item: str, **facts: Any) -> None:
        """Put a line on the disk, whole, before anything goes on.

        Raises:
            Stop: it cannot be written.
        """
        line = json.dumps({"item": item, **facts}, ensure_ascii=False).encode() + b"\n"
        try:
            if os.write(self._file.fileno(), line) < len(line):  # several processes append
                os.write(self._file.fileno(), b"\n")  # the next line is to be one of its own
                raise OSError(ENOSPC, os.strerror(ENOSPC))
            os.fsync(self._file.fileno())
        except OSError as error:
            raise unwritable(self._path, error) from error

    def remove(self) -> None:
        self._path.unlink(missing_ok=True)

    def known_jobs(self) -> set[int]:
        """Return the numbers of the jobs that it tells of."""
        lines = [*self.begun.values(), *self.results.values()]
        return {line[name] for line in lines for name in ("job", "job_id") if name in line}


class Entry:
    """What the journal says of one item."""

    def __init__(self, journal: Journal, item: str) -> None:
        self._journal, self._item = journal, item
        self._begun = journal.begun.get(item)

    def begin(self) -> None:
        self._journal.note(self._item, status="begun", at=time.time())

    def note(self, job: Job) -> None:
        """Note the job that makes it, which is about to run."""
        self._journal.note(self._item, status="begun", job=job.pk)

    def note_there(self, job_id: int) -> None:
        """Note the job of an instance elsewhere that makes it."""
        self._journal.note(self._item, status="begun", job=job_id)

    @property
    def job_there(self) -> int | None:
        """The number of the job that was begun elsewhere, and whose end was not noted."""
        return (self._begun or {}).get("job")

    def job(self, options: Namespace) -> Job | None:
        """Return the job that was begun for the item, and whose end was not noted.

        It must be about the same file: the journal may have been kept of another database.
        """
        if self._begun is None:
            return None
        made = Release.objects.filter(source__local_path=str(Path(options.file).resolve()))
        if number := self._begun.get("job"):
            return packings(made).filter(pk=number).first()
        # The command may have died before it could note what it had recorded.
        since = datetime.fromtimestamp(self._begun["at"], UTC)
        unnoted = packings(made.filter(created_at__gte=since))
        return unnoted.exclude(pk__in=self._journal.known_jobs()).newest_first().first()


def packings(releases: QuerySet[Release]) -> JobQuerySet:
    return Job.objects.filter(work="pack", subject__in=[one.subject for one in releases])


def whole_lines(file: IO[bytes]) -> Iterator[dict[str, Any]]:
    """Yield the lines, but for one that was cut off as it was written."""
    file.seek(0)
    for line in file:
        try:
            known = json.loads(line)
        except ValueError:
            known = None
        if isinstance(known, dict):
            yield known


@contextmanager
def kept(path: Path) -> Iterator[Journal]:
    """Open the journal at `path`; who has it now is waited for.

    Raises:
        Stop: it cannot be written, or is no journal.
    """
    try:
        file = path.open("a+b")
    except OSError as error:
        raise unwritable(path, error) from error
    with file:
        take(file, path)
        refuse_other_files(file, path)
        yield Journal(file, path)


def unwritable(path: Path, error: OSError) -> Stop:
    sentence = _("The journal %(path)s cannot be written (%(reason)s): choose --journal.")
    return Stop(Exit.INVALID, sentence % {"path": path, "reason": error.strerror})


def take(file: IO[bytes], path: Path) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        tell(_("Another batch is at %(path)s: this one waits for its end.") % {"path": path})
        fcntl.flock(file, fcntl.LOCK_EX)


def refuse_other_files(file: IO[bytes], path: Path) -> None:
    """Raise Stop where what is there was written by something else; end a line that was cut off."""
    file.seek(0)
    content = file.read()
    if content and not content.startswith(b'{"item"'):
        raise Stop(Exit.INVALID, _("%(path)s is not the journal of a batch.") % {"path": path})
    if content and not content.endswith(b"\n"):
        file.write(b"\n")
        file.flush()
