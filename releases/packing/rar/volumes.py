"""Which bytes of which member go where, known from names and sizes alone."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from releases.packing.plan import PackingError
from releases.packing.rar.dialects import dialect
from releases.packing.rar.parts import Dialect, Member, Part, Volume


@dataclass(frozen=True, slots=True)
class Span:
    """The run of one member through the volumes."""

    volume: int
    """Number of the volume it begins in, from 0."""
    at: int
    """Offset of its header in that volume."""
    header_bytes: int
    """Of the header of each part."""
    first_bytes: int
    """Bytes of it that the first volume holds."""
    room: int
    """Bytes of it that each further volume can hold."""
    size: int

    @property
    def last_volume(self) -> int:
        return self.volume - (self.first_bytes - self.size) // self.room

    def start(self, volume: int) -> int:
        """Return the offset in the member of what `volume` holds of it."""
        if volume == self.volume:
            return 0
        return self.first_bytes + (volume - self.volume - 1) * self.room

    def end(self, volume: int) -> int:
        return min(self.size, self.first_bytes + (volume - self.volume) * self.room)


def count(members: Sequence[Member], volume_bytes: int, version: int = 4) -> int:
    """Return how many volumes of `volume_bytes` hold `members`.

    Raises:
        PackingError: the headers alone fill a volume.
    """
    runs = spans(members, volume_bytes, dialect(version))
    return max((span.last_volume + 1 for span in runs), default=0)


def layout(members: Sequence[Member], volume_bytes: int, version: int = 4) -> list[Volume]:
    """Return the volumes of `volume_bytes`, the last one smaller, that hold `members` in order.

    Raises:
        PackingError: the headers alone fill a volume.
    """
    written = dialect(version)
    held: defaultdict[int, list[Part]] = defaultdict(list)
    for index, span in enumerate(spans(members, volume_bytes, written)):
        for number in range(span.volume, span.last_volume + 1):
            held[number].append(_part(members[index], index, span, number, written))
    last = len(held) - 1
    return [Volume(written, number, tuple(parts), number == last) for number, parts in held.items()]


def _part(member: Member, index: int, span: Span, volume: int, written: Dialect) -> Part:
    at = span.at if volume == span.volume else written.HEAD_BYTES
    start = span.start(volume)
    return Part(member, index, at, at + span.header_bytes, start, span.end(volume) - start)


def spans(members: Sequence[Member], volume_bytes: int, written: Dialect) -> Iterator[Span]:
    """Yield the run of each member; a member begins where its header and a byte find room."""
    end = volume_bytes - written.END_BYTES
    volume, at = 0, written.FIRST_HEAD_BYTES
    for member in members:
        header_bytes = written.file_bytes(member)
        room = end - written.HEAD_BYTES - header_bytes
        if room < 1:
            raise PackingError(
                "A volume of %(volume_bytes)s bytes cannot hold the headers of %(name)s: "
                "choose larger volumes",
                volume_bytes=volume_bytes,
                name=member.name,
            )
        if at + header_bytes + min(member.size, 1) > end:
            volume, at = volume + 1, written.HEAD_BYTES
        first_bytes = min(member.size, end - at - header_bytes)
        span = Span(volume, at, header_bytes, first_bytes, room, member.size)
        yield span
        if span.last_volume > volume:
            volume, at = span.last_volume, written.HEAD_BYTES
        at += header_bytes + member.size - span.start(volume)
