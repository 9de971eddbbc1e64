from typing import Any

from django import template

register = template.Library()


@register.filter
def at(mapping: dict[str, Any], key: object) -> Any:
    """Return the value at `key`, which is known to the template only as a variable."""
    return mapping.get(str(key))
