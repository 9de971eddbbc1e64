"""What an office document says of itself, whichever program wrote it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from zipfile import ZipFile

from releases.metadata import archive, fields, isbns, markup, people
from releases.metadata.archive import XML_LIMIT, ArchiveError, Locked
from releases.metadata.markup import Element, MarkupError, local, text
from releases.metadata.problem import Problem

DESCRIPTION_LIMIT = 10_000

COUNT_DIGITS = 9

Found = tuple[Any, str] | None
"""A value, and where it stood."""
Texts = Mapping[str, list[str]]
"""Texts by the local name of their element."""


@dataclass(frozen=True, kw_only=True)
class Properties:
    place: str
    """The entry that holds them."""
    stated: Texts
    """Both families use Dublin Core."""
    custom: Mapping[str, str]
    """What the author added, by name in lower case."""
    writer: str = "creator"
    """The element that names who wrote the work."""
    language: Found = None
    """That of the text, where the properties name none."""
    pages: Found = None

    def first(self, name: str, limit: int = fields.TEXT_LIMIT) -> str:
        known = (fields.known(one, limit) for one in self.stated.get(name, ()))
        return next(filter(None, known), "")


@dataclass(frozen=True, kw_only=True)
class Told:
    """All that a document tells."""

    properties: Properties
    facts: Mapping[str, Any] = field(default_factory=dict)
    picture: str = ""
    """The entry that shows its first page."""
    drm: str = ""


def root(document: ZipFile, name: str, problems: list[Problem]) -> Element | None:
    """Return the root of the entry `name`; what is missing or locked is no damage."""
    if name not in document.NameToInfo:
        return None
    try:
        found, wrong = markup.parse(archive.read(document, name, XML_LIMIT), name)
    except Locked:
        return None
    except (ArchiveError, MarkupError) as error:
        problems.append(error.problem)
        return None
    problems += wrong
    return found


def texts(element: Element | None) -> dict[str, list[str]]:
    """Return the texts under `element` by local name."""
    found: dict[str, list[str]] = {}
    for one in element.iter("*") if element is not None else ():
        if not len(one):
            found.setdefault(local(one.tag), []).append(text(one))
    return found


def first(texts: Texts, name: str) -> str:
    return fields.clean("".join(texts.get(name, [])[:1]))


def count(text: str) -> int:
    """Return what a program counted, or 0."""
    is_number = text.isascii() and text.isdigit() and len(text) <= COUNT_DIGITS
    return int(text) if is_number else 0


def metadata(properties: Properties) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the fields a document gives, and where each stood."""
    found = {name: read(properties) for name, read in FIELDS.items()}
    given = {name: one for name, one in found.items() if one is not None}
    return (
        {name: value for name, (value, _) in given.items()},
        {name: source for name, (_, source) in given.items()},
    )


def _stated(name: str, limit: int = fields.TEXT_LIMIT) -> Callable[[Properties], Found]:
    def read(properties: Properties) -> Found:
        value = properties.first(name, limit)
        return (value, f"{properties.place} {name}") if value else None

    return read


def _added(
    *names: str, reading: Callable[[str], Any] = fields.known
) -> Callable[[Properties], Found]:
    def read(properties: Properties) -> Found:
        for name in names:
            value = reading(properties.custom.get(name, ""))
            if value not in ("", None):
                return value, f"property {name}"
        return None

    return read


def _either(*readings: Callable[[Properties], Found]) -> Callable[[Properties], Found]:
    def read(properties: Properties) -> Found:
        return next(filter(None, (one(properties) for one in readings)), None)

    return read


def _authors(properties: Properties) -> Found:
    """Who wrote the work, else who changed the file last: programs join several by semicolons."""
    for name in (properties.writer, "creator"):
        names = people.distinct(
            person
            for one in properties.stated.get(name, ())
            for part in people.parted(one)
            for person in people.joined(part)
        )
        if names:
            return names, f"{properties.place} {name}"
    return None


def _language(properties: Properties) -> Found:
    language = fields.language(properties.first("language"))
    return (language, f"{properties.place} language") if language else None


def _isbn(properties: Properties) -> Found:
    for one in properties.stated.get("identifier", ()):
        number = isbns.among(one)
        if number:
            return number, f"{properties.place} identifier"
    return None


def _marked_isbn(text: str) -> str:
    return isbns.among(text, is_marked=True)


FIELDS: dict[str, Callable[[Properties], Found]] = {
    "title": _either(_stated("title"), _added("title")),
    "authors": _authors,
    "language": _either(
        _language, _added("language", reading=fields.language), lambda said: said.language
    ),
    "isbn": _either(_isbn, _added("isbn", reading=_marked_isbn)),
    "publisher": _either(_stated("publisher"), _added("publisher")),
    "year": _added("pubdate", "publication date", "year", reading=fields.year),
    "series": _added("series"),
    "series_index": _added("seriesindex", "series index", "series_index", reading=fields.index),
    "description": _stated("description", DESCRIPTION_LIMIT),
    "pages": lambda said: said.pages,
}
"""Every field read from the properties, and how."""
