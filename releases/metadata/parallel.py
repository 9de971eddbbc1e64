"""Forks a child for each file, several at once, and keeps their time."""

import json
import math
import os
import selectors
import signal
import sys
import time
from argparse import Namespace
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from releases.metadata import child
from releases.metadata.apart import OUTPUT_LIMIT, Came

AHEAD = 16
"""Children whose line waits for its turn: each may hold as much as it may tell."""

_GRACE_S = 1
_PIECE = 64 << 10


@dataclass(slots=True, kw_only=True, eq=False)
class Child:
    """The process that reads one file, and what it has told so far."""

    pid: int
    pipe: int
    timeout_s: float
    began: float = field(default_factory=time.monotonic)
    told: bytearray = field(default_factory=bytearray)
    line: bytes = b""
    """What is said of it, once it is over."""

    @property
    def deadline(self) -> float:
        return self.began + self.timeout_s

    def hear(self) -> bool:
        """Take what the pipe holds; tell whether more may come."""
        piece = os.read(self.pipe, _PIECE)
        self.told += piece
        return bool(piece) and len(self.told) <= OUTPUT_LIMIT

    def end(self) -> None:
        """End the process: it has told all, too much, or its time is out."""
        is_late = time.monotonic() >= self.deadline
        os.close(self.pipe)
        os.killpg(self.pid, signal.SIGKILL)
        _, status, usage = os.wait4(self.pid, 0)
        whole = self.told.split(b"\n")[:-1]  # what is not ended is not whole
        if len(self.told) > OUTPUT_LIMIT:
            whole, came = [], Came.OUTPUT
        elif whole:
            came = Came.ANALYSIS
        else:
            came = Came.TIME if is_late else how_it_ended(status)
        facts = {
            "came": came,
            "seconds": time.monotonic() - self.began,
            "rss_bytes": usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024),
        }
        self.line = b"\t".join([json.dumps(facts).encode(), *whole[:2]]) + b"\n"
        self.told.clear()


def readings(paths: Iterable[Path], options: Namespace) -> Iterator[bytes]:
    """Yield the line for each of `paths`, in order; as many are read at once as can be."""
    left, begun = deque(paths), deque[Child]()
    at_once = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
    with selectors.DefaultSelector() as selector:
        while left or begun:
            running = [one for one in begun if not one.line]
            while left and len(running) < at_once and len(begun) < AHEAD:
                started = forked(left.popleft(), options, [one.pipe for one in running])
                selector.register(started.pipe, selectors.EVENT_READ, started)
                begun.append(started)
                running.append(started)
            if begun[0].line:
                yield begun.popleft().line
            else:
                attend(selector, running)


def attend(selector: selectors.BaseSelector, running: Sequence[Child]) -> None:
    """Wait until one of the children says something, ends, or is out of time."""
    patience_s = min(one.deadline for one in running) - time.monotonic()
    over = {key.data for key, _ in selector.select(max(patience_s, 0)) if not key.data.hear()}
    now = time.monotonic()
    for one in running:
        if one in over or now >= one.deadline:
            selector.unregister(one.pipe)
            one.end()


def forked(path: Path, options: Namespace, others: Iterable[int]) -> Child:
    """Fork the child that reads `path`; it has no part in the pipes of the `others`."""
    errand = child.Errand(
        path=path,
        memory_bytes=options.memory_bytes,
        cpu_s=math.ceil(options.timeout_s) + _GRACE_S,
        wants_cover=options.covers,
    )
    parent = os.getpid()
    pipe, answer = os.pipe()
    pid = os.fork()
    if not pid:
        for other in (pipe, *others):
            os.close(other)
        child.run(errand, answer, parent)
    os.close(answer)
    os.setpgid(pid, pid)  # both do it: whoever is first
    return Child(pid=pid, pipe=pipe, timeout_s=options.timeout_s)


def how_it_ended(status: int) -> Came:
    """Return why a child that was given time told nothing."""
    ends = {child.OUT_OF_MEMORY: Came.MEMORY, -signal.SIGXCPU: Came.TIME}
    return ends.get(os.waitstatus_to_exitcode(status), Came.CRASH)
