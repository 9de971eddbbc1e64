"""From the text of a rule, as it was drawn, to statements that can be read one by one.

Texts are prose in numbered clauses inside of block art: art is cut off, wrapped lines are joined,
items are put behind the line that announces them. Every step is linear in the text.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

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
HEADING = re.compile(r"\W*([^\W\d_][^.;!?%=<>\[\]]{1,48}?)\W*")
CAPITALS = re.compile(r"[^a-z]{3,}")
ENDS = re.compile(
    r"(?<!e\.g)(?<!i\.e)(?<!\bmax)(?<!\bmin)(?<!\bex)[.!?]+(?=\s+[\W\dA-Z\xc0-\xde]|\s*$)|;"
)
TURNS = re.compile(r",? (?:but|however|whereas|mais|cependant) ")
HEADING_WORDS = 5


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence, or as much of it as says one thing."""

    text: str
    heading: str
    section: str
    line: int
    """Of the text, that its clause begins in."""

    @property
    def quote(self) -> str:
        return self.text[:QUOTED]


@dataclass(slots=True)
class Clause:
    heading: str = ""
    section: str = ""
    line: int = 0
    text: str = ""

    @property
    def is_announcing(self) -> bool:
        return self.text.endswith(":")


def statements(text: str) -> Iterator[Statement]:
    for clause in clauses(text):
        for part in _parts(clause.text):
            yield Statement(part, clause.heading, clause.section, clause.line)


def _parts(text: str) -> Iterator[str]:
    for sentence in ENDS.split(text):
        for part in TURNS.split(sentence):
            if part.strip():
                yield part.strip()


def drawn_lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield the number and the words of each line, its art cut off."""
    for number, line in enumerate(text.splitlines(), 1):
        plain = LEADERS.sub(": ", RULERS.sub(" ", ART.sub(" ", line)))
        yield number, " ".join(plain.split()).strip(EDGES)


def clauses(text: str) -> Iterator[Clause]:
    current, is_list = Clause(), False
    for number, line in drawn_lines(text):
        starts = _beginning(line, current)
        if starts is None and not (line and is_list and ITEM.match(line)):
            current.text = f"{current.text} {line}".strip()
            is_list = is_list or (current.is_announcing and bool(line))
        elif starts is None or (ITEM.match(line) and (is_list or current.is_announcing)):
            current.text += f" {ITEM.sub('', line, count=1)},"
            is_list = True
        else:
            yield from _bounded(current)
            starts.line, is_list = number, False
            current = starts
        if len(current.text) > LONGEST:
            yield from _bounded(current)
            current = Clause(current.heading, current.section, number)
    yield from _bounded(current)


def _bounded(clause: Clause) -> Iterator[Clause]:
    for start in range(0, len(clause.text), LONGEST):
        piece = clause.text[start : start + LONGEST]
        yield Clause(clause.heading, clause.section, clause.line, piece)


def _beginning(line: str, current: Clause) -> Clause | None:
    """Return the clause that `line` begins; None where it goes on with the `current` one."""
    if not line:
        return None if current.is_announcing else Clause(current.heading, current.section)
    numbered = NUMBERED.match(line)
    title = line[numbered.end() :] if numbered else line
    if _is_heading(title, current, is_numbered=numbered is not None):
        return Clause(title.strip(" :.-"), numbered[1] if numbered and numbered[1] else "")
    if numbered:
        section = numbered[1] or f"{current.section.partition(' ')[0]} {numbered[2]}".strip()
        return Clause(current.heading, section, text=title)
    if ITEM.match(line) or not current.text:
        return Clause(current.heading, current.section, text=ITEM.sub("", line, count=1))
    return None


def _is_heading(title: str, current: Clause, *, is_numbered: bool) -> bool:
    found = HEADING.fullmatch(title.rstrip(":"))
    if not found or len(title.split()) > HEADING_WORDS or title.endswith((".", ",", ";")):
        return False
    is_open = current.text and not current.text.endswith((".", "!", "?"))
    if is_open and not is_numbered:
        return False
    is_announcing = title.endswith(":") and not CAPITALS.fullmatch(title)
    is_title = CAPITALS.fullmatch(title) or title.istitle() or len(title.split()) == 1
    return bool(is_title) and not is_announcing and any(map(str.isalpha, title))
