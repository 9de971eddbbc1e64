"""ISBNs within a line of text, where a format has no field for them."""

import re

from releases.metadata import fields

_THIRTEEN = len("9780000000000")
_NUMBER = re.compile(r"(?<![\d-])(?:97[89][- ]?)?(?:\d[- ]?){9}[\dXx](?![\d-])")


def among(text: str, *, is_marked: bool = False) -> str:
    """Return the first ISBN of `text`, or nothing.

    Ten bare digits are as often a number of another kind: they count only if the text calls
    itself an ISBN, or `is_marked` says so.
    """
    may_be_short = is_marked or "isbn" in text.lower()
    for found in _NUMBER.findall(text):
        digits = [letter for letter in found if letter.isalnum()]
        if may_be_short or len(digits) == _THIRTEEN:
            number = fields.isbn(found)
            if number:
                return number
    return ""
