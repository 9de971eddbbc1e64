"""What a new instance starts with: two roles and one administrator."""

import secrets

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q

from accounts.models import ACTIONS, ADMIN_ROLE, FirstRun, Role, User
from accounts.permissions import RESOURCES, grant

ROLES: dict[str, dict[str, tuple[str, ...]]] = {
    ADMIN_ROLE: dict.fromkeys(RESOURCES, ACTIONS),
    "Operator": {"releases": ("mod",), "rules": ("write",)},
}


@transaction.atomic
def seed_roles() -> None:
    """Make the roles that are missing; those that exist keep what admins made of them."""
    for name, permissions in ROLES.items():
        role, is_new = Role.objects.get_or_create(name=name)
        if not is_new:
            continue
        for resource, actions in permissions.items():
            for action in actions:
                grant(role, resource, action)


@transaction.atomic
def seed_admin(username: str, password: str) -> str | None:
    """Make the first administrator where there is none, and return the password to tell them.

    Without `password` one is generated. Returns None where nothing was made.

    Raises:
        ValidationError: `password` is too weak, or somebody else has the name.
    """
    FirstRun.objects.get_or_create(pk=1)  # whoever makes one at the same time is waited for
    if User.objects.filter(is_superuser=True).exists():
        return None
    if User.objects.filter(username=username).exists():
        raise ValidationError(f"{username} is the name of an ordinary user: choose another.")
    if password:
        validate_password(password, User(username=username))
    chosen = password or f"{secrets.token_urlsafe(12)}A1"
    make_admin(username, chosen)
    return chosen


def make_admin(username: str, password: str, email: str = "") -> User:
    admin = User.objects.create_superuser(username, email, password)
    admin.groups.add(Role.objects.get(name=ADMIN_ROLE))
    return admin


class FirstRunOver(Exception):
    """There is an administrator: who comes later must be let in by them."""


def awaits_admin() -> bool:
    """Tell whether whoever opens this instance first becomes its administrator."""
    return not (FirstRun.objects.exists() or has_admin())


def has_admin() -> bool:
    return User.objects.filter(Q(is_superuser=True) | Q(groups__name=ADMIN_ROLE)).exists()


@transaction.atomic
def welcome_admin(username: str, password: str, email: str = "") -> User:
    """Make the first administrator, once in the life of an instance.

    Raises:
        FirstRunOver: somebody was faster.
    """
    try:
        with transaction.atomic():
            FirstRun.objects.create(pk=1)
    except IntegrityError as taken:
        raise FirstRunOver from taken
    if has_admin():
        raise FirstRunOver
    seed_roles()
    return make_admin(username, password, email)
