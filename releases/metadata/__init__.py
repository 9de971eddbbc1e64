"""What is known of a work: read from its file. No Django here.

Doors and workers call `analyse_apart`; `analyse` itself is for files that are trusted.
"""

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Protocol, cast

from releases.metadata import locks
from releases.metadata.apart import (
    AnalysisError,
    Limits,
    Reading,
    analyse_all_apart,
    analyse_apart,
    read_apart,
)
from releases.metadata.candidate import Analysis
from releases.metadata.problem import Problem, problem
from releases.metadata.sniff import sniff

READERS: Mapping[str, str] = {
    "epub": "epub",
    "avi": "video",
    "azw3": "mobi",
    "cb7": "comic",
    "cbr": "comic",
    "cbt": "comic",
    "cbz": "comic",
    "chm": "chm",
    "djvu": "djvu",
    "docx": "office",
    "fb2": "fb2",
    "flv": "video",
    "m2ts": "video",
    "mkv": "video",
    "mobi": "mobi",
    "mov": "video",
    "mp4": "video",
    "mpg": "video",
    "odt": "office",
    "pdf": "pdf",
    "rtf": "rtf",
    "ts": "video",
    "txt": "plain",
    "webm": "video",
    "wmv": "video",
}
"""The module that reads each format. To add one: write its module, add its line."""


class Reader(Protocol):
    """What a module of the table has; it is imported for the first file of its format."""

    def read(self, path: Path) -> Analysis:
        """Return what the file says of itself."""

    def cover(self, path: Path) -> bytes:
        """Return the picture of its cover as it stands in the file, or nothing."""


def reader(kind: str) -> Reader | None:
    """Return the reader of the format `kind`, if there is one."""
    name = READERS.get(kind)
    return cast(Reader, import_module(f"{__name__}.{name}")) if name else None


def analyse(path: Path) -> Analysis:
    """Return what `path` says of itself; a file that cannot be read says so in `problems`."""
    try:
        kind = sniff(path)
        found = reader(kind)
        return found.read(path) if found else _recognised(path, kind)
    except OSError as error:
        unread = problem("The file cannot be read: %(reason)s.", reason=error.strerror)
        return Analysis(format="unknown", size=0, valid=False, problems=(unread,))


def cover(path: Path) -> bytes:
    """Return the picture of the cover of `path`, as it stands in the file, or nothing."""
    found = reader(sniff(path))
    return found.cover(path) if found else b""


def _recognised(path: Path, kind: str) -> Analysis:
    """All that is known of a format without a reader: that it is one, and its lock."""
    drm = locks.lock(path, kind)
    problems = (problem("The file is empty."),) if kind == "empty" else ()
    size = path.stat().st_size
    return Analysis(
        format=kind,
        size=size,
        valid=not problems,
        problems=problems,
        drm=drm,
        encrypted=bool(drm),
        mediainfo={"format": kind, "size": size},
    )


__all__ = [
    "READERS",
    "Analysis",
    "AnalysisError",
    "Limits",
    "Problem",
    "Reader",
    "Reading",
    "analyse",
    "analyse_all_apart",
    "analyse_apart",
    "cover",
    "read_apart",
    "sniff",
]
