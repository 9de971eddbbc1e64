"""What one document says of a comic, as it says it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from releases.metadata.markup import Element, local, text

Facts = dict[str, tuple[Any, str]]
"""By field, a text or a list of texts, and where it stood."""


@dataclass(frozen=True)
class Statement:
    kind: str
    """Of document: a name of `comicdata.KINDS`."""
    facts: Facts
    cover: str | int | None = None
    """The name of the picture said to be the cover, or its place among the pages."""
    facets: Mapping[str, Any] = field(default_factory=dict)
    """What it says of how the comic is to be read."""


def facts(document: str, names: Mapping[str, str], values: Mapping[str, Any]) -> Facts:
    """Return the fields called in the document as `names` says, as far as they hold anything."""
    return {
        field: (values[name], f"{document} {name}")
        for field, name in names.items()
        if values.get(name)
    }


def children(element: Element) -> dict[str, Element]:
    """The elements directly under this one by their local name, the first that holds anything."""
    found: dict[str, Element] = {}
    for child in element.iterchildren("*"):
        name = local(str(child.tag))
        if name not in found or not text(found[name]).strip():
            found[name] = child
    return found


def date(parts: Iterable[str]) -> str:
    """Return `2007-12-31` or `2007-12` of a year, a month and a day; a year alone is no date."""
    said: list[str] = []
    for part, least, most in zip(parts, (1000, 1, 1), (2100, 12, 31), strict=False):
        digits = part.strip()
        if not (digits.isascii() and digits.isdigit()) or not least <= int(digits[:5]) <= most:
            break
        said.append(f"{int(digits[:5]):02}")
    return "-".join(said) if len(said) > 1 else ""
