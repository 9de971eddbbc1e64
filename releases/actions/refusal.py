from typing import Any

from django.utils.translation import gettext as _

from rules.spec import Violation


class Refused(Exception):
    """What was asked cannot be done as things are; the message is for the user."""

    def __init__(self, message: str, violations: tuple[Violation, ...] = ()) -> None:
        super().__init__(message)
        self.violations = violations


def told(fault: Any) -> str:
    """Return the sentence of an engine's error, or of a violation, in the user's language."""
    template, values = getattr(fault, "template", ""), getattr(fault, "values", {})
    return _(template) % values if template else str(fault)
