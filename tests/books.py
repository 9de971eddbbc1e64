"""Makers of small real files: books and a video, whole or hostile, made by code alone."""

import itertools
import random
import struct
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

PACKAGE = "OEBPS/content.opf"
PICTURE = bytes.fromhex("89504e470d0a1a0a") + b"not looked at any further"
PAGE = b'<html xmlns="http://www.w3.org/1999/xhtml"><head><title>1</title></head><body/></html>'
CONTAINER = (
    '<?xml version="1.0"?>'
    '<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">'
    '<rootfiles><rootfile full-path="{}" media-type="application/oebps-package+xml"/></rootfiles>'
    "</container>"
)
ENCRYPTION = (
    '<encryption xmlns="urn:oasis:names:tc:opendocument:xmlns:container"'
    ' xmlns:enc="http://www.w3.org/2001/04/xmlenc#"><enc:EncryptedData>'
    '<enc:EncryptionMethod Algorithm="{}"/>{}<enc:CipherData>'
    '<enc:CipherReference URI="OEBPS/c1.xhtml"/></enc:CipherData>'
    "</enc:EncryptedData></encryption>"
)
BOOK: dict[str, Any] = {
    "title": "A Book",
    "authors": ["Ann Author"],
    "language": "en",
    "year": 2020,
    "isbn": "",
    "publisher": "",
}
VIDEO: dict[str, Any] = {
    "title": "",
    "codec": "V_MPEG4/ISO/AVC",
    "sound": "A_AC3",
    "width": 1280,
    "height": 720,
    "duration_s": 2.0,
    "languages": [],
    "transfer": 0,  # of colours: 16 is PQ, 18 is HLG
    "locked": False,
}

_DATE = (2020, 1, 1, 0, 0, 0)


def make_epub(
    path: Path,
    *,
    size_bytes: int = 0,
    entries: Mapping[str, bytes | None] | None = None,
    **fields: Any,
) -> Path:
    """Write an EPUB 3 of `BOOK` with `fields` in their stead, and return `path`.

    `entries` adds or replaces files of the archive; `None` leaves one out. Given `size_bytes`,
    the file is filled up to exactly that size with what does not compress.
    """
    package = make_package(**fields).encode()
    content = book_entries(package) | dict(entries or {})
    write_zip(path, {name: data for name, data in content.items() if data is not None})
    if size_bytes:
        _fill(path, size_bytes)
    return path


def make_package(*, statements: str = "", **fields: Any) -> str:
    """Return the package document of a book; `statements` is markup for its metadata."""
    book = BOOK | fields
    stated = [
        *_elements("title", [book["title"]]),
        *_elements("creator", book["authors"]),
        *_elements("language", [book["language"]]),
        *_elements("date", [str(book["year"] or "")]),
        *_elements("identifier", [book["isbn"] and f"urn:isbn:{book['isbn']}"]),
        *_elements("publisher", [book["publisher"]]),
    ]
    return package_around("".join(stated) + statements)


def package_around(statements: str, *, head: str = "", version: str = "3.0") -> str:
    """Return a package document with this metadata, and `head` between declaration and root."""
    return (
        f'<?xml version="1.0" encoding="utf-8"?>{head}'
        f'<package xmlns="http://www.idpf.org/2007/opf" version="{version}"'
        ' unique-identifier="uid">'
        '<metadata xmlns:dc="http://purl.org/dc/elements/1.1/"'
        ' xmlns:opf="http://www.idpf.org/2007/opf">'
        '<dc:identifier id="uid">urn:uuid:00000000-0000-4000-8000-000000000000</dc:identifier>'
        f"{statements}</metadata><manifest>"
        '<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>'
        '<item id="c1" href="c1.xhtml" media-type="application/xhtml+xml"/>'
        '<item id="cover" href="cover.png" media-type="image/png" properties="cover-image"/>'
        '</manifest><spine><itemref idref="c1"/></spine></package>'
    )


def make_epub2(path: Path, statements: str, entries: Mapping[str, bytes] | None = None) -> Path:
    """Write an EPUB 2 whose metadata is exactly `statements`."""
    package = package_around(statements, version="2.0").replace(' properties="cover-image"', "")
    return write_zip(path, book_entries(package.encode()) | dict(entries or {}))


def book_entries(package: bytes) -> dict[str, bytes | None]:
    """The files of a book around its package document."""
    return {
        "mimetype": b"application/epub+zip",
        "META-INF/container.xml": CONTAINER.format(PACKAGE).encode(),
        PACKAGE: package,
        "OEBPS/nav.xhtml": PAGE,
        "OEBPS/c1.xhtml": PAGE,
        "OEBPS/cover.png": PICTURE,
    }


def encryption(algorithm: str, key: str = "") -> bytes:
    return ENCRYPTION.format(algorithm, key).encode()


def write_zip(path: Path, entries: Mapping[str, bytes | None]) -> Path:
    with ZipFile(path, "w") as archive:
        for name, data in entries.items():
            kind = ZIP_STORED if name == "mimetype" else ZIP_DEFLATED
            archive.writestr(ZipInfo(name, _DATE), data or b"", kind)
    return path


def lock(path: Path, name: str) -> Path:
    """Mark the entry `name` of the archive as encrypted, in both of its headers."""
    with ZipFile(path, "a") as archive:
        entry = archive.getinfo(name)
        entry.flag_bits |= 1
        archive.comment = b"rewrite the directory"
    content = bytearray(path.read_bytes())
    content[entry.header_offset + 6] |= 1
    path.write_bytes(content)
    return path


def cut(path: Path, share: float = 0.5) -> Path:
    """Keep the first `share` of the file."""
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    return path


def make_mobi(path: Path, *, encryption: int = 0, version: int = 6) -> Path:
    """Write a Kindle book that says no more of itself than the name of its database."""
    palmdoc = struct.pack(">HHIHHHH", 1, 0, 5, 1, 4096, encryption, 0)
    header = struct.pack(">4sIIIII", b"MOBI", 232, 2, 65001, 0, version).ljust(232, b"\0")
    return write_palm(path, [palmdoc + header, b"Hello", b"\xe9\x8e\r\n"])


def write_palm(
    path: Path, records: Sequence[bytes], *, name: bytes = b"A-Book", kind: bytes = b"BOOKMOBI"
) -> Path:
    """Write the Palm database of these records."""
    start = 78 + 8 * len(records) + 2
    offsets = itertools.accumulate((len(record) for record in records[:-1]), initial=start)
    table = b"".join(struct.pack(">II", offset, 2 * at) for at, offset in enumerate(offsets))
    head = name.ljust(60, b"\0") + kind + bytes(8) + struct.pack(">H", len(records))
    path.write_bytes(head + table + bytes(2) + b"".join(records))
    return path


def make_video(path: Path, **fields: Any) -> Path:
    """Write the Matroska file of `VIDEO` with `fields` in their stead, and return `path`.

    Each of `languages` has a track of sound and one of subtitles. The
    frames hold nothing.
    """
    video = VIDEO | fields
    tracks = [_picture(video)]
    for language in video["languages"]:
        tracks.append(_track(len(tracks) + 1, video["sound"], 2, _language(language), _channels(6)))
        tracks.append(_track(len(tracks) + 1, "S_TEXT/UTF8", 17, _language(language)))
    description = _info(video["title"], video["duration_s"]) + _element("1654ae6b", *tracks)
    path.write_bytes(_ebml_head() + _segment(description))
    return path


def _elements(name: str, values: Sequence[str]) -> list[str]:
    return [f"<dc:{name}>{escape(value)}</dc:{name}>" for value in values if value]


def _fill(path: Path, size_bytes: int) -> None:
    """Grow the archive to `size_bytes` by one stored entry of noise."""
    name = "OEBPS/filling.bin"
    room = size_bytes - path.stat().st_size - 30 - 46 - 2 * len(name)
    if room < 0:
        raise ValueError(f"a book is larger than {size_bytes} bytes")
    with ZipFile(path, "a") as archive:
        archive.writestr(ZipInfo(name, _DATE), random.Random(0).randbytes(room), ZIP_STORED)


def _element(kind: str, *parts: bytes) -> bytes:
    """An EBML element: its identifier in hexadecimal, a size of eight bytes, its content."""
    content = b"".join(parts)
    return bytes.fromhex(kind) + (len(content) | 1 << 56).to_bytes(8, "big") + content


def _number(kind: str, value: int) -> bytes:
    return _element(kind, value.to_bytes(4, "big"))


def _ebml_head() -> bytes:
    return _element(
        "1a45dfa3",
        _number("4286", 1),  # EBMLVersion
        _number("42f7", 1),  # EBMLReadVersion
        _number("42f2", 4),  # EBMLMaxIDLength
        _number("42f3", 8),  # EBMLMaxSizeLength
        _element("4282", b"matroska"),  # DocType
        _number("4287", 4),  # DocTypeVersion
        _number("4285", 2),  # DocTypeReadVersion
    )


def _segment(description: bytes) -> bytes:
    frame = b"\x81\x00\x00\x80" + bytes(32)  # track 1, time 0, key frame
    cluster = _element("1f43b675", _number("e7", 0), _element("a3", frame))
    return _element("18538067", description, cluster)


def _info(title: str, duration_s: float) -> bytes:
    return _element(
        "1549a966",
        _number("2ad7b1", 1_000_000),  # TimestampScale: times are in milliseconds
        _element("4489", struct.pack(">d", duration_s * 1000)),
        _element("7ba9", title.encode()) if title else b"",
        _element("4d80", b"by hand"),  # MuxingApp
        _element("5741", b"by hand"),  # WritingApp
    )


def _picture(video: Mapping[str, Any]) -> bytes:
    colour = _element("55b0", _number("55ba", video["transfer"])) if video["transfer"] else b""
    size = _number("b0", video["width"]) + _number("ba", video["height"])
    return _track(
        1,
        video["codec"],
        1,
        _number("23e383", 40_000_000),  # DefaultDuration in nanoseconds: 25 frames per second
        _element("e0", size, colour),
        _encryption() if video["locked"] else b"",
    )


def _track(number: int, codec: str, kind: int, *parts: bytes) -> bytes:
    identity = _number("d7", number) + _number("73c5", number) + _number("83", kind)
    return _element("ae", identity, _element("86", codec.encode()), *parts)


def _language(tag: str) -> bytes:
    return _element("22b59d", tag.encode())


def _channels(count: int) -> bytes:
    return _element("e1", _element("b5", struct.pack(">d", 48000)), _number("9f", count))


def _encryption() -> bytes:
    """ContentEncodings: the whole track, encrypted by AES."""
    algorithm = _element("5035", _number("47e1", 5))
    return _element("6d80", _element("6240", _number("5033", 1), algorithm))
