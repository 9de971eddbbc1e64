"""What words and numbers of a statement mean, in English and French."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import cached_property

from rules.parsing.clauses import Statement

MOST, LEAST = "@most", "@least"
AT_MOST = re.compile(
    r"\b(?:(?:must|may|shall|can|should|do|does) ?not "
    r"(?:exceed|be (?:longer|larger|wider|more|greater) than)"
    r"|not exceed|(?:no|not) (?:more|longer|larger|wider|greater|higher) than|at (?:the )?most"
    r"|ne (?:doi(?:t|vent)|peu(?:t|vent)) pas depasser|ne depassent? pas|pas plus de"
    r"|au (?:plus|maximum)|(?:an? |le )?max(?:imum|imal)?\.?(?: (?:of|is|are|de|est))?"
    r"|up to|limited to|limite a|jusqu'a)(?!\w)"
)
AT_LEAST = re.compile(
    r"\b(?:(?:no|not) (?:fewer|less|smaller|shorter) than|at (?:the )?least|au (?:moins|minimum)"
    r"|(?:an? )?min(?:imum|imal)?\.?(?: (?:of|is|are|de|est))?)(?!\w)"
)
SINGLY = re.compile(r"\b(?:without|no|sans) multiples?\b")
NEGATED = re.compile(
    r"\b(?:not|no|never|none|without|neither|nor|cannot|forbidden|banned|prohibited|disallowed"
    r"|unacceptable|illegal|isn't|aren't|mustn't|can't|don't|pas|aucune?s?|sans|jamais"
    r"|(?:interdit|proscrit|prohibe)e?s?)\b"
)
NUMBER = r"\d{1,3}(?:[.,'\u00a0\u202f ]\d{3})+(?!\d)|\d{1,12}(?:[.,]\d{1,2}(?!\d))?"
SIZE = re.compile(
    rf"(?<![\w.,-])({NUMBER})(?:[ -]?(bytes?|octets?|b|o|[kmg](?:i?b|o)"
    r"|(?:kilo|mega|giga)(?:bytes?|octets?)))?(?!\w)"
)
BETWEEN = re.compile(r"[\s,/&]*(?:(?:or|and|ou|et|to|a)\b)?[\s,/&]*")
GROUPED = re.compile(r"\d{1,3}(?:[.,'\u00a0\u202f ]\d{3})+")
MILLION = 1_000_000
POWERS = {"": 0, "k": 1, "m": 2, "g": 3}
WORDS = {"one": 1, "two": 2, "three": 3, "four": 4, "un": 1, "deux": 2, "trois": 3, "quatre": 4}


class Phrase:
    """A statement made ready to be asked."""

    def __init__(self, statement: Statement) -> None:
        self.statement = statement
        self.raw = statement.text
        plain = plainly(statement.text)
        self.text = AT_LEAST.sub(LEAST, AT_MOST.sub(MOST, SINGLY.sub("", plain)))
        self.whole = f"{plainly(statement.heading)}: {self.text}"
        """With the heading, which may be all that says what it is about."""

    @cached_property
    def is_negated(self) -> bool:
        return NEGATED.search(self.text) is not None

    @cached_property
    def sizes(self) -> list[tuple[int, int]]:
        """Return where each size stands, and how many bytes it is."""
        return list(sizes(self.text))

    def says(self, *patterns: str) -> bool:
        return all(re.search(pattern, self.text) for pattern in patterns)

    def is_about(self, *patterns: str) -> bool:
        return all(re.search(pattern, self.whole) for pattern in patterns)


def plainly(text: str) -> str:
    """Return `text` in small letters without accents."""
    parts = unicodedata.normalize("NFKD", text).casefold().replace("\u2019", "'")
    parts = parts.replace("\u2013", "-").replace("\u2014", "-").replace("\xd7", "x")
    return " ".join("".join(c for c in parts if not unicodedata.combining(c)).split())


def number(digits: str) -> float:
    if GROUPED.fullmatch(digits):
        return float(re.sub(r"\D", "", digits))
    return float(digits.replace(",", "."))


def sizes(text: str) -> Iterator[tuple[int, int]]:
    """Yield place and bytes of each size; a unit holds for the numbers listed before it, too.

    MB means a million bytes here, MiB 1024 times 1024.
    """
    found = list(SIZE.finditer(text))
    units = _units(text, found)
    for match, unit in zip(found, units, strict=True):
        value = number(match[1]) * factor(unit) if unit else number(match[1])
        if unit or _is_whole(match[1]):
            yield match.start(), round(value)


def _units(text: str, found: Sequence[re.Match[str]]) -> list[str]:
    units: list[str] = []
    following, begin = "", len(text)
    for match in reversed(found):
        is_listed = BETWEEN.fullmatch(text, match.end(), begin) is not None
        inherited = following if is_listed and not _is_whole(match[1]) else ""
        following, begin = match[2] or inherited, match.start()
        units.append(following)
    return units[::-1]


def _is_whole(digits: str) -> bool:
    """Say whether `digits` are of bytes, though they have no unit: 5.000.000."""
    return GROUPED.fullmatch(digits) is not None and number(digits) >= MILLION


def factor(unit: str) -> int:
    power = POWERS[unit[0] if unit[0] in "kmg" else ""]
    return int((1024 if "i" in unit[:2] and unit.endswith("b") else 1000) ** power)


def capitals(text: str) -> list[str]:
    """Return the words of `text` that are written as tags are: PROPER, iNTERNAL, HDR10Plus."""
    words = re.findall(r"(?<![\w.])[A-Za-z0-9]{2,20}(?:\.[A-Za-z0-9]{2,20})*(?![\w])", text)
    return [word for word in words if sum(map(str.isupper, word)) > 1]
