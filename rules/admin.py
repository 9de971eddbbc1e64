from django.contrib import admin

from rules.models import Rule


@admin.register(Rule)
class RuleAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ["name", "scene", "section", "year", "release_type", "updated_at"]
    list_filter = ["release_type", "scene", "year"]
    search_fields = ["name", "section", "content"]
    readonly_fields = ["spec_data", "created_by", "created_at", "updated_at"]
