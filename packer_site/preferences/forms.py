"""What people can prefer, as forms: each keeps one or more preferences."""

import json
from collections import defaultdict
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from langcodes import standardize_tag, tag_is_valid

from accounts.preferences import MOST_CHARACTERS, zones
from releases import description
from releases.models import Release, ReleaseType

Wishes = dict[str, Any]
UNSAID = ("", _("Nothing by default"))
MOST_BYTES = 10 * MOST_CHARACTERS


class PreferenceForm(forms.Form):
    title: Any = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs["class"] = look(field.widget)

    @classmethod
    def shown(cls, preferred: Wishes) -> dict[str, Any]:
        """Return what the fields show of what is preferred."""
        return preferred

    def wishes(self) -> Wishes:
        """Return the preferences that the answers make, by key."""
        return dict(self.cleaned_data)


def look(widget: forms.Widget) -> str:
    if isinstance(widget, forms.CheckboxInput):
        return "form-check-input"
    return "form-select" if isinstance(widget, forms.Select) else "form-control"


def grouped_zones() -> list[Any]:
    """Return the zones of time for a select, by continent, and first that of the browser."""
    continents = defaultdict(list)
    for name in sorted(zones()):
        continent, _slash, place = name.partition("/")
        if place and continent not in {"Etc", "SystemV", "posix", "right"}:
            continents[continent].append((name, place.replace("_", " ").replace("/", ", ")))
    return [("", _("As the browser says")), ("UTC", "UTC"), *continents.items()]


class DisplayForm(PreferenceForm):
    title = _("Display")
    theme = forms.ChoiceField(
        label=_("Theme"),
        choices=[("auto", _("As the system is")), ("light", _("Light")), ("dark", _("Dark"))],
    )
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        choices=grouped_zones,
        required=False,
        help_text=_("Every time is shown by this clock."),
    )
    view_mode = forms.ChoiceField(
        label=_("Releases are listed as"), choices=[("table", _("Table")), ("cards", _("Cards"))]
    )


class DefaultsForm(PreferenceForm):
    title = _("Begin a release with")
    group = forms.CharField(
        label=_("Release group"),
        max_length=100,
        required=False,
        widget=forms.TextInput({"data-capitals": True, "autocomplete": "off"}),
        validators=[
            RegexValidator(
                settings.GROUP_PATTERN,
                _("Le nom du groupe doit contenir uniquement lettres majuscules et chiffres"),
            )
        ],
    )
    release_type = forms.ChoiceField(
        label=_("Type"), choices=[UNSAID, *ReleaseType.choices], required=False
    )
    rights = forms.ChoiceField(
        label=_("Rights"), choices=[UNSAID, *Release.Rights.choices], required=False
    )
    language = forms.CharField(
        label=_("Language of the work"),
        max_length=35,
        required=False,
        help_text=_("A code, such as fr, en or pt-BR."),
    )
    source = forms.ChoiceField(
        label=_("Source"),
        choices=[UNSAID, *((source, source) for source in description.SOURCES)],
        required=False,
    )
    # Ticked as in the wizard: to save another default must not switch it off.
    generate_sfv = forms.BooleanField(label=_("Write an SFV beside"), initial=True, required=False)

    @classmethod
    def shown(cls, preferred: Wishes) -> dict[str, Any]:
        return dict(preferred["wizard_defaults"])

    def clean_language(self) -> str:
        tag = str(self.cleaned_data["language"])
        if tag and not tag_is_valid(tag):
            raise ValidationError(gettext("This is not a language code: try fr, en, de, pt-BR…"))
        return str(standardize_tag(tag)) if tag else ""

    def wishes(self) -> Wishes:
        said = {name: value for name, value in self.cleaned_data.items() if value not in ("", None)}
        return {"wizard_defaults": said}


class NoticesForm(PreferenceForm):
    title = _("Notifications")
    job_completed = forms.BooleanField(label=_("When a job of mine is done"), required=False)
    job_failed = forms.BooleanField(label=_("When a job of mine failed"), required=False)
    desktop = forms.BooleanField(
        label=_("On the desktop, too, while a page of this site is open"), required=False
    )

    @classmethod
    def shown(cls, preferred: Wishes) -> dict[str, Any]:
        return dict(preferred["notifications"])

    def wishes(self) -> Wishes:
        return {"notifications": dict(self.cleaned_data)}


class ImportForm(PreferenceForm):
    file = forms.FileField(label=_("File of preferences"))

    def clean_file(self) -> Any:
        """Return the preferences that the file holds, of any kind yet."""
        text = self.cleaned_data["file"].read(MOST_BYTES + 1)
        if len(text) > MOST_BYTES:
            raise ValidationError(gettext("The file is too large for preferences."))
        try:
            document = json.loads(text)
            json.dumps(document, ensure_ascii=False, allow_nan=False).encode()  # can it be kept?
        except (ValueError, RecursionError) as wrong:
            raise ValidationError(gettext("The file is not JSON.")) from wrong
        if not isinstance(document, dict) or not isinstance(document.get("preferences"), dict):
            raise ValidationError(gettext("The file does not hold preferences."))
        return document["preferences"]


SECTIONS: dict[str, type[PreferenceForm]] = {
    "display": DisplayForm,
    "wizard": DefaultsForm,
    "notices": NoticesForm,
}
