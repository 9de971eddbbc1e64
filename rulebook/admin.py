from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.admin_rights import Held
from jobs.models import Job
from rulebook import actions
from rulebook.actions.sync import SUBJECT
from rulebook.models import Listing, SyncPlan


@admin.register(Listing)
class ListingAdmin(Held):
    """To look at, and to synchronize: the site says what is listed."""

    resource = "rules"

    change_list_template = "admin/rulebook/listing/change_list.html"
    list_display = ["name", "scene", "section", "year", "is_downloaded", "trouble", "vanished_at"]
    list_filter = ["scene", ("vanished_at", admin.EmptyFieldListFilter), "year"]
    search_fields = ["name", "section"]
    exclude = ["fault"]
    readonly_fields = ["trouble"]

    @admin.display(description=gettext_lazy("downloaded"), boolean=True)
    def is_downloaded(self, listing: Listing) -> bool:
        return listing.downloaded

    @admin.display(description=gettext_lazy("trouble"))
    def trouble(self, listing: Listing) -> str:
        return listing.trouble

    def get_queryset(self, request: HttpRequest) -> Any:
        return Listing.objects.with_downloaded()

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.synchronize)
        return [path("sync/", view, name="rulebook_listing_sync"), *super().get_urls()]

    def synchronize(self, request: HttpRequest) -> HttpResponse:
        """Queue a synchronization, and say where to watch it."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        job = actions.request_sync(by=request.user)  # type: ignore[arg-type]  # admin_view saw to it
        link = format_html('<a href="{}">{}</a>', reverse("jobs:detail", args=[job.pk]), job)
        messages.success(request, format_html(_("The rules are being synchronized: {}."), link))
        return redirect("admin:rulebook_listing_changelist")

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        jobs = Job.objects.about(SUBJECT).newest_first()
        return super().changelist_view(request, {**(extra_context or {}), "job": jobs.first()})

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(SyncPlan)
class SyncPlanAdmin(Held):
    """How often the rules are synchronized."""

    list_display = ["interval", "by", "last_at"]
    fields = ["interval", "by", "last_at"]
    readonly_fields = ["by", "last_at"]
    list_select_related = ["by"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and not SyncPlan.objects.exists()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(
        self, request: HttpRequest, obj: SyncPlan, form: forms.Form, change: Any
    ) -> None:
        plan = actions.plan_sync(obj.interval, by=request.user)  # type: ignore[arg-type]  # as above
        obj.pk = plan.pk
