"""What a template will give, while it is being written. No Django here."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any

from releases.packing import nfo
from releases.templating import MARKS, attempt
from releases.templating.reading import gettext_noop
from rules.columns import width

MAX_MARKS = 200
"""Of each kind of place: nobody reads more."""
SECONDS_TO_TRACE = 0.3
"""Where the text took longer, it is not rendered again to find where characters are lost."""


@dataclass(frozen=True, slots=True)
class Mark:
    """What is not right in one place: a sentence, as a template and its values."""

    line: int
    """From 1, as is the column."""
    column: int
    where: str
    """``template`` or ``nfo``: in which text."""
    kind: str
    """``unknown``, ``missing``, ``syntax``, ``wide`` or ``encoding``."""
    template: str
    values: dict[str, Any]

    def __str__(self) -> str:
        return self.template % self.values


@dataclass(frozen=True, slots=True)
class Preview:
    text: str
    """The NFO as it would be read back; what is not known stands between angles."""
    marks: tuple[Mark, ...]


def preview(text: str, facts: Mapping[str, Any], *, encoding: str) -> Preview:
    """Return what the template `text` gives, as far as it gives anything, and what is wrong.

    Raises:
        PackingError: no NFO is written in `encoding`.
    """
    began = time.thread_time()
    carry = Noticing(nfo.carrier(encoding))
    attempted = attempt(text, facts, carry)
    marks = [
        Mark(fault.line, fault.column, "template", fault.kind, fault.template, fault.values)
        for fault in attempted.faults[:MAX_MARKS]
    ]
    marks += islice(too_wide(attempted.text), MAX_MARKS)
    if carry.has_lost and time.thread_time() - began < SECONDS_TO_TRACE:
        marks += islice(lost(text, facts, encoding), MAX_MARKS)
    return Preview(attempted.text, tuple(marks))


def too_wide(text: str) -> Iterator[Mark]:
    template = gettext_noop("Line %(line)d has %(width)d columns: at most %(most)d are allowed.")
    for number, line in enumerate(nfo.lines(text), 1):
        if width(line) > nfo.COLUMNS:
            values = {"line": number, "width": width(line), "most": nfo.COLUMNS}
            yield Mark(number, nfo.COLUMNS + 1, "nfo", "wide", template, values)


class Noticing:
    """Carries texts, and knows whether anything was lost."""

    def __init__(self, carry: Callable[[str], str]) -> None:
        self.carry, self.has_lost = carry, False

    def __call__(self, text: str) -> str:
        carried = self.carry(text)
        self.has_lost = self.has_lost or carried != text
        return carried


class Tracer:
    """Carries texts so that it can be told of each place in them what it was.

    What is lost is written in characters for private use, as many as it becomes in the end:
    the first says what it was, the others that it goes on.
    """

    ON = 0xF0000
    LAST = 0xFFFFD

    def __init__(self, encoding: str) -> None:
        self.carry = partial(nfo.carried, encoding, become=self.stand_in)
        self.codes: dict[str, int] = {}

    def stand_in(self, char: str) -> str:
        if self.ON <= ord(char) <= self.LAST:
            return char
        becomes = nfo.transliterated(char)
        code = self.codes.setdefault(char, self.ON + 1 + len(self.codes))
        if not becomes.strip() or char in MARKS or code > self.LAST:
            return becomes
        return chr(code) + chr(self.ON) * (len(becomes) - 1)

    def losses(self, line: str) -> Iterator[tuple[int, str]]:
        """Yield the column, from 1, and the characters of each run that was lost in `line`."""
        origins = {code: char for char, code in self.codes.items()}
        column, start, run = 1, 1, ""
        for char in line:
            is_lost = self.ON <= ord(char) <= self.LAST
            if run and not is_lost:
                yield start, run
                run = ""
            if is_lost:
                start = start if run else column
                run += origins.get(ord(char), "")
            column += width(char)
        if run:
            yield start, run


def lost(text: str, facts: Mapping[str, Any], encoding: str) -> Iterator[Mark]:
    """Yield where the NFO shows other letters than were written, and which."""
    template = gettext_noop(
        "Line %(line)d, column %(column)d: %(encoding)s cannot carry %(lost)s, "
        "which becomes %(becomes)s."
    )
    tracer = Tracer(encoding)
    traced = attempt(text, facts, tracer.carry).text
    for number, line in enumerate(nfo.lines(traced), 1):
        for column, run in tracer.losses(line):
            becomes = "".join(map(nfo.transliterated, run))
            values = {"line": number, "column": column, "encoding": encoding.upper()}
            values |= {"lost": run, "becomes": becomes}
            yield Mark(number, column, "nfo", "encoding", template, values)
