"""Names of volumes, and of what lies in them."""

import re
from collections.abc import Iterator
from contextlib import suppress
from itertools import chain, islice, product

from releases.packing.plan import PackingError

LETTERS = "rstuvwxyz"
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
VOLUME_NAME = re.compile(r"\.(rar|[r-z][0-9]{2})$", re.IGNORECASE)
UNIT_LOW, UNIT_COMMON, UNIT_WHOLE = 0, 1, 2
"""How a unit of UTF-16 is packed: without its zero, or common, high byte, or not at all."""
SHIFTED = 0x80
"""Says that a run differs from the fallback by a constant."""
MAX_OLD_NAMES = 1 + 100 * len(LETTERS)
MAX_PART_NAMES = 9999
"""The format goes on; a folder of more files helps nobody."""


def old_names(base: str, count: int) -> list[str]:
    """Return ``base.rar``, ``base.r00`` … ``base.r99``, ``base.s00`` … in order.

    Raises:
        PackingError: the names end at ``.z99``, before `count`.
    """
    _check_count(count, MAX_OLD_NAMES)
    numbered = (f".{letter}{number:02}" for letter, number in product(LETTERS, range(100)))
    return [base + suffix for suffix in islice(chain([".rar"], numbered), count)]


def part_names(base: str, count: int) -> list[str]:
    """Return ``base.part01.rar``, ``base.part02.rar`` … with as many digits as `count` needs.

    Raises:
        PackingError: `count` is beyond reason.
    """
    _check_count(count, MAX_PART_NAMES)
    digits = max(2, len(str(count)))
    return [f"{base}.part{number:0{digits}}.rar" for number in range(1, count + 1)]


def _check_count(count: int, most: int) -> None:
    if count > most:
        raise PackingError(
            "RAR volume names end at %(most)s volumes and %(count)s are needed: "
            "choose larger volumes",
            most=most,
            count=count,
        )


def is_volume_name(name: str) -> bool:
    return VOLUME_NAME.search(name) is not None


def packed_name(name: str) -> bytes:
    """Return the name field of a RAR 4 header: ASCII, or a fallback, a zero and packed UTF-16."""
    name = name.replace("/", "\\")
    if name.isascii():
        return name.encode("ascii")
    fallback = "".join(char if char.isascii() else "_" for char in name)
    return fallback.encode("ascii") + b"\0" + packed_utf16(name)


def packed_utf16(name: str) -> bytes:
    """Pack UTF-16 units in fours: two bits for each say whether its high byte is left out."""
    units = [unit.to_bytes(2, "little") for unit in memoryview(name.encode("utf-16-le")).cast("H")]
    packed = bytearray(1)  # the high byte common to all: we use none
    for four in (units[start : start + 4] for start in range(0, len(units), 4)):
        packed.append(sum(2 << (6 - 2 * place) for place, unit in enumerate(four) if unit[1]))
        packed += b"".join(unit if unit[1] else unit[:1] for unit in four)
    return bytes(packed)


def unpacked_name(field: bytes, *, is_unicode: bool) -> str:
    """Return the name that a RAR 4 header holds, with slashes between folders.

    Without the packed UTF-16 it is UTF-8, or in the DOS code page of whoever wrote it.
    """
    fallback, zero, packed = field.partition(b"\0")
    if is_unicode and zero:
        return shown_name(unpacked_utf16(packed, fallback)).replace("\\", "/")
    try:
        text = fallback.decode()
    except UnicodeDecodeError:
        text = fallback.decode("cp437")
    return shown_name(text).replace("\\", "/")


def unpacked_utf16(packed: bytes, fallback: bytes) -> str:
    """Undo any packing of UTF-16; where it breaks off, so does the name."""
    units: list[int] = []
    rest = iter(packed[1:])
    common = packed[0] << 8 if packed else 0
    with suppress(StopIteration):
        for codes in rest:
            for place in (6, 4, 2, 0):
                units += _unpacked_units(codes >> place & 3, rest, common, fallback[len(units) :])
    return b"".join(unit.to_bytes(2, "little") for unit in units).decode("utf-16-le", "replace")


def _unpacked_units(code: int, rest: Iterator[int], common: int, fallback: bytes) -> list[int]:
    first = next(rest)
    if code == UNIT_LOW:
        return [first]
    if code == UNIT_COMMON:
        return [common | first]
    if code == UNIT_WHOLE:
        return [first | next(rest) << 8]
    run = fallback[: (first & ~SHIFTED) + 2]
    if not first & SHIFTED:
        return [*run]
    shift = next(rest)
    return [common | (byte + shift) & 0xFF for byte in run]


def shown_name(name: str) -> str:
    """Return `name` without what would act on the terminal it is shown on."""
    return CONTROL.sub("\N{REPLACEMENT CHARACTER}", name)
