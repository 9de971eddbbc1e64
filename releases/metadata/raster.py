"""Pictures by their first bytes: what is one, and how large it says to be. None is decoded."""

import struct

MAGIC = (
    b"\xff\xd8\xff",
    b"\x89PNG\r\n",
    b"GIF8",
    b"BM",
    b"RIFF",
    b"II*\0",
    b"MM\0*",
    b"\xff\x0a",
    b"\0\0\0\x0cJXL ",
)
PIXEL_LIMIT = 250_000_000
"""The largest scans of pages stay far below."""

_MARKER = 0xFF
_STANDALONE = {0x01, *range(0xD0, 0xD9)}
_FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
"""Kinds of markers in a JPEG: those without a length, and those that tell the size."""


def is_picture(content: bytes) -> bool:
    return content.startswith(MAGIC) or content[4:12] in (b"ftypavif", b"ftypavis", b"ftypmif1")


def is_bomb(content: bytes) -> bool:
    """Whether decoding it would take more memory than any real page."""
    width, height = size(content)
    return width * height > PIXEL_LIMIT


def size(content: bytes) -> tuple[int, int]:
    """Return width and height in pixels; zeros where the header does not tell, or is not known."""
    try:
        return _size(content)
    except (IndexError, struct.error):
        return 0, 0


def _size(content: bytes) -> tuple[int, int]:
    if content.startswith(b"\x89PNG"):
        return _pair(">II", content, 16)
    if content.startswith(b"GIF8"):
        return _pair("<HH", content, 6)
    if content.startswith(b"BM"):
        return _pair("<ii", content, 18)
    if content.startswith(b"\xff\xd8"):
        return _jpeg(content)
    return _webp(content) if content[8:12] == b"WEBP" else (0, 0)


def _jpeg(content: bytes) -> tuple[int, int]:
    at = 2
    while content[at] == _MARKER:
        kind = content[at + 1]
        if kind in _FRAMES:
            height, width = _pair(">HH", content, at + 5)
            return width, height
        if kind == _MARKER:  # any number of them may stand before the kind
            at += 1
        elif kind in _STANDALONE:
            at += 2
        else:
            at += 2 + max(2, int.from_bytes(content[at + 2 : at + 4], "big"))
    return 0, 0


def _webp(content: bytes) -> tuple[int, int]:
    match content[12:16]:
        case b"VP8X":
            return _little(content[24:27]) + 1, _little(content[27:30]) + 1
        case b"VP8L":
            bits = _little(content[21:25])
            return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        case b"VP8 ":
            width, height = _pair("<HH", content, 26)
            return width & 0x3FFF, height & 0x3FFF
    return 0, 0


def _little(number: bytes) -> int:
    return int.from_bytes(number, "little")


def _pair(form: str, content: bytes, at: int) -> tuple[int, int]:
    first, second = struct.unpack_from(form, content, at)
    return abs(first), abs(second)
