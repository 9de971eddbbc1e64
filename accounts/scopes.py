"""What a personal token may do of all that its holder may."""

from collections.abc import Iterable

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext_noop

from accounts import permissions
from accounts.models import ACTIONS, User
from accounts.permissions import IMPLIED, RESOURCES, holds, scope

ACCOUNT = "account"
ACCOUNT_ACTIONS = ("read", "write")
"""For what is of no resource: who one is, and what one prefers."""
SCOPES = (
    *(scope(resource, action) for resource in RESOURCES for action in ACTIONS),
    *(scope(ACCOUNT, action) for action in ACCOUNT_ACTIONS),
)


class NeedsLogin(PermissionDenied):
    """A token was shown where its holder has to log in."""

    template = gettext_noop("A token may not do this: log in.")

    def __init__(self) -> None:
        super().__init__(self.template)


class OutOfScope(PermissionDenied):
    template = gettext_noop("The token lacks the scope %(scope)s.")

    def __init__(self, lacking: str) -> None:
        self.values = {"scope": lacking}
        super().__init__(self.template % self.values)


def require_login(user: User) -> None:
    """Let `user` pass unless a token speaks for them, or raise PermissionDenied."""
    if user.scopes is not None:
        raise NeedsLogin


def require_scope(user: User, resource: str, *actions: str) -> None:
    """Let a token pass that allows one of `actions` on `resource`, and whoever logged in."""
    wanted = [scope(resource, action) for action in actions]
    if user.scopes is not None and user.scopes.isdisjoint(wanted):
        raise OutOfScope(wanted[0])


def may_give(user: User, wanted: str) -> bool:
    """Tell whether `user` holds what the scope `wanted` allows."""
    resource, _colon, action = wanted.partition(":")
    return resource == ACCOUNT or holds(user, resource, action)


def require_all(user: User, wanted: Iterable[str]) -> None:
    """Let `user` pass who holds what the scopes `wanted` allow, or raise PermissionDenied."""
    cells = [tuple(one.split(":")) for one in wanted]
    permissions.require_all(user, [(resource, action) for resource, action in cells])


def expanded(wanted: Iterable[str]) -> list[str]:
    """Return the scopes `wanted` and those they imply, each once, in the order of `SCOPES`.

    Raises:
        ValueError: one of them is none.
    """
    held: set[str] = set()
    for one in wanted:
        if one not in SCOPES:
            raise ValueError(f"{one!r} is no scope")
        resource, _colon, action = one.partition(":")
        held |= {scope(resource, implied) for implied in (action, *IMPLIED.get(action, ()))}
    return [one for one in SCOPES if one in held]
