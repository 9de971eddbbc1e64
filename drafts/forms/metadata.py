"""Step 6: what the work is."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from langcodes import standardize_tag, tag_is_valid
from stdnum import isbn

from drafts.forms.base import StepForm
from drafts.known import DESCRIPTION_LIMIT, Known, file_matches, known
from releases import description
from releases.actions import told
from releases.labels import label
from releases.metadata.fields import clean as cleaned_text
from releases.metadata.providers import PROVIDERS
from releases.packing import naming

FIRST_PRINTED_YEAR = 1400
BOOK_FIELDS = (
    *("title", "author", "publisher", "year", "language", "category"),
    *("isbn", "edition", "series", "source", "tags", "genre", "url", "description"),
)
EBOOK_FIELDS = (*BOOK_FIELDS[:6], "volume", "issue", "issue_date", *BOOK_FIELDS[6:])
TV_FIELDS = (
    *("title", "episode", "episode_title", "tv_format", "resolution", "language", "tags"),
    *("year", "genre", "url", "description"),
)
FIELDS = {"EBOOK": EBOOK_FIELDS, "DOCS": BOOK_FIELDS, "TV": TV_FIELDS}
NEEDED = {
    "EBOOK": {"title", "language"},
    "DOCS": {"title", "language"},
    "TV": {"title", "episode", "tv_format"},
}
TAGS = {"EBOOK": naming.EBOOK_TAGS, "DOCS": naming.EBOOK_TAGS, "TV": naming.TV_TAGS}
CATEGORIES = [
    ("", _("Book, by its author")),
    ("TECHNICAL", _("Technical book, by its publisher")),
    ("MAGAZiNE", _("Magazine")),
    ("COMiC", _("Comic")),
    ("MANGA", _("Manga")),
    ("NEWSPAPER", _("Newspaper")),
]
"""Those of `description.CATEGORIES`, and none."""
BOOKS = CATEGORIES[:2]


class CategoryField(forms.ChoiceField):
    """Takes a category in any case."""

    def to_python(self, value: Any) -> str:
        typed = str(super().to_python(value))
        return {known.lower(): known for known, _label in CATEGORIES}.get(typed.lower(), typed)


def choices(*values: str) -> list[tuple[str, str]]:
    return [(value, value or "—") for value in values]


def checked_year(year: int) -> int:
    latest = timezone.now().year + 1
    if not FIRST_PRINTED_YEAR <= year <= latest:
        raise ValidationError(
            _("The year must lie between %(first)d and %(last)d."),
            params={"first": FIRST_PRINTED_YEAR, "last": latest},
        )
    return year


class Enrichment(StepForm):
    title = forms.CharField(max_length=500)
    author = forms.CharField(
        max_length=500,
        required=False,
        help_text=_("A technical book or a periodical may have a publisher instead."),
    )
    publisher = forms.CharField(max_length=200, required=False)
    year = forms.IntegerField(required=False)
    language = forms.CharField(
        max_length=35,
        required=False,
        help_text=_("A code, such as fr or en."),
    )
    isbn = forms.CharField(max_length=20, required=False)
    edition = forms.CharField(max_length=100, required=False)
    series = forms.CharField(max_length=200, required=False)
    episode = forms.RegexField(
        rf"^({naming.EPISODE}|[0-9]{{4}})$",
        required=False,
        help_text=_("S01E02, S01E02-E03, 2024.05.31, Part.1, or the year of a film."),
    )
    episode_title = forms.CharField(max_length=200, required=False)
    tv_format = forms.ChoiceField(choices=choices("", *naming.RESOLUTIONS), required=False)
    resolution = forms.ChoiceField(choices=choices("", "720p", "1080p", "2160p"), required=False)
    tags = forms.CharField(max_length=100, required=False)
    source = forms.ChoiceField(choices=choices(*description.SOURCES), required=False)
    category = CategoryField(choices=CATEGORIES, required=False)
    volume = forms.CharField(max_length=20, required=False)
    issue = forms.CharField(max_length=20, required=False, help_text=_("22, 22-23 or 22b."))
    issue_date = forms.CharField(
        max_length=10,
        required=False,
        help_text=_("2007-12-31, 2007-12 or 2007: its year is that of the release."),
    )
    genre = forms.CharField(max_length=100, required=False)
    url = forms.URLField(max_length=500, required=False, assume_scheme="https")
    description = forms.CharField(
        max_length=DESCRIPTION_LIMIT, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )
    locked = forms.MultipleChoiceField(required=False, widget=forms.CheckboxSelectMultiple)
    """The fields that keep their value when all of a source is used."""

    def prepare(self) -> None:
        """Ask what this type of release needs, and propose what the file says."""
        wanted = FIELDS.get(self.draft.release_type, EBOOK_FIELDS)
        for name in set(self.fields) - {*wanted, "locked"}:
            del self.fields[name]
        self.fields["locked"].choices = choices(*wanted)  # type: ignore[attr-defined]
        self.order_fields(wanted)
        if self.draft.release_type == "DOCS":
            self.fields["category"].choices = BOOKS  # type: ignore[attr-defined]
        for name, field in self.fields.items():
            field.label = label(name)
        for name in NEEDED.get(self.draft.release_type, ()):
            self.fields[name].required = True
        self.propose_usual("language", "source")
        for match in file_matches(self.draft.source):
            for name in set(match.values) & set(self.fields):
                self.fields[name].initial = match.values[name]

    @cached_property
    def known(self) -> Known:
        return known(self.draft)

    def kept_names(self) -> set[str]:
        """Return the fields, and which of its answers is shown of each provider."""
        return super().kept_names() | {f"match_{name}" for name in PROVIDERS}

    def answers(self) -> dict[str, Any]:
        """Return the answers, and who said each."""
        given = super().answers()
        said = {name: value for name, value in given.items() if name != "locked"}
        return given | {"sources": self.known.origins(said)}

    def clean(self) -> dict[str, Any]:
        """Take out what cannot be seen and turns texts around."""
        for name, value in self.cleaned_data.items():
            if isinstance(value, str):
                self.cleaned_data[name] = cleaned_text(value, DESCRIPTION_LIMIT)
        if "author" in self.fields:
            self.check_who_and_when()
        return self.cleaned_data

    def check_who_and_when(self) -> None:
        """Ask for the author and the year where nothing stands for them."""
        answers = self.cleaned_data
        stand_ins = {"author": answers.get("category") and answers.get("publisher"), "year": None}
        for name, stand_in in stand_ins.items():
            if not (answers.get(name) or stand_in or name in self.errors):
                missing = self.fields[name].error_messages["required"]
                self.add_error(name, ValidationError(missing, code="required"))

    @property
    def is_periodical(self) -> bool:
        return self.cleaned_data.get("category") in description.PERIODICALS

    def clean_year(self) -> int | None:
        year: int | None = self.cleaned_data["year"]
        return None if year is None else checked_year(year)

    def clean_volume(self) -> str:
        return self.number_of_issue("volume")

    def clean_issue(self) -> str:
        return self.number_of_issue("issue")

    def number_of_issue(self, name: str) -> str:
        number = str(self.cleaned_data[name]) if self.is_periodical else ""
        if number and not re.fullmatch(naming.NUMBER, number):
            raise ValidationError(_("Write the number like 22, 22-23 or 22b."))
        return number

    def clean_issue_date(self) -> str:
        """Return the date of a periodical, whose year is then that of the release."""
        if not self.is_periodical:
            return ""
        try:
            year, *_rest = description.issue_date(self.cleaned_data)
        except naming.NamingError as error:
            raise ValidationError(told(error)) from error
        if year:
            self.cleaned_data["year"] = checked_year(year)
        return str(self.cleaned_data["issue_date"])

    def clean_tags(self) -> str:
        """Return the tags as names write them."""
        known = TAGS.get(self.draft.release_type, naming.EBOOK_TAGS)
        try:
            return " ".join(naming.read_tags(str(self.cleaned_data["tags"]), known))
        except naming.NamingError as error:
            raise ValidationError(told(error)) from error

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
