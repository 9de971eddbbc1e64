"""MetronInfo.xml, which says in elements what ComicInfo says in lists of words.

Source: https://metron-project.github.io/docs/metroninfo/documentation.
"""

from collections.abc import Iterator
from typing import Any

from releases.metadata.comicdata.statement import Statement, children, date, facts
from releases.metadata.markup import Element, attribute, named, text

FIELDS = {
    "title": "Stories",
    "series": "Series",
    "issue": "Number",
    "volume": "Volume",
    "authors": "Credits",
    "illustrators": "Pencils",
    "publisher": "Publisher",
    "year": "CoverDate",
    "issue_date": "Cover",
    "language": "lang",
    "isbn": "ISBN",
    "genre": "Genres",
    "description": "Summary",
}
WRITERS = {"writer", "script", "story", "author"}
PENCILLERS = {"penciller", "artist", "illustrator"}


def stated(root: Element) -> Statement:
    parts = children(root)
    series = children(parts["series"]) if "series" in parts else {}
    told = {name: text(element).strip() for name, element in parts.items()}
    values: dict[str, Any] = {
        "Stories": told.get("collectiontitle") or "; ".join(_texts(parts, "stories")),
        "Series": _text(series, "name"),
        "Volume": _text(series, "volume"),
        "lang": attribute(parts["series"], "lang") if "series" in parts else "",
        "Publisher": _text(children(parts["publisher"]), "name") if "publisher" in parts else "",
        "Number": told.get("number"),
        "CoverDate": told.get("coverdate"),
        "Cover": date(told.get("coverdate", "").split("-")),
        "Credits": [*_credited(root, WRITERS)],
        "Pencils": [*_credited(root, PENCILLERS)],
        "ISBN": [text(one) for one in named(root, "isbn")],
        "Genres": ", ".join(_texts(parts, "genres")),
        "Summary": told.get("summary"),
    }
    return Statement("metroninfo", facts("MetronInfo", FIELDS, values))


def _text(elements: dict[str, Element], name: str) -> str:
    return text(elements[name]).strip() if name in elements else ""


def _texts(parts: dict[str, Element], name: str) -> list[str]:
    told = (text(child).strip() for child in parts[name].iterchildren("*")) if name in parts else ()
    return [one for one in told if one]


def _credited(root: Element, wanted: set[str]) -> Iterator[str]:
    """Who has one of these roles."""
    for credit in named(root, "credit"):
        roles = {text(role).strip().lower() for role in named(credit, "role")}
        if roles & wanted:
            yield from (text(creator) for creator in named(credit, "creator"))
