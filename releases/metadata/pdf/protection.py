"""What keeps a PDF closed, or only asks its readers not to print it."""

import re
from pathlib import Path

import pikepdf

SCAN_LIMIT = 256 << 20

HANDLERS = {
    b"EBX_HANDLER": "Adobe ADEPT",
    b"FOPN": "FileOpen",
    b"Adobe.APS": "Adobe LiveCycle",
    b"Adobe.PubSec": "PDF certificate",
    b"Adobe.PPKLite": "PDF certificate",
}
"""Filters that encrypt by more than a password, by how their names begin."""

_PIECE = 1 << 20
_OVERLAP = 256
_HANDLER = re.compile(rb"/Filter\s*/(" + b"|".join(map(re.escape, HANDLERS)) + rb")")


def handler(path: Path) -> str:
    """Name the protection of a PDF that does not open at all; nothing where none is seen.

    Its description cannot be asked for, but it is never encrypted or packed itself.
    """
    before = b""
    with path.open("rb") as file:
        while file.tell() < SCAN_LIMIT and (piece := file.read(_PIECE)):
            found = _HANDLER.search(before + piece)
            if found:
                return HANDLERS[found[1]]
            before = piece[-_OVERLAP:]
    return ""


def facts(document: pikepdf.Pdf) -> dict[str, object]:
    """Tell how a PDF that opens is encrypted, and what its readers are asked not to do."""
    if not document.is_encrypted:
        return {}
    forbidden = [name for name, is_allowed in document.allow._asdict().items() if not is_allowed]
    return {"encryption": f"{document.encryption.bits} bit", "forbidden": forbidden}
