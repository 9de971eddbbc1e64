"""ComicInfo.xml, the document of ComicRack that nearly all comics carry.

Source: https://anansi-project.github.io/docs/comicinfo/documentation.
"""

import re
from typing import Any

from releases.metadata.comicdata.statement import Statement, children, date, facts
from releases.metadata.markup import Element, attribute, named, text

FIELDS = {
    "title": "Title",
    "series": "Series",
    "issue": "Number",
    "volume": "Volume",
    "authors": "Writer",
    "illustrators": "Penciller",
    "translators": "Translator",
    "publisher": "Publisher",
    "year": "Year",
    "issue_date": "Month",
    "language": "LanguageISO",
    "isbn": "GTIN",
    "genre": "Genre",
    "description": "Summary",
}
LISTS = ("Writer", "Penciller", "Translator", "GTIN")

_BETWEEN_NAMES = re.compile(r"\s*[,;](?!\s*(?:(?:Jr|Sr)\b|I{2,3}\b))\s*")
"""A comma that parts two names, not a name and what follows it."""


def stated(root: Element) -> Statement:
    elements = children(root)
    values: dict[str, Any] = {
        name: text(elements[name.lower()]).strip()
        for name in FIELDS.values()
        if name.lower() in elements
    }
    values |= {name: _BETWEEN_NAMES.split(values[name]) for name in LISTS if name in values}
    day = text(elements["day"]) if "day" in elements else ""
    values["Month"] = date([values.get("Year", ""), values.get("Month", ""), day])
    is_rtl = "manga" in elements and "righttoleft" in text(elements["manga"]).lower()
    return Statement(
        "comicinfo",
        facts("ComicInfo", FIELDS, values),
        cover=_cover(root),
        facets={"reading_direction": "rtl"} if is_rtl else {},
    )


def _cover(root: Element) -> int | None:
    for page in named(root, "page"):
        number = attribute(page, "image").strip()
        is_number = number.isascii() and number.isdigit() and len(number) <= len("99999")
        if "frontcover" in attribute(page, "type").lower() and is_number:
            return int(number)
    return None
