"""Makers of comics: the same files in each kind of archive."""

import io
import struct
import tarfile
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import py7zr

from tests.books import write_zip
from tests.metadata.rars import write_rar4, write_rar5

PNG = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", 600, 900) + bytes(40)
JPEG = b"\xff\xd8\xff\xe0\0\x04ab\xff\xc0\0\x0b\x08" + struct.pack(">HH", 1200, 800) + bytes(30)
PAGES = {f"Tale/{number}.png": PNG + bytes([number]) for number in (1, 2, 10)}


def make_info(**elements: str | int) -> bytes:
    """Return a ComicInfo.xml of these elements."""
    said = "".join(f"<{name}>{escape(str(value))}</{name}>" for name, value in elements.items())
    return f'<?xml version="1.0" encoding="utf-8"?><ComicInfo>{said}</ComicInfo>'.encode()


def make_comic(path: Path, *, entries: Mapping[str, bytes] | None = None, **info: Any) -> Path:
    """Write a CBZ of three pages, with a ComicInfo.xml of `info` if there is any."""
    described = {"ComicInfo.xml": make_info(**info)} if info else {}
    return write_zip(path, PAGES | described | dict(entries or {}))


def write_tar(path: Path, files: Mapping[str, bytes]) -> Path:
    with tarfile.open(path, "w") as archive:
        for name, data in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return path


def write_7z(path: Path, files: Mapping[str, bytes], *, password: str = "") -> Path:
    """Write an archive of 7z; with a password, it locks the names, too."""
    with py7zr.SevenZipFile(
        path, "w", password=password or None, header_encryption=bool(password)
    ) as archive:
        for name, data in files.items():
            archive._writestr(data, name)  # the public one refuses names that are to harm
    return path


WRITERS: Mapping[str, Callable[[Path, Mapping[str, bytes]], Path]] = {
    "cbz": write_zip,
    "cbt": write_tar,
    "cb7": write_7z,
    "rar4": write_rar4,
    "rar5": write_rar5,
    "packed rar4": partial(write_rar4, packed=True),
    "packed rar5": partial(write_rar5, packed=True),
}
"""Who writes files into each kind of archive, compressed by RAR or not."""
