from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from accounts.admin_rights import Everybodys, Shown
from releases import actions
from releases.models import (
    Artifact,
    DefaultTemplate,
    Delivery,
    InboxFile,
    NfoTemplate,
    Release,
    Revision,
    Source,
    TemplateStorage,
    TemplateVersion,
    Upload,
    VolumeBase,
)


class Artifacts(Shown):
    model = Artifact
    fields = ["path", "kind", "size", "crc32", "sha256"]
    readonly_fields = ["path", "kind", "size", "crc32", "sha256"]


class MadeElsewhere(Everybodys):
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


class Looked(MadeElsewhere):
    """A row to look at: it is changed on the pages of the site."""

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class Versions(Shown):
    model = TemplateVersion
    fields = ["number", "encoding", "by", "at"]
    readonly_fields = ["number", "encoding", "by", "at"]


ANSWERED = ("name", "type", "rule", "encoding", "is_system", "content")


class CheckedTemplate(forms.ModelForm):  # type: ignore[type-arg]
    """Refuses what the action would refuse, at its field."""

    class Meta:
        model = NfoTemplate
        fields = ANSWERED

    def wanted(self) -> actions.NewTemplate:
        return actions.NewTemplate(**{name: self.cleaned_data[name] for name in ANSWERED})

    def clean(self) -> dict[str, Any]:
        if not self.errors:
            try:
                actions.check_template(self.wanted().tidied())
            except actions.WrongField as wrong:
                self.add_error(wrong.field, str(wrong))
        return self.cleaned_data


@admin.register(NfoTemplate)
class NfoTemplateAdmin(Everybodys):
    """Changes templates as the pages do, so that nothing goes without its version."""

    resource = "config"

    list_display = ["name", "type", "encoding", "is_default", "is_system", "version", "created_by"]
    list_filter = ["type", "encoding", "is_default", "is_system"]
    search_fields = ["name", "content"]
    list_select_related = ["created_by"]
    form = CheckedTemplate
    fields = [*ANSWERED, "version", "is_default", "created_by", "updated_at"]
    readonly_fields = ["version", "is_default", "created_by", "updated_at"]
    inlines = [Versions]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        new = form.wanted()
        if change:
            before = NfoTemplate.objects.get(pk=obj.pk)
            actions.change_template(before, new, by=request.user)  # type: ignore[arg-type]
        else:
            obj.pk = actions.create_template(new, by=request.user).pk  # type: ignore[arg-type]
        obj.refresh_from_db()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Deleting one has conditions that the pages of the site explain."""
        return False


@admin.register(TemplateVersion)
class TemplateVersionAdmin(Looked):
    list_display = ["template", "number", "encoding", "by", "at"]
    search_fields = ["template__name", "content"]
    list_select_related = ["template", "by"]


@admin.register(DefaultTemplate)
class DefaultTemplateAdmin(Looked):
    list_display = ["user", "type", "template"]
    list_filter = ["type"]
    search_fields = ["user__username", "template__name"]
    list_select_related = ["user", "template"]


@admin.register(TemplateStorage)
class TemplateStorageAdmin(Looked):
    list_display = ["storage", "disk_path"]
    search_fields = ["disk_path"]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(VolumeBase)
class VolumeBaseAdmin(Looked):
    list_display = ["base", "group", "year", "name"]
    list_filter = ["year"]
    search_fields = ["base", "name", "group__tag"]
    list_select_related = ["group"]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A base that was used stays used: its volumes may be anywhere."""
        return False


@admin.register(Upload)
class UploadAdmin(Looked):
    list_display = ["name", "size", "received", "created_by", "touched_at"]
    search_fields = ["name", "created_by__username"]
    list_select_related = ["created_by"]


@admin.register(Revision)
class RevisionAdmin(Looked):
    list_display = ["release", "number", "operation", "by", "at"]
    list_filter = ["operation", "at"]
    search_fields = ["release__name", "by__username"]
    list_select_related = ["release", "by"]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What was done stays told."""
        return False


@admin.register(InboxFile)
class InboxFileAdmin(Looked):
    list_display = ["path", "state", "size", "owner", "seen_at"]
    list_filter = ["state"]
    search_fields = ["path", "owner__username"]
    list_select_related = ["owner"]


@admin.register(Delivery)
class DeliveryAdmin(Looked):
    list_display = ["release", "destination", "place", "by", "asked_at", "delivered_at"]
    list_filter = ["asked_at", "delivered_at"]
    search_fields = ["release__name", "destination__name", "by__username"]
    list_select_related = ["release", "destination", "by"]
