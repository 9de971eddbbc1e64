"""The SHA-256 manifest, as `sha256sum --check` reads it: ``checksum  path`` per line."""

import re
from collections.abc import Iterable, Mapping

from releases.packing.plan import PackingError

LINE = re.compile(r"(?P<sha256>[0-9A-Fa-f]{64}) [ *](?P<path>.+)")


def render(sums: Iterable[tuple[str, str]]) -> bytes:
    """Return the manifest of (path, SHA-256), in the order given."""
    return "".join(f"{sha256}  {path}\n" for path, sha256 in sums).encode()


def parse(data: bytes) -> list[tuple[str, str]]:
    """Return (path, SHA-256) of each line.

    Raises:
        PackingError: a line is something else.
    """
    lines = data.decode("utf-8", "replace").splitlines()
    return [_entry(line, number) for number, line in enumerate(lines, 1)]


def _entry(line: str, number: int) -> tuple[str, str]:
    found = LINE.fullmatch(line)
    if not found:
        raise PackingError(
            "Line %(number)s of the manifest is no checksum with its path: %(line)s",
            number=number,
            line=repr(line),
        )
    return found["path"], found["sha256"].lower()


def mismatches(data: bytes, sums: Mapping[str, str]) -> list[str]:
    """Return the paths that only one of `data` and `sums` knows, or with another SHA-256."""
    return sorted({path for path, _ in set(parse(data)) ^ set(sums.items())})
