"""The persons of the table, and whose things they ask for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from accounts.models import ReleaseGroup, Role, User
from accounts.permissions import RESOURCES, grant
from tests.factories import make_user

OTHERS_GROUP, SHARED_GROUP = "OTHERS", "SHARED"


@dataclass(frozen=True, slots=True)
class Column:
    who: str
    make: Callable[[], User | None]
    asks_for_own: bool


def nobody() -> None:
    """Ask without any credentials."""


def powerless() -> User:
    return make_user()


def holding(*actions: str) -> Callable[[], User]:
    """Return what makes a user whose role has `actions` on every resource, and nothing else."""

    def make() -> User:
        user = make_user()
        role = Role.objects.create(name=f"role of {user}")
        for resource in RESOURCES:
            for action in actions:
                grant(role, resource, action)
        user.groups.add(role)
        return user

    return make


def admin() -> User:
    return make_user(role="Admin", is_staff=True)


def of_group(tag: str) -> Callable[[], User]:
    """Return what makes a user who may do everything, and is of the release group `tag`."""

    def make() -> User:
        user = holding("mod", "delete")()
        ReleaseGroup.objects.get_or_create(tag=tag)[0].members.add(user)
        return user

    return make


COLUMNS = [
    Column("anonymous", nobody, asks_for_own=True),
    Column("no right", powerless, asks_for_own=True),
    Column("READ", holding("read"), asks_for_own=True),
    Column("WRITE", holding("write"), asks_for_own=True),
    Column("MOD", holding("mod"), asks_for_own=True),
    Column("DELETE", holding("delete"), asks_for_own=True),
    Column("admin", admin, asks_for_own=True),
    Column("no right", powerless, asks_for_own=False),
    Column("READ", holding("read"), asks_for_own=False),
    Column("WRITE", holding("write"), asks_for_own=False),
    Column("MOD", holding("mod"), asks_for_own=False),
    Column("DELETE", holding("delete"), asks_for_own=False),
    Column("admin", admin, asks_for_own=False),
    Column("other group", of_group(OTHERS_GROUP), asks_for_own=False),
    Column("same group", of_group(SHARED_GROUP), asks_for_own=False),
]
"""Where nobody asks, what is asked for is a user's without any right."""
