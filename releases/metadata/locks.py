"""Protections that a few bytes give away, for formats that have no reader of their own."""

from collections.abc import Callable
from pathlib import Path

from releases.metadata import mobi
from releases.metadata.sniff import KFX_LOCKED, OLE


def lock(path: Path, kind: str) -> str:
    """Name the protection of `path`, a file of the format `kind`; nothing where none is seen."""
    return LOCKS[kind](path) if kind in LOCKS else ""


def _begins(mark: bytes, protection: str) -> Callable[[Path], str]:
    def told(path: Path) -> str:
        with path.open("rb") as file:
            return protection if file.read(len(mark)) == mark else ""

    return told


LOCKS: dict[str, Callable[[Path], str]] = {
    "mobi": mobi.drm,
    "azw3": mobi.drm,
    "kfx": _begins(KFX_LOCKED, "Amazon KFX"),
    "docx": _begins(OLE, "Office password"),  # an open one is a ZIP
}
