"""One call to the system fails, whichever, while a release is packed."""

import errno
import os
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

from chaos.ground import Ground
from chaos.report import Row
from releases.packing import PackingError, pack, verify
from releases.packing.plan import Plan
from tests.packing.making import NAME, make_plan

TITLE = "the Nth call to the system fails"
CALLS = (
    *("open", "close", "pwrite", "preadv", "readv", "fsync", "fchmod", "utime", "fstat"),
    *("mkdir", "chmod", "rename", "lstat", "stat"),
)
FAULTS = {"EIO": errno.EIO, "ENOSPC": errno.ENOSPC, "EACCES": errno.EACCES, "short write": 0}
REFUSED, PACKED, NOT_MET, WRONG = range(4)


def run(ground: Ground) -> Iterator[Row]:
    step = ground.of(1, 10)
    for scheme in ("zip", "rar"):
        for fault in FAULTS:
            ended = Counter(ends(ground.folder / f"{scheme} {fault}", scheme, fault, step))
            tried = ended[REFUSED] + ended[PACKED] + ended[WRONG]
            figures = f"{ended[PACKED]} packed whole, {ended[REFUSED]} refused with a reason"
            done = f"{scheme}, {fault}: whole or absent, then packed"
            yield Row("R2", done, tried, tried - ended[WRONG], figures)


def ends(folder: Path, scheme: str, fault: str, step: int) -> Iterator[int]:
    """Yield what became of each packing, until one made fewer calls than it would take."""
    folder.mkdir()
    plan = make_plan(folder, scheme=scheme, sfv=True, manifest=True, volume_bytes=2000)
    for number in count(1, step):
        into = folder / str(number)
        into.mkdir()
        end = apart(partial(tried, number, plan, into, fault))
        if end == NOT_MET:
            return
        yield end


def apart(act: Callable[[], int]) -> int:
    """Return what `act` returns in a process of its own; WRONG where it dies."""
    child = os.fork()
    if not child:
        end = WRONG
        try:
            end = act()
        finally:
            os._exit(end)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def tried(number: int, plan: Plan, into: Path, fault: str) -> int:
    calls = Calls(number, fault)
    calls.begin()
    try:
        pack(plan, into)
        end = PACKED
    except PackingError:
        end = REFUSED
    finally:
        calls.end()
    if calls.made < number:
        return NOT_MET
    if end == REFUSED:
        if any(not path.name.startswith(".") for path in into.iterdir()):
            return WRONG
        pack(plan, into)
    return WRONG if verify(into / NAME).faults else end


class Calls:
    """Counts calls to the system, and has the one of a given number fail."""

    def __init__(self, failing: int, fault: str) -> None:
        self.failing, self.code, self.made = failing, FAULTS[fault], 0
        names = CALLS if self.code else ("pwrite",)
        self.originals = {name: getattr(os, name) for name in names}

    def begin(self) -> None:
        for name, call in self.originals.items():
            setattr(os, name, self.counted(call))

    def end(self) -> None:
        for name, call in self.originals.items():
            setattr(os, name, call)

    def counted(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def counting(*args: Any, **options: Any) -> Any:
            self.made += 1
            if self.made != self.failing:
                return call(*args, **options)
            if self.code:
                raise OSError(self.code, os.strerror(self.code))
            fd, data, at = args
            return call(fd, bytes(data)[: max(1, len(data) // 2)], at)

        return counting
