from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm, BaseUserCreationForm
from django.core.exceptions import ValidationError
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext_lazy as _

from accounts.backends import TooManyTries
from accounts.models import User


class LoginForm(AuthenticationForm):
    """Asks for a user name or an e-mail address, and says how long to wait."""

    wait_s = 0

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = _("User name or e-mail address")

    def clean(self) -> dict[str, Any]:
        try:
            return super().clean()
        except TooManyTries as tries:
            self.wait_s = tries.wait_s
            sentence = ngettext(
                "Too many tries to log in. Wait %(minutes)s minute, then try again.",
                "Too many tries to log in. Wait %(minutes)s minutes, then try again.",
                tries.wait_minutes,
            )
            values = {"minutes": tries.wait_minutes}
            raise ValidationError(sentence, "too_many_tries", values) from tries


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
