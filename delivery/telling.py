"""What the engines say, in the language of who is told."""

from typing import Any

from django.utils.translation import gettext as _


def told(fault: Any) -> str:
    return _(fault.template) % getattr(fault, "values", {})
