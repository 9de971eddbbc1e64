"""Makers of Kindle books with everything they can say of themselves."""

import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.books import write_palm

NONE = 0xFFFFFFFF
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(20)
KINDLE: dict[str, Any] = {
    "exth": (),  # pairs of a type and a value: text, number or bytes
    "full_name": "",
    "code_page": 65001,
    "version": 6,
    "locale": 9,
    "compression": 1,
    "encryption": 0,
    "has_exth": True,
}


def make_kindle(
    path: Path, *, images: Sequence[bytes] = (), name: bytes = b"A_Book", **fields: Any
) -> Path:
    """Write the book of `KINDLE` with `fields` in their stead; its pictures follow its text."""
    header = make_header(first_image=2 if images else NONE, **fields)
    return write_palm(path, [header, b"Hello", *images, b"\xe9\x8e\r\n"], name=name)


def make_hybrid(path: Path, old: dict[str, Any], new: dict[str, Any]) -> Path:
    """Write a book of the old format with one of the new behind it."""
    exth = [*old.pop("exth", ()), (121, 3)]
    records = [make_header(exth=exth, **old), b"Hello", b"BOUNDARY"]
    return write_palm(path, [*records, make_header(version=8, **new), b"Hello", b"\xe9\x8e\r\n"])


def make_header(*, first_image: int = NONE, **fields: Any) -> bytes:
    """Return the first record of a book: PalmDOC header, MOBI header, EXTH records, name."""
    book = KINDLE | fields
    encoding = "utf-8" if book["code_page"] == 65001 else f"cp{book['code_page']}"
    exth = make_exth(book["exth"], encoding) if book["exth"] else b""
    palmdoc = struct.pack(">HHIHHHH", book["compression"], 0, 5, 1, 4096, book["encryption"], 0)
    name: bytes = book["full_name"].encode(encoding)
    header = bytearray(struct.pack(">4sIII", b"MOBI", 232, 2, book["code_page"]).ljust(232, b"\0"))
    for at, value in (
        (36, book["version"]),
        (84, 16 + 232 + len(exth)),
        (88, len(name)),
        (92, book["locale"]),
        (108, first_image),
        (128, 0x40 if exth and book["has_exth"] else 0),
    ):
        struct.pack_into(">I", header, at - 16, value)
    return palmdoc + bytes(header) + exth + name + bytes(8)


def make_exth(pairs: Sequence[tuple[int, str | int | bytes]], encoding: str = "utf-8") -> bytes:
    records = b"".join(_exth(kind, value, encoding) for kind, value in pairs)
    return struct.pack(">4sII", b"EXTH", 12 + len(records), len(pairs)) + records


def _exth(kind: int, value: str | int | bytes, encoding: str) -> bytes:
    match value:
        case str():
            value = value.encode(encoding)
        case int():
            value = struct.pack(">I", value)
    return struct.pack(">II", kind, 8 + len(value)) + value
