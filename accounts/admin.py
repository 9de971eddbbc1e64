from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group as AuthGroup
from django.utils.translation import gettext_lazy as _

from accounts import preferences
from accounts.models import ApiToken, Preference, ReleaseGroup, Role, User

admin.site.unregister(AuthGroup)  # a role is an auth group: one page is enough
admin.site.site_header = admin.site.site_title = "Release Packer"


@admin.register(User)
class UserAdmin(DjangoUserAdmin):  # type: ignore[type-arg]
    list_display = ["username", "email", "is_active", "is_superuser", "last_login"]
    fieldsets = [
        *(DjangoUserAdmin.fieldsets or ()),
        (_("Note"), {"fields": ["note"]}),
    ]


@admin.register(Role)
class RoleAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ["name", "description"]
    search_fields = ["name", "description"]
    filter_horizontal = ["permissions"]


@admin.register(ReleaseGroup)
class ReleaseGroupAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ["tag", "created_at"]
    search_fields = ["tag"]
    filter_horizontal = ["members"]


class PreferenceForm(forms.ModelForm):  # type: ignore[type-arg]
    key = forms.ChoiceField(label=_("key"), choices=[(key, key) for key in preferences.KNOWN])

    def clean(self) -> dict[str, Any]:
        answers = super().clean() or {}
        if not self.errors:
            preferences.check(answers["key"], answers["value"])
        return answers


@admin.register(Preference)
class PreferenceAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
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
class ApiTokenAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """To see who has tokens, and to end them."""

    list_display = ["name", "prefix", "user", "created_at", "last_used_at", "expires_at"]
    search_fields = ["name", "prefix", "user__username"]
    list_select_related = ["user"]
    fields = ["name", "prefix", "user", "scopes", "created_at", "last_used_at", "expires_at"]

    def has_add_permission(self, request: Any) -> bool:
        return False

    def has_change_permission(self, request: Any, obj: ApiToken | None = None) -> bool:
        return False
