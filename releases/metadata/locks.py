"""Protections that a few bytes give away, for formats that have no reader of their own."""

from collections.abc import Callable
from pathlib import Path

from releases.metadata.sniff import HEAD_BYTES, KFX_LOCKED


def lock(path: Path, kind: str) -> str:
    """Name the protection of `path`, a file of the format `kind`; nothing where none is seen."""
    return LOCKS[kind](path) if kind in LOCKS else ""


def _begins(mark: bytes, protection: str) -> Callable[[Path], str]:
    def told(path: Path) -> str:
        with path.open("rb") as file:
            return protection if file.read(len(mark)) == mark else ""

    return told


def _holds(mark: bytes, protection: str) -> Callable[[Path], str]:
    def told(path: Path) -> str:
        with path.open("rb") as file:
            return protection if mark in file.read(HEAD_BYTES) else ""

    return told


LOCKS: dict[str, Callable[[Path], str]] = {
    "kfx": _begins(KFX_LOCKED, "Amazon KFX"),
    "topaz": _holds(b"\x04dkey", "Amazon Topaz"),  # the record of the keys it is locked with
}
