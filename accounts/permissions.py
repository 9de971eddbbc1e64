"""Who may do what to which object. The only module that knows django-guardian.

A permission is held on a resource as a whole (a role gives it, or a grant to one user), or on one
object. What a user made is theirs: there, what they hold on the resource is enough.
"""

from typing import Any

from django.contrib.auth.models import Group as AuthGroup
from django.core.exceptions import PermissionDenied
from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext_noop
from guardian.shortcuts import assign_perm
from guardian.utils import get_group_obj_perms_model, get_user_obj_perms_model

from accounts.models import ACTIONS, User

RESOURCES = {
    "releases": "releases.{}_release",
    "rules": "rules.{}_rule",
    "users": "accounts.{}_user",
    "roles": "accounts.{}_role",
    "config": "accounts.{}_config",
}
IMPLIED = {"mod": ("write", "read"), "write": ("read",)}


class Denied(PermissionDenied):
    """Names the permission that is missing: in English, a page translates `template`."""

    template = gettext_noop("You don't have %(action)s permission on %(resource)s")

    def __init__(self, resource: str, action: str) -> None:
        self.values = {"action": action.upper(), "resource": resource}
        super().__init__(self.template % self.values)


def permission(resource: str, action: str) -> str:
    """Return Django's name of `action` on `resource`, e.g. ``releases.mod_release``."""
    return RESOURCES[resource].format(action)


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


def final_permissions(user: User) -> dict[str, list[str]]:
    """Return the actions `user` holds on each resource, e.g. ``{"rules": ["READ"], …}``."""
    held = user.get_all_permissions()
    return {
        resource: [action.upper() for action in ACTIONS if name.format(action) in held]
        for resource, name in RESOURCES.items()
    }
