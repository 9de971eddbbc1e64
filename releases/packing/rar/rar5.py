"""The bytes of RAR 5 blocks. Source: docs/formats/rar.md."""

from datetime import UTC, date, datetime, time

from isal.isal_zlib import crc32

from releases.packing.rar.blocks import FOLDER_0755, REGULAR_0644, check_year
from releases.packing.rar.names import MAX_PART_NAMES, part_names
from releases.packing.rar.parts import Member, Part, Volume

MARKER = b"Rar!\x1a\x07\x01\x00"
WORD_BYTES = 4
"""Of sums and times."""
MAIN, FILE, END = 1, 2, 5
HAS_DATA, SKIPPABLE, CONTINUED, CONTINUES = 0x02, 0x04, 0x08, 0x10
MAIN_VOLUME, MAIN_NUMBERED = 0x01, 0x02
FILE_FOLDER, FILE_TIMED, FILE_SUMMED = 0x01, 0x02, 0x04
END_MORE = 0x01
STORED, UNIX = 0, 1

YEARS = range(1970, 2106)
"""Those that end before 32 bits of seconds do."""
ANY_DAY = date(YEARS[0], 1, 1)
NUMBER_BYTES = 2
FIRST_HEAD_BYTES = len(MARKER) + WORD_BYTES + 4
HEAD_BYTES = FIRST_HEAD_BYTES + NUMBER_BYTES
END_BYTES = WORD_BYTES + 4
MAX_VOLUMES = MAX_PART_NAMES

volume_names = part_names


def file_bytes(member: Member) -> int:
    return len(file_block(Part(member, 0, 0, 0, 0, 0), 0, ANY_DAY))


def head(volume: Volume) -> bytes:
    # The first volume says no number: some readers refuse a set where it does.
    if volume.number == 0:
        return MARKER + _block(MAIN, 0, vint(MAIN_VOLUME))
    number = vint(volume.number, NUMBER_BYTES)
    return MARKER + _block(MAIN, 0, vint(MAIN_VOLUME | MAIN_NUMBERED) + number)


def file_block(part: Part, crc: int, dated: date) -> bytes:
    member, name = part.member, part.member.name.encode()
    size = vint(member.size)
    body = (
        vint(FILE_TIMED | FILE_SUMMED | (FILE_FOLDER if member.is_folder else 0))
        + size
        + vint(FOLDER_0755 if member.is_folder else REGULAR_0644)
        + _word(timestamp(dated))
        + _word(crc)
        + vint(STORED)
        + vint(UNIX)
        + vint(len(name))
        + name
    )
    # As wide for every part as for the whole: the length of a header is known from the member.
    return _block(FILE, _file_flags(part), vint(part.size, len(size)) + body)


def end_block(volume: Volume, crc: int) -> bytes:
    return _block(END, SKIPPABLE, vint(0 if volume.is_last else END_MORE))


def timestamp(dated: date) -> int:
    check_year(dated, YEARS)
    return int(datetime.combine(dated, time(), UTC).timestamp())


def vint(number: int, width: int = 1) -> bytes:
    """Write `number` seven bits at a time, low ones first, in at least `width` bytes."""
    width = max(width, -(-number.bit_length() // 7))
    sevens = [number >> 7 * place & 0x7F | 0x80 for place in range(width)]
    return bytes([*sevens[:-1], sevens[-1] & 0x7F])


def _block(kind: int, flags: int, body: bytes) -> bytes:
    content = vint(kind) + vint(flags) + body
    summed = vint(len(content)) + content
    return _word(crc32(summed)) + summed


def _file_flags(part: Part) -> int:
    flags = HAS_DATA
    flags |= 0 if part.is_first else CONTINUED
    return flags | (0 if part.is_last else CONTINUES)


def _word(number: int) -> bytes:
    return number.to_bytes(WORD_BYTES, "little")
