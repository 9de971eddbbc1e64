"""The record at the end of a text by artists: who drew it, and how wide.

Source: docs/formats/nfo.md.
"""

import struct
from dataclasses import dataclass

ID = b"SAUCE00"
RECORD = struct.Struct("<5s2s35s20s20s8sIBBHHHHBB22s")
COMMENTS, COMMENT_LENGTH = b"COMNT", 64
END_OF_FILE = b"\x1a"
TEXT_TYPES = (0, 1)
"""Data types of SAUCE: none said, and characters."""
FIXED_WIDTHS = (0, 1, 2, 4, 5, 8)
"""File types of characters whose first number is the width: ASCII, ANSi and their kin."""


@dataclass(frozen=True, slots=True)
class Sauce:
    title: str
    author: str
    group: str
    data_type: int
    file_type: int
    width: int
    """In columns; 0 where it is not said."""

    @property
    def is_text(self) -> bool:
        return self.data_type in TEXT_TYPES


def split(data: bytes) -> tuple[bytes, Sauce | None]:
    """Return the text in `data`, and the record after it, if there is one."""
    body, record = data[: -RECORD.size], data[-RECORD.size :]
    if len(record) < RECORD.size or not record.startswith(ID):
        return data, None
    found = RECORD.unpack(record)
    comments = len(COMMENTS) + COMMENT_LENGTH * found[13]
    if found[13] and body[-comments:].startswith(COMMENTS):
        body = body[:-comments]
    text, mark, _ = body.rpartition(END_OF_FILE)
    return (text if mark else body), _sauce(found)


def _sauce(found: tuple[bytes | int, ...]) -> Sauce:
    title, author, group = (_text(part) for part in found[2:5] if isinstance(part, bytes))
    data_type, file_type, width = (int(number) for number in found[7:10])
    has_width = data_type == 1 and file_type in FIXED_WIDTHS
    return Sauce(title, author, group, data_type, file_type, width if has_width else 0)


def _text(padded: bytes) -> str:
    return padded.partition(b"\0")[0].decode("cp437").strip()
