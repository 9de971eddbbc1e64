"""What a person calls by its name, and programs by its number."""

import re
from collections.abc import Callable, Iterable
from difflib import get_close_matches
from typing import Any

from django.utils.translation import gettext as _

from cli.doors import Door, Refusal, all_of
from cli.exits import Exit, Stop

NUMBER = re.compile("[0-9]{1,18}")


def user_number(door: Door, said: str) -> int:
    """Return the number of a person, by name or number: a name may be all digits.

    Raises:
        Stop: there is nobody of that name.
    """
    try:
        found = list(all_of(door, "/users", "users", {"search": said}))
    except Refusal:
        if not NUMBER.fullmatch(said):
            raise
        return int(said)  # it may be one's own, whoever may not see all
    return numbered(said, found, "username", _("There is no user %(name)s."))


def role_number(door: Door, said: str) -> int:
    sentence = _("There is no role %(name)s.")
    return named(said, all_of(door, "/roles", "roles"), "name", sentence)


def group_number(door: Door, said: str) -> int:
    found = all_of(door, "/groups", "groups", {"search": said})
    return named(said, found, "name", _("There is no group %(name)s."))


def release_number(door: Door, said: str) -> int:
    if NUMBER.fullmatch(said):
        return int(said)
    found = all_of(door, "/releases", "releases", {"search": said})
    return named(said, found, "name", _("There is no release %(name)s that you may see."))


def destination_number(door: Door, said: str) -> int:
    """Return the number of one that is seen."""
    return _destination_number(said, lambda: destinations(door))


def usable_destination_number(door: Door, said: str) -> int:
    """Return the number of one that is delivered to: one's own before one for all."""
    return _destination_number(said, lambda: usable_destinations(door))


def _destination_number(said: str, listed: Callable[[], dict[str, Any]]) -> int:
    sentence = _("There is no destination %(name)s that you may use.")
    return numbered(said, own_last(listed()["destinations"]), "name", sentence)


def own_last(destinations: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Put one's own behind those for all: of one name, the last counts."""
    return sorted(destinations, key=lambda one: one["user_id"] is not None)


def destinations(door: Door) -> dict[str, Any]:
    """Return all that one may see; who may not see the configuration sees what they may use."""
    try:
        return dict(door.ask("GET", "/config/destinations"))
    except Refusal as refusal:
        if refusal.code != Exit.NOT_PERMITTED:
            raise
    return usable_destinations(door)


def usable_destinations(door: Door) -> dict[str, Any]:
    """Return one's own, and those for all."""
    return dict(door.ask("GET", "/config/destinations", query={"usable": "true"}))


def numbered(said: str, found: list[dict[str, Any]], key: str, sentence: str) -> int:
    """Return the number of the one that is called so, else the number that is said."""
    if NUMBER.fullmatch(said) and said not in {one[key] for one in found}:
        return int(said)
    return named(said, found, key, sentence)


def named(said: str, found: Iterable[dict[str, Any]], key: str, sentence: str) -> int:
    """Return the number of the one that is called so, in whatever case where that is one.

    Raises:
        Stop: there is none; names those that are near.
    """
    numbers = {one[key]: int(one["id"]) for one in found}
    if said in numbers:
        return numbers[said]
    alike = [name for name in numbers if name.casefold() == said.casefold()]
    if len(alike) == 1:
        return numbers[alike[0]]
    message = sentence % {"name": said}
    if near := alike or get_close_matches(said, numbers):
        message += " " + _("Did you mean %(names)s?") % {"names": ", ".join(near)}
    raise Stop(Exit.NOT_FOUND, message)
