from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.forms import (
    AuthenticationForm,
    BaseUserCreationForm,
    PasswordChangeForm,
)
from django.core.exceptions import ValidationError
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext_lazy as _

from accounts.backends import TooManyTries, key
from accounts.models import LoginTries, User
from accounts.rates import parsed


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
            raise wait(tries) from tries


def wait(tries: TooManyTries) -> ValidationError:
    """Return what tells a person how long no password of theirs is looked at."""
    sentence = ngettext(
        "Too many tries to log in. Wait %(minutes)s minute, then try again.",
        "Too many tries to log in. Wait %(minutes)s minutes, then try again.",
        tries.wait_minutes,
    )
    return ValidationError(sentence, "too_many_tries", {"minutes": tries.wait_minutes})


class PasswordForm(PasswordChangeForm):
    """Counts tries of the present password: who found a session open shall not guess it here."""

    def clean_old_password(self) -> str:
        tries, name = LoginTries.objects, key("change", str(self.user.pk), "")
        if wait_s := tries.spend(name, parsed(settings.RATE_LIMITS["login"])):
            raise wait(TooManyTries(wait_s))
        password: str = super().clean_old_password()
        tries.filter(key=name).delete()
        return password


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
