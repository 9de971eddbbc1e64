"""The conformity report on a draft: what is broken, and the step that mends it."""

from dataclasses import dataclass

from drafts.answers import Stuck, new_release
from drafts.models import Draft
from drafts.steps import BY_KEY, Step
from releases.actions import NewRelease, Refused, refuse_taken, report
from releases.conformity import told_of
from rules.spec import Severity, Violation

NAME, FILE, TEXT, OPTIONS = "enrichment", "source", "nfo", "options"
STEP_THAT_MENDS = {
    "name": NAME,
    "name-characters": NAME,
    "name-punctuation": NAME,
    "name-length": NAME,
    "tag-repeated": NAME,
    "tag-conflict": NAME,
    "fix-refused": NAME,
    "format": FILE,
    "payload-count": FILE,
    "file-name-length": NAME,
    "file-name-case": NAME,
    "file-name-group": "group",
    "volume-size": OPTIONS,
    "volume-count": OPTIONS,
    "volume-minimum": OPTIONS,
    "volume-none": OPTIONS,
    "volume-equal": OPTIONS,
    "volume-nesting": OPTIONS,
    "volume-short-name": OPTIONS,
    "zip-number": OPTIONS,
    "volume-base": OPTIONS,
    "volume-naming": OPTIONS,
    "rar-version": OPTIONS,
    "rar-stored": OPTIONS,
    "archive-encrypted": OPTIONS,
    "rar-recovery": OPTIONS,
    "zip-stored": OPTIONS,
    "zip-contents": OPTIONS,
    "nfo-count": TEXT,
    "nfo-name": NAME,
    "nfo-group": "group",
    "nfo-encoding": TEXT,
    "nfo-width": TEXT,
    "nfo-fields": NAME,
    "nfo-corrects": TEXT,
    "source-link": NAME,
    "diz-count": OPTIONS,
    "diz-size": NAME,
    "diz-ascii": NAME,
    "diz-counter": OPTIONS,
    "sfv-none": OPTIONS,
    "sfv-count": OPTIONS,
    "sfv-entries": OPTIONS,
    "file-loose": OPTIONS,
    "folder": OPTIONS,
    "folder-subtitles": OPTIONS,
    "sample-count": FILE,
    "sample-format": FILE,
    "sample-length": FILE,
    "proof-format": FILE,
    "proof-size": FILE,
    "proof-metadata": FILE,
    "file-mode": OPTIONS,
    "file-empty": FILE,
    "fix-contents": NAME,
}
"""The step to go back to, by check: one for each, since a spec may ask any of a draft."""
TAKEN = "name-taken"


@dataclass(frozen=True, slots=True)
class Finding:
    """What is broken, in the language of who asks."""

    id: str
    section: str
    severity: str
    message: str
    fix: str
    confidence: str
    """Nothing where no rule is behind it."""
    doubt: str
    step: Step

    @property
    def is_blocking(self) -> bool:
        return self.severity == Severity.STRUCTURE


def findings(new: NewRelease) -> list[Finding]:
    """Return what the answers of a draft break, what blocks the packing first.

    Raises:
        Stuck: there is no name or no NFO yet, so that nothing can be said.
    """
    try:
        found = [finding(violation) for violation in report(new)]
    except Refused as refusal:
        raise Stuck(refusal, TEXT if has_name(new) else NAME) from refusal
    found.sort(key=lambda one: not one.is_blocking)
    return [*name_taken(new), *found]


def has_name(new: NewRelease) -> bool:
    try:
        return bool(new.release_name())
    except Refused:
        return False


def finding(violation: Violation) -> Finding:
    told = told_of(violation)
    return Finding(
        id=violation.id,
        section=told["section"],
        severity=violation.severity,
        message=told["message"],
        fix=told["fix"],
        confidence=violation.confidence,
        doubt=told["doubt"],
        step=BY_KEY[STEP_THAT_MENDS[violation.id]],
    )


def name_taken(new: NewRelease) -> list[Finding]:
    try:
        refuse_taken(new.release_name(), new.root)
    except Refused as refusal:
        said, severity = str(refusal), Severity.STRUCTURE
        return [Finding(TAKEN, "", severity, said, "", "", "", BY_KEY[NAME])]
    return []


def findings_of(draft: Draft) -> list[Finding]:
    """Return what the answers so far break.

    Raises:
        Refused: the type, the rule or the file is missing, or there is no name yet.
    """
    return findings(new_release(draft))
