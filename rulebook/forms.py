"""What is asked of a rule: its file, what it is, its text."""

import base64
import binascii
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from releases.models import ReleaseType
from rulebook.actions import ENCODINGS, NewRule, RuleEdit
from rulebook.detection import LANGUAGES
from rulebook.models import SyncPlan
from rules.models import NAME_LENGTH, Rule

TEXT_CHARACTERS = 1 << 20
ENCODING_NAMES = {
    "cp437": _("Code page 437 (DOS)"),
    "utf-8": "UTF-8",
    "ascii": "ASCII",
    "cp1252": "Windows 1252",
    "utf-16": "UTF-16",
}


class StyledForm(forms.Form):
    """Draws its fields by the style sheet."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            is_select = isinstance(field.widget, forms.Select)
            field.widget.attrs.setdefault("class", "form-select" if is_select else "form-control")


class FileForm(StyledForm):
    file = forms.FileField(
        label=_("File"),
        error_messages={
            "required": _("Choose a file."),
            "empty": _("The file is empty: choose another file."),
        },
        help_text=_("The NFO of a rule as it was published, of at most 1 MiB."),
    )


class FactsForm(StyledForm):
    """What a rule is, as a person confirms it; `actions` say what of it can be kept."""

    name = forms.CharField(label=_("Name"), max_length=NAME_LENGTH, help_text=_("E.g. 2022_EBOOK."))
    scene = forms.CharField(
        label=_("Scene"),
        max_length=32,
        widget=forms.TextInput(attrs={"list": "scenes", "autocomplete": "off"}),
    )
    section = forms.CharField(label=_("Section"), max_length=64)
    year = forms.IntegerField(
        label=_("Year"), required=False, min_value=1, max_value=9999, help_text=_("If it is known.")
    )
    release_type = forms.ChoiceField(
        label=_("Type of release"),
        choices=[("", _("None of ours")), *ReleaseType.choices],
        required=False,
        help_text=_("Releases of this type can be made by the rule."),
    )

    scenes = sorted(LANGUAGES)


class NewRuleForm(FactsForm):
    """A file that was read and is not kept yet: it goes along with its form."""

    encoding = forms.ChoiceField(
        label=_("Encoding"),
        choices=[(name, ENCODING_NAMES.get(name, name)) for name in ENCODINGS],
        help_text=_("Another shows the same bytes with other characters."),
    )
    source = forms.CharField(required=False, widget=forms.HiddenInput)
    sent = forms.CharField(widget=forms.HiddenInput)

    def clean_sent(self) -> bytes:
        return decoded(self.cleaned_data["sent"])

    def wanted(self) -> NewRule:
        answers = dict(self.cleaned_data)
        return NewRule(raw=answers.pop("sent"), is_confirmed=True, **answers)


class EditForm(FactsForm):
    content = forms.CharField(
        label=_("Text"),
        strip=False,
        required=False,
        max_length=TEXT_CHARACTERS,
        widget=forms.Textarea,
    )
    seen_version = forms.IntegerField(widget=forms.HiddenInput)

    def wanted(self) -> RuleEdit:
        answers = {
            name: value for name, value in self.cleaned_data.items() if name != "seen_version"
        }
        return RuleEdit(**answers | {"content": answers["content"] or None})


class ScheduleForm(StyledForm):
    interval = forms.ChoiceField(label=_("Synchronize"), choices=SyncPlan.Interval.choices)


def initial(rule: Rule) -> dict[str, Any]:
    names = ("name", "scene", "section", "year", "release_type", "content")
    return {name: getattr(rule, name) for name in names} | {"seen_version": rule.version}


def encoded(raw: bytes) -> str:
    """Return bytes as a field of a form carries them."""
    return base64.b64encode(raw).decode()


def decoded(text: str) -> bytes:
    """Return the bytes that a field of a form carries.

    Raises:
        ValidationError: it carries none.
    """
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValidationError(_("The file did not arrive whole: choose it again.")) from error
