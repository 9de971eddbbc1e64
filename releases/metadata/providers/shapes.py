"""Answers of providers are read as hostile: what is not as it should be is not there."""

import re
from collections.abc import Callable
from html import unescape
from typing import Any

from releases.metadata import fields

RECORD_LIMIT = 50
PEOPLE_LIMIT = 20
GENRE_LIMIT = 3
PAGE_LIMIT = 100_000

DESCRIPTION_LIMIT = 10_000
TITLE_LIMIT = 500
NAME_LIMIT = 200
SHORT_LIMIT = 100
"""Characters: no text is longer than the wizard takes."""

_TAG = re.compile(r"<[^<>]{0,1000}>")


def at(document: Any, *path: str | int) -> Any:
    """Return what stands in `document` under these names and numbers, or None."""
    for step in path:
        match document, step:
            case dict(), str():
                document = document.get(step)
            case list(), int() if -len(document) <= step < len(document):
                document = document[step]
            case _:
                return None
    return document


def records(value: Any) -> list[dict[str, Any]]:
    """Return the objects of a list, as far as anyone would look."""
    found = value[:RECORD_LIMIT] if isinstance(value, list) else []
    return [one for one in found if isinstance(one, dict)]


def names(value: Any, key: str = "name") -> list[str]:
    """Return what each object of a list is called."""
    return [text(one.get(key)) for one in records(value)]


def text(value: Any, limit: int = fields.TEXT_LIMIT) -> str:
    return fields.known(value, limit) if isinstance(value, str) else ""


def texts(value: Any) -> list[str]:
    """Return the texts of a list, or the one that stands in its place."""
    found = value[:RECORD_LIMIT] if isinstance(value, list) else [value]
    return list(dict.fromkeys(filter(None, map(text, found))))


def number(value: Any) -> int | None:
    """Return a whole number, written as one or as a text."""
    written = str(value) if isinstance(value, str | int) else ""
    return int(written) if re.fullmatch("[0-9]{1,9}", written) else None


def cleaned(**said: Any) -> dict[str, Any]:
    """Return a candidate's values: what was said of each field, where it is of any use."""
    found = {name: READ[name](value) for name, value in said.items()}
    return {name: value for name, value in found.items() if value}


def _plain(value: Any) -> str:
    """Return a text without the markup of HTML."""
    marked = value[: 2 * DESCRIPTION_LIMIT] if isinstance(value, str) else ""
    return text(unescape(_TAG.sub(" ", marked)), DESCRIPTION_LIMIT)


def _people(value: Any) -> str:
    return " & ".join(texts(value)[:PEOPLE_LIMIT])[:TITLE_LIMIT]


def _year(value: Any) -> int | None:
    return fields.year(str(value)) if isinstance(value, str | int) else None


def _language(value: Any) -> str:
    return fields.language(text(value))


def _isbn(value: Any) -> str:
    return next(filter(None, map(fields.isbn, texts(value))), "")


def _genre(value: Any) -> str:
    return ", ".join(texts(value)[:GENRE_LIMIT])[:SHORT_LIMIT]


def _pages(value: Any) -> int | None:
    pages = number(value)
    return pages if pages and 0 < pages < PAGE_LIMIT else None


def _text_of(limit: int) -> Callable[[Any], str]:
    return lambda value: text(value, limit)


READ: dict[str, Callable[[Any], Any]] = {
    "title": _text_of(TITLE_LIMIT),
    "subtitle": _text_of(TITLE_LIMIT),
    "author": _people,
    "publisher": _text_of(NAME_LIMIT),
    "year": _year,
    "language": _language,
    "original_language": _language,
    "isbn": _isbn,
    "series": _text_of(NAME_LIMIT),
    "genre": _genre,
    "description": _plain,
    "pages": _pages,
    "episode_title": _text_of(NAME_LIMIT),
}
"""Every field of a candidate, and how it is read."""
