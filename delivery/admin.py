from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.admin_rights import Held
from delivery.checking import Refused, check
from delivery.models import AutoDelivery, Destination


class DestinationAdminForm(forms.ModelForm):  # type: ignore[type-arg]
    def clean(self) -> dict[str, Any]:
        answers = super().clean() or {}
        kept: Destination = self.instance
        for name, value in answers.items():
            setattr(kept, name, value)
        try:
            check(kept)
        except Refused as refusal:
            raise ValidationError({refusal.field: str(refusal)}) from refusal
        others = Destination.objects.filter(owner_number=kept.user_id or 0).exclude(pk=kept.pk)
        if others.filter(name=kept.name).exists():
            raise ValidationError({"name": _("There is one of this name already.")})
        return answers


@admin.register(Destination)
class DestinationAdmin(Held):
    """Shows no secret, and changes no place that one goes to: the site's own page does."""

    form = DestinationAdminForm
    list_display = ["name", "type", "host", "port", "username", "user", "has_secret", "modified_at"]
    list_filter = ["type"]
    search_fields = ["name", "host", "user__username"]
    list_select_related = ["user"]
    fields = [
        *("name", "user", "type", "host", "port", "username", "has_secret"),
        *("folder", "options", "host_key", "created_at", "modified_at"),
    ]
    readonly_fields = [
        *("user", "type", "host", "port", "username", "has_secret"),
        *("created_at", "modified_at"),
    ]

    @admin.display(description=_("password or key"), boolean=True)
    def has_secret(self, destination: Destination) -> bool:
        return bool(destination.password or destination.private_key)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        obj.modified_at = timezone.now()
        super().save_model(request, obj, form, change)


@admin.register(AutoDelivery)
class AutoDeliveryAdmin(Held):
    list_display = ["group", "destination", "by", "created_at"]
    search_fields = ["group__tag", "destination__name"]
    list_select_related = ["group", "destination", "by"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: AutoDelivery | None = None) -> bool:
        return False
