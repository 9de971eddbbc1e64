"""What a release directory keeps of a rule, and what it breaks."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from releases.packing.lint.facts import facts_of
from releases.packing.lint.observation import Observation
from releases.packing.plan import Note
from releases.packing.rar import Damaged
from releases.packing.verify.agreement import MISSING, MISSUMMED, UNLISTED
from releases.packing.verify.readings import NO_FILE
from rules.spec import Severity, Spec, Violation
from rules.violation import gettext_noop

DAMAGED = "damaged"
INTEGRITY = gettext_noop("Integrity")
DAMAGED_DEMAND = gettext_noop("Every file is there, can be read, and has its sum.")
DAMAGED_FIX = gettext_noop("Put a sound copy of the file in its place, or pack again.")
FIXES = {
    MISSING: gettext_noop("Put the file back, or pack again."),
    MISSUMMED: gettext_noop("Find out which of the two was changed, and put it back as it was."),
    UNLISTED: gettext_noop("Remove the file, or write the list again with it."),
    NO_FILE: gettext_noop("Put the file itself in its place."),
}
"""What to do about faults for which a sound copy is no help."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    release: str
    rule: str
    is_house_profile: bool
    """No published ruleset exists: nothing may claim conformity to one."""
    violations: tuple[Violation, ...]
    """Damage first, then what is broken in the order of the checks, then eligibility."""
    uncertain: tuple[str, ...] = ()
    """The checks whose numbers could not be compared with the published text."""
    notes: tuple[Note, ...] = ()
    """What could not be judged."""
    place: str = ""
    """Its path in what was given to judge; nothing where it was that itself."""

    @property
    def is_damaged(self) -> bool:
        return any(broken.id == DAMAGED for broken in self.violations)

    @property
    def conforms(self) -> bool:
        return not any(broken.severity == Severity.STRUCTURE for broken in self.violations)


def judge(observed: Observation, spec: Spec, rule: str, place: str = "") -> Report:
    """Return what `observed` breaks of `spec`, the machine form of `rule`.

    `place` is where it lies in what was given to judge.
    """
    broken = spec.violations(facts_of(observed, spec))
    in_order = sorted(broken, key=lambda violation: violation.severity != Severity.STRUCTURE)
    return Report(
        release=observed.name,
        rule=rule,
        is_house_profile=spec.is_house_profile,
        violations=(*_damage(observed), *in_order),
        uncertain=spec.uncertain,
        notes=observed.notes,
        place=place,
    )


def _damage(observed: Observation) -> Iterator[Violation]:
    for fault in observed.faults:
        yield Violation(
            DAMAGED,
            INTEGRITY,
            Severity.STRUCTURE,
            fault.template,
            fault.values,
            FIXES.get(fault.template, DAMAGED_FIX),
            _relative(fault, observed.name),
        )


def _relative(fault: Damaged, name: str) -> str:
    """Return the path of the faulty file from the release directory, which it may lie beside."""
    path = PurePosixPath(str(fault.values.get("file", name)))
    return str(path.relative_to(name)) if path.is_relative_to(name) else f"../{path}"
