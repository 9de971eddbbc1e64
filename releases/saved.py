"""What a person asks of the list of releases under a name of their own."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.preferences import prefer, preference
from releases.filters import asked_of, readable

KEY = "list_filters"
OF_RULES, DEFAULT = "rules", "*"
"""What stands beside the views under names that no view can have."""
NAME_LENGTH = 60


def views(user: User) -> dict[str, str]:
    """Return the address of each view of `user` by its name, in the order of their names."""
    return views_in(preference(user, KEY))


def views_in(kept: dict[str, Any]) -> dict[str, str]:
    named = {name: str(query) for name, query in kept.items() if name not in (OF_RULES, DEFAULT)}
    return dict(sorted(named.items(), key=lambda one: one[0].casefold()))


def default_in(kept: dict[str, Any]) -> str:
    """Return the name of the view that the list opens with; nothing where it opens with all."""
    name = str(kept.get(DEFAULT, ""))
    return name if name in views_in(kept) else ""


def save(user: User, name: str, query: str) -> str:
    """Keep what `query` asks for as `name`, and return the name as it is kept.

    Raises:
        ValidationError: it is no name, or no room is left.
    """
    told = checked(name)
    prefer(user, KEY, preference(user, KEY) | {told: sane(query)})
    return told


def sane(query: str) -> str:
    """Return what of an address makes sense, in the one way it is written."""
    return asked_of(QueryDict(query)).query()


def checked(name: str) -> str:
    told = " ".join(readable(name).split())
    if not told:
        raise ValidationError(_("Give the view a name."))
    if len(told) > NAME_LENGTH:
        values = {"most": NAME_LENGTH}
        raise ValidationError(_("A name has at most %(most)d characters."), params=values)
    if told in {OF_RULES, DEFAULT}:
        raise ValidationError(_("This name is kept for something else: choose another."))
    return told


def rename(user: User, name: str, new: str) -> None:
    """Give a view another name.

    Raises:
        ValidationError: it is no name, or another view has it.
    """
    kept = preference(user, KEY)
    told = checked(new)
    if told != name and told in kept:
        raise ValidationError(_("Another view has this name."))
    if name not in views_in(kept):
        raise ValidationError(_("There is no such view any more."))
    is_default = default_in(kept) == name
    renamed = {told if one == name else one: query for one, query in kept.items()}
    prefer(user, KEY, renamed | ({DEFAULT: told} if is_default else {}))


def delete(user: User, name: str) -> None:
    kept = preference(user, KEY)
    prefer(user, KEY, {one: query for one, query in kept.items() if one != name or one == OF_RULES})


def make_default(user: User, name: str) -> None:
    """Have the list open with the view `name`; with all of them where it is empty."""
    kept = {one: query for one, query in preference(user, KEY).items() if one != DEFAULT}
    prefer(user, KEY, kept | ({DEFAULT: name} if name in views_in(kept) else {}))
