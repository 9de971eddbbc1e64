"""A clause that is broken, and what finds it. No Django here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rules.facts import Directory, Facts
    from rules.spec import Spec


class Severity(StrEnum):
    STRUCTURE = "structure"
    """Names, sizes, nesting, NFO, DIZ, SFV: a release that breaks one is not packed."""
    ELIGIBILITY = "eligibility"
    """Where the content came from: reported, never blocking."""


@dataclass(frozen=True, slots=True)
class Violation:
    """A clause that is broken: a value, not an exception."""

    id: str
    section: str
    severity: Severity
    template: str
    values: dict[str, Any] = field(default_factory=dict)
    fix: str = ""
    """What to do about it: an English sentence without values."""
    file: str = ""
    """Where: relative to the release directory; empty for the directory itself."""

    @property
    def message(self) -> str:
        """The English sentence; a door translates `template` instead."""
        return self.template % self.values


@dataclass(frozen=True, slots=True)
class Breach:
    """What a check found: a sentence, its values, and the file that it is about."""

    template: str
    values: dict[str, Any] = field(default_factory=dict)
    file: str = ""


Breaches = Iterator[Breach]


@dataclass(frozen=True, slots=True)
class Check:
    """One clause, as it stands in the table."""

    ask: Callable[[Spec, Facts], Breaches]
    demand: str
    """What the clause asks for, without the numbers of a rule."""
    fix: str
    severity: Severity = Severity.STRUCTURE


def on_disk(
    ask: Callable[[Spec, Facts, Directory], Breaches],
) -> Callable[[Spec, Facts], Breaches]:
    """Make `ask` a check that finds nothing in what is not packed yet."""

    def ask_of_directory(spec: Spec, facts: Facts) -> Breaches:
        if facts.directory is not None:
            yield from ask(spec, facts, facts.directory)

    return ask_of_directory


def gettext_noop(sentence: str) -> str:
    """Mark a sentence for translation at the door."""
    return sentence
