"""ZIP files of stored entries: an envelope around one RAR volume, which is written in its place.

Source: APPNOTE.TXT 6.3.10 of PKWARE, sections 4.3 and 4.4.
"""

from dataclasses import dataclass
from datetime import date
from struct import Struct

from isal.isal_zlib import crc32, crc32_combine

from releases.packing import diz, rar
from releases.packing.rar.blocks import REGULAR_0644, UNIX

LOCAL_MAGIC, CENTRAL_MAGIC, END_MAGIC = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
COMMON = Struct("<HHHIIIIHH")
"""Version, flags, method, time, CRC, packed size, size, length of the name, of the extra field."""
SHARED = slice(2, COMMON.size - 2)
"""All of it but the version, which a directory may raise, and the extra field, which is its own."""
CENTRAL = Struct("<HHHII")
"""Length of the comment, disk, internal and external attributes, offset of the local header."""
END = Struct("<HHHHIIH")
"""Disk, disk of the directory, entries here, entries, directory size, its offset, comment."""
LOCAL_BYTES = len(LOCAL_MAGIC) + COMMON.size
VERSION_1_0 = 10
MADE_BY = (UNIX << 8 | VERSION_1_0).to_bytes(2, "little")
STORED = 0
NOT_PLAIN = 0x0009  # encrypted, or sized after the data
MAX_BYTES = (1 << 32) - 1
MAX_DIZ_BYTES = 1 << 16


@dataclass(frozen=True, slots=True)
class Entry:
    name: str
    size: int
    crc: int
    offset: int
    """Of the local header."""
    common: bytes
    """What the local header and the directory both say."""

    def local_header(self) -> bytes:
        return LOCAL_MAGIC + self.common + self.name.encode("ascii")

    def directory_entry(self) -> bytes:
        rest = CENTRAL.pack(0, 0, 0, REGULAR_0644 << 16, self.offset)
        return CENTRAL_MAGIC + MADE_BY + self.common + rest + self.name.encode("ascii")


@dataclass(frozen=True, slots=True)
class Envelope:
    """What a ZIP puts before and after the RAR volume it holds."""

    volume_name: str
    companions: tuple[tuple[str, bytes], ...]
    """Name and bytes of the small files that follow the volume."""
    dated: date

    @property
    def head_bytes(self) -> int:
        """Return the offset of the RAR volume."""
        return LOCAL_BYTES + len(self.volume_name)

    @property
    def added_bytes(self) -> int:
        """Return by how much the ZIP is larger than its volume."""
        return self.head_bytes + len(self._tail(self._entry(self.volume_name, 0, 0, 0)))

    def close(self, output: rar.Output, size: int, crc: int) -> int:
        """Write what surrounds the volume of `size` bytes; return the CRC-32 of the ZIP."""
        volume = self._entry(self.volume_name, size, crc, 0)
        head, tail = volume.local_header(), self._tail(volume)
        output.write(head, 0)
        output.write(tail, len(head) + size)
        return crc32(tail, crc32_combine(crc32(head), crc, size))

    def _tail(self, volume: Entry) -> bytes:
        entries, tail = [volume], b""
        start = self.head_bytes + volume.size
        for name, data in self.companions:
            entry = self._entry(name, len(data), crc32(data), start + len(tail))
            entries.append(entry)
            tail += entry.local_header() + data
        return tail + _directory(entries, start + len(tail))

    def _entry(self, name: str, size: int, crc: int, offset: int) -> Entry:
        time = rar.dos_time(self.dated)
        common = COMMON.pack(VERSION_1_0, 0, STORED, time, crc, size, size, len(name), 0)
        return Entry(name, size, crc, offset, common)


def _directory(entries: list[Entry], offset: int) -> bytes:
    directory = b"".join(entry.directory_entry() for entry in entries)
    return directory + END_MAGIC + _end(len(entries), len(directory), offset)


def _end(count: int, size: int, offset: int, comment_bytes: int = 0) -> bytes:
    return END.pack(0, 0, count, count, size, offset, comment_bytes)


@dataclass(slots=True)
class Contents:
    """A ZIP read back, sound in itself."""

    volume: rar.Contents | None
    diz: bytes
    entries: list[Entry]


def read(tape: rar.Tape) -> Contents:
    """Read the ZIP that `tape` is, with the RAR volume in it.

    Raises:
        Damaged: an entry, the directory or the volume is wrong.
    """
    contents = Contents(volume=None, diz=b"", entries=[])
    magic = tape.take(len(LOCAL_MAGIC))
    while magic == LOCAL_MAGIC:
        entry = _read_entry(tape)
        contents.entries.append(entry)
        if _read_data(tape, entry, contents) != entry.crc:
            raise tape.damaged("%(entry)s in %(file)s differs from its sum", entry=entry.name)
        magic = tape.take(len(LOCAL_MAGIC))
    _check_directory(tape, magic, contents.entries)
    return contents


def _read_entry(tape: rar.Tape) -> Entry:
    offset = tape.position - len(LOCAL_MAGIC)
    common = tape.take(COMMON.size)
    _, flags, method, _, crc, packed, size, name_bytes, extra_bytes = COMMON.unpack(common)
    if flags & NOT_PLAIN or method != STORED or packed != size:
        raise tape.damaged("%(file)s has an entry that is not plainly stored")
    name = tape.take(name_bytes).decode("ascii", "replace")
    tape.skip(extra_bytes)
    return Entry(name, size, crc, offset, common)


def _read_data(tape: rar.Tape, entry: Entry, contents: Contents) -> int:
    """Take from `tape` what `entry` holds, keep what is of interest, and return its CRC-32."""
    if rar.is_volume_name(entry.name):
        contents.volume = rar.read(tape, entry.size)
        return contents.volume.crc
    if entry.name == diz.NAME and entry.size <= MAX_DIZ_BYTES:
        contents.diz = tape.take(entry.size)
        return crc32(contents.diz)
    return tape.skip(entry.size)


def _check_directory(tape: rar.Tape, magic: bytes, entries: list[Entry]) -> None:
    """Check that the directory repeats the local headers, and that nothing follows it."""
    start = tape.position - len(magic)
    for entry in entries:
        if magic != CENTRAL_MAGIC or not _is_next(tape, entry):
            raise tape.damaged("The directory of %(file)s differs from its entries")
        magic = tape.take(len(magic))
    size = tape.position - len(magic) - start
    end = tape.take(END.size)
    comment_bytes = END.unpack(end)[-1]
    if magic + end != END_MAGIC + _end(len(entries), size, start, comment_bytes):
        raise tape.damaged("The directory of %(file)s does not end as it should")
    if tape.left != comment_bytes:
        raise tape.damaged("%(file)s does not end with its directory")


def _is_next(tape: rar.Tape, entry: Entry) -> bool:
    """Say whether the directory goes on with `entry`; other packers add extra fields."""
    tape.take(len(MADE_BY))
    common = tape.take(COMMON.size)
    comment_bytes, _, _, _, offset = CENTRAL.unpack(tape.take(CENTRAL.size))
    *_, name_bytes, extra_bytes = COMMON.unpack(common)
    name = tape.take(name_bytes).decode("ascii", "replace")
    tape.skip(extra_bytes + comment_bytes)
    return (common[SHARED], name, offset) == (entry.common[SHARED], entry.name, entry.offset)
