from django.contrib import admin
from django.http import HttpRequest

from accounts.admin_rights import Everybodys, Held, Shown
from jobs.chores import Chore
from jobs.models import Job, JobLog, Supervisor


class Lines(Shown):
    model = JobLog
    fields = ["at", "level", "message"]
    readonly_fields = ["at", "level", "message"]


@admin.register(Job)
class JobAdmin(Everybodys):
    """To look at and to delete: a job is changed by running it."""

    list_display = ["id", "work", "subject", "status", "stage", "progress", "by", "queued_at"]
    list_filter = ["status", "work", "queued_at"]
    search_fields = ["subject", "error", "by__username"]
    list_select_related = ["by"]
    date_hierarchy = "queued_at"
    inlines = [Lines]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Job | None = None) -> bool:
        return False


@admin.register(JobLog)
class JobLogAdmin(Everybodys):
    list_display = ["at", "level", "job", "message"]
    list_filter = ["level", "at"]
    search_fields = ["message"]
    list_select_related = ["job"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: JobLog | None = None) -> bool:
        return False


@admin.register(Supervisor)
class SupervisorAdmin(Held):
    list_display = ["name", "workers", "seen_at"]
    search_fields = ["name"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Supervisor | None = None) -> bool:
        return False


@admin.register(Chore)
class ChoreAdmin(Held):
    """To look at: the site's own page changes what may be changed."""

    list_display = ["name", "is_on", "every_s", "due_at", "ended_at", "count", "failures"]
    list_filter = ["is_on"]
    search_fields = ["name", "error"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Chore | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Chore | None = None) -> bool:
        return False
