"""ComicBookInfo, which ComicBookLover writes as JSON into the comment of the archive.

Source: https://code.google.com/archive/p/comicbookinfo/wikis/Example.wiki.
"""

import json
from typing import Any

from releases.metadata.comicdata.statement import Statement, date, facts

MARK = "ComicBookInfo"
FIELDS = {
    "title": "title",
    "series": "series",
    "issue": "issue",
    "volume": "volume",
    "authors": "credits",
    "illustrators": "artists",
    "publisher": "publisher",
    "year": "publicationYear",
    "issue_date": "publicationMonth",
    "language": "language",
    "genre": "genre",
    "description": "comments",
}
WRITERS = {"writer", "author", "script", "story"}
ARTISTS = {"penciller", "artist"}


def stated(comment: str | bytes) -> Statement | None:
    """Return what a ComicBookInfo says of the comic; nothing if `comment` is none."""
    info = _info(comment)
    if info is None:
        return None
    values: dict[str, Any] = {
        name: str(value).strip()
        for name, value in info.items()
        if isinstance(value, str | int | float)
    }
    parts = (values.get(f"publication{part}", "") for part in ("Year", "Month", "Day"))
    values |= {
        "publicationMonth": date([*parts]),
        "credits": _credited(info, WRITERS),
        "artists": _credited(info, ARTISTS),
    }
    return Statement("comicbookinfo", facts("ComicBookInfo", FIELDS, values))


def _info(comment: str | bytes) -> dict[str, Any] | None:
    try:
        document = json.loads(comment)
    except (ValueError, RecursionError):
        return None
    if not isinstance(document, dict):
        return None
    infos = (value for name, value in document.items() if name.startswith(MARK))
    return next((info for info in infos if isinstance(info, dict)), None)


def _credited(info: dict[str, Any], roles: set[str]) -> list[str]:
    """Who has one of these roles."""
    given = info.get("credits")
    credits_ = [one for one in given if isinstance(one, dict)] if isinstance(given, list) else []
    return [
        str(one.get("person") or "")
        for one in credits_
        if str(one.get("role") or "").strip().lower() in roles
    ]
