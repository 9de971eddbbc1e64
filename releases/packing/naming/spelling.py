"""Texts of any script as the words that names are made of."""

import re
import unicodedata

from anyascii import anyascii

from releases.packing.plan import PackingError

MAX_DIRNAME = 243
GROUP = r"(?P<group>[A-Za-z0-9]{2,}(?:_[A-Za-z0-9]+)*)"
WORD = re.compile(r"[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*")
PLAIN = re.compile(r"[A-Za-z0-9]+(?:[._-][A-Za-z0-9]+)*")

# What is read aloud, or unheard, though it is no letter.
SPOKEN = (
    (re.compile(r"(?<=\bO)['\u2019]|['\u2019](?=(?:s|t|d|m|ll|re|ve)\b)", re.IGNORECASE), ""),
    (re.compile(r"&"), " and "),
    (re.compile(r"\+"), " Plus "),
    (re.compile(r"(?<=[A-Za-z])#"), " Sharp "),
    (re.compile(r"(.)\u3005"), r"\1\1"),
)

SIGNS = "\u3400-\u9fff\U00012000-\U0001254f\U00017000-\U00018cff\U00020000-\U0003ffff"
"""Ideographs, cuneiform, Tangut, Khitan: each sign is a word, and some have no known reading."""
SIGN = re.compile(f"[{SIGNS}]")
UNIT = re.compile(rf"[{SIGNS}]|[^\s{SIGNS}]+")


class NamingError(PackingError, ValueError):
    """A name cannot be built, read or used."""


def words(text: str) -> str:
    """Return `text` as words of ASCII letters and digits joined by dots.

    Every script is transliterated; hyphens inside words stay.

    Raises:
        NamingError: a word, or a sign that is one, would be lost.
    """
    text = unicodedata.normalize("NFC", text)
    for sign, sound in SPOKEN:
        text = sign.sub(sound, text)
    if lost := [unit for unit in UNIT.findall(text) if is_written(unit) and not heard(unit)]:
        raise NamingError(
            "%(text)s cannot be written in Latin letters, for nobody knows how to read "
            "%(lost)s: write it as it is said",
            text=text,
            lost=", ".join(lost),
        )
    return ".".join(heard(text))


def is_written(unit: str) -> bool:
    """Tell whether letters or digits are in `unit`; what only changes others is none."""
    letters = (char for char in unit if char.isalnum() and unicodedata.category(char) != "Lm")
    return bool(SIGN.match(unit)) or any(letters)


def heard(text: str) -> list[str]:
    return WORD.findall(anyascii(text))


def spelled(text: str) -> str:
    """Return the `words` of a text that has some.

    Raises:
        NamingError: there are none, or one would be lost.
    """
    if found := words(text):
        return found
    raise NamingError("%(title)s has no letter and no digit: give a title", title=repr(text))


def joined(*parts: str) -> str:
    """Return the `parts` that are there, joined by dots."""
    return ".".join(filter(None, parts))


def dirname(parts: tuple[str, ...], group: str) -> str:
    """Return the non-empty `parts` joined by dots, and `group` after the last dash.

    Raises:
        NamingError: a character is not allowed, or the name is too long.
    """
    name = f"{joined(*parts)}-{group}"
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
