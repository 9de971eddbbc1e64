from http import HTTPStatus
from operator import attrgetter
from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group as AuthGroup
from django.core.exceptions import PermissionDenied
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from accounts import actions, matrix, preferences
from accounts.actions.guards import hold_roles
from accounts.actions.logins import end_logins
from accounts.actions.roles import SEEDED
from accounts.admin_forms import NewUserForm, PasswordForm, PreferenceForm, RoleForm, UserForm
from accounts.admin_rights import Acting, Held
from accounts.models import ApiToken, Preference, ReleaseGroup, Role, User
from accounts.permissions import (
    custom_permissions,
    permissions_of,
    stronger_than,
    with_implied,
)

admin.site.unregister(AuthGroup)  # a role is an auth group: one page is enough
admin.site.site_header = admin.site.site_title = "Release Packer"


@admin.register(User)
class UserAdmin(Acting, DjangoUserAdmin):  # type: ignore[type-arg]
    """Changes people by the actions of the other pages, with the same guards."""

    resource = "users"
    form = UserForm
    add_form = NewUserForm
    change_password_form = PasswordForm
    list_display = ["username", "email", "is_active", "is_staff", "is_superuser", "last_login"]
    list_filter = ["is_active", "is_superuser", "groups"]
    readonly_fields = [
        "is_staff",
        "is_superuser",
        "last_login",
        "date_joined",
        "created_by",
        "modified_at",
    ]
    filter_horizontal = []
    fieldsets = [
        (None, {"fields": ["username", "password", "is_active"]}),
        (_("Person"), {"fields": ["first_name", "last_name", "email", "note"]}),
        (_("Permissions"), {"fields": ["roles", "grants", "is_staff", "is_superuser"]}),
        (_("Dates"), {"fields": ["last_login", "date_joined", "created_by", "modified_at"]}),
    ]
    add_fieldsets = [
        (None, {"fields": ["username", "email", "note", "password1", "password2"]}),
    ]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and is_in_rank(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and is_in_rank(request, obj)

    def roles(self, user: User) -> str:
        """Tell the roles to who may only look."""
        return ", ".join(role.name for role in user.roles())

    def grants(self, user: User) -> str:
        return matrix.told(matrix.ticks(custom_permissions(user)))

    def save_model(self, request: Any, obj: User, form: Any, change: bool) -> None:
        said = form.cleaned_data
        if not change:
            new = actions.NewUser(
                **{name: said[name] for name in ("username", "email", "note")},
                password=said["password1"],
            )
            obj.pk = actions.create_user(new, by=request.user).pk
        else:
            names = {"username", "email", "note", "first_name", "last_name"} & set(said)
            person = User.objects.get(pk=obj.pk)
            hold_roles(role.pk for role in {*said["roles"]} ^ {*person.roles()})
            changes = {name: said[name] for name in names}
            actions.update_user(person, by=request.user, active=said["is_active"], **changes)
        obj.refresh_from_db()

    def save_related(self, request: Any, form: Any, formsets: Any, change: bool) -> None:
        if not change:
            return
        person, wanted = form.instance, set(form.cleaned_data["roles"])
        for role in wanted - set(person.roles()):
            actions.assign_role(person, role, by=request.user)
        for role in set(person.roles()) - wanted:
            actions.remove_role(person, role, by=request.user)
        grants = form.cleaned_data["grants"]
        if with_implied(grants) != with_implied(custom_permissions(person)):
            actions.set_custom_permissions(person, grants, by=request.user)

    def delete_model(self, request: Any, obj: User) -> None:
        actions.delete_user(obj, by=request.user)

    def delete_queryset(self, request: Any, queryset: QuerySet[User]) -> None:
        for user in queryset:
            actions.delete_user(user, by=request.user)

    def user_change_password(self, request: Any, id: str, form_url: str = "") -> HttpResponse:  # noqa: A002  # Django's
        person = self.get_object(request, unquote(id))
        if not (self.may(request, "mod") and is_in_rank(request, person)):
            raise PermissionDenied
        answer: HttpResponse = super().user_change_password(request, id, form_url)
        if person is not None and answer.status_code == HTTPStatus.FOUND:
            end_logins(person)
        return answer


def is_in_rank(request: HttpRequest, person: User | None) -> bool:
    """Tell whether who asks may do all that `person` may."""
    if person is None:
        return True
    by: Any = request.user
    return not User.objects.filter(stronger_than(by), pk=person.pk).exists()


@admin.register(Role)
class RoleAdmin(Acting):
    """Changes roles by the actions of the other pages, with the same guards."""

    resource = "roles"
    form = RoleForm
    fields = ["name", "description", "grants"]
    list_display = ["name", "description", "people", "created_at"]
    search_fields = ["name", "description"]

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).annotate(people=Count("user"))

    @admin.display(description=_("people"), ordering="people")
    def people(self, role: Any) -> int:
        return int(role.people)

    def grants(self, role: Role) -> str:
        """Tell what it gives to who may only look."""
        return matrix.told(matrix.ticks(permissions_of(role)))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        is_seeded = obj is not None and obj.name in SEEDED
        return super().has_delete_permission(request, obj) and not is_seeded

    def save_model(self, request: Any, obj: Role, form: Any, change: bool) -> None:
        name, description = form.cleaned_data["name"], form.cleaned_data["description"]
        if change:
            role = Role.objects.get(pk=obj.pk)
            actions.update_role(role, name=name, description=description, by=request.user)  # type: ignore[arg-type]  # the stub takes it for its base
        else:
            obj.pk = obj.id = actions.create_role(name, description, by=request.user).pk

    def save_related(self, request: Any, form: Any, formsets: Any, change: bool) -> None:
        role, grants = Role.objects.get(pk=form.instance.pk), form.cleaned_data["grants"]
        if with_implied(grants) != with_implied(permissions_of(role)):
            actions.set_role_permissions(role, grants, by=request.user)  # type: ignore[arg-type]  # as above

    def delete_model(self, request: Any, obj: Role) -> None:
        actions.delete_role(obj, by=request.user)

    def delete_queryset(self, request: Any, queryset: QuerySet[Role]) -> None:
        for role in queryset:
            actions.delete_role(role, by=request.user)


@admin.register(ReleaseGroup)
class ReleaseGroupAdmin(Acting):
    resource = "users"
    list_display = ["tag", "created_at"]
    search_fields = ["tag"]
    fields = ["tag", "members"]
    filter_horizontal = ["members"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """A tag stands in the names of releases: it stays."""
        return ["tag"] if obj else []

    def save_model(self, request: Any, obj: ReleaseGroup, form: Any, change: bool) -> None:
        if not change:
            obj.pk = actions.create_group(obj.tag, by=request.user).pk
            obj.refresh_from_db()

    def save_related(self, request: Any, form: Any, formsets: Any, change: bool) -> None:
        group, wanted = form.instance, set(form.cleaned_data["members"])
        now = set(group.members.all())
        for user in sorted(wanted ^ now, key=attrgetter("pk")):  # each is held until the end
            if user in wanted:
                actions.assign_groups(user, [group], by=request.user)
            else:
                actions.remove_group(user, group, by=request.user)


@admin.register(Preference)
class PreferenceAdmin(Held):
    form = PreferenceForm
    list_display = ["key", "user", "value"]
    list_filter = ["key"]
    search_fields = ["key", "user__username"]
    list_select_related = ["user"]
    fields = ["key", "user", "value"]

    def save_model(self, request: Any, obj: Preference, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        preferences.note_change(obj.user)

    def delete_model(self, request: Any, obj: Preference) -> None:
        super().delete_model(request, obj)
        preferences.note_change(obj.user)

    def delete_queryset(self, request: Any, queryset: Any) -> None:
        super().delete_queryset(request, queryset)
        preferences.note_change(None)


@admin.register(ApiToken)
class ApiTokenAdmin(Held):
    """To see who has tokens, and to end them."""

    resource = "users"

    list_display = ["name", "prefix", "user", "created_at", "last_used_at", "expires_at"]
    search_fields = ["name", "prefix", "user__username"]
    list_select_related = ["user"]
    fields = ["name", "prefix", "user", "scopes", "created_at", "last_used_at", "expires_at"]

    def has_add_permission(self, request: Any) -> bool:
        return False

    def has_change_permission(self, request: Any, obj: ApiToken | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: ApiToken | None = None) -> bool:
        is_allowed = super().has_delete_permission(request, obj)
        return is_allowed and (obj is None or is_in_rank(request, obj.user))
