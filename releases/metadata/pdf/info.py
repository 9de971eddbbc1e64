"""The Info dictionary of a PDF: the older of its two sets of metadata."""

from datetime import UTC, datetime
from typing import Any

import pikepdf
from pikepdf.models.metadata import decode_pdf_date

from releases.metadata import fields, isbns, people
from releases.metadata.pdf.objects import UNREADABLE, member, text

KEY_LIMIT = 200
DESCRIPTION_LIMIT = 10_000

DEFAULTS = {"author": "anonymous", "subject": "unspecified"}
"""What ReportLab writes, in small letters, where it was told nothing."""

Info = dict[str, str]
"""Texts by key, in lower case: `title`, `moddate`."""


def read(document: pikepdf.Pdf) -> Info:
    found: Info = {}
    try:
        stated = member(document.trailer, "/Info")
        for key in [*stated.keys()][:KEY_LIMIT] if stated is not None else ():
            name, value = fields.clean(key.lstrip("/")).lower(), text(member(stated, key))
            found[name] = "" if value == DEFAULTS.get(name) else value
    except UNREADABLE:  # what was read before stays
        pass
    return found


def metadata(info: Info) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the fields the dictionary gives, and where each stood."""
    found = {
        "title": (fields.known(info.get("title", "")), "Title"),
        "authors": (people.listed(info.get("author", "")), "Author"),
        "description": (fields.known(info.get("subject", ""), DESCRIPTION_LIMIT), "Subject"),
        "language": (fields.language(info.get("language", "")), "Language"),
        "publisher": _publisher(info),
        "isbn": _isbn(info),
    }
    given = {name: one for name, one in found.items() if one[0]}
    return (
        {name: value for name, (value, _) in given.items()},
        {name: f"PDF Info {key}" for name, (_, key) in given.items()},
    )


def moment(date: str) -> datetime | None:
    """Return the time of a date like `D:20210304050607+01'00'`."""
    try:
        found = decode_pdf_date(date)
    except (ValueError, OverflowError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _publisher(info: Info) -> tuple[str, str]:
    for key in ("publisher", "ebx_publisher"):
        publisher = fields.known(info.get(key, ""))
        if publisher:
            return publisher, key.title()
    return "", ""


def _isbn(info: Info) -> tuple[str, str]:
    """The first ISBN of a key named so, else of a text that says it is one."""
    for key in sorted(info, key=lambda one: "isbn" not in one):
        number = isbns.among(info[key], is_marked="isbn" in key)
        if number:
            return number, key.title()
    return "", ""
