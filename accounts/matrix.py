"""Permissions as a table of resources and actions: what is ticked, and where each comes from."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.contrib.auth.models import Permission
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts import permissions
from accounts.models import ACTIONS, User
from accounts.permissions import CELLS, RESOURCES, holds, scope

LABELS: dict[str, str | Promise] = {
    "releases": _("Releases"),
    "rules": _("Rules"),
    "users": _("Users"),
    "roles": _("Roles"),
    "config": _("Configuration"),
}
ALL = tuple(scope(*cell) for cell in CELLS.values())
"""How forms call the cells, e.g. ``rules:read``."""


@dataclass(frozen=True, slots=True)
class Cell:
    name: str
    is_ticked: bool
    roles: Sequence[str]
    """Those that give it."""
    is_locked: bool
    """Who looks does not hold it, and so cannot give it."""

    @property
    def action(self) -> str:
        return self.name.partition(":")[2].upper()


@dataclass(frozen=True, slots=True)
class Row:
    label: str | Promise
    cells: Sequence[Cell]


def matrix(
    ticked: Collection[str], *, by: User, of_roles: Mapping[str, Sequence[str]] | None = None
) -> list[Row]:
    """Return the table as `by` may change it; `of_roles` are the roles that give each cell."""

    def cell(resource: str, action: str) -> Cell:
        name = scope(resource, action)
        roles = (of_roles or {}).get(name, ())
        return Cell(name, name in ticked, roles, not holds(by, resource, action))

    return [
        Row(LABELS[resource], [cell(resource, action) for action in ACTIONS])
        for resource in RESOURCES
    ]


def ticks(table: Mapping[str, Iterable[str]]) -> set[str]:
    """Return the cells of e.g. ``{"rules": ["READ"]}``."""
    return {scope(resource, one.lower()) for resource, some in table.items() for one in some}


def wished(ticked: Iterable[str]) -> dict[str, list[str]]:
    """Return what those cells ask for, the other way round."""
    asked: dict[str, list[str]] = {resource: [] for resource in RESOURCES}
    for name in sorted(ticked):
        resource, _colon, action = name.partition(":")
        asked[resource].append(action.upper())
    return asked


def with_implied(ticked: Iterable[str]) -> set[str]:
    return {scope(*cell) for cell in permissions.with_implied(wished(ticked))}


def told(ticked: Iterable[str]) -> str:
    """Return the cells as a sentence lists them, e.g. ``Rules READ, Rules WRITE``."""
    chosen = set(ticked)
    parts = [name.partition(":") for name in ALL if name in chosen]
    return ", ".join(f"{LABELS[resource]} {action.upper()}" for resource, _colon, action in parts)


def given_by_roles(user: User) -> dict[str, list[str]]:
    """Return the names of the roles that give `user` each cell."""
    given: defaultdict[str, list[str]] = defaultdict(list)
    found = Permission.objects.filter(group__user=user).order_by("group__name")
    for app, codename, role in found.values_list(
        "content_type__app_label", "codename", "group__name"
    ):
        if (cell := CELLS.get(f"{app}.{codename}")) is not None:
            given[scope(*cell)].append(role)
    return given
