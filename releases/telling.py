"""What engines say, in the language of who is told."""

from typing import Any

from django.utils.translation import gettext as _


def told(fault: Any) -> str:
    """Return the sentence of an engine's error, of a note, or of a violation."""
    template, values = getattr(fault, "template", ""), getattr(fault, "values", {})
    return _(template) % values if template else str(fault)
