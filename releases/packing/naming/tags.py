"""The tags that a name may carry between its title and its format."""

import re
from collections.abc import Iterable

from releases.packing.naming.spelling import NamingError


def one_of(known: Iterable[str]) -> str:
    """Return the pattern of one of the tags `known`, the longer before what it begins with."""
    return "|".join(re.escape(tag) for tag in sorted(known, key=len, reverse=True))


def refuse_repeated(tags: tuple[str, ...]) -> None:
    """Refuse a tag that stands twice.

    Raises:
        NamingError: one does.
    """
    if twice := sorted({tag for tag in tags if tags.count(tag) > 1}):
        raise NamingError("The tag %(tag)s stands twice: write it once", tag=", ".join(twice))
