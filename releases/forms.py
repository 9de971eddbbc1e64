from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from releases.packing import foreign, nfo
from releases.templating import format_size

ENCODINGS = {
    "cp437": _("Code page 437"),
    "utf-8": "UTF-8",
    "ascii": "ASCII",
    "cp1252": "Windows 1252",
    "utf-16": "UTF-16",
}


class NfoForm(forms.Form):
    """Asks for an NFO to look at."""

    file = forms.FileField(
        label=_("File"),
        error_messages={
            "required": _("Choose a file."),
            "empty": _("The file is empty: choose another file."),
        },
        help_text=_("An NFO, a text or an ANSI drawing, of at most 1 MiB."),
        widget=forms.FileInput(attrs={"class": "form-control"}),
    )
    encoding = forms.ChoiceField(
        label=_("Encoding"),
        choices=[("", _("As it seems")), *((name, ENCODINGS[name]) for name in nfo.READ_ENCODINGS)],
        required=False,
        widget=forms.Select(attrs={"class": "form-select"}),
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > foreign.MAX_BYTES:
            raise forms.ValidationError(
                _("The file has %(size)s, an NFO has at most %(most)s: choose another file."),
                params={
                    "size": format_size(file.size),
                    "most": format_size(foreign.MAX_BYTES),
                },
            )
        return file
