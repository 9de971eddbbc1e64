from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group as AuthGroup
from django.utils.translation import gettext_lazy as _

from accounts.models import ReleaseGroup, Role, User

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
