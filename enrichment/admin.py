from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.admin_rights import Held
from enrichment.models import Answer, ApiConfig
from releases.actions import Refused


def provider_choices() -> list[tuple[str, str]]:
    from releases.metadata.providers import PROVIDERS  # noqa: PLC0415  # 0.1 s of every command

    return [(name, provider.title) for name, provider in PROVIDERS.items()]


class ApiConfigForm(forms.ModelForm):  # type: ignore[type-arg]
    """Takes a key, and never shows one."""

    name = forms.ChoiceField(label=_("provider"), choices=provider_choices)
    new_key = forms.CharField(
        label=_("API key"),
        required=False,
        help_text=_("Empty: the kept one stays."),
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )

    def clean(self) -> dict[str, Any]:
        answers = super().clean() or {}
        key, address = answers.get("new_key") or None, answers.get("base_url", "")
        from enrichment.actions.keys import check_change  # noqa: PLC0415  # as above

        try:
            check_change(self.instance, key, address)
        except Refused as refusal:
            raise ValidationError(str(refusal)) from refusal
        there = ApiConfig.objects.filter(name=answers.get("name"), user=answers.get("user"))
        if not self.instance.pk and there.exists():
            raise ValidationError(_("There is one already: change that one."))
        return answers


@admin.register(ApiConfig)
class ApiConfigAdmin(Held):
    form = ApiConfigForm
    list_display = ["name", "user", "has_key", "active", "created_at"]
    list_filter = ["name", "active"]
    search_fields = ["name", "user__username"]
    list_select_related = ["user"]
    fields = ["name", "user", "new_key", "base_url", "active"]

    @admin.display(description=_("API key"), boolean=True)
    def has_key(self, config: ApiConfig) -> bool:
        return bool(config.api_key)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """A kept key changes neither its provider nor its owner."""
        return ["name", "user"] if obj else []

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        if key := form.cleaned_data["new_key"]:
            obj.api_key = key
        super().save_model(request, obj, form, change)


@admin.register(Answer)
class AnswerAdmin(Held):
    """To look at and to delete, which makes the providers be asked again."""

    list_display = ["key", "until"]
    fields = ["key", "until"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
