"""Names of volumes, and of what lies in them."""

import re
from itertools import chain, islice, product

from releases.packing.plan import PackingError

LETTERS = "rstuvwxyz"
VOLUME_NAME = re.compile(r"\.(rar|[r-z][0-9]{2})$", re.IGNORECASE)
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
