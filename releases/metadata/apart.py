"""Hostile files are read by processes of their own, which may die without taking anyone along.

One process is started for many files. It forks a child for each: see `__main__` and `child`.
"""

import json
import os
import selectors
import signal
import subprocess
import sys
import time
from base64 import b64decode
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import Any

from releases.metadata.candidate import Analysis
from releases.metadata.fields import clean

MEMORY_BYTES = 512 << 20
CPU_S = 10
OUTPUT_LIMIT = 2 << 20
"""Bytes of one file: what the longest list of entries and its cover need, and no more."""
PATIENCE_S = 10
"""How long the process may take for itself, beside the time of a file."""
BATCH = 256
"""Files of one process: their names must fit its command line."""

_ROOT = Path(__file__).parents[2]
_ENVIRONMENT = {"PATH": os.defpath, "LANG": "C.UTF-8"}
_PIECE = 64 << 10


class AnalysisError(Exception):
    """The file could not be analysed; `str()` is an English sentence for the user.

    The template and its values are kept, so that a door can translate it.
    """

    def __init__(self, template: str, **values: Any) -> None:
        super().__init__(template, values)
        self.template = template
        self.values = values

    def __str__(self) -> str:
        return self.template % self.values


class Came(StrEnum):
    """What reading a file came to: an analysis, or what ended it."""

    ANALYSIS = "analysis"
    TIME = "time"
    MEMORY = "memory"
    CRASH = "crash"
    OUTPUT = "output"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    timeout_s: float = CPU_S
    memory_bytes: int = MEMORY_BYTES
    """Of address space."""


LIMITS = Limits()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What came of one file, and what it took."""

    outcome: Analysis | AnalysisError
    cover: bytes = b""
    """A small JPEG, if it was asked for and the file has one of a kind that is decoded."""
    seconds: float = 0
    rss_bytes: int = 0
    """The most memory that its process held."""

    def analysis(self) -> Analysis:
        """Return what the file says of itself.

        Raises:
            AnalysisError: reading it took too much, or failed.
        """
        if isinstance(self.outcome, AnalysisError):
            raise self.outcome
        return self.outcome


def analyse_apart(
    path: Path, *, timeout_s: float = CPU_S, memory_bytes: int = MEMORY_BYTES
) -> Analysis:
    """Analyse `path` in a process of its own, within limits of time and memory.

    Raises:
        AnalysisError: there is no such file, or reading it took too much or failed.
    """
    limits = Limits(timeout_s=timeout_s, memory_bytes=memory_bytes)
    (reading,) = read_apart([path], limits=limits)
    return reading.analysis()


def analyse_all_apart(
    paths: Iterable[Path], *, timeout_s: float = CPU_S, memory_bytes: int = MEMORY_BYTES
) -> Iterator[Analysis | AnalysisError]:
    """Analyse each of `paths`, in order, in a process of its own; limits hold for each."""
    limits = Limits(timeout_s=timeout_s, memory_bytes=memory_bytes)
    return (reading.outcome for reading in read_apart(paths, limits=limits))


def read_apart(
    paths: Iterable[Path], *, limits: Limits = LIMITS, wants_covers: bool = False
) -> Iterator[Reading]:
    """Analyse each of `paths` as `analyse_all_apart` does, and tell what there is beside it.

    Where covers are wanted, one that cannot be decoded is none.
    """
    left = iter(paths)
    while batch := list(islice(left, BATCH)):
        are_files = [path.is_file() for path in batch]
        files = [path for path, is_file in zip(batch, are_files, strict=True) if is_file]
        readings = _of_files(files, limits, wants_covers)
        for path, is_file in zip(batch, are_files, strict=True):
            yield next(readings) if is_file else Reading(outcome=_no_file(path))


def _of_files(files: Sequence[Path], limits: Limits, wants_covers: bool) -> Iterator[Reading]:
    """Read `files`; where one takes the whole process along, another process goes on."""
    while files:
        count = 0
        try:
            for reading in _by_one_process(files, limits, wants_covers):
                count += 1
                yield reading
        except OSError as error:
            yield Reading(outcome=_no_process(files[count], error))
            count += 1
        files = files[count:]


def _by_one_process(files: Sequence[Path], limits: Limits, wants_covers: bool) -> Iterator[Reading]:
    """Read at least the first of `files`, and all of them if nothing fails but children."""
    with _started(files, limits, wants_covers) as process:
        lines = _lines(process, limits.timeout_s + PATIENCE_S)
        for path in files:
            try:
                reading = _reading(next(lines, b""), path, limits)
            except TimeoutError:
                yield Reading(outcome=_failure(Came.TIME, path, limits))
                return
            except (ValueError, LookupError, TypeError, RecursionError):
                yield Reading(outcome=_failure(Came.OUTPUT, path, limits))
                return
            yield reading


@contextmanager
def _started(
    files: Sequence[Path], limits: Limits, wants_covers: bool
) -> Iterator["subprocess.Popen[bytes]"]:
    command = [sys.executable, "-B", "-m", "releases.metadata", f"--parent={os.getpid()}"]
    command += [f"--memory-bytes={limits.memory_bytes}", f"--timeout-s={limits.timeout_s}"]
    command += ["--covers"] if wants_covers else []
    process = subprocess.Popen(
        [*command, *(path.absolute() for path in files)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=_ROOT,
        env=_ENVIRONMENT,
        start_new_session=True,
    )
    with process:
        try:
            yield process
        finally:
            if process.returncode is None:  # not reaped: the group is still its own
                os.killpg(process.pid, signal.SIGKILL)


def _lines(process: "subprocess.Popen[bytes]", patience_s: float) -> Iterator[bytes]:
    """Yield what the process prints, up to its end or to a line that is too long.

    Raises:
        TimeoutError: no line came for `patience_s`.
    """
    assert process.stdout is not None  # noqa: S101 - it was asked for
    descriptor, begun = process.stdout.fileno(), b""
    with selectors.DefaultSelector() as selector:
        selector.register(descriptor, selectors.EVENT_READ)
        deadline = time.monotonic() + patience_s
        while len(begun) <= OUTPUT_LIMIT:
            if not selector.select(max(deadline - time.monotonic(), 0)):
                raise TimeoutError
            piece = os.read(descriptor, _PIECE)
            if not piece:
                return
            *whole, begun = (begun + piece).split(b"\n")
            yield from whole
            if whole:
                deadline = time.monotonic() + patience_s


def _reading(line: bytes, path: Path, limits: Limits) -> Reading:
    """Return what a line of the process says.

    Raises:
        ValueError, LookupError, TypeError, RecursionError: it is not such a line.
    """
    head, *told = line.split(b"\t")
    facts = json.loads(head)
    came = Came(facts["came"])
    return Reading(
        outcome=_analysis(*told) if came == Came.ANALYSIS else _failure(came, path, limits),
        cover=b64decode(told[1], validate=True) if len(told) > 1 else b"",
        seconds=float(facts["seconds"]),
        rss_bytes=int(facts["rss_bytes"]),
    )


def _analysis(document: bytes, cover: bytes | None = None) -> Analysis:
    """Return the analysis told, which has no cover if what it was made of cannot be decoded."""
    analysis = Analysis.from_json(json.loads(document))
    return replace(analysis, cover=False) if cover == b"" else analysis


def _no_file(path: Path) -> AnalysisError:
    return AnalysisError("%(name)s is not a file: choose another", name=clean(path.name))


def _no_process(path: Path, error: OSError) -> AnalysisError:
    return AnalysisError(
        "%(name)s could not be read: no other program can be started (%(reason)s). "
        "End some, then try again",
        name=clean(path.name),
        reason=error.strerror,
    )


def _failure(came: Came, path: Path, limits: Limits) -> AnalysisError:
    name = clean(path.name)
    if came == Came.TIME:
        return AnalysisError(
            "%(name)s took more than %(seconds)s s to read: it may be damaged, or a trap",
            name=name,
            seconds=limits.timeout_s,
        )
    if came == Came.MEMORY:
        return AnalysisError(
            "%(name)s needs more than %(megabytes)s MiB of memory to read: it may be a trap",
            name=name,
            megabytes=limits.memory_bytes >> 20,
        )
    return AnalysisError(
        "%(name)s could not be read: it stopped its reader. Try another copy of it", name=name
    )
