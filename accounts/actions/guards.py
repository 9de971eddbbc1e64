"""What keeps an instance its administrators, and everybody their rank.

Locks are taken in one order, or transactions would wait for each other: roles, people, the last
administrator.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from accounts.actions.refusal import Refused, WrongFields
from accounts.models import ACTIONS, ADMIN_ROLE, FirstRun, ReleaseGroup, Role, User
from accounts.permissions import (
    RESOURCES,
    Cell,
    cells_of,
    require_all,
    require_rank,
    with_implied,
)
from accounts.scopes import NeedsLogin

MOST_NAMED = 5


class AdminsAlone(PermissionDenied):
    """The role Admin is given and taken by those who have it."""

    template = gettext_noop("Only administrators give the role Admin")

    def __init__(self) -> None:
        super().__init__(self.template)


class Stranger(PermissionDenied):
    """Who gives a group to somebody has to be in it: its releases are not theirs to show."""

    template = gettext_noop("You can only give groups that you are in: not %(group)s")

    def __init__(self, group: ReleaseGroup) -> None:
        self.values = {"group": group.tag}
        super().__init__(self.template % self.values)


def require_role(by: User, role: Role) -> None:
    """Let `by` give `role` to somebody, or raise PermissionDenied: it gives more than they hold."""
    if role.name == ADMIN_ROLE and not by.is_admin:
        raise AdminsAlone
    require_all(by, cells_of(role.permissions.all()))


def require_groups(by: User, groups: Iterable[ReleaseGroup]) -> None:
    """Let `by` give `groups` to somebody, or raise PermissionDenied: one is not theirs."""
    if by.is_admin:
        return
    own = set(by.release_groups.all())
    for group in groups:
        if group not in own:
            raise Stranger(group)


def checked(wished: Mapping[str, Iterable[str]]) -> frozenset[Cell]:
    """Return what is `wished`, and what it implies.

    Raises:
        WrongFields: there is no such resource or action.
    """
    unknown = [resource for resource in wished if resource not in RESOURCES]
    unknown += [one for each in wished.values() for one in each if one.lower() not in ACTIONS]
    if unknown:
        sentence = _("There is no such resource or action: %(names)s.")
        raise WrongFields({"permissions": [sentence % {"names": ", ".join(unknown[:MOST_NAMED])}]})
    return with_implied(wished)


def hold_role(role: Role) -> None:
    """Keep `role` as it is until the transaction ends; its name and permissions are read anew.

    Raises:
        Refused: somebody deleted it meanwhile.
    """
    try:
        now: Any = Role.objects.select_for_update()  # of roles, whatever the stub says of its base
        role.refresh_from_db(from_queryset=now)
    except Role.DoesNotExist as gone:
        raise Refused(_("Somebody deleted this role meanwhile.")) from gone


def hold_roles(numbers: Iterable[int]) -> None:
    """Keep these roles until the transaction ends, taken in one order whoever names them how."""
    held: Any = Role.objects.select_for_update()
    list(held.filter(id__in=list(numbers)).order_by("pk"))


def refuse_token(people: QuerySet[User], *, by: User) -> None:
    """Let nobody's token change its own holder: whoever found it would stay, and grow."""
    if by.scopes is not None and people.filter(pk=by.pk).exists():
        raise NeedsLogin


def hold(user: User, *, by: User) -> None:
    """Keep `user` as they are until the transaction ends, for `by` to change them.

    Raises:
        PermissionDenied: they may do more than `by`, or are `by`, for whom a token speaks.
        Refused: somebody deleted them meanwhile.
    """
    try:
        user.refresh_from_db(from_queryset=User.objects.select_for_update())
    except User.DoesNotExist as gone:
        raise Refused(_("Somebody deleted this account meanwhile.")) from gone
    person = User.objects.filter(pk=user.pk)
    refuse_token(person, by=by)
    require_rank(by, person)


def refuse_self(user: User, *, by: User) -> None:
    if user.pk == by.pk:
        raise Refused(_("You cannot do this to yourself: ask another administrator."))


def refuse_loss(user: User, *, by: User) -> None:
    """Refuse that `user` is an administrator no longer, were they the last or `by` themselves.

    Of two administrators who remove each other at once, the second waits here for the first.
    """
    refuse_self(user, by=by)
    FirstRun.objects.get_or_create(pk=1)
    FirstRun.objects.select_for_update().get(pk=1)
    is_admin = Q(is_superuser=True) | Q(groups__name=ADMIN_ROLE)
    admins = User.objects.filter(is_admin, is_active=True)
    if admins.filter(pk=user.pk).exists() and not admins.exclude(pk=user.pk).exists():
        raise Refused(_("This is the last administrator: make another one first."))
