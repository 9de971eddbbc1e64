"""One form per step, for the wizard's pages and the API alike.

Forms check shape and ask the actions for meaning. Field names are those of the API.
"""

import re
from dataclasses import replace
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from langcodes import standardize_tag, tag_is_valid
from stdnum import isbn

from drafts.answers import new_release
from drafts.models import Draft
from releases import actions, description, templating
from releases.models import MILLION, NfoTemplate, Release, ReleaseType, Source
from rules.models import Rule

FIRST_PRINTED_YEAR = 1400


class StepForm(forms.Form):
    """A step of a draft: knows the draft, so that it can check against earlier answers."""

    def __init__(self, *args: Any, draft: Draft, **kwargs: Any) -> None:
        self.draft = draft
        super().__init__(*args, **kwargs)
        self.prepare()
        for field in self.fields.values():
            mark(field.widget)

    def prepare(self) -> None:
        """Fit the fields to the earlier answers."""

    def answers(self) -> dict[str, Any]:
        """Return the cleaned answers as JSON can keep them."""
        return {name: stored(value) for name, value in self.cleaned_data.items()}


def stored(value: Any) -> Any:
    return value.pk if isinstance(value, Rule | NfoTemplate) else value


def mark(widget: forms.Widget) -> None:
    """Give `widget` the class that the style sheet draws it by."""
    kinds = {
        forms.CheckboxInput: "form-check-input",
        forms.RadioSelect: "form-check-input",
        forms.Select: "form-select",
    }
    widget.attrs.setdefault("class", kinds.get(type(widget), "form-control"))


class Group(StepForm):
    group = forms.CharField(
        label=_("Release group"),
        help_text=_("Capital letters and digits: it ends the name of the release."),
        min_length=2,
        max_length=100,
        widget=forms.TextInput(
            attrs={"list": "known-groups", "autocapitalize": "characters", "data-capitals": True}
        ),
    )

    def clean_group(self) -> str:
        tag = str(self.cleaned_data["group"])
        if not re.fullmatch(settings.GROUP_PATTERN, tag):
            raise ValidationError(
                _("Le nom du groupe doit contenir uniquement lettres majuscules et chiffres")
            )
        return tag


class Type(StepForm):
    release_type = forms.ChoiceField(
        label=_("What is it?"), choices=ReleaseType.choices, widget=forms.RadioSelect
    )


class ChooseRule(StepForm):
    rule_id = forms.ModelChoiceField(
        Rule.objects.none(), label=_("Rule"), empty_label=None, widget=forms.RadioSelect
    )

    def prepare(self) -> None:
        rules = Rule.objects.for_type(self.draft.release_type).recommended_first()
        field = self.fields["rule_id"]
        field.queryset = rules  # type: ignore[attr-defined]
        field.initial = rules.first()
        field.error_messages["invalid_choice"] = _(
            "This rule does not exist, or is for another type of release: choose one of the list."
        )


class ChooseSource(StepForm):
    file = forms.FileField(label=_("File"), required=False)
    file_path = forms.UUIDField(required=False, widget=forms.HiddenInput)
    rights = forms.ChoiceField(
        label=_("What gives you the right to distribute it?"),
        choices=Release.Rights.choices,
        widget=forms.RadioSelect,
    )
    rights_note = forms.CharField(label=_("Note on the rights"), max_length=500, required=False)

    upload_refusal = ""
    """Why the body of the request could not be received; see `releases.uploads`."""

    def prepare(self) -> None:
        self.fields["file"].error_messages["empty"] = _("The file is empty: choose another file.")
        self.fields["file_path"].error_messages["invalid"] = _(
            "This is not a file that you sent: send it first."
        )

    def clean_rights_note(self) -> str:
        note = str(self.cleaned_data["rights_note"])
        if self.cleaned_data.get("rights") == Release.Rights.OTHER and not note:
            raise ValidationError(_("Say in a few words what gives you the right."))
        return note

    def clean(self) -> dict[str, Any]:
        if "file" in self.errors:
            return self.cleaned_data
        if self.upload_refusal:
            self.add_error("file", self.upload_refusal)
            return self.cleaned_data
        try:
            self.cleaned_data["file_path"] = str(self.checked_source().handle)
        except actions.Refused as refusal:
            self.add_error("file", str(refusal))
        return self.cleaned_data

    def checked_source(self) -> Source:
        rule = self.draft.rule
        if rule is None:
            raise actions.Refused(str(_("Choose a rule first: it says which files it allows.")))
        source = self.chosen_source()
        try:
            actions.check_source(source, rule)
        except actions.Refused:
            if self.cleaned_data.get("file"):
                actions.discard_source(source)
            raise
        return source

    def chosen_source(self) -> Source:
        if received := self.cleaned_data.get("file"):
            return actions.receive_source(received, by=self.draft.owner)
        handle = self.cleaned_data.get("file_path")
        if not handle:
            raise actions.Refused(str(_("Choose a file.")))
        source = Source.objects.visible_to(self.draft.owner).filter(handle=handle).first()
        if source is None:
            raise actions.Refused(str(_("This file is not here any more: send it again.")))
        return source

    def answers(self) -> dict[str, Any]:
        return {name: value for name, value in super().answers().items() if name != "file"}


class Analysis(StepForm):
    """Nothing to ask: the page shows what the file says of itself."""

    def clean(self) -> dict[str, Any]:
        source = self.draft.source
        job = source.latest_analysis() if source else None
        if job is None or not job.is_over:
            raise ValidationError(_("Wait until the analysis is over, then go on."))
        if job.status != job.Status.COMPLETED:
            raise ValidationError(_("The analysis did not succeed: run it again."))
        return self.cleaned_data


EBOOK_FIELDS = (
    *("title", "author", "publisher", "year", "language", "isbn", "edition", "series"),
    *("source", "category", "genre", "url"),
)
TV_FIELDS = (
    *("title", "episode", "episode_title", "tv_format", "resolution", "language", "tags"),
    *("year", "genre", "url"),
)
FIELDS = {"EBOOK": EBOOK_FIELDS, "DOCS": EBOOK_FIELDS, "TV": TV_FIELDS}
NEEDED = {
    "EBOOK": {"title", "author", "year", "language"},
    "DOCS": {"title", "author", "year", "language"},
    "TV": {"title", "episode", "tv_format"},
}
TV_FORMATS = (
    *("WEB.H264", "WEB.H265", "WEBRip.x264", "WEBRip.x265"),
    *("HDTV.x264", "AHDTV.x264", "PDTV.x264", "APDTV.x264", "DSR.x264", "ADSR.x264"),
)


def choices(*values: str) -> list[tuple[str, str]]:
    return [(value, value or "—") for value in values]


class Enrichment(StepForm):
    title = forms.CharField(label=_("Title"), max_length=500)
    author = forms.CharField(label=_("Author"), max_length=500, required=False)
    publisher = forms.CharField(label=_("Publisher"), max_length=200, required=False)
    year = forms.IntegerField(label=_("Year"), required=False)
    language = forms.CharField(
        label=_("Language"), max_length=35, required=False, help_text=_("A code, such as fr or en.")
    )
    isbn = forms.CharField(label="ISBN", max_length=20, required=False)
    edition = forms.CharField(label=_("Edition"), max_length=100, required=False)
    series = forms.CharField(label=_("Series"), max_length=200, required=False)
    episode = forms.RegexField(
        r"^(S\d{2,}E\d{2,}(-?E\d{2,})*[A-Z]?|E\d{2,}|Part\.?\d+|\d{4}\.\d{2}\.\d{2}|\d{4})$",
        label=_("Episode"),
        required=False,
        help_text=_("S01E02, S01E02-E03, 2024.05.31, Part.1, or the year of a film."),
    )
    episode_title = forms.CharField(label=_("Episode title"), max_length=200, required=False)
    tv_format = forms.ChoiceField(
        label=_("Format"), choices=choices("", *TV_FORMATS), required=False
    )
    resolution = forms.ChoiceField(
        label=_("Resolution"), choices=choices("", "720p", "1080p", "2160p"), required=False
    )
    tags = forms.CharField(label=_("Tags"), max_length=100, required=False)
    source = forms.ChoiceField(
        label=_("Source"), choices=choices(*description.SOURCES), required=False
    )
    category = forms.ChoiceField(
        label=_("Category"), choices=choices("", *description.CATEGORIES), required=False
    )
    genre = forms.CharField(label=_("Genre"), max_length=100, required=False)
    url = forms.URLField(
        label=_("Source link"), max_length=500, required=False, assume_scheme="https"
    )

    def prepare(self) -> None:
        """Ask what this type of release needs, and propose what the file says."""
        wanted = FIELDS.get(self.draft.release_type, EBOOK_FIELDS)
        for name in set(self.fields) - set(wanted):
            del self.fields[name]
        self.order_fields(wanted)
        for name in NEEDED.get(self.draft.release_type, ()):
            self.fields[name].required = True
        found = self.draft.source.proposed() if self.draft.source else {}
        for name in set(found) & set(self.fields):
            self.fields[name].initial = found[name]

    def clean_year(self) -> int | None:
        year: int | None = self.cleaned_data["year"]
        latest = timezone.now().year + 1
        if year is not None and not FIRST_PRINTED_YEAR <= year <= latest:
            raise ValidationError(
                _("The year must lie between %(first)d and %(last)d."),
                params={"first": FIRST_PRINTED_YEAR, "last": latest},
            )
        return year

    def clean_isbn(self) -> str:
        number = str(self.cleaned_data["isbn"])
        if number and not isbn.is_valid(number):
            raise ValidationError(_("This is not an ISBN: a digit is wrong or missing."))
        return str(isbn.compact(number, convert=True)) if number else ""

    def clean_language(self) -> str:
        tag = str(self.cleaned_data["language"])
        if tag and not tag_is_valid(tag):
            raise ValidationError(_("This is not a language code: try fr, en, de, pt-BR…"))
        return str(standardize_tag(tag)) if tag else ""

    def clean_source(self) -> str:
        return str(self.cleaned_data["source"] or description.SOURCES[0])


class Nfo(StepForm):
    template_id = forms.ModelChoiceField(
        NfoTemplate.objects.none(), label=_("Template"), empty_label=None
    )
    template_text = forms.CharField(
        label=_("Text with placeholders"),
        required=False,
        strip=False,
        max_length=templating.MAX_TEMPLATE_CHARACTERS,
        widget=forms.Textarea(
            attrs={"rows": 24, "spellcheck": "false", "class": "form-control nfo-edit"}
        ),
        help_text=_("What you change here holds for this release alone."),
    )

    def prepare(self) -> None:
        field = self.fields["template_id"]
        field.queryset = NfoTemplate.objects.all()  # type: ignore[attr-defined]
        field.initial = self.draft.template
        if field.initial:
            self.fields["template_text"].initial = field.initial.content

    def clean_template_text(self) -> str:
        """Return the text where it is the user's own; nothing where it is a template's."""
        text = str(self.cleaned_data["template_text"]).replace("\r\n", "\n")
        is_own = text and not NfoTemplate.objects.filter(content=text).exists()
        return text if is_own else ""

    def clean(self) -> dict[str, Any]:
        if template := self.cleaned_data.get("template_id"):
            try:
                self.check_text(template)
            except actions.Refused as refusal:
                self.add_error("template_text", str(refusal))
        return self.cleaned_data

    def check_text(self, template: NfoTemplate) -> None:
        text = str(self.cleaned_data.get("template_text") or "")
        new = replace(new_release(self.draft), template=template, template_text=text)
        actions.rendered_nfo(new)


class Options(StepForm):
    format = forms.ChoiceField(label=_("Format"), choices=Release.Format.choices, required=False)
    volumes = forms.IntegerField(
        label=_("Volume size, in millions of bytes"),
        min_value=1,
        max_value=100_000,
        required=False,
        help_text=_("Empty: the smallest size that the rule allows."),
    )
    generate_sfv = forms.BooleanField(
        label=_("SFV and SHA-256 list beside the release"), initial=True, required=False
    )

    def prepare(self) -> None:
        if rule := self.draft.rule:
            scheme = rule.spec.scheme.upper()
            self.fields["format"].choices = [  # type: ignore[attr-defined]
                choice for choice in Release.Format.choices if choice[0] == scheme
            ]

    def clean_volumes(self) -> int | None:
        volumes: int | None = self.cleaned_data["volumes"]
        rule = self.draft.rule
        if volumes and rule and not rule.spec.allows_volume_bytes(volumes * MILLION):
            sizes = ", ".join(f"{size // MILLION}" for size in rule.spec.volume_sizes)
            raise ValidationError(
                _("%(rule)s allows volumes of %(sizes)s million bytes: choose one of these."),
                params={"rule": rule, "sizes": sizes},
            )
        return volumes


class Destination(StepForm):
    """Nothing to ask: the release stays in the releases folder, to be downloaded."""
