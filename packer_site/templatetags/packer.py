from typing import Any

from django import template

register = template.Library()


@register.filter
def at(mapping: dict[str, Any], key: object) -> Any:
    """Return the value at `key`, which is known to the template only as a variable."""
    return mapping.get(str(key))


@register.filter
def duration(seconds: int) -> str:
    """Return e.g. ``3 s``, ``2 min 5 s`` or ``1 h 4 min``."""
    minutes, rest = divmod(seconds, 60)
    if not minutes:
        return f"{rest} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"
