"""What a person or a program says of a work, checked field by field."""

from collections.abc import Mapping
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from releases.actions.making import METADATA_FIELDS
from releases.actions.refusal import Refused, WrongFields
from releases.metadata import fields

FIRST_PRINTED_YEAR = 1400
MOST_LETTERS = {"title": 500, "author": 500, "description": 10_000}
"""Of a field; of the others `fields.TEXT_LIMIT`."""


def checked_metadata(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields that are given, as they are kept; an empty one is to be taken out.

    Raises:
        WrongFields: there is no such field, or its value cannot be one.
    """
    kept: dict[str, Any] = {}
    wrong: dict[str, str] = {}
    for name, value in given.items():
        try:
            kept[name] = checked_field(name, value)
        except Refused as refusal:
            wrong[name] = str(refusal)
    if wrong:
        raise WrongFields(wrong)
    return kept


def checked_field(name: str, value: Any) -> Any:
    if name not in METADATA_FIELDS:
        raise Refused(_("There is no such field: %(fields)s") % {"fields": name[:100]})
    text = plain_text(value)
    most = MOST_LETTERS.get(name, fields.TEXT_LIMIT)
    if len(text) > most:
        raise Refused(_("It is too long: %(most)d characters are allowed.") % {"most": most})
    text = several_lines(text) if name == "description" else fields.clean(text)
    if name == "title" and not text:
        raise Refused(_("A release needs a title."))
    if text and name == "year":
        return checked_year(text)
    if text and name == "isbn" and not fields.isbn(text):
        raise Refused(_("%(isbn)s is no ISBN: its check digit is wrong.") % {"isbn": text})
    return text


def plain_text(value: Any) -> str:
    """Return `value` as a text.

    Raises:
        Refused: it is neither a text nor a number.
    """
    if value is not None and (isinstance(value, bool) or not isinstance(value, str | int | float)):
        raise Refused(_("A text or a number is expected."))
    return str(value if value is not None else "").strip()


def several_lines(text: str) -> str:
    return "\n".join(map(fields.clean, text.splitlines())).strip()


def checked_year(text: str) -> int:
    if not (text.isdecimal() and text.isascii()):
        raise Refused(_("The year must be a number, not %(year)s.") % {"year": text})
    latest = timezone.now().year + 1
    if not FIRST_PRINTED_YEAR <= int(text[:9]) <= latest:
        values = {"first": FIRST_PRINTED_YEAR, "last": latest}
        raise Refused(_("The year must lie between %(first)d and %(last)d.") % values)
    return int(text)
