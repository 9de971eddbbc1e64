"""The headers of a ZIP as they are written. Source: docs/formats/zip.md."""

from collections.abc import Sequence
from dataclasses import dataclass
from struct import Struct

LOCAL_MAGIC, CENTRAL_MAGIC, END_MAGIC = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
END_64_MAGIC, LOCATOR_MAGIC = b"PK\x06\x06", b"PK\x06\x07"

COMMON = Struct("<HHHIIIIHH")
"""Version, flags, method, time, CRC, packed size, size, length of the name, of the extra field."""
CENTRAL = Struct("<HHHII")
"""Length of the comment, disk, internal and external attributes, offset of the local header."""
END = Struct("<HHHHIIH")
"""Disk, disk of the directory, entries here, entries, directory size, its offset, comment."""
END_64 = Struct("<QHHIIQQQQ")
"""Bytes that follow, made by, version, then as in `END`, without the comment."""
LOCATOR = Struct("<IQI")
"""Disk of the 64-bit end, its offset, disks."""
FIELD = Struct("<HH")
"""Of an extra field: what it is, its length."""

LOCAL_BYTES = len(LOCAL_MAGIC) + COMMON.size
MADE_BY_BYTES = 2
CENTRAL_BYTES = len(CENTRAL_MAGIC) + MADE_BY_BYTES + COMMON.size + CENTRAL.size
END_BYTES = len(END_MAGIC) + END.size
END_64_BYTES = len(END_64_MAGIC) + END_64.size
LOCATOR_BYTES = len(LOCATOR_MAGIC) + LOCATOR.size

STORED, DEFLATED = 0, 8
RAW = -15
"""What zlib calls deflate without a header of its own, with the window of ZIP."""
ENCRYPTED, SIZED_AFTER, UTF_8 = 0x0001, 0x0008, 0x0800
WIDE_FIELD = 0x0001
"""The extra field that holds what takes 64 bits."""
MAX_16, MAX_BYTES = (1 << 16) - 1, (1 << 32) - 1
VERSION_1_0, VERSION_2_0, VERSION_WIDE = 10, 20, 45
UNIX, REGULAR_0644, FOLDER_0755 = 3, 0o100644, 0o40755
DOS_FOLDER = 0x10


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What a ZIP says of one of its files."""

    name: str
    flags: int
    method: int
    time: int
    """Date and time of day as DOS writes them."""
    crc: int
    packed: int
    """Bytes it takes in the ZIP."""
    size: int
    """Bytes it unpacks to."""
    offset: int
    """Of the local header."""

    @property
    def is_folder(self) -> bool:
        return self.name.endswith("/")

    @property
    def is_encrypted(self) -> bool:
        return bool(self.flags & ENCRYPTED)

    @property
    def is_summed(self) -> bool:
        """Say whether its CRC-32 can be told from its bytes here."""
        return not self.is_encrypted and self.method in {STORED, DEFLATED}

    @property
    def is_wide(self) -> bool:
        """Say whether its sizes take 64 bits."""
        return self.size >= MAX_BYTES

    @property
    def encoded_name(self) -> bytes:
        return self.name.encode("utf-8" if self.flags & UTF_8 else "ascii")

    @property
    def local_bytes(self) -> int:
        """Return the length of the local header."""
        return LOCAL_BYTES + len(self.encoded_name) + len(self._local_extra())

    def local_header(self) -> bytes:
        extra = self._local_extra()
        return LOCAL_MAGIC + self._common(extra) + self.encoded_name + extra

    def directory_entry(self) -> bytes:
        is_far = self.offset >= MAX_BYTES
        extra = wide_field(*self._wide_sizes(), *([self.offset] if is_far else []))
        made_by = (UNIX << 8 | self._version(extra)).to_bytes(MADE_BY_BYTES, "little")
        rest = CENTRAL.pack(0, 0, 0, self._attributes(), min(self.offset, MAX_BYTES))
        return CENTRAL_MAGIC + made_by + self._common(extra) + rest + self.encoded_name + extra

    def _common(self, extra: bytes) -> bytes:
        return COMMON.pack(
            self._version(extra),
            self.flags,
            self.method,
            self.time,
            self.crc,
            MAX_BYTES if self.is_wide else self.packed,
            min(self.size, MAX_BYTES),
            len(self.encoded_name),
            len(extra),
        )

    def _local_extra(self) -> bytes:
        return wide_field(*self._wide_sizes())

    def _wide_sizes(self) -> tuple[int, ...]:
        return (self.size, self.packed) if self.is_wide else ()

    def _attributes(self) -> int:
        return FOLDER_0755 << 16 | DOS_FOLDER if self.is_folder else REGULAR_0644 << 16

    def _version(self, extra: bytes) -> int:
        if extra:
            return VERSION_WIDE
        return VERSION_2_0 if self.is_folder or self.method == DEFLATED else VERSION_1_0


def name_flags(name: str) -> int:
    """Return how `name` is to be flagged: what is not ASCII is UTF-8."""
    return 0 if name.isascii() else UTF_8


def wide_field(*numbers: int) -> bytes:
    """Return `numbers` as an extra field, or nothing where there are none."""
    if not numbers:
        return b""
    body = b"".join(number.to_bytes(8, "little") for number in numbers)
    return FIELD.pack(WIDE_FIELD, len(body)) + body


def directory(entries: Sequence[Entry], offset: int) -> bytes:
    """Return all that follows the last file of a ZIP, which begins at `offset`."""
    listed = b"".join(entry.directory_entry() for entry in entries)
    return listed + end(len(entries), len(listed), offset)


def end(count: int, size: int, offset: int) -> bytes:
    """Return what follows a directory of `size` bytes and `count` entries at `offset`."""
    counted, reached = min(count, MAX_16), min(offset, MAX_BYTES)
    plain = END_MAGIC + END.pack(0, 0, counted, counted, size, reached, 0)
    if count < MAX_16 and offset < MAX_BYTES:
        return plain
    follow = END_64.size - 8
    made_by = UNIX << 8 | VERSION_WIDE
    numbers = (follow, made_by, VERSION_WIDE, 0, 0, count, count, size, offset)
    locator = LOCATOR_MAGIC + LOCATOR.pack(0, offset + size, 1)
    return END_64_MAGIC + END_64.pack(*numbers) + locator + plain
