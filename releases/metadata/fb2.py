"""FictionBook 2, bare or as the one file of a ZIP.

Source: docs/formats/fb2.md.
"""

from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from releases.metadata import archive, fields, markup
from releases.metadata.archive import IMAGE_LIMIT, ArchiveError
from releases.metadata.candidate import PROBLEM_LIMIT, Analysis
from releases.metadata.markup import Element, MarkupError, attribute, local, named, text
from releases.metadata.problem import Problem, flaw, problem

DOCUMENT_LIMIT = 32 << 20
"""Bytes parsed whole; of a longer document, its description alone."""
AUTHOR_LIMIT = 100
NAME_PARTS = ("first-name", "middle-name", "last-name")
SUFFIX = ".fb2"

_ZIP = b"PK"
_DESCRIPTION_END = b"</description>"
_ROOT_END = b"</FictionBook>"
_TAIL_BYTES = 1024

Found = tuple[Any, str] | None
"""A value, and where it stood."""


class Content(NamedTuple):
    data: bytes
    """The start of the document, whole unless it is longer than the limit."""
    tail: bytes
    size: int


def read(path: Path) -> Analysis:
    size = path.stat().st_size
    problems: list[Problem] = []
    structure: list[dict[str, Any]] = []
    try:
        content = _content(path, problems, structure)
        root = _root(content, problems)
    except (ArchiveError, MarkupError) as error:
        return Analysis(format="fb2", size=size, valid=False, problems=(*problems, error.problem))
    problems += _problems(root, content)
    found = {name: reading(root) for name, reading in FIELDS.items()}
    given = {name: value for name, value in found.items() if value is not None}
    return Analysis(
        format="fb2",
        size=size,
        valid=all(one.is_flaw for one in problems),
        problems=tuple(problems[:PROBLEM_LIMIT]),
        metadata={name: value for name, (value, _) in given.items()},
        sources={name: source for name, (_, source) in given.items()},
        mediainfo={"format": "FictionBook", "version": "2.0", "size": size},
        structure=structure,
        cover=bool(_cover(root)),
    )


def cover(path: Path) -> bytes:
    """Return the picture that the title page shows, or nothing."""
    try:
        return _cover(_root(_content(path, [], []), []))
    except (ArchiveError, MarkupError, OSError):
        return b""


def _content(path: Path, problems: list[Problem], structure: list[dict[str, Any]]) -> Content:
    with path.open("rb") as file:
        if file.read(len(_ZIP)) != _ZIP:
            size = file.seek(0, 2)
            file.seek(max(0, size - _TAIL_BYTES))
            tail = file.read()
            file.seek(0)
            return Content(file.read(DOCUMENT_LIMIT), tail, size)
    with archive.opened(path) as opened:
        problems += archive.problems(opened)
        structure += archive.structure(opened)
        names = [one.filename for one in archive.files(opened)]
        name = next((one for one in names if one.lower().endswith(SUFFIX)), "")
        data = archive.read(opened, name, DOCUMENT_LIMIT)
        return Content(data, data[-_TAIL_BYTES:], len(data))


def _root(content: Content, problems: list[Problem]) -> Element:
    """Parse the document; of a longer one what its description says.

    Raises:
        MarkupError: there is nothing to read.
    """
    data = content.data
    if content.size > len(data):
        end = data.find(_DESCRIPTION_END)
        if end < 0:
            raise MarkupError("The document has no description within its first 32 MiB.")
        data = data[: end + len(_DESCRIPTION_END)] + _ROOT_END
    root, wrong = markup.parse(data, "The document")
    problems += wrong
    return root


def _problems(root: Element, content: Content) -> Iterator[Problem]:
    if local(root.tag) != "fictionbook":
        yield problem("The document is XML, but not a FictionBook.")
    elif _title_info(root) is None:
        yield flaw("The document has no description of the book.")
    if content.size > len(content.data):
        if _ROOT_END not in content.tail:
            yield problem("The document is cut short: its end is missing.")
    elif next(named(root, "body"), None) is None:
        yield problem("The document has no body: there is nothing to read.")


def _title_info(root: Element) -> Element | None:
    return next(named(root, "title-info"), None)


def _first(root: Element, place: str, name: str) -> Element | None:
    """The first `name` that holds a value in `place`, a part of the description."""
    for part in named(root, place):
        for element in part.iterchildren("*"):
            if local(str(element.tag)) == name and fields.clean(text(element)):
                return element
    return None


def _said(place: str, name: str, limit: int = fields.TEXT_LIMIT) -> Callable[[Element], Found]:
    def reading(root: Element) -> Found:
        element = _first(root, place, name)
        value = "" if element is None else fields.known(text(element), limit)
        return (value, f"FB2 {place} {name}") if value else None

    return reading


def _authors(root: Element) -> Found:
    info = _title_info(root)
    if info is None:
        return None
    names = dict.fromkeys(
        name
        for child in info.iterchildren("*")
        if local(str(child.tag)) == "author" and (name := _name(child))
    )
    return ([*names][:AUTHOR_LIMIT], "FB2 title-info author") if names else None


def _name(author: Element) -> str:
    """The full name, else the name the author goes by."""
    parts = {local(str(part.tag)): fields.known(text(part)) for part in author.iterchildren("*")}
    full = " ".join(filter(None, (parts.get(part, "") for part in NAME_PARTS)))
    return full or parts.get("nickname", "")


def _language(root: Element) -> Found:
    element = _first(root, "title-info", "lang")
    tag = "" if element is None else fields.language(text(element))
    return (tag, "FB2 title-info lang") if tag else None


def _isbn(root: Element) -> Found:
    element = _first(root, "publish-info", "isbn")
    for said in fields.clean("" if element is None else text(element)).split(","):
        if number := fields.isbn(said):
            return number, "FB2 publish-info isbn"
    return None


def _year(root: Element) -> Found:
    """The year of the edition, else that of the work."""
    for place, name in (("publish-info", "year"), ("title-info", "date")):
        element = _first(root, place, name)
        if element is None:
            continue
        if year := fields.year(attribute(element, "value")) or fields.year(text(element)):
            return year, f"FB2 {place} {name}"
    return None


def _sequence(root: Element) -> tuple[Element, str] | None:
    """What the work is a part of; a publisher's series where it is of none."""
    for place in ("title-info", "publish-info"):
        for part in named(root, place):
            for element in part.iterchildren("*"):
                if local(str(element.tag)) == "sequence" and fields.known(
                    attribute(element, "name")
                ):
                    return element, place
    return None


def _series(root: Element) -> Found:
    found = _sequence(root)
    return found and (fields.known(attribute(found[0], "name")), f"FB2 {found[1]} sequence")


def _series_index(root: Element) -> Found:
    found = _sequence(root)
    number = found and fields.index(attribute(found[0], "number"))
    return (number, f"FB2 {found[1]} sequence") if found and number is not None else None


def _chapters(root: Element) -> Found:
    """The sections that stand highest in the first body: notes have bodies of their own."""
    body = next(named(root, "body"), None)
    sections = (
        []
        if body is None
        else [one for one in body.iterchildren("*") if local(str(one.tag)) == "section"]
    )
    return (len(sections), "FB2 body section") if sections else None


def _cover(root: Element) -> bytes:
    info = _title_info(root)
    page = None if info is None else next(named(info, "coverpage"), None)
    image = None if page is None else next(named(page, "image"), None)
    wanted = "" if image is None else attribute(image, "href").strip().removeprefix("#")
    if not wanted:
        return b""
    for binary in named(root, "binary"):
        if attribute(binary, "id") == wanted:
            return _decoded(text(binary))
    return b""


def _decoded(encoded: str) -> bytes:
    if len(encoded) > IMAGE_LIMIT * 4 // 3:
        return b""
    try:
        return b64decode("".join(encoded.split()))
    except (NotBase64, ValueError):
        return b""


FIELDS: dict[str, Callable[[Element], Found]] = {
    "title": _said("title-info", "book-title"),
    "authors": _authors,
    "language": _language,
    "isbn": _isbn,
    "publisher": _said("publish-info", "publisher"),
    "year": _year,
    "series": _series,
    "series_index": _series_index,
    "chapters": _chapters,
    "description": _said("title-info", "annotation", 10_000),
}
"""Every field read from a FictionBook, and how."""
