"""The bytes of RAR 4 blocks. Source: docs/formats/rar.md."""

from datetime import date
from struct import Struct

from isal.isal_zlib import crc32

from releases.packing.plan import PackingError
from releases.packing.rar.volumes import Part, Volume

MARKER = b"Rar!\x1a\x07\x00"
HEAD = Struct("<HBHH")
"""CRC, type, flags, size."""
CRC_BYTES = 2
FILE_BODY = Struct("<IIBIIBBHI")
"""Packed size, size, system, CRC, time, version, method, length of the name, attributes."""
HIGH_SIZES = Struct("<II")
END_BODY = Struct("<IH7x")
"""CRC of the volume so far, number of the volume."""

MAIN, FILE, END = 0x73, 0x74, 0x7B
MAIN_VOLUME, MAIN_FIRST = 0x0001, 0x0100
MAIN_ENCRYPTED = 0x0080
FILE_CONTINUED, FILE_CONTINUES = 0x0001, 0x0002
FILE_ENCRYPTED = 0x0004
FILE_LARGE, FILE_UNICODE, FILE_LONG = 0x0100, 0x0200, 0x8000
FILE_WINDOW = 0x00C0  # four megabytes: what real archives say of stored files
END_MORE, END_SUMMED, END_NUMBERED = 0x0001, 0x0002, 0x0008
END_PLAIN = 0x4004  # may be skipped by readers that do not know it; seven bytes in reserve

YEARS = range(1980, 2108)
UNIX, REGULAR_0644 = 3, 0o100644
VERSION_20, STORED = 20, 0x30


def main_block(volume: Volume) -> bytes:
    flags = MAIN_VOLUME | (MAIN_FIRST if volume.number == 0 else 0)
    return _block(MAIN, flags, bytes(6))


def file_block(part: Part, crc: int, dated: date) -> bytes:
    """Return the header of `part`.

    `crc` is that of the whole member in its last part, and of the part in all others.
    """
    member = part.member
    packed_high, packed_low = divmod(part.size, 1 << 32)
    high, low = divmod(member.size, 1 << 32)
    body = FILE_BODY.pack(
        packed_low,
        low,
        UNIX,
        crc,
        dos_time(dated),
        VERSION_20,
        STORED,
        len(member.encoded_name),
        REGULAR_0644,
    )
    sizes = HIGH_SIZES.pack(packed_high, high) if member.is_large else b""
    return _block(FILE, _file_flags(part), body + sizes + member.encoded_name)


def end_block(volume: Volume, crc: int) -> bytes:
    """Return the last block of `volume`, whose bytes before it sum to `crc`."""
    flags = END_PLAIN | END_SUMMED | END_NUMBERED | (0 if volume.is_last else END_MORE)
    return _block(END, flags, END_BODY.pack(crc, volume.number))


def dos_time(dated: date) -> int:
    """Return 00:00 of `dated` as archive headers write it.

    Raises:
        PackingError: the format knows the years 1980 to 2107 only.
    """
    if dated.year not in YEARS:
        raise PackingError(
            "Archives cannot be dated %(dated)s: choose a day from %(first)s to %(last)s",
            dated=dated,
            first=YEARS[0],
            last=YEARS[-1],
        )
    return (dated.year - YEARS[0]) << 25 | dated.month << 21 | dated.day << 16


def _block(kind: int, flags: int, body: bytes) -> bytes:
    summed = HEAD.pack(0, kind, flags, HEAD.size + len(body))[CRC_BYTES:] + body
    return (crc32(summed) & 0xFFFF).to_bytes(CRC_BYTES, "little") + summed


def _file_flags(part: Part) -> int:
    flags = FILE_LONG | FILE_WINDOW
    flags |= 0 if part.is_first else FILE_CONTINUED
    flags |= 0 if part.is_last else FILE_CONTINUES
    flags |= FILE_LARGE if part.member.is_large else 0
    return flags | (0 if part.member.name.isascii() else FILE_UNICODE)
