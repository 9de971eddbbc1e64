"""People as programs write them into one line: `Ann Author; Bob Writer`."""

import re
from collections.abc import Iterable

from releases.metadata import fields

PEOPLE_LIMIT = 100

PARTICLES = {
    "al", "ap", "bin", "d'", "da", "dal", "das", "de", "degli", "del", "della", "den", "der",
    "des", "di", "do", "dos", "du", "el", "ibn", "la", "le", "ten", "ter", "van", "vom", "von",
    "y", "zu", "zur",
}  # fmt: skip
"""Words of a name that are written in lower case."""
BODIES = {
    "agency", "association", "bank", "board", "books", "bureau", "center", "centre", "college",
    "commission", "committee", "company", "corporation", "council", "department", "division",
    "editions", "éditions", "editorial", "foundation", "gmbh", "group", "inc", "institut",
    "institute", "laboratory", "limited", "llc", "ltd", "ministry", "office", "organization",
    "press", "project", "publications", "publishers", "publishing", "school", "service",
    "services", "society", "software", "systems", "team", "universidad", "university",
    "universität", "université", "verlag",
}  # fmt: skip
"""Words that tell a body from a person: its commas and its "and" part nothing."""

_BETWEEN = re.compile("[;\uff1b]")
_LOOSE = re.compile(r"\s*,\s*(?:and|und|et|&)\s+|\s+(?:and|und|et|&)\s+|\s*,\s+|、")
_JOINTS = re.compile(r"\s*[;\uff1b]\s*|\s+&\s+")
_NAME_WORDS = range(2, 6)
_ELIDED = ("d'", "d\u2019")
_WITHOUT_SPACES = re.compile(r"[\u3041-\u30ff\u3400-\u9fff\uac00-\ud7af]{2,}")
"""Names of scripts that write no spaces."""


def parted(text: str) -> list[str]:
    """Return the people between semicolons, which no name contains."""
    return distinct(_BETWEEN.split(text))


def listed(text: str) -> list[str]:
    """Return the people of a line without rules.

    Commas and "and" part it only where each part is a full name: `Allison, Timothy B.` is
    one person, and `Department of Research and Development` is none.
    """
    people = parted(text)
    names = distinct(_LOOSE.split(text))
    return names if len(people) == 1 and all(map(_is_full_name, names)) else people


def joined(text: str) -> list[str]:
    """Return the people of a field that is made for one: only some programs join several in it.

    It is parted where each part is a full name. A comma parts nobody there:
    `García Márquez, Gabriel José` is one person.
    """
    names = distinct(_JOINTS.split(text))
    return names if all(map(_is_full_name, names)) else distinct([text])


def distinct(names: Iterable[str]) -> list[str]:
    """Return what is known of `names`, each once."""
    found: dict[str, str] = {}
    for name in filter(None, map(fields.known, names)):
        found.setdefault(name.casefold(), name)
    return [*found.values()][:PEOPLE_LIMIT]


def _is_full_name(name: str) -> bool:
    if _WITHOUT_SPACES.fullmatch(name):
        return True
    words = name.split()
    return (
        len(words) in _NAME_WORDS
        and not any(letter.isdigit() for letter in name)
        and all(
            word in PARTICLES or word.startswith(_ELIDED) or not word[0].islower() for word in words
        )
        and BODIES.isdisjoint(word.strip(".").casefold() for word in words)
    )
