"""Releases that correct another one, whole or by what was wrong with it alone.

Source: docs/formats/fixes.md.
"""

from releases.packing import nfo
from releases.packing.engine.schemes import Scheme
from releases.packing.plan import PackingError, Plan


def check_correction(plan: Plan, scheme: Scheme) -> None:
    """Refuse a correction that does not say what it corrects, and a fix of two things.

    Raises:
        PackingError: so it is.
    """
    if scheme.is_fix and not plan.corrects:
        raise PackingError("A fix corrects a release: say which one")
    if scheme.is_fix and plan.sample and plan.proofs:
        raise PackingError("A fix brings a sample or proofs: make one fix of each")
    if plan.corrects and plan.corrects not in _unbroken(plan.nfo):
        raise PackingError(
            "The NFO %(name)s does not name %(corrects)s, the release it corrects: write it there",
            name=plan.nfo_name,
            corrects=plan.corrects,
        )


def _unbroken(data: bytes) -> str:
    """Return the text of an NFO without spaces: a name may be longer than its lines."""
    return "".join(nfo.decode(data).text.split())
