"""How the files of a release agree with one another."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import PurePosixPath

from releases.packing import diz, manifest, sfv
from releases.packing.plan import PackingError
from releases.packing.rar import Damaged
from releases.packing.verify.readings import Reading
from releases.packing.verify.sets import volume_sets

MISSING = "%(file)s is missing"
MISSUMMED = "%(file)s differs from its sum in %(listing)s"
UNLISTED = "%(file)s is not listed in %(listing)s"
MAX_LISTINGS = 20
"""Of more, what they do not list is not told: it would be every file for every list."""


@dataclass(frozen=True, slots=True)
class Listing:
    """The sums that an SFV or a manifest gives."""

    reading: Reading
    sums: Mapping[PurePosixPath, object]

    def covers(self, other: Reading) -> bool:
        """Say whether `other` should be listed: volumes by an SFV, all by a manifest."""
        if self.reading.kind == "sfv":
            return other.kind == "volume" and other.path.is_relative_to(self.reading.path.parent)
        return other is not self.reading

    def sum_of(self, other: Reading) -> object:
        return other.crc if self.reading.kind == "sfv" else other.sha256


PARSERS: dict[str, Callable[[bytes], Sequence[tuple[str, object]]]] = {
    "sfv": sfv.parse,
    "manifest": manifest.parse,
}


def disagreements(
    readings: Sequence[Reading], unread: Sequence[Damaged], written: Mapping[str, int]
) -> Iterator[Damaged]:
    """Yield what is missing, each file once, then what differs.

    `unread` is what could not be read at all; `written` gives path and CRC-32 of what must be
    there, for who knows.
    """
    listings, unreadable = _listings(readings)
    sets = volume_sets(readings)
    due = [*written, *chain.from_iterable(listing.sums for listing in listings)]
    due += chain.from_iterable(one.missing() for one in sets)
    here = {str(reading.path) for reading in readings}
    here |= {str(fault.values.get("file")) for fault in unread}
    yield from (
        Damaged(MISSING, file=path) for path in dict.fromkeys(map(str, due)) if path not in here
    )
    yield from unreadable
    yield from chain.from_iterable(one.misfits() for one in sets)
    yield from _rewritten(readings, written)
    yield from _differing_copies(readings)
    by_path = {reading.path: reading for reading in readings}
    for number, listing in enumerate(listings):
        listed = (by_path[path] for path in listing.sums if path in by_path)
        yield from _misstated(listing, readings if number < MAX_LISTINGS else listed)


def _listings(readings: Sequence[Reading]) -> tuple[list[Listing], list[Damaged]]:
    listings, faults = [], []
    for reading in readings:
        if parse := PARSERS.get(reading.kind):
            try:
                sums = parse(reading.contents.text)
            except PackingError as reason:
                faults.append(reading.damaged("%(file)s cannot be read: %(reason)s", reason=reason))
            else:
                parent = reading.path.parent
                paths = {parent / name.replace("\\", "/"): value for name, value in sums}
                listings.append(Listing(reading, paths))
    return listings, faults


def _rewritten(readings: Sequence[Reading], written: Mapping[str, int]) -> Iterator[Damaged]:
    for reading in readings:
        if written.get(str(reading.path), reading.crc) != reading.crc:
            yield reading.damaged("%(file)s differs from what was written")


def _differing_copies(readings: Sequence[Reading]) -> Iterator[Damaged]:
    """Yield the loose files that differ from those of the same name in the ZIPs.

    Of the descriptions, the loose one is that of the first disk.
    """
    loose = {reading.path.name: reading for reading in readings}
    archives = [reading.contents.archive for reading in readings if reading.contents.archive]
    for archive in archives:
        disk, _ = diz.counter(archive.diz) or (1, 1)
        for entry in archive.entries:
            is_comparable = entry.name != diz.NAME or disk == 1
            copy = loose.get(entry.name)
            if copy and is_comparable and copy.crc != entry.crc:
                yield copy.damaged("%(file)s differs from its copies in the ZIPs")


def _misstated(listing: Listing, readings: Iterable[Reading]) -> Iterator[Damaged]:
    for reading in readings:
        if reading.path in listing.sums:
            if listing.sums[reading.path] != listing.sum_of(reading):
                yield reading.damaged(MISSUMMED, listing=listing.reading.path)
        elif listing.covers(reading):
            yield reading.damaged(UNLISTED, listing=listing.reading.path)
