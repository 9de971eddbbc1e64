"""What is known of a work: read from its file. No Django here.

Doors and workers call `analyse_apart`; `analyse` itself is for files that are trusted.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

from releases.metadata import epub, locks, video
from releases.metadata.candidate import Analysis
from releases.metadata.child import AnalysisError, analyse_apart
from releases.metadata.sniff import sniff

Reader = Callable[[Path], Analysis]

READERS: Mapping[str, Reader] = {
    "epub": epub.read,
    "avi": video.read,
    "flv": video.read,
    "m2ts": video.read,
    "mkv": video.read,
    "mov": video.read,
    "mp4": video.read,
    "mpg": video.read,
    "ts": video.read,
    "webm": video.read,
    "wmv": video.read,
}
"""Every reader, by the format it reads. To add one: write its module, add its line."""


def analyse(path: Path) -> Analysis:
    """Return what `path` says of itself; a file that cannot be read says so in `problems`."""
    try:
        kind = sniff(path)
        reader = READERS.get(kind)
        return reader(path) if reader else _recognised(path, kind)
    except OSError as error:
        problem = f"The file cannot be read: {error.strerror}."
        return Analysis(format="unknown", size=0, valid=False, problems=(problem,))


def _recognised(path: Path, kind: str) -> Analysis:
    """All that is known of a format without a reader: that it is one, and its lock."""
    drm = locks.lock(path, kind)
    problems = ("The file is empty.",) if kind == "empty" else ()
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


__all__ = ["READERS", "Analysis", "AnalysisError", "Reader", "analyse", "analyse_apart", "sniff"]
