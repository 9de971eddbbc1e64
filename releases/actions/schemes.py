"""How a rule has releases packed, and what says so where one is to be packed otherwise."""

from django.utils.translation import gettext_noop

from releases.actions.refusal import Refused, told
from rules.models import Rule
from rules.spec import CHECKS, Confidence, Severity, Violation

CLAUSE = "volume-nesting"


def refuse_other_scheme(rule: Rule, form: str) -> None:
    """Raise Refused, with the clause of `rule`, if that does not pack as `form`: ZIP or RAR."""
    scheme = rule.spec.scheme.upper()
    if form == scheme:
        return
    cited = rule.spec.checks.get(CLAUSE)
    broken = Violation(
        CLAUSE,
        cited.section if cited else "Packaging",
        Severity.STRUCTURE,
        gettext_noop("%(rule)s packs as %(scheme)s: choose that."),
        {"rule": rule.name, "scheme": scheme},
        CHECKS[CLAUSE].fix,
        confidence=cited.confidence if cited else Confidence.HOUSE,
    )
    raise Refused(told(broken), (broken,))
