"""What is found in volumes read back, ours or not."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from isal.isal_zlib import crc32, crc32_combine

from releases.packing.rar.files import Damaged, Tape

MAX_BLOCKS = 1 << 16
MAX_HEADERS_BYTES = 8 << 20
"""More than any volume of a release has, and little enough to be kept in memory."""


@dataclass(frozen=True, slots=True)
class StoredPart:
    """What a volume says it holds of a member, and what it holds."""

    name: str
    """Of the member, with a slash between folders."""
    member_bytes: int | None
    """None where the header does not know, or the member has no data of its own."""
    size: int
    said_crc: int | None
    """Of the unpacked member in its last part, of the data in all others; None where not said."""
    is_first: bool
    is_last: bool
    is_stored: bool = True
    is_encrypted: bool = False
    is_folder: bool = False
    is_link: bool = False
    crc: int = 0
    """Of the data."""
    offset: int = field(default=0, compare=False)
    """Where the data begins in the file that is, or holds, the volume."""

    @property
    def is_plain(self) -> bool:
        return self.is_stored and not self.is_encrypted

    @property
    def is_unsummed(self) -> bool:
        """Say whether nobody without an unpacker, or the password, can check the whole member."""
        has_sum = self.is_plain and self.said_crc is not None
        return self.is_last and not (has_sum or self.is_folder or self.is_link)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """One volume read back, sound in itself."""

    file: str
    version: int
    """4 or 5: all before RAR 5 is read as RAR 4."""
    number: int | None
    """From 0; None where an old volume does not say it."""
    parts: tuple[StoredPart, ...]
    crc: int
    is_last: bool
    is_volume: bool
    """Not so of an archive that is no set."""
    is_new_naming: bool
    """Whether the next volume is .part02.rar, not .r00."""
    has_recovery: bool
    has_end: bool
    """Not so of the volumes of RAR 2 and older."""

    @property
    def is_encrypted(self) -> bool:
        return any(part.is_encrypted for part in self.parts)

    def damaged(self, template: str, **values: object) -> Damaged:
        return Damaged(template, file=self.file, **values)


class Stretch:
    """The bytes of a tape that are one volume, and their sum so far."""

    def __init__(self, tape: Tape, size: int) -> None:
        self.tape = tape
        self.end_at = tape.position + size
        self.crc = self.blocks = self.headers_bytes = 0

    @property
    def left(self) -> int:
        return self.end_at - self.tape.position

    def take(self, size: int) -> bytes:
        """Return the next `size` bytes, which are of a header."""
        self._check_left(size)
        self.headers_bytes += size
        if self.headers_bytes > MAX_HEADERS_BYTES:
            raise self.damaged(
                "%(file)s has more than %(most)s bytes of RAR headers", most=MAX_HEADERS_BYTES
            )
        data = self.tape.take(size)
        self.crc = crc32(data, self.crc)
        return data

    def skip(self, size: int) -> int:
        """Pass over `size` bytes, and return their CRC-32."""
        self._check_left(size)
        crc = self.tape.skip(size)
        self.crc = crc32_combine(self.crc, crc, size)
        return crc

    def count_block(self) -> None:
        self.blocks += 1
        if self.blocks > MAX_BLOCKS:
            raise self.damaged("%(file)s has more than %(most)s RAR blocks", most=MAX_BLOCKS)

    def part(self, said: StoredPart) -> StoredPart:
        """Pass over the data of the part that a header has announced, and check its sum.

        The sum in the last part of several is that of all: who has all can check it.
        """
        offset = self.tape.position
        part = replace(said, crc=self.skip(said.size), offset=offset)
        is_sound = part.said_crc in {None, part.crc}
        if part.is_last:
            is_sound = not part.is_first or is_whole([part])
        if not is_sound:
            raise self.damaged("%(entry)s in %(file)s differs from its sum", entry=part.name)
        return part

    def damaged(self, template: str, **values: object) -> Damaged:
        return self.tape.damaged(template, **values)

    def encrypted(self) -> Damaged:
        return self.damaged("The headers of %(file)s are encrypted: only its password opens it")

    def _check_left(self, size: int) -> None:
        if size > self.left:
            raise self.damaged("%(file)s ends too early")


def is_whole(parts: Sequence[StoredPart]) -> bool:
    """Say whether `parts` are all of a member, as far as its sum can be checked."""
    last, crc, size = parts[-1], 0, 0
    for part in parts:
        crc = crc32_combine(crc, part.crc, part.size)
        size += part.size
    is_sized = last.member_bytes in {None, size}
    return not last.is_plain or (is_sized and last.said_crc in {None, crc})
