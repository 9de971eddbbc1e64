"""Texts of any script as the words that names are made of."""

import re

from anyascii import anyascii

from releases.packing.plan import PackingError

MAX_DIRNAME = 243
GROUP = r"(?P<group>[A-Za-z0-9]{2,}(?:_[A-Za-z0-9]+)*)"
PLAIN = re.compile(r"[A-Za-z0-9]+(?:[._-][A-Za-z0-9]+)*")

# What is read aloud, or unheard, though it is no letter.
SPOKEN = (
    (re.compile(r"(?<=\bO)['\u2019]|['\u2019](?=(?:s|t|d|m|ll|re|ve)\b)", re.IGNORECASE), ""),
    (re.compile(r"&"), " and "),
    (re.compile(r"\+"), " Plus "),
    (re.compile(r"(?<=[A-Za-z])#"), " Sharp "),
)


class NamingError(PackingError, ValueError):
    """A name cannot be built, read or used."""


def words(text: str) -> str:
    """Return `text` as words of ASCII letters and digits joined by dots.

    Every script is transliterated; hyphens inside words stay.
    """
    for sign, sound in SPOKEN:
        text = sign.sub(sound, text)
    return ".".join(re.findall(r"[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*", anyascii(text)))


def dirname(parts: tuple[str, ...], group: str) -> str:
    """Return the non-empty `parts` joined by dots, and `group` after the last dash.

    Raises:
        NamingError: a character is not allowed, or the name is too long.
    """
    name = ".".join(part for part in parts if part) + f"-{group}"
    if not PLAIN.fullmatch(name):
        raise NamingError(
            "%(name)s is no release name: use letters and digits, "
            "with single dots, dashes or underscores between them",
            name=name,
        )
    if len(name) > MAX_DIRNAME:
        raise NamingError(
            "The name has %(length)s characters and %(most)s are allowed: "
            "shorten the title of %(name)s",
            length=len(name),
            most=MAX_DIRNAME,
            name=name,
        )
    return name


def misread(name: str) -> NamingError:
    return NamingError(
        "%(name)s would be read back as other fields: check the title, the tags and the format",
        name=name,
    )
