from datetime import date
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from jobs.models import Job
from jobs.stages import WORKS

COUNTABLE = [MinValueValidator(date(1970, 1, 1)), MaxValueValidator(date(9000, 1, 1))]
"""The day after, and the hour in another zone, must be days, too."""


class JobFilter(forms.Form):
    """Which jobs a list shows; all of it stands in the address of the page."""

    status = forms.ChoiceField(required=False, widget=forms.HiddenInput)
    text = forms.CharField(
        label=_("About"),
        required=False,
        max_length=100,
        widget=forms.TextInput({"type": "search", "placeholder": _("Name or number")}),
    )
    work = forms.ChoiceField(label=_("Work"), required=False)
    whose = forms.ChoiceField(
        label=_("Whose"), required=False, choices=[("", _("Everyone")), ("mine", _("Mine"))]
    )
    since = forms.DateField(label=_("From"), required=False, validators=COUNTABLE)
    until = forms.DateField(label=_("To"), required=False, validators=COUNTABLE)

    def __init__(self, asked: Any, by: User) -> None:
        super().__init__(asked, auto_id="filter_%s")
        self.choose("status", Job.Status.choices)
        self.choose("work", WORKS.items())
        for name in ("since", "until"):
            self.fields[name].widget = forms.DateInput({"type": "date"}, "%Y-%m-%d")
        for field in self.fields.values():
            kind = "form-select" if isinstance(field, forms.ChoiceField) else "form-control"
            field.widget.attrs.setdefault("class", f"{kind} {kind}-sm")
        if not by.is_admin:
            del self.fields["whose"]

    def choose(self, name: str, choices: Any) -> None:
        self.fields[name].choices = [("", _("All")), *choices]  # type: ignore[attr-defined]

    def answers(self) -> dict[str, Any]:
        """Return what is asked for, without what cannot be understood."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}
