from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.admin_rights import Held, Shown
from rules.models import LONG, Rule, RuleVersion


class Versions(Shown):
    model = RuleVersion
    fields = ("number", "origin", "encoding", "sha256", "source", "url", "by", "at")
    readonly_fields = ("number", "origin", "encoding", "sha256", "source", "url", "by", "at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[RuleVersion]:
        return super().get_queryset(request).select_related("by").defer("raw", "content")


class Looked(Held):
    """To look at: the pages of the library, which keep versions, are where rules are changed."""

    resource = "rules"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Rule)
class RuleAdmin(Looked):
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


@admin.register(RuleVersion)
class RuleVersionAdmin(Looked):
    list_display = ["rule", "number", "origin", "encoding", "source", "by", "at"]
    list_filter = ["origin", "encoding"]
    search_fields = ["rule__name", "sha256"]
    list_select_related = ["rule", "by"]
    exclude = ["raw"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[RuleVersion]:
        long = ("raw", "content", *(f"rule__{name}" for name in LONG))
        return super().get_queryset(request).defer(*long)
