"""Reading volumes back: every header, every sum, and how the volumes hang together."""

from collections.abc import Iterator, Sequence

from releases.packing.rar import rar4, rar5, read4, read5
from releases.packing.rar.contents import Contents, StoredPart, Stretch, is_whole
from releases.packing.rar.files import Damaged, Tape


def read(tape: Tape, size: int) -> Contents:
    """Read the RAR volume, or archive, that the next `size` bytes of `tape` are.

    What cannot be checked without an unpacker or a password is told, not refused.

    Raises:
        Damaged: a header, a sum or the length is wrong, or the headers are encrypted.
    """
    stretch = Stretch(tape, size)
    marker = stretch.take(len(rar4.MARKER))
    if marker == rar4.MARKER:
        contents = read4.read(stretch)
    elif marker + stretch.take(1) == rar5.MARKER:
        contents = read5.read(stretch)
    else:
        raise stretch.damaged("%(file)s holds no RAR volume")
    if stretch.left:
        raise stretch.damaged("%(file)s does not end where its RAR volume ends")
    return contents


def check_set(volumes: Sequence[Contents]) -> Iterator[Damaged]:
    """Yield what keeps `volumes`, in order, from being one complete archive."""
    for place, volume in enumerate(volumes):
        yield from _check_kind(volume, volumes)
        yield from _check_place(volume, place, len(volumes) - 1)
    yield from _check_members(volumes)


def _check_kind(volume: Contents, volumes: Sequence[Contents]) -> Iterator[Damaged]:
    if not volume.is_volume and len(volumes) > 1:
        yield volume.damaged("%(file)s is an archive of its own, not one of a set")
    if volume.version != volumes[0].version:
        yield volume.damaged(
            "%(file)s is of RAR %(version)s, the first of its set of RAR %(first)s",
            version=volume.version,
            first=volumes[0].version,
        )
    if volumes[0].has_end and not volume.has_end:
        yield volume.damaged("%(file)s ends too early")


def _check_place(volume: Contents, place: int, last: int) -> Iterator[Damaged]:
    if volume.number not in {None, place}:
        yield volume.damaged(
            "%(file)s is volume %(number)s of its set where %(place)s is due",
            number=(volume.number or 0) + 1,
            place=place + 1,
        )
    if volume.is_last and volume.has_end and place != last:
        yield volume.damaged("%(file)s ends its set, yet more volumes follow")
    if place == last and not volume.is_last:
        yield volume.damaged("The volume after %(file)s is missing")


def _check_members(volumes: Sequence[Contents]) -> Iterator[Damaged]:
    """Yield the volumes whose parts do not continue what was begun, or sum to another file."""
    begun: list[StoredPart] = []
    for volume in volumes:
        for part in volume.parts:
            if part.is_first == bool(begun) or (begun and part.name != begun[0].name):
                yield volume.damaged("%(file)s does not continue the volume before it")
                begun = []
            begun.append(part)
            if part.is_last:
                if not is_whole(begun):
                    yield volume.damaged("%(file)s ends a file that differs from its sum")
                begun = []
    if begun:
        yield volumes[-1].damaged("%(file)s breaks off within a file")
