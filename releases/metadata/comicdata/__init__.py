"""What comics say of themselves, in the documents and comments that their makers put in them.

Source: docs/formats/comics.md.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from releases.metadata import fields
from releases.metadata.comicdata import acbf, comet, comicbookinfo, comicinfo, metroninfo
from releases.metadata.comicdata.statement import Statement
from releases.metadata.markup import Element, local

DESCRIPTION_LIMIT = 10_000
NAMES_LIMIT = 100

DOCUMENTS: Mapping[str, Callable[[Element], Statement]] = {
    "comicinfo": comicinfo.stated,
    "metroninfo": metroninfo.stated,
    "acbf": acbf.stated,
    "comet": comet.stated,
}
"""Who reads a document, by its root; the one to be believed first comes first."""
KINDS = (*DOCUMENTS, "comicbookinfo")


def stated(root: Element) -> Statement | None:
    """Return what a document says of the comic; nothing if it is of another kind."""
    read = DOCUMENTS.get(local(str(root.tag)))
    return read(root) if read else None


def remarked(comment: str | bytes) -> Statement | None:
    """Return what a ComicBookInfo, in a comment or a file, says of the comic."""
    return comicbookinfo.stated(comment)


def told(statements: Iterable[Statement]) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the fields that `statements` give, each by the first that knows it, and where."""
    metadata: dict[str, Any] = {}
    sources: dict[str, str] = {}
    for statement in statements:
        for name, (raw, source) in statement.facts.items():
            value = CLEANERS[name](raw)
            if value and name not in metadata:
                metadata[name], sources[name] = value, source
        _number(statement, metadata, sources)
    return metadata, sources


def _number(statement: Statement, metadata: dict[str, Any], sources: dict[str, str]) -> None:
    """Give the issue of a series as its number, too, if one document says both."""
    raw, source = statement.facts.get("issue", ("", ""))
    index = fields.index(raw)
    if index is not None and "series" in statement.facts and "series_index" not in metadata:
        metadata["series_index"], sources["series_index"] = index, source


def _names(raw: list[str]) -> list[str]:
    known = dict.fromkeys(fields.known(name) for name in raw)
    return [name for name in known if name][:NAMES_LIMIT]


def _isbn(raw: list[str]) -> str:
    return next(filter(None, map(fields.isbn, raw)), "")


def _volume(raw: str) -> int | None:
    index = fields.index(raw)
    return int(index) if index is not None and index.is_integer() else None


def _description(raw: str) -> str:
    return fields.known(raw, DESCRIPTION_LIMIT)


CLEANERS: Mapping[str, Callable[[Any], Any]] = {
    "title": fields.known,
    "series": fields.known,
    "issue": fields.known,
    "volume": _volume,
    "authors": _names,
    "illustrators": _names,
    "translators": _names,
    "publisher": fields.known,
    "year": fields.year,
    "issue_date": fields.known,
    "language": fields.language,
    "isbn": _isbn,
    "genre": fields.known,
    "description": _description,
}
"""Every field that documents give, and what makes a clean value of it."""
