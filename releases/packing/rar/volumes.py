"""Which bytes of which member go where, known from names and sizes alone."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from releases.packing.plan import PackingError
from releases.packing.rar.names import encode_name

MARKER_BYTES = 7
MAIN_BYTES = 13
HEAD_BYTES = MARKER_BYTES + MAIN_BYTES
END_BYTES = 20
FILE_HEADER_BYTES = 32
LARGE_BYTES = 1 << 31
"""From here on a member's sizes take 64 bits; four gibibytes would be the latest."""


@dataclass(frozen=True)
class Member:
    """A file as the archive knows it."""

    name: str
    size: int

    @property
    def is_large(self) -> bool:
        return self.size >= LARGE_BYTES

    @cached_property
    def encoded_name(self) -> bytes:
        return encode_name(self.name)

    @property
    def header_bytes(self) -> int:
        return FILE_HEADER_BYTES + 8 * self.is_large + len(self.encoded_name)


@dataclass(frozen=True, slots=True)
class Span:
    """The run of one member through the volumes."""

    volume: int
    """Number of the volume it begins in, from 0."""
    at: int
    """Offset of its header in that volume."""
    first_bytes: int
    """Bytes of it that this volume holds."""
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


@dataclass(frozen=True, slots=True)
class Part:
    """What one volume holds of one member."""

    member: Member
    index: int
    """Place of the member in its archive."""
    at: int
    """Offset of the header in the volume."""
    offset: int
    """Offset of the data in the member."""
    size: int

    @property
    def data_at(self) -> int:
        return self.at + self.member.header_bytes

    @property
    def end(self) -> int:
        return self.data_at + self.size

    @property
    def is_first(self) -> bool:
        return self.offset == 0

    @property
    def is_last(self) -> bool:
        return self.offset + self.size == self.member.size


@dataclass(frozen=True, slots=True)
class Volume:
    number: int
    parts: tuple[Part, ...]
    is_last: bool

    @property
    def end_at(self) -> int:
        """Return the offset of the end block."""
        return self.parts[-1].end

    @property
    def size(self) -> int:
        return self.end_at + END_BYTES


def count(members: Sequence[Member], volume_bytes: int) -> int:
    """Return how many volumes of `volume_bytes` hold `members`.

    Raises:
        PackingError: the headers alone fill a volume.
    """
    return max((span.last_volume + 1 for span in spans(members, volume_bytes)), default=0)


def layout(members: Sequence[Member], volume_bytes: int) -> list[Volume]:
    """Return the volumes of `volume_bytes`, the last one smaller, that hold `members` in order.

    Raises:
        PackingError: the headers alone fill a volume.
    """
    held: defaultdict[int, list[Part]] = defaultdict(list)
    for index, span in enumerate(spans(members, volume_bytes)):
        for number in range(span.volume, span.last_volume + 1):
            at = span.at if number == span.volume else HEAD_BYTES
            start = span.start(number)
            held[number].append(Part(members[index], index, at, start, span.end(number) - start))
    last = len(held) - 1
    return [Volume(number, tuple(parts), number == last) for number, parts in held.items()]


def spans(members: Sequence[Member], volume_bytes: int) -> Iterator[Span]:
    """Yield the run of each member; a member begins where its header and a byte find room."""
    end = volume_bytes - END_BYTES
    volume, at = 0, HEAD_BYTES
    for member in members:
        room = end - HEAD_BYTES - member.header_bytes
        if room < 1:
            raise PackingError(
                "A volume of %(volume_bytes)s bytes cannot hold the headers of %(name)s: "
                "choose larger volumes",
                volume_bytes=volume_bytes,
                name=member.name,
            )
        if at + member.header_bytes + min(member.size, 1) > end:
            volume, at = volume + 1, HEAD_BYTES
        first_bytes = min(member.size, end - at - member.header_bytes)
        span = Span(volume, at, first_bytes, room, member.size)
        yield span
        if span.last_volume > volume:
            volume, at = span.last_volume, HEAD_BYTES
        at += member.header_bytes + member.size - span.start(volume)
