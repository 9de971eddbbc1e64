"""From the text of a rule, as it was drawn, to statements that can be read one by one.

Texts are prose in numbered clauses inside of block art: art is cut off, wrapped lines are joined,
items are put behind the line that announces them. Every step is linear in the text.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

LONGEST = 1200
"""A clause of more characters is cut: no pattern may meet a whole text in one line."""
QUOTED = 200
ART = re.compile("[\u2500-\u25ff\u00b0-\u00b2\u00ac\ufffd\x00-\x08\x0b-\x1f\x7f|]+")
RULERS = re.compile(r"([-_=~*#+:<>])\1{2,}")
LEADERS = re.compile(r"(?:\.{3,}|(?: \.){3,})\s*:?")
EDGES = " \t*#=~+\xb7"
NUMBERED = re.compile(
    r"[\[(]?(\d{1,2}(?:\.\d{1,2})+|\d{1,2}(?=\s?[.)\]:]))[.)\]:]*\s+(?=\S)|[\[(]?([a-z])[)\]]\s+(?=\S)"
)
ITEM = re.compile(r"[-\u2022\u00b7*>\u00bbo]\s+(?=\S)")
HEADING = re.compile(r"\W*([^\W\d_][^.,:;!?%=<>]{1,48}?)\W*")
CAPITALS = re.compile(r"[^a-z]{3,}")
ENDS = re.compile(
    r"(?<!e\.g)(?<!i\.e)(?<!\b[Mm]ax)(?<!\b[Mm]in)(?<!\bex)[.!?]+(?=\s+[\W\dA-Z\xc0-\xde]|\s*$)|;"
)
TURNS = re.compile(r"(?<!nothing),? (?:but|however|whereas|mais|cependant) ")
LABEL = re.compile(r"[A-Z\xc0-\xde][^:.;]{1,40}: ?\S")
STARRED = re.compile(r"[*>\u2022\xb7+]\s+\S")
ENDING = (".", "!", "?", ";", ":")
HEADING_WORDS = 5
ANNOUNCING_WORDS = 2


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence, or as much of it as says one thing."""

    text: str
    heading: str
    section: str
    line: int
    """Of the text, that it begins in."""

    @property
    def quote(self) -> str:
        return self.text[:QUOTED]


@dataclass(slots=True)
class Clause:
    heading: str = ""
    section: str = ""
    line: int = 0
    text: str = ""
    is_heading: bool = False
    is_list: bool = False
    """Whether items followed the line that announces them."""
    starts: list[tuple[int, int]] = field(default_factory=list)
    """Where in the text a line begins, and which."""

    @property
    def is_announcing(self) -> bool:
        return self.text.endswith(":")

    def line_at(self, place: int) -> int:
        return max((line for start, line in self.starts if start <= place), default=self.line)

    def add(self, line: str, number: int) -> None:
        item = ITEM.match(line)
        self.is_list = self.is_list or item is not None
        joint = "," if item and not self.is_announcing and self.text[-1:] not in ENDING else ""
        self.starts.append((len(self.text) + len(joint), number))
        self.text = f"{self.text}{joint} {line[item.end() :] if item else line}".strip()


def statements(text: str) -> Iterator[Statement]:
    for clause in clauses(text):
        place = 0
        for part in _parts(clause.text):
            place = clause.text.index(part, place)
            yield Statement(part, clause.heading, clause.section, clause.line_at(place))
            place += len(part)


def _parts(text: str) -> Iterator[str]:
    for sentence in ENDS.split(text):
        for part in TURNS.split(sentence):
            if part.strip():
                yield part.strip()


def drawn_lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield the number and the words of each line, its art cut off."""
    for number, line in enumerate(text.splitlines(), 1):
        plain = " ".join(LEADERS.sub(": ", RULERS.sub(" ", ART.sub(" ", line))).split())
        is_item = STARRED.match(plain) and plain[-1] not in EDGES
        yield number, f"- {plain[1:].strip(EDGES)}" if is_item else plain.strip(EDGES)


def clauses(text: str) -> Iterator[Clause]:
    current = Clause()
    for number, line in drawn_lines(text):
        begun = _beginning(line, current)
        if begun:
            yield from _bounded(current)
            current = begun
            current.line = number
        elif line:
            current.add(line, number)
        if len(current.text) > LONGEST:
            yield from _bounded(current)
            current = Clause(current.heading, current.section, number)
    yield from _bounded(current)


def _bounded(clause: Clause) -> Iterator[Clause]:
    if len(clause.text) <= LONGEST:
        yield clause
        return
    for start in range(0, len(clause.text), LONGEST):
        piece = clause.text[start : start + LONGEST]
        yield Clause(clause.heading, clause.section, clause.line_at(start), piece)


def _beginning(line: str, current: Clause) -> Clause | None:
    """Return the clause that `line` begins; None where it goes on with the `current` one."""
    if not line:
        return None if current.is_announcing else Clause(current.heading, current.section)
    if item := ITEM.match(line):
        is_listed = current.is_announcing or current.is_list
        return (
            None if is_listed else Clause(current.heading, current.section, text=line[item.end() :])
        )
    numbered = NUMBERED.match(line)
    title = line[numbered.end() :] if numbered else line
    if _is_heading(title, current, is_numbered=numbered is not None):
        heading = title.strip(" :.-")
        return Clause(
            heading, numbered[1] if numbered and numbered[1] else "", text=heading, is_heading=True
        )
    if numbered:
        section = numbered[1] or f"{current.section.partition(' ')[0]} {numbered[2]}".strip()
        return Clause(current.heading, section, text=title)
    if not current.text or current.is_heading or LABEL.match(line):
        return Clause(current.heading, current.section, text=line)
    return None


def _is_heading(title: str, current: Clause, *, is_numbered: bool) -> bool:
    found = HEADING.fullmatch(title.rstrip(":"))
    if not found or len(title.split()) > HEADING_WORDS or title.endswith((".", ",", ";")):
        return False
    is_open = current.text and not current.is_heading and not current.text.endswith(ENDING)
    if is_open and not is_numbered:
        return False
    is_short = title.endswith(":") and len(title.split()) <= ANNOUNCING_WORDS
    is_title = CAPITALS.fullmatch(title) or title.istitle() or len(title.split()) == 1
    return bool(is_title) if not title.endswith(":") else is_short
