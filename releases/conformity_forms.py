"""What the page of the conformity report asks for."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from releases.models import Release
from rules.models import Rule
from rules.spec import Severity

OFFERED = 100
"""The newest releases; of an older one, its own page offers the check."""


def selection() -> forms.Select:
    return forms.Select(attrs={"class": "form-select"})


class RuleChoice(forms.ModelChoiceField):  # type: ignore[type-arg]  # generic in the stub alone
    """Offers the rules whose spec leaves nothing open."""

    def __init__(self) -> None:
        super().__init__(
            Rule.objects.packable().without_texts().recommended_first(),
            label=_("Rule"),
            required=False,
            empty_label=_("The one that fits best"),
            widget=selection(),
        )

    def label_from_instance(self, rule: Any) -> str:
        return f"{rule} ({rule.name})"


class CheckForm(forms.Form):
    file = forms.FileField(
        label=_("A ZIP that holds one release, or several"),
        required=False,
        widget=forms.FileInput(attrs={"class": "form-control", "accept": ".zip"}),
    )
    release = forms.ModelChoiceField(
        Release.objects.none(),
        label=_("Or one of your releases"),
        required=False,
        empty_label=_("None: the ZIP above"),
        widget=selection(),
    )
    rule = RuleChoice()

    def __init__(self, *args: Any, user: User, release: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        packed = Release.objects.visible_to(user).filter(status=Release.Status.COMPLETED)
        offered = list(packed.newest_first().values_list("pk", flat=True)[:OFFERED])
        if release.isdecimal():
            offered += packed.filter(pk=release[:18]).values_list("pk", flat=True)
        choice = self.fields["release"]
        assert isinstance(choice, forms.ModelChoiceField)  # noqa: S101 - as above
        choice.queryset = Release.objects.filter(pk__in=offered).newest_first().only("name")

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not self.errors and bool(given.get("file")) == bool(given.get("release")):
            raise forms.ValidationError(_("Choose a ZIP, or one of your releases: one of them."))
        return given


class FilterForm(forms.Form):
    severity = forms.ChoiceField(
        label=_("Severity"),
        required=False,
        widget=selection(),
        choices=[
            ("", pgettext_lazy("severities", "All")),
            (Severity.STRUCTURE, _("Structure")),
            (Severity.ELIGIBILITY, _("Eligibility")),
        ],
    )
    search = forms.CharField(
        label=_("Search in the report"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"class": "form-control", "type": "search"}),
    )

    def wanted(self) -> dict[str, str]:
        """Return what of a report is looked for; what makes no sense is passed over."""
        self.is_valid()
        return {name: str(self.cleaned_data.get(name) or "") for name in self.fields}
