"""What one may ask of each operation, checked before anything is computed from it."""

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from releases.actions.refusal import Refused

MOST_NFO_CHARACTERS = 1 << 18


def text(value: Any) -> str:
    if not isinstance(value, str) or len(value) > MOST_NFO_CHARACTERS:
        raise ValueError
    return value


def yes_or_no(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


def number(value: Any) -> int:
    """Return a number that is not negative; a text of digits is one."""
    if isinstance(value, bool) or int(value) < 0:
        raise ValueError
    return int(value)


def mapping(value: Any) -> dict[str, Any]:
    if not isinstance(value, Mapping) or any(
        isinstance(one, dict | list) for one in value.values()
    ):
        raise TypeError
    return dict(value)


def names(value: Any) -> list[str]:
    if not isinstance(value, list | tuple):
        raise TypeError
    return [text(one) for one in value]


ALLOWED: Mapping[str, Mapping[str, Callable[[Any], Any]]] = {
    "nfofix": {"rerender": yes_or_no, "text": text},
    "dirfix": {"name": text},
    "repack": {
        "format": text,
        "volume_bytes": number,
        "rar_version": number,
        "generate_sfv": yes_or_no,
        "template": number,
        "text": text,
        "metadata": mapping,
    },
    "readnfo": {"rerender": yes_or_no, "fields": names},
}


def checked(operation: str, options: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the options that say something, as the operation takes them.

    Raises:
        Refused: there is no such operation or option, or its value cannot be one.
    """
    if operation not in ALLOWED:
        raise Refused(_("There is no such operation: %(name)s") % {"name": operation})
    given = {name: value for name, value in (options or {}).items() if value not in (None, "")}
    return {name: read(operation, name, value) for name, value in given.items()}


def read(operation: str, name: str, value: Any) -> Any:
    if name not in ALLOWED[operation]:
        raise Refused(_("There is no such option: %(name)s") % {"name": name})
    try:
        return ALLOWED[operation][name](value)
    except (TypeError, ValueError) as error:
        raise Refused(_("The option %(name)s cannot be this.") % {"name": name}) from error
