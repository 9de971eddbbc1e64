"""Reading a release back: each file once, then how they agree with one another."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path, PurePosixPath

from releases.packing import diz, manifest, rar, sfv, zip
from releases.packing.plan import PackedFile, PackingError
from releases.packing.rar import Damaged

KINDS = {".zip": "volume", ".nfo": "nfo", ".diz": "diz", ".sfv": "sfv", ".sha256": "manifest"}
ORDER = ("volume", "nfo", "diz", "sfv", "manifest", "other")
MAX_TEXT_BYTES = 1 << 22
"""More than the longest SFV or manifest has; the text of anything longer is not kept."""


@dataclass(frozen=True, slots=True)
class Contents:
    """What of a file the others are compared with; nothing of it when the file is damaged."""

    text: bytes = b""
    """All of an SFV, a manifest or a DIZ."""
    archive: zip.Contents | None = None
    volume: rar.Contents | None = None
    """The RAR volume, be it the file or in the ZIP."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One file read back."""

    path: PurePosixPath
    """Relative to the directory that holds the release folder."""
    size: int
    crc: int
    sha256: str
    kind: str
    contents: Contents

    def damaged(self, template: str, **values: object) -> Damaged:
        return Damaged(template, file=self.path, **values)

    def packed(self) -> PackedFile:
        return PackedFile(
            path=str(self.path),
            size=self.size,
            crc32=f"{self.crc:08x}",
            sha256=self.sha256,
            kind=self.kind,
        )


@dataclass(frozen=True, slots=True)
class Verdict:
    files: tuple[PackedFile, ...]
    """All that could be read, volumes first."""
    faults: tuple[Damaged, ...]
    """What is wrong; nothing when the release is sound."""


def read_back(
    root: Path,
    name: str,
    written: Mapping[str, int] | None = None,
    tick: rar.Tick = rar.unheard,
) -> Verdict:
    """Judge the release folder `name` of `root` and the files beside it.

    `written` gives path and CRC-32 of what must be there, for who knows.
    """
    readings: list[Reading] = []
    faults: list[Damaged] = []
    with rar.reading(root):
        found = sorted(paths(root, name), key=_order)
    for path in found:
        try:
            reading, damage = read_file(path, root, tick)
        except Damaged as unreadable:
            faults.append(unreadable)
        else:
            readings.append(reading)
            faults += damage
    faults += chain(
        _differing(readings, written or {}),
        _broken_chain(readings),
        _wrong_counters(readings),
        _differing_copies(readings),
        _wrong_sums(readings),
    )
    return Verdict(tuple(reading.packed() for reading in readings), tuple(faults))


def paths(root: Path, name: str) -> list[Path]:
    """Return the files of release `name` of `root`: those in its folder, and those beside it."""
    beside = [root / f"{name}.sfv", root / f"{name}.sha256"]
    inside = (root / name).rglob("*")
    return [path for path in chain(inside, beside) if path.is_file()]


def kind_of(name: str) -> str:
    """Return what a file of a release is, by its name."""
    if rar.is_volume_name(name):
        return "volume"
    return KINDS.get(PurePosixPath(name).suffix.lower(), "other")


def _order(path: Path) -> tuple[int, bool, str]:
    """Sort by kind, and .rar before .r00."""
    return ORDER.index(kind_of(path.name)), path.suffix.lower() != ".rar", str(path)


def read_file(
    path: Path, root: Path, tick: rar.Tick = rar.unheard
) -> tuple[Reading, list[Damaged]]:
    """Read the file at `path` once, to its end even where it is damaged."""
    relative = PurePosixPath(path.relative_to(root))
    kind, contents, faults = kind_of(path.name), Contents(), []
    with rar.Tape(path, str(relative), tick) as tape:
        try:
            contents = _contents(tape, kind)
        except Damaged as fault:
            faults.append(fault)
        tape.skip(tape.left)
    sha256 = tape.sha256.hexdigest()
    return Reading(relative, tape.size, tape.crc, sha256, kind, contents), faults


def _contents(tape: rar.Tape, kind: str) -> Contents:
    if kind == "volume" and tape.path.suffix.lower() == ".zip":
        archive = zip.read(tape)
        if archive.volume is None:
            raise tape.damaged("%(file)s holds no RAR volume")
        return Contents(archive=archive, volume=archive.volume)
    if kind == "volume":
        return Contents(volume=rar.read(tape, tape.left))
    if kind in {"diz", "sfv", "manifest"} and tape.left <= MAX_TEXT_BYTES:
        return Contents(text=tape.take(tape.left))
    return Contents()


def _differing(readings: Sequence[Reading], written: Mapping[str, int]) -> Iterator[Damaged]:
    crcs = {str(reading.path): reading.crc for reading in readings}
    for path, crc in written.items():
        if path not in crcs:
            yield Damaged("%(file)s is missing", file=path)
        elif crcs[path] != crc:
            yield Damaged("%(file)s differs from what was written", file=path)


def _broken_chain(readings: Sequence[Reading]) -> Iterator[Damaged]:
    """Yield what parts the volumes; where one is damaged there is no telling."""
    volumes = [reading.contents.volume for reading in readings if reading.kind == "volume"]
    sound = [volume for volume in volumes if volume]
    if len(sound) == len(volumes):
        yield from rar.check_set(sound)


def _wrong_counters(readings: Sequence[Reading]) -> Iterator[Damaged]:
    """Yield the ZIPs whose file_id.diz does not count them as they are."""
    zips = [reading for reading in readings if reading.path.suffix.lower() == ".zip"]
    for disk, reading in enumerate(zips, 1):
        archive = reading.contents.archive
        if archive and diz.counter(archive.diz) != (disk, len(zips)):
            yield reading.damaged(
                "file_id.diz in %(file)s does not say that it is disk %(disk)s of %(disks)s",
                disk=disk,
                disks=len(zips),
            )


def _differing_copies(readings: Sequence[Reading]) -> Iterator[Damaged]:
    """Yield the loose files that differ from those of the same name in the first ZIP, or others.

    Only the first ZIP has the counter of the loose file_id.diz.
    """
    loose = {reading.path.name: reading for reading in readings}
    archives = [reading.contents.archive for reading in readings if reading.contents.archive]
    for place, archive in enumerate(archives):
        for entry in archive.entries:
            counted = entry.name == diz.NAME and place > 0
            copy = loose.get(entry.name)
            if copy and not counted and copy.crc != entry.crc:
                yield copy.damaged("%(file)s differs from its copies in the ZIPs")


def _wrong_sums(readings: Sequence[Reading]) -> Iterator[Damaged]:
    """Yield what an SFV or a manifest says otherwise, or does not list."""
    for listing in readings:
        try:
            names = _misstated(listing, readings)
        except PackingError as reason:
            yield listing.damaged("%(file)s cannot be read: %(reason)s", reason=reason)
        else:
            for name in names:
                yield listing.damaged(
                    "%(listed)s is not as %(file)s says: damaged, missing or not listed",
                    listed=name,
                )


def _misstated(listing: Reading, readings: Sequence[Reading]) -> list[str]:
    """Return the names whose sums `listing`, if it lists sums at all, gives otherwise."""
    text, parent = listing.contents.text, listing.path.parent
    if listing.kind == "sfv":
        volumes = (reading for reading in readings if reading.kind == "volume")
        return sfv.mismatches(text, {str(v.path.relative_to(parent)): v.crc for v in volumes})
    if listing.kind == "manifest":
        others = (reading for reading in readings if reading is not listing)
        return manifest.mismatches(text, {str(other.path): other.sha256 for other in others})
    return []
