"""Reading a release back: each file once, then how they agree with one another."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from releases.packing.crew import Stage
from releases.packing.plan import Note, PackedFile, Progress
from releases.packing.rar import Damaged
from releases.packing.verify.agreement import disagreements
from releases.packing.verify.notes import unjudged
from releases.packing.verify.readings import Budget, Found, Reading, find, read_file

__all__ = ["Found", "Reading", "Verdict", "find", "read_file", "verify"]

NOTHING: Mapping[str, int] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Verdict:
    readings: tuple[Reading, ...]
    """All that could be read, volumes first."""
    faults: tuple[Damaged, ...]
    """What is wrong, each with the value `file`; nothing when the release is sound."""
    notes: tuple[Note, ...] = ()
    """What could not be judged."""

    @property
    def files(self) -> tuple[PackedFile, ...]:
        return tuple(reading.packed() for reading in self.readings)


def verify(
    folder: Path,
    progress: Progress = lambda stage, done, total: None,
    *,
    written: Mapping[str, int] = NOTHING,
    with_sha256: bool = False,
) -> Verdict:
    """Judge the release `folder`, ours or not, and the lists of sums beside it.

    `progress` hears, in this thread, of the one stage verify. `written` gives path and CRC-32 of
    what must be there, for who knows. SHA-256 is computed where it is asked for, and where a
    manifest lies beside the folder.

    Raises:
        Damaged: the folder may not be read.
    """
    found = find(folder)
    with_sha256 = with_sha256 or any(file.kind == "manifest" for file in found)
    tick = Stage(progress, "verify", sum(file.size for file in found))
    budget = Budget()
    read = tick.each(lambda file: read_file(file, tick, budget, with_sha256=with_sha256), found)
    readings = tuple(reading for reading, _ in read if reading)
    faults = [fault for _, damage in read for fault in damage]
    faults += disagreements(readings, faults, written)
    return Verdict(readings, tuple(faults), tuple(unjudged(readings)))
