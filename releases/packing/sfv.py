"""SFV: a text file of CRC-32 checksums, one ``name checksum`` per line.

Source: docs/formats/sfv.md.
"""

import re
from collections.abc import Iterable, Mapping

from releases.packing.plan import PackingError

LINE = re.compile(r"(?P<name>.*\S)\s+(?P<crc>[0-9A-Fa-f]{8})")


def render(sums: Iterable[tuple[str, int]]) -> bytes:
    """Return the SFV of (name, CRC-32) in the order given, with CRLF line ends.

    Raises:
        PackingError: the format cannot carry a name.
    """
    return b"".join(_line(name, crc) for name, crc in sums)


def _line(name: str, crc: int) -> bytes:
    if not re.fullmatch(r"[!-:<-~]([ -~]*[!-~])?", name):
        raise PackingError(
            "An SFV cannot list %(name)s: rename it with ASCII letters and digits", name=repr(name)
        )
    return f"{name} {crc:08x}\r\n".encode("ascii")


def parse(data: bytes) -> list[tuple[str, int]]:
    """Return (name, CRC-32) of each line of `data`, whichever line ends and spaces it has.

    Raises:
        PackingError: a line is neither a comment nor a name and its checksum.
    """
    # Latin-1 reads every byte, so that a foreign comment cannot hide the sums below it.
    lines = data.removeprefix(b"\xef\xbb\xbf").decode("latin-1").split("\n")
    return [_entry(line, number) for number, line in enumerate(lines, 1) if _is_entry(line)]


def _is_entry(line: str) -> bool:
    return bool(line.strip()) and not line.lstrip().startswith(";")


def _entry(line: str, number: int) -> tuple[str, int]:
    found = LINE.fullmatch(line.strip())
    if not found:
        raise PackingError(
            "Line %(number)s of the SFV is no name with its checksum: %(line)s",
            number=number,
            line=repr(line.strip()),
        )
    return found["name"], int(found["crc"], 16)


def mismatches(data: bytes, sums: Mapping[str, int]) -> list[str]:
    """Return the names that only one of `data` and `sums` knows, or with another CRC-32."""
    return sorted({name for name, _ in set(parse(data)) ^ set(sums.items())})
