"""CoMet, the document of a few readers, under any name.

Source: http://www.denvog.com/comet/comet-specification/.
"""

from typing import Any

from releases.metadata.comicdata.statement import Statement, children, date, facts
from releases.metadata.markup import Element, local, text

FIELDS = {
    "title": "title",
    "series": "series",
    "issue": "issue",
    "volume": "volume",
    "authors": "writer",
    "illustrators": "penciller",
    "publisher": "publisher",
    "year": "date",
    "issue_date": "day",
    "language": "language",
    "isbn": "identifier",
    "genre": "genre",
    "description": "description",
}
LISTS = ("writer", "creator", "penciller", "identifier")


def stated(root: Element) -> Statement:
    told = {name: text(element).strip() for name, element in children(root).items()}
    several: dict[str, list[str]] = {name: [] for name in LISTS}
    for child in root.iterchildren("*"):
        several.get(local(str(child.tag)), []).append(text(child))
    names = FIELDS if several["writer"] else FIELDS | {"authors": "creator"}
    values: dict[str, Any] = told | several | {"day": date(told.get("date", "").split("-"))}
    is_rtl = told.get("readingdirection", "").lower() == "rtl"
    return Statement(
        "comet",
        facts("CoMet", names, values),
        cover=told.get("coverimage") or None,
        facets={"reading_direction": "rtl"} if is_rtl else {},
    )
