"""A clause that is broken, and what finds it. No Django here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rules.facts import Directory, Facts
    from rules.spec import Spec


def gettext_noop(sentence: str) -> str:
    """Mark a sentence for translation at the door."""
    return sentence


class Severity(StrEnum):
    STRUCTURE = "structure"
    """Names, sizes, nesting, NFO, DIZ, SFV: a release that breaks one is not packed."""
    ELIGIBILITY = "eligibility"
    """Where the content came from: reported, never blocking."""


class Confidence(StrEnum):
    """How well a clause is known to say what a spec asks for."""

    PRIMARY = "primary"
    """Read in the published text, or in the source of a tool that judges releases."""
    TESTED = "tested"
    """Tried on such a tool."""
    AGREED = "agreed"
    """Two restatements of the text agree."""
    RESTATED = "restated"
    """One restatement says so."""
    UNVERIFIED = "unverified"
    """It could not be compared with the published text."""
    READ = "read"
    """Read from the text by this program: nobody has reviewed it."""
    HOUSE = "house"
    """No text is published: we ask for it."""

    @property
    def is_doubtful(self) -> bool:
        return self in {Confidence.UNVERIFIED, Confidence.READ}


CONFIDENCES = {
    Confidence.PRIMARY: gettext_noop("read in the published text"),
    Confidence.TESTED: gettext_noop("tried on the tools that judge releases"),
    Confidence.AGREED: gettext_noop("two restatements of the text agree"),
    Confidence.RESTATED: gettext_noop("one restatement of the text says so"),
    Confidence.UNVERIFIED: gettext_noop("could not be compared with the published text"),
    Confidence.READ: gettext_noop("read from the text by this program, not reviewed"),
    Confidence.HOUSE: gettext_noop("no text is published: our own demand"),
}
SECTIONS = (
    gettext_noop("DIZ"),
    gettext_noop("Directory name"),
    gettext_noop("File names"),
    gettext_noop("Fixes"),
    gettext_noop("Formats"),
    gettext_noop("Integrity"),
    gettext_noop("NFO"),
    gettext_noop("Packaging"),
    gettext_noop("Proof"),
    gettext_noop("Sample"),
    gettext_noop("Subtitles"),
    gettext_noop("Tags"),
    gettext_noop("Video"),
    gettext_noop("Zipscripts"),
)
"""The chapters that shipped specs cite; a door translates them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """Where a rule asks for what a check asks."""

    section: str
    severity: Severity
    confidence: Confidence


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
    confidence: Confidence = Confidence.TESTED

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
