from django.contrib import admin

from accounts.admin_rights import Everybodys
from drafts.models import Draft


@admin.register(Draft)
class DraftAdmin(Everybodys):
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
