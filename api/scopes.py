"""What a token must allow before a view is asked. DRF loads this by name: it imports no views."""

from typing import Any

from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from accounts.models import User
from accounts.scopes import ACCOUNT, require_scope


class WithinScopes(BasePermission):
    """Lets a token pass that may read what is read, or write what is changed.

    A view tells of which resource it is: ``scope = "releases"``. What more is needed, its action
    asks for. To delete is not to write: who may do either comes as far as the action.
    """

    def has_permission(self, request: Request, view: Any) -> bool:
        method = request.method or ""
        if isinstance(request.user, User) and method in view.allowed_methods:  # else it is a 405
            require_scope(request.user, getattr(view, "scope", ACCOUNT), *actions(method))
        return True


def actions(method: str) -> tuple[str, ...]:
    if method in SAFE_METHODS:
        return ("read",)
    return ("write", "delete") if method == "DELETE" else ("write",)
