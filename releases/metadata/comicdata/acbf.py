"""ACBF, the Advanced Comic Book Format: a document that describes the pages of an archive.

Source: https://acbf.fandom.com/wiki/Advanced_Comic_Book_Format_Wiki.
"""

from collections.abc import Iterator
from typing import Any

from releases.metadata.comicdata.statement import Statement, date, facts
from releases.metadata.markup import Element, attribute, named, text

FIELDS = {
    "title": "book-title",
    "series": "sequence",
    "issue": "number",
    "volume": "volume",
    "authors": "author",
    "illustrators": "artist",
    "translators": "translator",
    "publisher": "publisher",
    "year": "publish-date",
    "issue_date": "day",
    "language": "languages",
    "isbn": "isbn",
    "genre": "genre",
    "description": "annotation",
}
WRITERS = {"", "writer", "adapter"}
ARTISTS = {"artist", "penciller"}


def stated(root: Element) -> Statement:
    sequence = next(named(root, "sequence"), None)
    publication = next(named(root, "publish-date"), None)
    published = attribute(publication, "value") if publication is not None else ""
    values: dict[str, Any] = {
        name: _text(root, name)
        for name in ("book-title", "publisher", "publish-date", "annotation", "genre")
    }
    if sequence is not None:
        values["sequence"] = attribute(sequence, "title")
        values["number"] = text(sequence).strip()
        values["volume"] = attribute(sequence, "volume")
    values |= {
        "author": [*_people(root, WRITERS)],
        "artist": [*_people(root, ARTISTS)],
        "translator": [*_people(root, {"translator"})],
        "publish-date": published or values["publish-date"],
        "day": date(published.split("-")),
        "languages": next((attribute(one, "lang") for one in named(root, "text-layer")), ""),
        "isbn": [text(one) for one in named(root, "isbn")],
    }
    pictures = (picture for page in named(root, "coverpage") for picture in named(page, "image"))
    cover = next((attribute(picture, "href") for picture in pictures), "")
    return Statement("acbf", facts("ACBF", FIELDS, values), cover=cover or None)


def _text(root: Element, name: str) -> str:
    return next((text(one).strip() for one in named(root, name)), "")


def _people(root: Element, activities: set[str]) -> Iterator[str]:
    for info in named(root, "book-info"):
        for author in named(info, "author"):
            if attribute(author, "activity").lower() in activities:
                parts = ("first-name", "middle-name", "last-name")
                name = " ".join(_text(author, part) for part in parts)
                yield name if name.strip() else _text(author, "nickname")
