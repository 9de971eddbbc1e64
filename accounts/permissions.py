"""Who may do what to which object. The only module that knows django-guardian.

A permission is held on a resource as a whole (a role gives it, or a grant to one user), or on one
object. What a user made is theirs: there, what they hold on the resource is enough.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.contrib.auth.models import Group as AuthGroup
from django.contrib.auth.models import Permission
from django.core.exceptions import PermissionDenied
from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext_noop
from guardian.shortcuts import assign_perm
from guardian.utils import get_group_obj_perms_model, get_user_obj_perms_model

from accounts.models import ACTIONS, ADMIN_ROLE, User

RESOURCES = {
    "releases": "releases.{}_release",
    "rules": "rules.{}_rule",
    "users": "accounts.{}_user",
    "roles": "accounts.{}_role",
    "config": "accounts.{}_config",
}
IMPLIED = {"mod": ("write", "read"), "write": ("read",)}

Cell = tuple[str, str]
"""A resource and an action, in lower case."""
Table = dict[str, list[str]]
"""Actions by resource, e.g. ``{"rules": ["READ", "WRITE"], …}``: every resource, in order."""


class Denied(PermissionDenied):
    """Names the permission that is missing: in English, a page translates `template`."""

    template = gettext_noop("You don't have %(action)s permission on %(resource)s")

    def __init__(self, resource: str, action: str) -> None:
        self.values = {"action": action.upper(), "resource": resource}
        super().__init__(self.template % self.values)


class Outranked(PermissionDenied):
    """Somebody is to be changed who may do more than who asks."""

    template = gettext_noop("%(username)s may do more than you: you cannot change their account")

    def __init__(self, person: User) -> None:
        self.values = {"username": person.username}
        super().__init__(self.template % self.values)


def permission(resource: str, action: str) -> str:
    """Return Django's name of `action` on `resource`, e.g. ``releases.mod_release``."""
    return RESOURCES[resource].format(action)


CELLS: dict[str, Cell] = {
    permission(resource, action): (resource, action) for resource in RESOURCES for action in ACTIONS
}
"""What each of Django's names means."""


def scope(resource: str, action: str) -> str:
    """Return how the scopes of a token call `action` on `resource`, e.g. ``releases:mod``."""
    return f"{resource}:{action}"


def holds(user: User, resource: str, action: str, subject: Any = None) -> bool:
    """Tell whether `user` may do `action` to `resource`, or to the one `subject` of it."""
    if user.scopes is not None and scope(resource, action) not in user.scopes:
        return False
    name = permission(resource, action)
    is_in_reach = subject is None or user.is_admin or subject.belongs_to(user)
    if is_in_reach and user.has_perm(name):  # asked once; what is granted on one, each time
        return True
    return subject is not None and user.has_perm(name, subject)


def require(user: User, resource: str, action: str, subject: Any = None) -> None:
    """Let `user` pass, or raise PermissionDenied (a 403 on the web and in the API)."""
    if not holds(user, resource, action, subject):
        raise Denied(resource, action)


def grant(
    holder: User | AuthGroup, resource: str, action: str, subject: Model | None = None
) -> None:
    """Give `holder` the permission, and those it implies, on all or on one `subject`."""
    for given in (action, *IMPLIED.get(action, ())):
        assign_perm(permission(resource, given), holder, subject)


def granted(model: Any, user: User, resource: str, action: str = "read") -> Q:
    """Return what the objects fulfil that `user` was granted `action` on, one by one."""
    to_user, to_roles = granted_keys(model, user, resource, action)
    return Q(pk__in=to_user) | Q(pk__in=to_roles)


def granted_keys(
    model: Any, user: User, resource: str, action: str = "read"
) -> tuple[QuerySet[Any], QuerySet[Any]]:
    """Return the keys of those objects: granted to `user`, and to a role of theirs.

    They ask the tables of the grants alone: what guardian asks, MariaDB asks of each row.
    """
    codename = permission(resource, action).partition(".")[2]
    to_user: Any = get_user_obj_perms_model(model)
    to_group: Any = get_group_obj_perms_model(model)
    own = to_user.objects.filter(user=user, permission__codename=codename)
    of_roles = to_group.objects.filter(group__user=user, permission__codename=codename)
    return own.values_list("content_object"), of_roles.values_list("content_object")


def with_implied(wished: Mapping[str, Iterable[str]]) -> frozenset[Cell]:
    """Return the cells `wished`, actions in any case, and those they imply.

    Raises:
        KeyError: there is no such resource, or no such action.
    """
    asked = [(resource, one.lower()) for resource, actions in wished.items() for one in actions]
    known = [CELLS[permission(*cell)] for cell in asked]
    return frozenset(
        (resource, each) for resource, one in known for each in (one, *IMPLIED.get(one, ()))
    )


def rows_of(cells: Collection[Cell]) -> QuerySet[Permission]:
    """Return the rows of Django's that `cells` are."""
    names = [permission(*cell).partition(".") for cell in cells]
    return Permission.objects.filter(
        content_type__app_label__in={app for app, _dot, _codename in names},
        codename__in={codename for _app, _dot, codename in names},
    )


def cells_of(rows: QuerySet[Permission]) -> frozenset[Cell]:
    """Return the cells among `rows`; what Django and its apps know of besides is none."""
    named = rows.values_list("content_type__app_label", "codename")
    return frozenset(
        CELLS[f"{app}.{codename}"] for app, codename in named if f"{app}.{codename}" in CELLS
    )


def table(cells: Collection[Cell]) -> Table:
    return {
        resource: [action.upper() for action in ACTIONS if (resource, action) in cells]
        for resource in RESOURCES
    }


def permissions_of(role: AuthGroup) -> Table:
    return table(cells_of(role.permissions.all()))


def role_permissions(user: User) -> Table:
    """Return what the roles of `user` give."""
    return table(cells_of(Permission.objects.filter(group__user=user)))


def custom_permissions(user: User) -> Table:
    """Return what `user` was given besides their roles."""
    return table(cells_of(user.user_permissions.all()))


def final_permissions(user: User) -> Table:
    """Return what `user` holds, or would if they were active."""
    if user.is_superuser:
        return table(CELLS.values())
    return table(cells_of(Permission.objects.filter(Q(group__user=user) | Q(user=user))))


def set_permissions(holder: User | AuthGroup, wished: Mapping[str, Iterable[str]]) -> None:
    """Give `holder` what is `wished` and what that implies, and nothing else.

    Raises:
        KeyError: there is no such resource, or no such action.
    """
    held = holder.user_permissions if isinstance(holder, User) else holder.permissions
    held.set(rows_of(with_implied(wished)))


def require_all(user: User, cells: Iterable[Cell]) -> None:
    """Let `user` give `cells` to somebody, or raise PermissionDenied: they hold not all."""
    for resource, action in CELLS.values():
        if (resource, action) in cells:
            require(user, resource, action)


def require_rank(user: User, people: QuerySet[User]) -> None:
    """Let `user` change `people`, or raise PermissionDenied: one of them may do more.

    Who is deactivated counts as what they would be again.
    """
    stronger = people.filter(stronger_than(user)).first()
    if stronger is not None:
        raise Outranked(stronger)


def stronger_than(user: User) -> Q:
    """Return what people fulfil who may do anything that `user` may not."""
    lacking = [cell for cell in CELLS.values() if not holds(user, *cell)]
    if user.is_admin and not lacking:
        return Q(pk__in=())
    rows = rows_of(lacking)
    held = Q(user_permissions__in=rows) | Q(groups__permissions__in=rows)
    return Q(is_superuser=True) | Q(groups__name=ADMIN_ROLE) | held
