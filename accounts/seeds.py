"""What a new instance starts with: two roles and one administrator."""

import secrets

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import ACTIONS, ADMIN_ROLE, Role, User
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
    if User.objects.filter(is_superuser=True).exists():
        return None
    if User.objects.filter(username=username).exists():
        raise ValidationError(f"{username} is the name of an ordinary user: choose another.")
    if password:
        validate_password(password, User(username=username))
    chosen = password or f"{secrets.token_urlsafe(12)}A1"
    admin = User.objects.create_superuser(username, password=chosen)
    admin.groups.add(Role.objects.get(name=ADMIN_ROLE))
    return chosen
