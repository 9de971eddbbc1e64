from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.forms import BaseUserCreationForm
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.models import User


class FirstAdminForm(BaseUserCreationForm):  # type: ignore[type-arg]  # in the stub alone
    """The one account that nobody has to be asked for."""

    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)

    class Meta:
        model = User
        fields = ["username", "email"]
        labels = {"email": _("E-mail (optional)")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["language"].initial = get_language()
        self.fields["username"].initial = "admin"
        for field in self.fields.values():
            is_select = isinstance(field.widget, forms.Select)
            field.widget.attrs["class"] = "form-select" if is_select else "form-control"
