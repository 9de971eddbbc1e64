"""file_id.diz: a few lines of ASCII, the disk counter first. Source: docs/formats/diz.md."""

import re
import textwrap
from collections.abc import Iterable

from anyascii import anyascii

NAME = "file_id.diz"
COLUMNS = 44
LINES = 10
COUNTER = re.compile(rb"\[\s*(\d{1,2})\s*/\s*(\d{1,2})\s*\]")


def render(lines: Iterable[str], disk: int, disks: int) -> bytes:
    """Return the description of `disk` of `disks`: the counter, then what fits of `lines`.

    Lines too long are wrapped, letters beyond ASCII transliterated, control characters dropped.
    """
    # First, since zipscripts take the first match and a title may hold "[50/50]".
    counter = f"DISK: [{disk:02}/{disks:02}]"
    wrapped = [row for line in lines for row in _wrap(line)]
    return "".join(f"{row}\r\n" for row in [counter, *wrapped[: LINES - 1]]).encode("ascii")


def _wrap(line: str) -> list[str]:
    printable = re.sub(r"[^ -~]", "", anyascii(line.expandtabs()))
    return textwrap.wrap(printable, COLUMNS, drop_whitespace=True, replace_whitespace=False) or [""]


def counter(data: bytes) -> tuple[int, int] | None:
    """Return (disk, disks) of the first counter in `data`, as zipscripts find it."""
    found = COUNTER.search(data)
    return (int(found[1]), int(found[2])) if found else None
