"""What administrators set for the whole site."""

import logging
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import SystemSetting, User
from accounts.permissions import require
from accounts.system import KNOWN, MEMORY, System, described, effective, said

TABLE = "packer_site.residents.RESIDENTS"
"""By the name of a place, what counts that would be lost from sight if it were another one."""
LOCK = "changes"
"""The key of the row that all changes wait for."""

logger = logging.getLogger(__name__)


class InUse(Exception):
    """What lies at a place would be lost from sight; the message is for the user."""


def hold_system() -> System:
    """Return what counts now; until the transaction ends nobody else changes it."""
    SystemSetting.objects.get_or_create(key=LOCK, defaults={"value": ""})
    SystemSetting.objects.select_for_update().get(key=LOCK)
    return effective(said())


@transaction.atomic
def change_system(wished: Any, *, by: User) -> None:
    """Set what is `wished`, an object by section and name; None has the environment count again.

    Raises:
        PermissionDenied: `by` may not configure the site.
        ValidationError: by `section.name`, what cannot be kept; nothing is changed then.
        InUse: something lies at a place that is to be another one.
    """
    require(by, "config", "write")
    now, rows = hold_system(), said()
    told = dict(flat(described(now)))
    new = {key: value for key, value in flat(wished) if key not in told or told[key] != value}
    if wrong := complaints(new):
        raise ValidationError(wrong)
    then = effective({key: value for key, value in (rows | new).items() if value is not None})
    refuse_moving(now, then)
    if wrong := dict(misplaced(now, then)):
        raise ValidationError(wrong)
    keep(new, by=by)


def flat(wished: Any) -> Iterator[tuple[str, Any]]:
    """Yield what is wished by the names of rows, whatever it is.

    Raises:
        ValidationError: it is no object of objects.
    """
    if not (
        isinstance(wished, Mapping) and all(isinstance(one, Mapping) for one in wished.values())
    ):
        raise ValidationError({"non_field_errors": [_("An object of sections is expected.")]})
    for section, names in wished.items():
        if not names and section not in KNOWN:
            yield section, None
        for name, value in names.items():
            yield f"{section}.{name}", value


def complaints(new: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return what is wrong with what is wished, by the name of its row."""
    wrong: dict[str, list[str]] = {}
    for key, value in new.items():
        section, _dot, name = key.partition(".")
        known = KNOWN.get(section, {}).get(name)
        if known is None:
            wrong[key] = [_("There is no such setting.")]
        elif value is not None:
            try:
                known.check(value)
            except ValidationError as error:
                wrong[key] = error.messages
    return wrong


def moved(now: System, then: System) -> Iterator[tuple[str, Path | None]]:
    """Yield the places that are to be others, and where they are to be."""
    for name in KNOWN["paths"]:
        if getattr(then, name) != getattr(now, name):
            yield name, getattr(then, name)


def refuse_moving(now: System, then: System) -> None:
    """Refuse to leave a place where something lies: its rows would lead nowhere.

    Raises:
        InUse: something does.
    """
    residents: Mapping[str, Callable[[], int]] = import_string(TABLE)
    for name, _place in moved(now, then):
        if name in residents and (count := residents[name]()):
            sentence = ngettext(
                "paths.%(name)s: %(count)d thing lies there or is on its way there. "
                "Only an empty place can be changed.",
                "paths.%(name)s: %(count)d things lie there or are on their way there. "
                "Only an empty place can be changed.",
                count,
            )
            raise InUse(sentence % {"name": name, "count": count})


def misplaced(now: System, then: System) -> Iterator[tuple[str, list[str]]]:
    """Yield why a place cannot be used, by the name of its row; one that can is there then."""
    for name, place in moved(now, then):
        if place is None:
            continue
        if other := next(overlapping(name, place, then), None):
            sentence = _("This is the same as another place, holds it or lies in it: %(other)s")
            yield f"paths.{name}", [sentence % {"other": other}]
        elif not is_usable(place):
            yield (
                f"paths.{name}",
                [_("The folder cannot be made, or nothing can be written to it.")],
            )


def overlapping(name: str, place: Path, then: System) -> Iterator[Path]:
    others = [getattr(then, other) for other in KNOWN["paths"] if other != name]
    others += [settings.INBOX_DIR, *settings.TEMPLATE_ROOTS]
    for other in (Path(one).resolve() for one in others if one):
        if place.resolve().is_relative_to(other) or other.is_relative_to(place.resolve()):
            yield other


def is_usable(place: Path) -> bool:
    """Make the folder `place` where it is missing, and tell whether files can be written to it."""
    try:
        place.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=place):
            return True
    except OSError:
        return False


def keep(new: Mapping[str, Any], *, by: User) -> None:
    for key, value in new.items():
        if value is None:
            SystemSetting.objects.filter(key=key).delete()
        else:
            facts = {"value": kept(key, value), "changed_by": by, "changed_at": timezone.now()}
            SystemSetting.objects.update_or_create(key=key, defaults=facts)
    transaction.on_commit(MEMORY.forget)
    logger.info("%s set %s", by, ", ".join(sorted(new)) or "nothing")


def kept(key: str, value: Any) -> Any:
    """Return `value` as it is kept: of a path the place that its links lead to."""
    is_path = key.startswith("paths.") and value
    return str(Path(value).resolve()) if is_path else value
