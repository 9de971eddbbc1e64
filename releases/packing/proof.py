"""Photographs of the medium, stripped of what they tell of their maker; no pixel is touched.

Source: docs/formats/proof.md.
"""

import re
import struct
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import TypeVar

from isal.isal_zlib import crc32

from releases.packing.plan import PackingError, Payload
from releases.packing.rar import PIECE_BYTES, Source

FOLDER = "Proof"
LEAST_WIDTH, LEAST_HEIGHT = 640, 480
MAX_PIXELS = 50_000_000
"""As telephones take them; the check of a PNG so large needs 200 MB of memory."""
MAX_BYTES = 20_000_000
MAX_PIECES = 1 << 15
"""Segments or chunks: millions of empty ones would fill the memory."""

JPEG = b"\xff\xd8\xff"
SOI = b"\xff\xd8"
JFIF_MARKER, SCAN, END = 0xE0, 0xDA, 0xD9
FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
"""They give the size."""
APPLICATIONS, REMARKS = range(0xE0, 0xF0), range(0xF0, 0xFF)
SIGNS = {0xE0: b"JFIF\0", 0xE2: b"ICC_PROFILE\0", 0xEE: b"Adobe"}
"""What applications add and decoders need."""
PLAIN_JFIF_BYTES = 16
"""Without a thumbnail, which may show what was cut off."""
EXIF = b"Exif\0\0"
MARKER = re.compile(rb"\xff+([\x01-\xfe])")
END_OF_BITS = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")
"""Of several bytes before a marker only the last: a run of them is looked at once."""

PNG = b"\x89PNG\r\n\x1a\n"
SHOWN = {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"bKGD", b"pHYs"}
SHOWN |= {b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"cICP", b"sBIT"}
CHUNK_FRAME_BYTES = 12

ORIENTATION, UPRIGHT = 0x0112, 1

Piece = TypeVar("Piece")


class Malformed(Exception):
    """An image is not formed as its format says."""


@dataclass(frozen=True, slots=True)
class Anatomy:
    """An image taken apart."""

    shown: bytes
    """What is needed to show it."""
    width: int
    height: int
    exif: bytes


def prepare(images: Sequence[Path], base: str) -> Iterator[tuple[str, bytes]]:
    """Yield file name and bytes of each of `images`, for the release whose volumes are `base`.

    Raises:
        PackingError: one is neither JPEG nor PNG, damaged, too small, too large, or turned.
    """
    for number, image in enumerate(images, 1):
        extension, data = _stripped(image)
        yield f"{base.lower()}-proof{number if len(images) > 1 else ''}.{extension}", data


def _stripped(image: Path) -> tuple[str, bytes]:
    data = _read(image)
    try:
        for magic, (name, extension, take_apart) in FORMATS.items():
            if data.startswith(magic):
                anatomy = take_apart(data)
                _check(image, anatomy)
                _check_decodes(anatomy.shown, name)
                return extension, anatomy.shown
    except (Malformed, struct.error) as fault:
        raise PackingError(
            "The proof %(path)s is damaged: choose another copy of it", path=image
        ) from fault
    raise PackingError("The proof %(path)s is neither JPEG nor PNG: convert it", path=image)


def _read(image: Path) -> bytes:
    source = Source.of(Payload(path=image, name=image.name))
    if source.member.size > MAX_BYTES:
        raise PackingError(
            "The proof %(path)s has more than %(most)s bytes: save it smaller",
            path=image,
            most=MAX_BYTES,
        )
    data = bytearray()
    with source.opened() as read:
        while len(data) < source.member.size:
            data += read(len(data), PIECE_BYTES)
    return bytes(data)


def _check(image: Path, anatomy: Anatomy) -> None:
    short, long = sorted((anatomy.width, anatomy.height))
    if short < LEAST_HEIGHT or long < LEAST_WIDTH:
        raise PackingError(
            "The proof %(path)s has %(width)s x %(height)s pixels and needs at least "
            "%(least_width)s x %(least_height)s: take a larger one",
            path=image,
            width=anatomy.width,
            height=anatomy.height,
            least_width=LEAST_WIDTH,
            least_height=LEAST_HEIGHT,
        )
    if short * long > MAX_PIXELS:
        raise PackingError(
            "The proof %(path)s has more than %(most)s pixels: save it smaller",
            path=image,
            most=MAX_PIXELS,
        )
    if _orientation(anatomy.exif) != UPRIGHT:
        raise PackingError(
            "The proof %(path)s is turned by its EXIF data, which are removed: "
            "rotate its pixels and save it first",
            path=image,
        )


def _check_decodes(data: bytes, name: str) -> None:
    from PIL import Image  # noqa: PLC0415 - few releases have proofs

    try:
        with Image.open(BytesIO(data), formats=(name,)) as image:
            image.draft(None, (1, 1))  # an eighth of a JPEG is decoded as surely as all of it
            image.load()
    except Exception as fault:  # what a hostile image makes Pillow raise is not told
        raise Malformed from fault


def _jpeg(data: bytes) -> Anatomy:
    segments = _bounded(_segments(data))
    height, width = _only(
        struct.unpack_from(">HH", body, 3) for marker, body in segments if marker in FRAMES
    )
    shown = (bytes([0xFF, marker]) + body for marker, body in segments if _is_shown(marker, body))
    exif = (body[2 + len(EXIF) :] for marker, body in segments if _is_signed(body, EXIF))
    return Anatomy(SOI + b"".join(shown), width, height, bytes(next(exif, b"")))


def _segments(data: bytes) -> Iterator[tuple[int, memoryview]]:
    """Yield marker and body of each segment; the bits of a scan belong to its body.

    Raises:
        Malformed: something else lies between them, or nothing marks the end.
    """
    at, marker = len(SOI), 0
    while marker != END:
        found = MARKER.match(data, at)
        if not found:
            raise Malformed
        marker, begin = found[1][0], found.end()
        at = _end(data, marker, begin)
        yield marker, memoryview(data)[begin:at]


def _end(data: bytes, marker: int, begin: int) -> int:
    """Return where the body that begins at `begin` ends."""
    if marker == END:
        return begin
    end = begin + int.from_bytes(data[begin : begin + 2])
    following = END_OF_BITS.search(data, end) if marker == SCAN else None
    return following.start() if following else end


def _is_shown(marker: int, body: memoryview) -> bool:
    if marker == JFIF_MARKER and len(body) > PLAIN_JFIF_BYTES:
        return False
    if marker in APPLICATIONS:
        return marker in SIGNS and _is_signed(body, SIGNS[marker])
    return marker not in REMARKS


def _is_signed(body: memoryview, sign: bytes) -> bool:
    return body[2 : 2 + len(sign)] == sign


def _png(data: bytes) -> Anatomy:
    chunks = _bounded(_chunks(data))
    width, height = _only(
        struct.unpack_from(">II", whole, 8) for kind, whole in chunks if kind == b"IHDR"
    )
    shown = b"".join(whole for kind, whole in chunks if kind in SHOWN)
    exif = (whole[8:-4] for kind, whole in chunks if kind == b"eXIf")
    return Anatomy(PNG + shown, width, height, bytes(next(exif, b"")))


def _chunks(data: bytes) -> Iterator[tuple[bytes, memoryview]]:
    """Yield name and all of each chunk.

    Raises:
        Malformed: one is cut short, or its sum is wrong.
    """
    at, kind = len(PNG), b""
    while kind != b"IEND":
        (size,) = struct.unpack_from(">I", data, at)
        whole = memoryview(data)[at : at + size + CHUNK_FRAME_BYTES]
        is_whole = len(whole) == size + CHUNK_FRAME_BYTES
        if not is_whole or crc32(whole[4:-4]) != int.from_bytes(whole[-4:]):
            raise Malformed
        kind = bytes(whole[4:8])
        yield kind, whole
        at += len(whole)


def _bounded(pieces: Iterable[Piece]) -> list[Piece]:
    found = list(islice(pieces, MAX_PIECES + 1))
    if len(found) > MAX_PIECES:
        raise Malformed
    return found


def _only(sizes: Iterable[tuple[int, int]]) -> tuple[int, int]:
    """Return the one size: of several, who knows which a decoder believes."""
    found = list(sizes)
    if len(found) != 1:
        raise Malformed
    return found[0]


def _orientation(exif: bytes) -> int:
    """Return what the first directory of `exif` says; damaged data, which no one reads, nothing."""
    order = ">" if exif.startswith(b"MM") else "<"
    try:
        (first,) = struct.unpack_from(f"{order}4xI", exif)
        (entries,) = struct.unpack_from(f"{order}H", exif, first)
        for entry in range(entries):
            tag, value = struct.unpack_from(f"{order}H6xH", exif, first + 2 + 12 * entry)
            if tag == ORIENTATION:
                return int(value)
    except struct.error:
        pass
    return UPRIGHT


FORMATS: dict[bytes, tuple[str, str, Callable[[bytes], Anatomy]]] = {
    JPEG: ("JPEG", "jpg", _jpeg),
    PNG: ("PNG", "png", _png),
}
"""Name, extension and anatomist of what begins so."""
