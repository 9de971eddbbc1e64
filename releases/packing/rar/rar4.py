"""The bytes of RAR 4 blocks. Source: docs/formats/rar.md."""

from datetime import date
from struct import Struct

from isal.isal_zlib import crc32

from releases.packing.rar.blocks import FOLDER_0755, REGULAR_0644, UNIX, dos_time
from releases.packing.rar.names import MAX_OLD_NAMES, old_names, packed_name
from releases.packing.rar.parts import Member, Part, Volume

MARKER = b"Rar!\x1a\x07\x00"
HEAD = Struct("<HBHH")
"""CRC, type, flags, size."""
CRC_BYTES = 2
MAIN_BODY = bytes(6)
FILE_BODY = Struct("<IIBIIBBHI")
"""Packed size, size, system, CRC, time, version, method, length of the name, attributes."""
HIGH_SIZES = Struct("<II")
END_BODY = Struct("<IH7x")
"""CRC of the volume so far, number of the volume."""

MAIN, FILE, END = 0x73, 0x74, 0x7B
MAIN_VOLUME, MAIN_FIRST = 0x0001, 0x0100
FILE_CONTINUED, FILE_CONTINUES = 0x0001, 0x0002
FILE_LARGE, FILE_UNICODE, FILE_LONG = 0x0100, 0x0200, 0x8000
FILE_WINDOW = 0x00C0  # four megabytes: what real archives say of stored files
FILE_FOLDER = 0x00E0  # in place of a window
END_MORE, END_SUMMED, END_NUMBERED = 0x0001, 0x0002, 0x0008
END_PLAIN = 0x4004  # may be skipped by readers that do not know it; seven bytes in reserve
VERSION_20, STORED = 20, 0x30

FIRST_HEAD_BYTES = HEAD_BYTES = len(MARKER) + HEAD.size + len(MAIN_BODY)
END_BYTES = HEAD.size + END_BODY.size
FILE_BYTES = HEAD.size + FILE_BODY.size
LARGE_BYTES = 1 << 31
"""From here on a member's sizes take 64 bits; four gibibytes would be the latest."""
MAX_VOLUMES = MAX_OLD_NAMES

timestamp = dos_time
volume_names = old_names


def file_bytes(member: Member) -> int:
    return FILE_BYTES + HIGH_SIZES.size * is_large(member) + len(packed_name(member.name))


def is_large(member: Member) -> bool:
    return member.size >= LARGE_BYTES


def head(volume: Volume) -> bytes:
    flags = MAIN_VOLUME | (MAIN_FIRST if volume.number == 0 else 0)
    return MARKER + _block(MAIN, flags, MAIN_BODY)


def file_block(part: Part, crc: int, dated: date) -> bytes:
    member, name = part.member, packed_name(part.member.name)
    packed_high, packed_low = divmod(part.size, 1 << 32)
    high, low = divmod(member.size, 1 << 32)
    body = FILE_BODY.pack(
        packed_low,
        low,
        UNIX,
        crc,
        timestamp(dated),
        VERSION_20,
        STORED,
        len(name),
        FOLDER_0755 if member.is_folder else REGULAR_0644,
    )
    sizes = HIGH_SIZES.pack(packed_high, high) if is_large(member) else b""
    return _block(FILE, _file_flags(part), body + sizes + name)


def end_block(volume: Volume, crc: int) -> bytes:
    flags = END_PLAIN | END_SUMMED | END_NUMBERED | (0 if volume.is_last else END_MORE)
    return _block(END, flags, END_BODY.pack(crc, volume.number))


def _block(kind: int, flags: int, body: bytes) -> bytes:
    summed = HEAD.pack(0, kind, flags, HEAD.size + len(body))[CRC_BYTES:] + body
    return (crc32(summed) & 0xFFFF).to_bytes(CRC_BYTES, "little") + summed


def _file_flags(part: Part) -> int:
    flags = FILE_LONG | (FILE_FOLDER if part.member.is_folder else FILE_WINDOW)
    flags |= 0 if part.is_first else FILE_CONTINUED
    flags |= 0 if part.is_last else FILE_CONTINUES
    flags |= FILE_LARGE if is_large(part.member) else 0
    return flags | (0 if part.member.name.isascii() else FILE_UNICODE)
