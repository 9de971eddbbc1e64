"""What people prefer: their own word, else that for all, else what is built in."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from accounts.models import Preference, User
from accounts.permissions import require

MOST_NAMES = 50
NAME_LENGTH = 100
MOST_CHARACTERS = 10_000
"""Of one preference, as JSON."""


@dataclass(frozen=True, slots=True)
class Known:
    built_in: Any
    check: Callable[[Any], None]
    """Raises ValidationError for a value that cannot be kept."""


def names(value: Any) -> None:
    """Make sure that `value` is a list of different names."""
    is_list = isinstance(value, list) and len(value) <= MOST_NAMES
    if not (is_list and all(isinstance(one, str) and 0 < len(one) <= NAME_LENGTH for one in value)):
        raise ValidationError(_("A list of names is expected."))
    if len(set(value)) < len(value):
        raise ValidationError(_("A name stands in the list twice."))


def answers(value: Any) -> None:
    """Make sure that `value` is an object of bounded size."""
    if not isinstance(value, dict):
        raise ValidationError(_("An object is expected."))
    if len(json.dumps(value)) > MOST_CHARACTERS:
        raise ValidationError(
            _("This is longer than %(most)d characters."), params={"most": MOST_CHARACTERS}
        )


def choices_of_notices(value: Any) -> None:
    """Make sure that `value` says of what people are told, by yes and no."""
    answers(value)
    if not all(isinstance(choice, bool) for choice in value.values()):
        raise ValidationError(_("Each notice is wanted or not: true or false is expected."))


def one_of(*choices: str) -> Callable[[Any], None]:
    def check(value: Any) -> None:
        if value not in choices:
            sentence = _("Choose one of: %(choices)s.")
            raise ValidationError(sentence, params={"choices": ", ".join(choices)})

    return check


@cache
def zones() -> frozenset[str]:
    """Return the zones that this machine knows, e.g. ``Europe/Paris``."""
    return frozenset(available_timezones())


def zone(value: Any) -> None:
    """Make sure that `value` names a zone of time, or none: that of the browser."""
    if value != "" and not (isinstance(value, str) and value in zones()):
        raise ValidationError(_("There is no such time zone."))


KNOWN: Mapping[str, Known] = {
    "api_priority_order": Known(["OpenLibrary", "GoogleBooks", "TVDB", "TMDb", "OMDb"], names),
    "wizard_defaults": Known({}, answers),
    "list_filters": Known({}, answers),
    "view_mode": Known("table", one_of("cards", "table")),
    "theme": Known("auto", one_of("auto", "light", "dark")),
    "language": Known(settings.LANGUAGE_CODE, one_of(*dict(settings.LANGUAGES))),
    "time_zone": Known("", zone),
    "notifications": Known(
        {"job_completed": True, "job_failed": True, "desktop": False}, choices_of_notices
    ),
}


def preference(user: User, key: str) -> Any:
    """Return what `user` prefers for `key`, one of KNOWN."""
    return preferences(user, key)[key]


def preferences(user: User, *keys: str) -> dict[str, Any]:
    """Return what `user` prefers for each of `keys`, or of all."""
    return {key: KNOWN[key].built_in for key in keys or KNOWN} | said(user, *keys)


def said(user: User, *keys: str) -> dict[str, Any]:
    """Return what `user` says of `keys`, else what is said for all; no word is missing."""
    kept = Preference.objects.heard_by(user).filter(key__in=keys or KNOWN)
    return {one.key: one.value for one in kept}


def prefer(user: User, key: str, value: Any) -> None:
    """Keep what `user` prefers for `key`.

    Raises:
        ValidationError: see `prefer_all`.
    """
    prefer_all(user, {key: value})


@transaction.atomic
def prefer_all(user: User, wished: Mapping[str, Any]) -> None:
    """Keep all that `user` prefers, or nothing of it.

    Raises:
        ValidationError: by key, why a value cannot be kept.
    """
    if wrong := complaints(wished):
        raise ValidationError(wrong)
    for key, value in wished.items():
        Preference.objects.update_or_create(user=user, key=key, defaults={"value": value})
    note_change(user)


@transaction.atomic
def prefer_for_all(wished: Mapping[str, Any], *, by: User) -> None:
    """Keep what all prefer who say nothing else, or nothing of it; None forgets what was said.

    Raises:
        PermissionDenied: `by` may not configure the site.
        ValidationError: by key, why a value cannot be kept.
    """
    require(by, "config", "write")
    if wrong := complaints({key: value for key, value in wished.items() if is_said(key, value)}):
        raise ValidationError(wrong)
    for key, value in wished.items():
        if value is None:
            Preference.objects.filter(user=None, key=key).delete()
        else:
            Preference.objects.update_or_create(user=None, key=key, defaults={"value": value})
    note_change(None)


def is_said(key: str, value: Any) -> bool:
    return value is not None or key not in KNOWN


def preferred_by_all() -> dict[str, Any]:
    """Return what those prefer who say nothing."""
    kept = Preference.objects.filter(user=None, key__in=KNOWN).values_list("key", "value")
    return {key: known.built_in for key, known in KNOWN.items()} | dict(kept)


@transaction.atomic
def forget(user: User, key: str) -> None:
    """Forget what `user` said of `key`: what holds for all, or is built in, counts again."""
    user.preferences.filter(key=key).delete()
    note_change(user)


@transaction.atomic
def forget_all(user: User) -> None:
    """Forget all that `user` said: what holds for all, or is built in, counts again."""
    user.preferences.all().delete()
    note_change(user)


def own(user: User) -> dict[str, Any]:
    """Return what `user` said, and nothing of what holds for all."""
    return dict(user.preferences.values_list("key", "value"))


def note_change(user: User | None) -> None:
    """Have the sessions of `user`, or of all, ask again what is preferred."""
    changed = User.objects.filter(pk=user.pk) if user else User.objects.all()
    changed.update(preferences_version=F("preferences_version") + 1)


def complaints(wished: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return what is wrong with the wishes, by key."""
    wrong: dict[str, list[str]] = {}
    for key, value in wished.items():
        try:
            check(key, value)
        except ValidationError as error:
            wrong[key] = error.messages
    return wrong


def check(key: str, value: Any) -> None:
    """Make sure that `value` can be kept as `key`.

    Raises:
        ValidationError: it cannot; says why.
    """
    if key not in KNOWN:
        raise ValidationError(
            _("There is no such preference. Choose one of: %(choices)s."),
            params={"choices": ", ".join(KNOWN)},
        )
    KNOWN[key].check(value)
