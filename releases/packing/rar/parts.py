"""Members of an archive, what each volume holds of them, and what a version writes around it."""

from dataclasses import dataclass
from datetime import date
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Member:
    """A file or a folder as the archive knows it."""

    name: str
    """With a slash between folders, whatever a version writes there."""
    size: int
    is_folder: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """What one volume holds of one member."""

    member: Member
    index: int
    """Place of the member in its archive."""
    at: int
    """Offset of the header in the volume."""
    data_at: int
    offset: int
    """Offset of the data in the member."""
    size: int

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
    dialect: "Dialect"
    number: int
    """From 0."""
    parts: tuple[Part, ...]
    is_last: bool

    @property
    def end_at(self) -> int:
        """Return the offset of the end block."""
        return self.parts[-1].end

    @property
    def size(self) -> int:
        return self.end_at + self.dialect.END_BYTES


class Dialect(Protocol):
    """What a version of RAR writes around the data; no length depends on a sum."""

    FIRST_HEAD_BYTES: int
    """Of all that comes before the first member in the first volume."""
    HEAD_BYTES: int
    """The same in all other volumes."""
    END_BYTES: int
    MAX_VOLUMES: int

    def file_bytes(self, member: Member) -> int:
        """Return the length of the header of each part of `member`."""

    def head(self, volume: Volume) -> bytes:
        """Return all that comes before the first member of `volume`."""

    def file_block(self, part: Part, crc: int, dated: date) -> bytes:
        """Return the header of `part`.

        `crc` is that of the whole member in its last part, and of the part in all others.
        """

    def end_block(self, volume: Volume, crc: int) -> bytes:
        """Return the last block of `volume`, whose bytes before it sum to `crc`."""

    def timestamp(self, dated: date) -> int:
        """Return 00:00 of `dated` as headers write it.

        Raises:
            PackingError: they cannot write that day.
        """

    def volume_names(self, base: str, count: int) -> list[str]:
        """Return the names of `count` volumes in order.

        Raises:
            PackingError: they end before `count`.
        """
