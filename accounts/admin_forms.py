"""What the administration asks of people and roles."""

from typing import Any

from django import forms
from django.contrib.auth.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm
from django.utils.translation import gettext_lazy as _

from accounts import preferences
from accounts.matrix import ALL, LABELS, ticks, wished
from accounts.models import Role, User
from accounts.permissions import custom_permissions, permissions_of


def cells() -> list[tuple[str, str]]:
    parts = [(name, *name.partition(":")) for name in ALL]
    return [(name, f"{LABELS[resource]} {act.upper()}") for name, resource, _colon, act in parts]


class GrantsField(forms.MultipleChoiceField):
    """Takes permissions, each a tick."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, label: Any) -> None:
        help_text = _("MOD implies WRITE, and WRITE implies READ.")
        super().__init__(label=label, choices=cells, required=False, help_text=help_text)

    def clean(self, value: Any) -> dict[str, list[str]]:
        return wished(super().clean(value))


class NewUserForm(UserCreationForm):  # type: ignore[type-arg]  # in the stub alone
    class Meta:
        model = User
        fields = ("username", "email", "note")


class PasswordForm(AdminPasswordChangeForm):  # type: ignore[type-arg]  # as above
    """Sets a password: who shall not log in is deactivated."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.pop("usable_password", None)
        for field in self.fields.values():
            field.required = True


class UserForm(UserChangeForm):  # type: ignore[type-arg]  # as above
    roles = forms.ModelMultipleChoiceField(
        Role.objects.none(), label=_("Roles"), required=False, widget=forms.CheckboxSelectMultiple
    )
    grants = GrantsField(_("Permissions besides those of the roles"))

    class Meta:
        model = User
        fields = ("username", "password", "first_name", "last_name", "email", "note", "is_active")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "roles" in self.fields:  # else they are only shown
            self.fields["roles"].queryset = Role.objects.order_by("name")  # type: ignore[attr-defined]
            self.initial["roles"] = list(self.instance.roles())
            self.initial["grants"] = sorted(ticks(custom_permissions(self.instance)))


class RoleForm(forms.ModelForm):  # type: ignore[type-arg]
    grants = GrantsField(_("Permissions"))

    class Meta:
        model = Role
        fields = ("name", "description")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["grants"] = sorted(ticks(permissions_of(self.instance)))


class PreferenceForm(forms.ModelForm):  # type: ignore[type-arg]
    key = forms.ChoiceField(label=_("key"), choices=[(key, key) for key in preferences.KNOWN])

    def clean(self) -> dict[str, Any]:
        answers = super().clean() or {}
        if not self.errors:
            preferences.check(answers["key"], answers["value"])
        return answers
