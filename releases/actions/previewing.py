"""What a template will give, told to whoever writes it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from releases.packing import nfo
from releases.preview import preview
from releases.telling import told


@dataclass(frozen=True, slots=True)
class ToldMark:
    """What is not right in one place, as a sentence."""

    line: int
    column: int
    where: str
    """``template`` or ``nfo``."""
    kind: str
    message: str


@dataclass(frozen=True, slots=True)
class Shown:
    text: str
    """The NFO, as far as it can be rendered."""
    marks: tuple[ToldMark, ...]

    @property
    def is_broken(self) -> bool:
        """Whether something must be mended: letters that become others are only told."""
        return any(mark.kind != "encoding" for mark in self.marks)

    def lines(self) -> Iterator[tuple[int, str, bool]]:
        """Yield number, text, and whether a mark is about it, of each line."""
        marked = {mark.line for mark in self.marks if mark.where == "nfo"}
        for number, line in enumerate(nfo.lines(self.text.removesuffix("\n")), 1):
            yield number, line, number in marked


def shown(content: str, facts: Mapping[str, Any], encoding: str) -> Shown:
    """Return what `content` gives and what is wrong with it; it may be any text."""
    known = encoding if encoding in nfo.ENCODINGS else nfo.ENCODINGS[0]
    given = preview(content.replace("\r\n", "\n"), facts, encoding=known)
    told_marks = (
        ToldMark(mark.line, mark.column, mark.where, mark.kind, told(mark)) for mark in given.marks
    )
    return Shown(given.text, tuple(sorted(told_marks, key=reading_order)))


def reading_order(mark: ToldMark) -> tuple[bool, int, int]:
    """Put what is wrong in the template before what it makes of the NFO."""
    return mark.where != "template", mark.line, mark.column
