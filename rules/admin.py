from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from rules.models import Rule, RuleVersion


class Versions(admin.TabularInline):  # type: ignore[type-arg]
    model = RuleVersion
    fields = ("number", "origin", "encoding", "sha256", "source", "url", "by", "at")
    readonly_fields = ("number", "origin", "encoding", "sha256", "source", "url", "by", "at")
    extra = 0
    can_delete = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[RuleVersion]:
        return super().get_queryset(request).select_related("by").defer("raw", "content")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Rule)
class RuleAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """To look at: the pages of the library, which keep versions, are where rules are changed."""

    list_display = [
        "name",
        "scene",
        "section",
        "year",
        "release_type",
        "origin",
        "version",
        "is_complete",
        "updated_at",
    ]
    list_filter = ["release_type", "origin", "is_complete", "scene", "year"]
    search_fields = ["name"]
    search_help_text = _("Name, section, text.")
    readonly_fields = [field.name for field in Rule._meta.fields if field.editable]
    inlines = [Versions]

    list_select_related = ["created_by"]

    def get_search_results(
        self, request: HttpRequest, queryset: Any, search_term: str
    ) -> tuple[Any, bool]:
        return queryset.search(search_term), False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
