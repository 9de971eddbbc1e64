"""Taking the one file that was packed out of its volumes again, where they store it."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

from releases.packing import rar
from releases.packing.crew import Stage
from releases.packing.plan import PackingError, Progress
from releases.packing.rar import StoredPart
from releases.packing.verify import Reading, verify

PIECE_BYTES = 1 << 20
Place = tuple[Path, StoredPart]
"""A part of the file, and the volume that holds it."""


def extract(folder: Path, into: Path, progress: Progress = lambda stage, done, total: None) -> Path:
    """Write what the release `folder` packs to the folder `into`, and return where it lies.

    All of the release is read and judged first; `progress` hears of that, then of the writing.

    Raises:
        PackingError: it is damaged, or holds more than one file, or compressed or locked ones.
    """
    verdict = verify(folder, progress)
    if verdict.faults:
        raise verdict.faults[0]
    places = list(places_of(verdict.readings, folder))
    if len({part.name for _, part in places}) != 1 or not all(p.is_plain for _, p in places):
        raise PackingError(
            "What %(release)s packs cannot be taken out of it: send the file again",
            release=folder.name,
        )
    target = into / PurePosixPath(places[0][1].name).name
    with rar.writing(target):
        write(places, target, Stage(progress, "extract", sum(part.size for _, part in places)))
    return target


def places_of(readings: Sequence[Reading], folder: Path) -> Iterator[Place]:
    for reading in readings:
        for part in reading.contents.volume.parts if reading.contents.volume else ():
            if not part.is_folder:
                yield folder.parent / reading.path, part


def write(places: Sequence[Place], target: Path, tick: Stage) -> None:
    with target.open("xb") as output:
        for path, part in places:
            with rar.reading(path), path.open("rb") as volume:
                copy(volume.fileno(), part, output.fileno(), tick)


def copy(volume: int, part: StoredPart, output: int, tick: Stage) -> None:
    os.lseek(volume, part.offset, os.SEEK_SET)
    left = part.size
    while left:
        data = os.read(volume, min(left, PIECE_BYTES))
        if not data:
            raise PackingError("A volume became shorter while it was read: verify the release")
        os.write(output, data)
        left -= len(data)
        tick(len(data))
