"""Step 6: what the work is."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from langcodes import standardize_tag, tag_is_valid
from stdnum import isbn

from drafts.forms.base import StepForm
from releases import description
from releases.metadata.fields import clean as cleaned_text

FIRST_PRINTED_YEAR = 1400
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

    def clean(self) -> dict[str, Any]:
        """Take out what cannot be seen and turns texts around."""
        for name, value in self.cleaned_data.items():
            if isinstance(value, str):
                self.cleaned_data[name] = cleaned_text(value)
        return self.cleaned_data

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
