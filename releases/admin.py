from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from releases.models import Artifact, NfoTemplate, Release, Source


class Artifacts(admin.TabularInline):  # type: ignore[type-arg]
    model = Artifact
    fields = ["path", "kind", "size", "crc32", "sha256"]
    readonly_fields = ["path", "kind", "size", "crc32", "sha256"]
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class MadeElsewhere(admin.ModelAdmin):  # type: ignore[type-arg]
    """A row that follows a file on disk: it is made by packing, not by hand."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False


@admin.register(Release)
class ReleaseAdmin(MadeElsewhere):
    list_display = [
        "name",
        "type",
        "group",
        "status",
        "size",
        "volumes",
        "created_by",
        "created_at",
    ]
    list_filter = ["type", "status", "rights", "created_at"]
    search_fields = ["name", "title", "group__tag", "created_by__username"]
    list_select_related = ["group", "created_by"]
    date_hierarchy = "created_at"
    inlines = [Artifacts]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """All but the note and the rights: the rest must stay as it was packed."""
        return [
            field.name
            for field in Release._meta.fields
            if field.editable and field.name not in {"rights", "rights_note"}
        ]


@admin.register(Source)
class SourceAdmin(MadeElsewhere):
    list_display = ["name", "size", "sha256", "created_by", "created_at"]
    search_fields = ["name", "sha256", "created_by__username"]
    list_select_related = ["created_by"]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Artifact)
class ArtifactAdmin(MadeElsewhere):
    list_display = ["path", "kind", "size", "crc32", "release"]
    list_filter = ["kind"]
    search_fields = ["path", "sha256"]
    list_select_related = ["release"]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(NfoTemplate)
class NfoTemplateAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ["name", "type", "encoding", "is_default", "created_by"]
    list_filter = ["type", "encoding", "is_default"]
    search_fields = ["name", "content"]
    list_select_related = ["created_by"]
