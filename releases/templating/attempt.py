"""A template of which as much is shown as can be, with all that is wrong with it."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from itertools import islice
from typing import Any

from jinja2 import nodes

from releases.templating.functions import MAX_CHARACTERS
from releases.templating.language import FUNCTIONS
from releases.templating.reading import (
    MAX_TEMPLATE_CHARACTERS,
    TemplateError,
    gettext_noop,
    parsed,
    unknown,
)
from releases.templating.running import MissingPart, compiled, run
from releases.templating.sandbox import (
    Carry,
    Environment,
    Missing,
    bounded,
    carried,
    unchanged,
)

SECONDS = 0.4
MAX_UNKNOWN = 200
"""Of places that ask for nothing that exists: those that are told."""
MAX_NAME, MAX_GUESSES = 40, 20
"""Of names that stand for nothing: whose likeness is looked for."""
MARKS = "\u2039\u203a"
"""The angles around a name that stands in the place of its value."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A sentence about a place in the template. See `TemplateError`."""

    line: int
    column: int
    kind: str
    """``unknown``, ``missing`` or ``syntax``."""
    template: str
    values: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Attempt:
    text: str
    faults: tuple[Fault, ...]


class Placeholder(Missing):
    """What stands, in an attempt, where there is nothing to show."""

    __slots__ = ()

    def __str__(self) -> str:
        return marked(self._undefined_name or "?")


def marked(name: str) -> str:
    return name.join(MARKS)


def attempt(text: str, facts: Mapping[str, Any], carry: Carry = unchanged) -> Attempt:
    """Return what can be shown of the template `text`, and the faults found in it."""
    counted = re.sub(r"\r\n?", "\n", text)  # as Jinja2 counts lines
    trial = Trial(counted, carried(facts, carry), Environment(carry, SECONDS))
    shown = trial.shown()
    return Attempt(shown, tuple(sorted(trial.faults, key=lambda fault: fault.line)))


@dataclass
class Trial:
    """An attempt while it goes on."""

    text: str
    facts: dict[str, Any]
    env: Environment
    faults: list[Fault] = field(default_factory=list)

    def shown(self) -> str:
        try:
            tree = self.read(self.text)
        except TemplateError as error:
            self.note(error)
            return "\n".join(self.lines())
        try:
            return self.run(tree)
        except TemplateError as error:
            shown = "".join(within_limits(self.pieces(tree)))
            if not any(fault.kind != "unknown" for fault in self.faults):
                self.note(error)
            return shown

    def read(self, text: str) -> nodes.Template:
        """Parse `text`; what it asks for in vain is noted, and placeholders stand for it."""
        tree = parsed(text, self.env)
        names = list(unknown(tree, frozenset([*self.facts, *FUNCTIONS])))
        if text is self.text:
            found = unknown_faults(names, text, [*self.facts, *FUNCTIONS])
            self.faults += islice(found, MAX_UNKNOWN)
        self.facts |= {name.name: Placeholder(name=name.name) for name in names}
        return bounded(tree, self.env.carry)

    def run(self, tree: nodes.Template) -> str:
        return "".join(run(compiled(tree, self.env), self.env, self.facts))

    def note(self, error: TemplateError) -> None:
        kind = "missing" if isinstance(error, MissingPart) else "syntax"
        culprit = str(error.values["reason"]).rpartition(" ")[2]
        column = column_of(culprit, self.text, error.line)
        self.faults.append(Fault(error.line, column, kind, error.template, error.values))

    def pieces(self, tree: nodes.Template) -> Iterator[str]:
        """Yield what each part of `tree` gives by itself, noting why some fail."""
        for part in parts(tree):
            try:
                yield self.run(part)
            except TemplateError as error:
                self.note(error)
                yield self.run_leniently(part)
            if self.env.is_late():
                return

    def run_leniently(self, part: nodes.Template) -> str:
        """Return what `part` gives where placeholders stand for what is missing."""
        self.env.undefined = Placeholder
        try:
            return self.run(part)
        except TemplateError:
            return marked("?")
        finally:
            self.env.undefined = Missing

    def lines(self) -> Iterator[str]:
        """Yield the lines of a malformed template: filled in, where they can be read alone."""
        for line in self.text[:MAX_TEMPLATE_CHARACTERS].split("\n"):
            yield self.alone(line) if "{" in line and not self.env.is_late() else line

    def alone(self, line: str) -> str:
        try:
            return self.run(self.read(line))
        except TemplateError:
            return line


def within_limits(pieces: Iterable[str]) -> Iterator[str]:
    room = MAX_CHARACTERS
    for piece in pieces:
        yield piece[:room]
        room -= len(piece)
        if room <= 0:
            return


def unknown_faults(names: Iterable[nodes.Name], text: str, known: list[str]) -> Iterator[Fault]:
    """Yield a fault for each line and name of `names`, with what may have been meant."""
    meant: dict[str, str] = {}
    for line, name in dict.fromkeys((name.lineno, name.name) for name in names):
        if name not in meant and len(meant) < MAX_GUESSES:
            meant[name] = close_to(name, known)
        yield unknown_fault(name, column_of(name, text, line), line, meant.get(name, ""))


def close_to(name: str, known: list[str]) -> str:
    matches = get_close_matches(name, known, 1) if len(name) <= MAX_NAME else []
    return matches[0] if matches else ""


def unknown_fault(name: str, column: int, line: int, meant: str) -> Fault:
    template = gettext_noop("Line %(line)d asks for %(name)s, which does not exist.")
    values = {"line": line, "name": name}
    if meant:
        template = gettext_noop(
            "Line %(line)d asks for %(name)s, which does not exist. Is it %(meant)s?"
        )
        values["meant"] = meant
    return Fault(line, column, "unknown", template, values)


def column_of(word: str, text: str, line: int) -> int:
    """Return where `word` begins in a line of `text`, both from 1; 1 where it does not."""
    name = re.escape(word)  # first, so that the search leaps to it
    found = re.search(rf"{name}(?<!\w{name})(?!\w)", text.split("\n")[line - 1])
    return found.start() + 1 if found else 1


def parts(tree: nodes.Template) -> Iterator[nodes.Template]:
    """Yield the least parts of `tree` that can run alone, each as a template."""
    for node in tree.body:
        for part in output(node) if isinstance(node, nodes.Output) else [node]:
            yield nodes.Template([part], lineno=part.lineno)


def output(node: nodes.Output) -> Iterator[nodes.Node]:
    for child in node.nodes:
        yield nodes.Output([child], lineno=child.lineno)
