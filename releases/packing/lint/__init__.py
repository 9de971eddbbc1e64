"""How a release directory keeps to a rule, ours or not."""

from pathlib import Path

from releases.packing.lint.facts import fitting_rule
from releases.packing.lint.keeping import kept, restored
from releases.packing.lint.observation import Observation, observation_of, observe
from releases.packing.lint.places import releases_in
from releases.packing.lint.report import Report, judge
from releases.packing.lint.unpacking import LIMITS, Limits, unpacked
from releases.packing.plan import Progress
from rules.spec import Spec

__all__ = [
    "LIMITS",
    "Limits",
    "Observation",
    "Report",
    "fitting_rule",
    "judge",
    "kept",
    "lint",
    "observation_of",
    "observe",
    "releases_in",
    "restored",
    "unpacked",
]


def lint(
    folder: Path,
    spec: Spec,
    *,
    rule: str = "",
    progress: Progress = lambda stage, done, total: None,
) -> Report:
    """Return the conformity report of the release `folder` against `spec`.

    `rule` is what the report calls it; `progress` hears, in this thread, of the stage verify.

    Raises:
        Damaged: the folder may not be read.
    """
    return judge(observe(folder, progress), spec, rule)
