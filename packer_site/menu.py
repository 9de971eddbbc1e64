"""What the menu of a person leads to."""

from typing import Any

from django.core.cache import cache
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from accounts.models import User
from accounts.permissions import RESOURCES, holds

KEPT_S = 30
"""So long a link may lag behind the right that it leads to: else every page would ask."""


def menu(request: HttpRequest) -> dict[str, Any]:
    """Tell templates of which resources the person may read what is everybody's."""
    return {"menu": SimpleLazyObject(lambda: readable(request.user))}


def readable(user: Any) -> frozenset[str]:
    if not isinstance(user, User):
        return frozenset()
    found = cache.get_or_set(f"menu:{user.pk}", lambda: asked(user), KEPT_S)
    return found or frozenset()


def asked(user: User) -> frozenset[str]:
    return frozenset(resource for resource in RESOURCES if holds(user, resource, "read"))
