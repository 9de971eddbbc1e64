"""What is asked of a template, of a file that becomes one, and of where all texts lie."""

from dataclasses import replace
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.permissions import holds
from releases import templating
from releases.actions import NewTemplate
from releases.models import NfoTemplate, ReleaseType, TemplateStorage
from rules.models import Rule

WIDGETS: dict[type[Any], str] = {
    forms.Select: "form-select",
    forms.CheckboxInput: "form-check-input",
}


class StyledForm(forms.Form):
    """Draws its fields by the style sheet."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            kind = WIDGETS.get(type(field.widget), "form-control")
            field.widget.attrs.setdefault("class", kind)


class TemplateForm(StyledForm):
    name = forms.CharField(label=_("Name"), max_length=100)
    type = forms.ChoiceField(
        label=_("Type of release"), choices=[("", _("Any")), *ReleaseType.choices], required=False
    )
    rule = forms.ModelChoiceField(
        Rule.objects.none(),
        label=_("Rule"),
        required=False,
        empty_label=_("Any"),
        help_text=_("Releases by this rule get this template first."),
    )
    encoding = forms.ChoiceField(
        label=_("Encoding of the NFO"), choices=NfoTemplate.Encoding.choices
    )
    is_system = forms.BooleanField(label=_("Everybody sees it"), required=False)
    content = forms.CharField(
        label=_("Text with placeholders"),
        strip=False,
        max_length=templating.MAX_TEMPLATE_CHARACTERS,
        widget=forms.Textarea,
    )
    seen_version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rules = Rule.objects.recommended_first().defer("content")
        self.fields["rule"].queryset = rules  # type: ignore[attr-defined]
        if not holds(user, "config", "write"):
            del self.fields["is_system"]

    def wanted(self, template: NfoTemplate | None = None) -> NewTemplate:
        """Return what the valid answers make of `template`, or of none."""
        answers = {
            name: value for name, value in self.cleaned_data.items() if name != "seen_version"
        }
        return replace(NewTemplate.of(template), **answers) if template else NewTemplate(**answers)


def initial(template: NfoTemplate) -> dict[str, Any]:
    names = ("name", "type", "rule", "encoding", "is_system", "content")
    return {name: getattr(template, name) for name in names} | {"seen_version": template.version}


class ImportForm(StyledForm):
    file = forms.FileField(
        label=_("File"),
        error_messages={
            "required": _("Choose a file."),
            "empty": _("The file is empty: choose another file."),
        },
        help_text=_("An NFO, a text or an ANSI drawing, of at most 1 MiB."),
    )


class StorageForm(StyledForm):
    storage = forms.ChoiceField(
        label=_("Where the texts lie"),
        choices=TemplateStorage.Place.choices,
        widget=forms.RadioSelect(attrs={"class": "form-check-input"}),
    )
    disk_path = forms.CharField(
        label=_("Folder"),
        required=False,
        max_length=400,
        help_text=_("For files alone. Empty: the server's own folder."),
    )
