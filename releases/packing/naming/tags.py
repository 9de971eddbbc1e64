"""The tags that a name may carry between its title and its format."""

import re
from collections.abc import Iterable

from releases.packing.naming.spelling import NamingError, words


def one_of(known: Iterable[str]) -> str:
    """Return the pattern of one of the tags `known`, the longer before what it begins with."""
    return "|".join(re.escape(tag) for tag in sorted(known, key=len, reverse=True))


def read_tags(text: str, known: Iterable[str]) -> tuple[str, ...]:
    """Return the tags that a person wrote, in any case, as the tags `known` are written.

    Raises:
        NamingError: one is none of them.
    """
    each = re.compile(rf"(?:^|\.)({one_of(known)})(?=\.|$)", re.IGNORECASE)
    dotted = words(text)
    refuse_unknown(filter(None, each.sub("", dotted).split(".")), known)
    written = {tag.lower(): tag for tag in known}
    return tuple(written[tag.lower()] for tag in each.findall(dotted))


def refuse_repeated(tags: tuple[str, ...]) -> None:
    """Refuse a tag that stands twice.

    Raises:
        NamingError: one does.
    """
    if twice := sorted({tag for tag in tags if tags.count(tag) > 1}):
        raise NamingError("The tag %(tag)s stands twice: write it once", tag=", ".join(twice))


def refuse_unknown(tags: Iterable[str], known: Iterable[str]) -> None:
    """Refuse what is no tag.

    Raises:
        NamingError: one of `tags` is not `known`.
    """
    if unknown := [tag for tag in tags if tag not in known]:
        raise NamingError(
            "%(unknown)s is no tag of these releases: choose among %(tags)s",
            unknown=", ".join(unknown),
            tags=", ".join(known),
        )
