"""Makers of compiled help files and DjVu documents, by code alone."""

import struct
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

LCID_FRENCH, LCID_RUSSIAN = 0x040C, 0x0419

_CHUNK_BYTES = 4096
_HEADER_BYTES = 0x60


def make_chm(
    path: Path,
    *,
    title: bytes = b"Some Help",
    lcid: int = LCID_FRENCH,
    topics: Sequence[str] = ("/start.html", "/more.htm"),
    version: int = 3,
) -> Path:
    system = struct.pack("<I", 3) + b"".join(
        struct.pack("<HH", code, len(data)) + data
        for code, data in (
            (9, b"Maker 1.0\0"),
            (4, struct.pack("<I", lcid) + bytes(32)),
            (3, title + b"\0"),
        )
    )
    files = {"/#SYSTEM": system} | dict.fromkeys(topics, b"<html></html>")
    entries, content = [], b""
    for name, data in sorted(files.items()):
        entries.append(_entry(name, len(content), len(data)))
        content += data
    listing = b"".join([_entry("/", 0, 0), *entries])
    free = _CHUNK_BYTES - 0x14 - len(listing)
    chunk = struct.pack("<4sIIii", b"PMGL", free, 0, -1, -1) + listing + bytes(free)
    head = struct.pack("<4s4I4x", b"ITSP", 1, 0x54, 10, _CHUNK_BYTES)
    directory = (head[:0x14] + struct.pack("<6iI", 2, 1, -1, 0, 0, -1, 1)).ljust(
        0x54, b"\0"
    ) + chunk
    second = _HEADER_BYTES + 0x18
    start = second + len(directory)
    whole = start + len(content)
    header = struct.pack("<4s5I", b"ITSF", version, _HEADER_BYTES, 1, 0, lcid).ljust(0x38, b"\0")
    header += struct.pack("<4QQ", _HEADER_BYTES, 0x18, second, len(directory), start)
    first = struct.pack("<IIQII", 0x1FE, 0, whole, 0, 0)
    path.write_bytes(header + first + directory + content)
    return path


def _entry(name: str, offset: int, size: int) -> bytes:
    raw = name.encode()
    return _number(len(raw)) + raw + _number(0) + _number(offset) + _number(size)


def _number(value: int) -> bytes:
    groups = [value & 0x7F]
    while value := value >> 7:
        groups.append(value & 0x7F | 0x80)
    return bytes(reversed(groups))


def make_djvu(path: Path, *, pages: int = 1, metadata: Mapping[str, str] | None = None) -> Path:
    """Write pages of nothing but their size; `metadata` stand on the first."""
    said = " ".join(f'({key} "{value}")' for key, value in (metadata or {}).items())
    notes = _chunk(b"ANTa", f"(metadata {said})".encode()) if said else b""
    first = _form(b"DJVU", _info() + notes)
    if pages == 1:
        path.write_bytes(b"AT&T" + first)
        return path
    singles = [path.with_suffix(f".{number}") for number in range(pages)]
    for number, single in enumerate(singles):
        single.write_bytes(b"AT&T" + (_form(b"DJVU", _info()) if number else first))
    subprocess.run(["djvm", "-c", path, *singles], check=True)
    return path


def _info() -> bytes:
    return _chunk(b"INFO", struct.pack(">HHBB", 600, 800, 24, 0) + struct.pack("<HBB", 300, 22, 1))


def _form(kind: bytes, content: bytes) -> bytes:
    return _chunk(b"FORM", kind + content)


def _chunk(name: bytes, data: bytes) -> bytes:
    return name + struct.pack(">I", len(data)) + data + bytes(len(data) % 2)
