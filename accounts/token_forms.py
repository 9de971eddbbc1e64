"""What is asked of who makes a token."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.matrix import Row, matrix
from accounts.models import TOKEN_NAME_LENGTH, User
from accounts.permissions import scope
from accounts.scopes import ACCOUNT, ACCOUNT_ACTIONS, SCOPES, may_give

NEVER = "never"
DAYS = (7, 30, 90, 365)


def expiries() -> list[tuple[str, Any]]:
    in_days = [(str(days), ngettext("%(count)s day", "%(count)s days", days)) for days in DAYS]
    spelled = [(value, text % {"count": value}) for value, text in in_days]
    return [*spelled, (NEVER, _("Never"))]


class NewTokenForm(forms.Form):
    name = forms.CharField(
        label=_("Name"),
        max_length=TOKEN_NAME_LENGTH,
        help_text=_("To tell it from others, e.g. what uses it."),
    )
    expires = forms.ChoiceField(label=_("Expires after"), choices=expiries, initial="30")
    scopes = forms.MultipleChoiceField(
        label=_("What it may do"),
        error_messages={
            "required": _("Choose at least one thing that it may do."),
            "invalid_choice": _("You may not give what you do not hold."),
        },
    )

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by = by
        self.fields["name"].widget.attrs["class"] = "form-control"
        self.fields["expires"].widget.attrs["class"] = "form-select"
        self.choices_of("scopes", [one for one in SCOPES if may_give(by, one)])

    def choices_of(self, name: str, values: Collection[str]) -> None:
        self.fields[name].choices = [(one, one) for one in values]  # type: ignore[attr-defined]

    def expires_at(self) -> datetime | None:
        """Return when the token ends that is asked for, if it does."""
        days = self.cleaned_data["expires"]
        return None if days == NEVER else timezone.now() + timedelta(days=int(days))

    @property
    def ticked(self) -> Collection[str]:
        return self.data.getlist("scopes") if self.is_bound else ()  # type: ignore[attr-defined]

    def rows(self) -> list[Row]:
        """Return the table of what one may give."""
        return matrix(self.ticked, by=self.by)

    def account(self) -> list[tuple[str, bool]]:
        """Return the scopes of no resource, each with whether it is chosen."""
        names = [scope(ACCOUNT, action) for action in ACCOUNT_ACTIONS]
        return [(name, name in self.ticked) for name in names]
