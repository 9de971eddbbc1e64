"""Mobipocket and Kindle books (MOBI, AZW, KF8): headers, EXTH records and cover.

Source: docs/formats/mobi.md.
"""

import locale
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from releases.metadata import fields, palm
from releases.metadata.candidate import PROBLEM_LIMIT, Analysis
from releases.metadata.kindle import EXTH_LIMIT, HEADERS_START, Head
from releases.metadata.palm import Database
from releases.metadata.problem import Problem, Unreadable, problem

KF8 = 8
RECORD_LIMIT = 1 << 20
"""Bytes read of a header's record."""
IMAGE_LIMIT = 32 << 20
AUTHOR_LIMIT = 100
DESCRIPTION_LIMIT = 10_000

PROTECTIONS = {1: "Mobipocket (old)", 2: "Mobipocket"}
COMPRESSIONS = {1: "none", 2: "PalmDOC", 17480: "HUFF/CDIC"}
PICTURES = (b"\xff\xd8\xff", b"\x89PNG\r\n", b"GIF8", b"BM")

AUTHOR, PUBLISHER, DESCRIPTION, ISBN, DATE, SOURCE = 100, 101, 103, 104, 106, 112
KF8_HEADER, COVER_URI, COVER, THUMBNAIL, TITLE, LANGUAGE = 121, 129, 201, 202, 503, 524

_PRIMARY_LANGUAGE = 0x3FF
_BETWEEN_AUTHORS = re.compile(r"\s*;\s*|\s+&\s+")
_EMBEDDED = re.compile(r"kindle:embed:([0-9A-V]{1,8})", re.IGNORECASE)

Found = tuple[Any, str] | None
"""A value, and where it stood."""


@dataclass(frozen=True)
class Book:
    database: Database
    heads: Sequence[Head]
    """Its own, and that of the KF8 book in the same file if there is one."""

    @property
    def first(self) -> Head:
        return self.heads[0]

    def texts(self, kind: int) -> list[str]:
        """The values of an EXTH type, of the first header that has any."""
        return next(filter(None, (head.texts(kind) for head in self.heads)), [])


def kind(path: Path) -> str:
    """Name the generation of the Palm database `path`: `mobi` or `azw3`."""
    try:
        book = _book(palm.database(path))
    except Unreadable:
        return "mobi"
    return "azw3" if book.first.version == KF8 else "mobi"


def read(path: Path) -> Analysis:
    size = path.stat().st_size
    try:
        book = _book(palm.database(path))
    except Unreadable as error:
        return Analysis(format="mobi", size=size, valid=False, problems=(error.problem,))
    problems = [*book.database.problems(), *_problems(book)]
    locks = (PROTECTIONS.get(head.encryption, "") for head in book.heads)
    drm = next(filter(None, locks), "")
    found = {name: told for name, tell in FIELDS.items() if (told := tell(book))}
    return Analysis(
        format="azw3" if book.first.version == KF8 else "mobi",
        size=size,
        valid=not problems,
        problems=tuple(problems[:PROBLEM_LIMIT]),
        drm=drm,
        encrypted=bool(drm),
        metadata={name: value for name, (value, _) in found.items()},
        sources={name: source for name, (_, source) in found.items()},
        mediainfo=_facts(book, size),
        cover=bool(_cover(book)),
    )


def cover(path: Path) -> bytes:
    """Return the picture of the cover as it stands in the file, or nothing."""
    try:
        return _cover(_book(palm.database(path)))
    except Unreadable:
        return b""


def _book(database: Database) -> Book:
    first = Head(database.record(0, RECORD_LIMIT))
    second = Head(database.record(first.value(KF8_HEADER), RECORD_LIMIT))
    is_hybrid = first.version != KF8 and second.version == KF8
    return Book(database, [first, second] if is_hybrid else [first])


def _problems(book: Book) -> Iterator[Problem]:
    head = book.first
    if len(head.record) < HEADERS_START:
        yield problem("The header of the book is missing or cut short.")
        return
    if head.compression not in COMPRESSIONS:
        yield problem("The header of the book is damaged: no such compression exists.")
    if not head.text_records:
        yield problem("The book holds no text.")
    elif head.text_records >= book.database.count:
        yield problem("The header of the book is damaged: it names more text than there is.")
    if book.database.kind == b"BOOKMOBI":
        yield from _header_problems(head)


def _header_problems(head: Head) -> Iterator[Problem]:
    if not head.is_mobi:
        yield problem("The MOBI header is missing.")
    elif head.exth_at > len(head.record):
        yield problem("The MOBI header is cut short.")
    elif head.has_exth and sum(map(len, head.exth.values())) < min(head.exth_count, EXTH_LIMIT):
        yield problem("The EXTH records, which describe the book, are damaged.")
    elif head.has_exth and head.exth_count < 0:
        yield problem("The EXTH records, which describe the book, are missing.")


def _facts(book: Book, size: int) -> dict[str, Any]:
    head = book.first
    is_kf8 = head.version == KF8
    return {
        "format": "AZW3" if is_kf8 else "MOBI",
        "version": str(head.version) if head.is_mobi else "PalmDOC",
        "size": size,
        "compression": COMPRESSIONS.get(head.compression, ""),
        "text_encoding": head.encoding,
        "text_bytes": head.text_bytes,
        "records": book.database.count,
        "hybrid": len(book.heads) > 1,
    }


def _title(book: Book) -> Found:
    for text in book.texts(TITLE):
        return fields.known(text), "EXTH 503"
    for head in book.heads:
        if fields.known(head.full_name):
            return fields.known(head.full_name), "MOBI full name"
    name = book.first.text(book.database.name.split(b"\0")[0])
    if book.first.is_mobi:  # whose makers write underscores where others write spaces
        name = name.replace("_", " ")
    return (fields.known(name), "Palm database name") if fields.known(name) else None


def _authors(book: Book) -> Found:
    names = book.texts(AUTHOR)
    if len(names) == 1:  # some makers write all of them in one
        names = _BETWEEN_AUTHORS.split(names[0])
    known = dict.fromkeys(fields.known(name) for name in names if fields.known(name))
    return ([*known][:AUTHOR_LIMIT], "EXTH 100") if known else None


def _language(book: Book) -> Found:
    for tag in map(fields.language, book.texts(LANGUAGE)):
        if tag:
            return tag, "EXTH 524"
    tags = (_tag(head.locale) for head in book.heads)
    return next(((tag, "MOBI locale") for tag in tags if tag), None)


def _tag(code: int) -> str:
    """Return the BCP 47 tag of a Windows locale; of an unknown region that of the language."""
    known = locale.windows_locale
    primary = code & _PRIMARY_LANGUAGE
    regions = sorted(one for one in known if one & _PRIMARY_LANGUAGE == primary)
    name = known.get(code) or (known[regions[0]].split("_")[0] if regions else "")
    return fields.language(name)


def _isbn(book: Book) -> Found:
    for number in map(fields.isbn, book.texts(ISBN)):
        if number:
            return number, "EXTH 104"
    for text in book.texts(SOURCE):
        if "isbn" in text.lower() and fields.isbn(text):
            return fields.isbn(text), "EXTH 112"
    return None


def _year(book: Book) -> Found:
    years = map(fields.year, book.texts(DATE))
    return next(((year, "EXTH 106") for year in years if year), None)


def _first(kind: int, limit: int = fields.TEXT_LIMIT) -> Callable[[Book], Found]:
    """Return what reads the first value of an EXTH type."""

    def told(book: Book) -> Found:
        texts = book.texts(kind)
        return (fields.known(texts[0], limit), f"EXTH {kind}") if texts else None

    return told


FIELDS: dict[str, Callable[[Book], Found]] = {
    "title": _title,
    "authors": _authors,
    "language": _language,
    "isbn": _isbn,
    "publisher": _first(PUBLISHER),
    "year": _year,
    "description": _first(DESCRIPTION, DESCRIPTION_LIMIT),
}
"""Every field read from a book, and how."""


def _cover(book: Book) -> bytes:
    start = book.first.first_image
    for number in _cover_numbers(book):
        picture = book.database.record(start + number, IMAGE_LIMIT + 1)
        if picture.startswith(PICTURES) and len(picture) <= IMAGE_LIMIT:
            return picture
    return b""


def _cover_numbers(book: Book) -> Iterable[int]:
    """The pictures said to be the cover, counted from the first one of the book."""
    for head in book.heads:
        yield head.value(COVER)
        for found in map(_EMBEDDED.match, head.texts(COVER_URI)):
            if found:
                yield int(found[1], 32) - 1
    for head in book.heads:
        yield head.value(THUMBNAIL)
