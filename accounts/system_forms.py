"""What administrators set for the whole site, as a form."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.system import FORMATS, KNOWN, LEVELS, PATH_LENGTH

TITLES = {
    "paths": _("Places"),
    "limits": _("Limits"),
    "logs": _("Log"),
    "retention": _("How long things are kept"),
}
FOR_EVER = _("0: for ever.")


def days(label: Any) -> forms.IntegerField:
    return forms.IntegerField(label=label, required=False, help_text=FOR_EVER)


class SystemForm(forms.Form):
    uploads = forms.CharField(label=_("Uploads"), max_length=PATH_LENGTH, required=False)
    releases = forms.CharField(label=_("Releases"), max_length=PATH_LENGTH, required=False)
    cache = forms.CharField(label=_("Pictures of covers"), max_length=PATH_LENGTH, required=False)
    logs = forms.CharField(
        label=_("Folder of the log files"),
        max_length=PATH_LENGTH,
        required=False,
        help_text=_("Empty: the log goes to stderr alone."),
    )
    max_file_size = forms.IntegerField(label=_("Largest file, in bytes"), required=False)
    api_timeout = forms.IntegerField(
        label=_("Patience with providers of metadata, in seconds"),
        required=False,
        help_text=_("So long they may take to answer, all together."),
    )
    ftp_timeout = forms.IntegerField(
        label=_("Patience with file servers, in seconds"),
        required=False,
        help_text=_("How long a destination may stay silent."),
    )
    level = forms.ChoiceField(label=_("Level"), choices=[(one, one) for one in LEVELS])
    format = forms.ChoiceField(label=_("Format"), choices=[(one, one) for one in FORMATS])
    rotation_size = forms.IntegerField(
        label=_("Size at which a new log file begins, in bytes"), required=False
    )
    rotation_count = forms.IntegerField(label=_("Old log files to keep"), required=False)
    drafts_days = days(_("Drafts that nobody touches, in days"))
    upload_expiry = days(_("Files that stopped arriving, in seconds"))
    sources_days = days(_("Sent files of no draft, release or job, in days"))
    jobs_days = days(_("Jobs that are over, in days"))
    trash_days = days(_("Releases in the trash, in days"))
    revisions_kept = forms.IntegerField(
        label=_("Revisions of a release, with their files"),
        required=False,
        help_text=_("0: all of them."),
    )
    logins_days = days(_("Logins and sessions that are over, in days"))
    answers_days = days(_("Answers to requests that may come again, in days"))
    queue_days = days(_("What the queue notes of its tasks, in days"))

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for field in self.fields.values():
            is_choice = isinstance(field.widget, forms.Select)
            field.widget.attrs["class"] = "form-select" if is_choice else "form-control"
            field.show_hidden_initial = True  # what somebody else changed meanwhile stays

    def sections(self) -> Iterator[tuple[str | Promise, list[forms.BoundField]]]:
        for section, names in KNOWN.items():
            yield TITLES[section], [self[name] for name in names]

    def wishes(self) -> dict[str, dict[str, Any]]:
        """Return what was changed; None where a field was emptied."""
        return {
            section: {name: self._wish(name) for name in names if name in self.changed_data}
            for section, names in KNOWN.items()
        }

    def _wish(self, name: str) -> Any:
        value = self.cleaned_data[name]
        return value if name == "logs" or value not in ("", None) else None

    def add_complaints(self, wrong: ValidationError) -> None:
        for key, sentences in wrong.message_dict.items():
            name = key.partition(".")[2]
            self.add_error(name if name in self.fields else None, sentences)
