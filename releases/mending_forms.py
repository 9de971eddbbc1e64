"""What one can say about how a release is mended."""

import hashlib
import json
import re
from collections.abc import Container
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from releases.actions.making import METADATA_FIELDS
from releases.actions.mending.options import MOST_NFO_CHARACTERS
from releases.labels import LABELS
from releases.models import MILLION, NfoTemplate, Release
from releases.nfo_reading import LABELS as READ

MOST_LETTERS = 10_000
SAID = "metadata-"
"""What the names of the fields of the metadata begin with."""
USUAL = ("title", "author", "publisher", "year", "language", "isbn", "genre", "url", "description")
"""The fields of the metadata that are asked for even where nothing is known."""
LONG = ("description",)
YEAR = re.compile("[0-9]{1,4}")


class MendingForm(forms.Form):
    """Asks for the options of an operation; each that is left as it is, is none."""

    folded = ""
    folded_title: str | Promise = ""

    def __init__(self, data: Any = None, *, release: Release, by: User) -> None:
        self.release, self.by = release, by
        super().__init__(data, initial=self.present())
        self.prepare()
        for field in self.fields.values():
            field.required = False
            field.widget.attrs.setdefault("class", style(field))

    def present(self) -> dict[str, Any]:
        """Return what the fields say of the release as it is."""
        return {}

    def prepare(self) -> None:
        """Offer what this release allows."""

    def is_folded(self, name: str) -> bool:
        """Tell whether a field is for few, and takes much room."""
        return name == self.folded

    def plain(self) -> list[forms.BoundField]:
        return [field for field in self if not self.is_folded(field.name)]

    def aside(self) -> list[forms.BoundField]:
        return [field for field in self if self.is_folded(field.name)]

    def is_open(self) -> bool:
        """Tell whether what is folded was changed, or is wrong."""
        names = [*self.errors, *self.changed_data] if self.is_bound else []
        return any(map(self.is_folded, names))

    def options(self) -> dict[str, Any]:
        """Return what is asked for; to be called where the form is valid, or not bound."""
        if not self.is_bound:
            return {}
        return {name: self.cleaned_data[name] for name in self.changed_data}

    def asked(self) -> str:
        """Return what tells the options from others, so that none is applied that nobody saw."""
        told = json.dumps(self.options(), sort_keys=True, default=str)
        return hashlib.sha256(told.encode()).hexdigest()


def style(field: forms.Field) -> str:
    if isinstance(field, forms.BooleanField):
        return "form-check-input"
    return "form-select" if isinstance(field, forms.ChoiceField) else "form-control"


class TextField(forms.CharField):
    """Takes a text as it was typed, told from what was known by its lines alone."""

    def to_python(self, value: Any) -> str:
        return str(super().to_python(value)).replace("\r\n", "\n")

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(self.to_python(initial) != self.to_python(data))


class NfoFixForm(MendingForm):
    folded, folded_title = "text", gettext_lazy("Write the NFO by hand")
    rerender = forms.BooleanField(
        label=gettext_lazy("Render it anew from its template"),
        help_text=gettext_lazy("Instead of mending the text as it is."),
    )
    text = TextField(
        label=gettext_lazy("Text of the NFO"),
        strip=False,
        max_length=MOST_NFO_CHARACTERS,
        widget=forms.Textarea(
            attrs={
                "rows": 20,
                "spellcheck": "false",
                "wrap": "off",
                "class": "form-control nfo-edit",
            }
        ),
    )

    def present(self) -> dict[str, Any]:
        return {"text": self.release.nfo}


class ReadNfoForm(MendingForm):
    folded, folded_title = "fields_read", gettext_lazy("Choose what is taken over")
    fields_read = forms.MultipleChoiceField(
        label=gettext_lazy("Fields"),
        choices=[(name, LABELS[name]) for name in READ],
        widget=forms.CheckboxSelectMultiple,
    )
    rerender = forms.BooleanField(
        label=gettext_lazy("Render the NFO anew from what was read"),
        help_text=gettext_lazy("Instead of keeping its text."),
    )

    def present(self) -> dict[str, Any]:
        return {"fields_read": list(READ)}

    def options(self) -> dict[str, Any]:
        asked = super().options()
        read = asked.pop("fields_read", None)
        return asked if read is None else asked | {"fields": read}


class DirFixForm(MendingForm):
    name = forms.CharField(
        label=gettext_lazy("Name of the release"),
        max_length=243,
        help_text=gettext_lazy("Empty: the one that the metadata make."),
    )


class RepackForm(MendingForm):
    folded_title = gettext_lazy("Change the metadata")
    format = forms.ChoiceField(label=gettext_lazy("Format"), choices=Release.Format.choices)
    rar_version = forms.TypedChoiceField(
        label=gettext_lazy("RAR version"), choices=Release.RarVersion.choices, coerce=int
    )
    volumes = forms.IntegerField(
        label=gettext_lazy("Volume size, in millions of bytes"), min_value=1, max_value=100_000
    )
    generate_sfv = forms.BooleanField(label=gettext_lazy("SFV and SHA-256 list beside the release"))
    template = forms.ModelChoiceField(
        NfoTemplate.objects.none(),
        label=gettext_lazy("NFO template"),
        empty_label=gettext_lazy("None: the NFO as it is"),
    )

    def present(self) -> dict[str, Any]:
        release = self.release
        metadata = release.edited_metadata
        said = {f"{SAID}{name}": known(name, value) for name, value in metadata.items()}
        return {
            "format": release.edited("format"),
            "rar_version": release.edited("rar_version"),
            "volumes": release.edited("volume_bytes") // MILLION,
            "generate_sfv": release.edited("generate_sfv"),
            **said,
        }

    def prepare(self) -> None:
        spec, release = self.release.rule.spec, self.release
        self.offer("format", {spec.scheme.upper(), release.format, release.edited("format")})
        versions = {release.rar_version, release.edited("rar_version")}
        self.offer("rar_version", {*spec.rar_versions, *versions})
        templates = NfoTemplate.objects.visible_to(self.by).defer("content")
        self.fields["template"].queryset = templates  # type: ignore[attr-defined]
        for name in {**release.metadata, **release.edited_metadata, **dict.fromkeys(USUAL)}:
            if name in METADATA_FIELDS:
                self.fields[f"{SAID}{name}"] = said_field(name)

    def offer(self, name: str, allowed: Container[object]) -> None:
        field = self.fields[name]
        field.choices = [choice for choice in field.choices if choice[0] in allowed]  # type: ignore[attr-defined]

    def clean_volumes(self) -> int | None:
        volumes: int | None = self.cleaned_data["volumes"]
        rule = self.release.rule
        if volumes and not rule.spec.allows_volume_bytes(volumes * MILLION):
            sizes = ", ".join(f"{size // MILLION}" for size in rule.spec.volume_sizes)
            raise forms.ValidationError(
                _("%(rule)s allows volumes of %(sizes)s million bytes: choose one of these."),
                params={"rule": rule, "sizes": sizes},
            )
        return volumes

    def is_folded(self, name: str) -> bool:
        return name.startswith(SAID)

    def options(self) -> dict[str, Any]:
        asked = super().options()
        said = {
            name.removeprefix(SAID): value for name, value in asked.items() if name.startswith(SAID)
        }
        kept = {name: value for name, value in asked.items() if not name.startswith(SAID)}
        if (volumes := kept.pop("volumes", None)) is not None:
            kept["volume_bytes"] = volumes * MILLION
        if (template := kept.pop("template", None)) is not None:
            kept["template"] = template.pk
        return kept | ({"metadata": said} if said else {})


def known(name: str, value: Any) -> Any:
    """Return a year that was kept as a text as the number it is."""
    is_year = name == "year" and isinstance(value, str) and YEAR.fullmatch(value)
    return int(value) if is_year else value


def said_field(name: str) -> forms.Field:
    if name == "year":
        return forms.IntegerField(label=str(LABELS[name]), min_value=0, max_value=9999)
    widget = forms.Textarea(attrs={"rows": 3}) if name in LONG else forms.TextInput()
    return TextField(label=str(LABELS[name]), max_length=MOST_LETTERS, widget=widget)


FORMS: dict[str, type[MendingForm]] = {
    "nfofix": NfoFixForm,
    "dirfix": DirFixForm,
    "repack": RepackForm,
    "readnfo": ReadNfoForm,
}
