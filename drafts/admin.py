from django.contrib import admin

from drafts.models import Draft


@admin.register(Draft)
class DraftAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ["id", "owner", "step", "origin", "release", "updated_at"]
    list_filter = ["step", "origin", "updated_at"]
    search_fields = ["owner__username"]
    list_select_related = ["owner", "release"]
    readonly_fields = [
        "uuid",
        "owner",
        "answers",
        "typed",
        "version",
        "origin",
        "awaits_review",
        "step",
        "release",
        "created_at",
        "updated_at",
    ]
