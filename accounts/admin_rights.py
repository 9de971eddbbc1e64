"""What the pages of the administration share: our own permissions, and the words of refusals."""

from collections.abc import Callable
from typing import Any, cast

from django.contrib import admin, messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts.actions import Refused
from accounts.models import User
from accounts.permissions import holds


class Held(admin.ModelAdmin):  # type: ignore[type-arg]  # the stub is generic, the class not
    """Asks for permissions on `resource`: there are none of those that Django would ask for."""

    resource = "config"

    def may(self, request: HttpRequest, action: str) -> bool:
        return request.user.is_authenticated and holds(request.user, self.resource, action)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.may(request, "read")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may(request, "read")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.may(request, "write")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may(request, "write")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may(request, "delete")


class Everybodys(Held):
    """Rows that each belong to somebody: here administrators alone see those of all."""

    resource = "releases"

    def may(self, request: HttpRequest, action: str) -> bool:
        return super().may(request, action) and cast("User", request.user).is_admin


class Shown(admin.TabularInline):  # type: ignore[type-arg]  # as above
    """Rows to look at, beside what they belong to, for whoever sees that."""

    extra = 0
    can_delete = False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class Acting(Held):
    """Changes by actions, and says why one refused; nothing is changed then."""

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return attempted(request, super().changeform_view, *args, **kwargs)

    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return attempted(request, super().delete_view, *args, **kwargs)

    def changelist_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return attempted(request, super().changelist_view, *args, **kwargs)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Tell what goes too, asking for no right on each: the action asks for its own."""
        gone, counts, _lacking, protected = super().get_deleted_objects(objs, request)
        return gone, counts, set(), protected


def attempted(
    request: HttpRequest, view: Callable[..., HttpResponse], *args: Any, **kwargs: Any
) -> HttpResponse:
    if request.method != "POST":
        return view(request, *args, **kwargs)
    try:
        with transaction.atomic():
            return view(request, *args, **kwargs)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect(request.get_full_path())
