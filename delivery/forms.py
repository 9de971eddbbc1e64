"""How a person describes a destination. Secrets that were given are never shown again."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from delivery.actions import Given
from delivery.checking import KEY_LENGTH, MOST_PORT, SECRET_LENGTH
from delivery.models import NAME_LENGTH, TEXT_LENGTH, Destination

SECRETS = ("password", "private_key", "passphrase")
CONTROL = {"class": "form-control"}
HIDDEN = {"autocomplete": "off", **CONTROL}


class DestinationForm(forms.Form):
    name = forms.CharField(
        label=_("Name"), max_length=NAME_LENGTH, widget=forms.TextInput(attrs=CONTROL)
    )
    type = forms.ChoiceField(
        label=_("Type"),
        choices=Destination.Type,
        initial=Destination.Type.SFTP,
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    host = forms.CharField(
        label=_("Host"),
        max_length=253,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "url", "autocapitalize": "none", **CONTROL}),
    )
    port = forms.IntegerField(
        label=_("Port"),
        min_value=1,
        max_value=MOST_PORT,
        required=False,
        help_text=_("Empty: the usual one of the type."),
        widget=forms.NumberInput(attrs=CONTROL),
    )
    username = forms.CharField(
        label=_("User name"),
        max_length=TEXT_LENGTH,
        required=False,
        widget=forms.TextInput(attrs={"autocapitalize": "none", **HIDDEN}),
    )
    password = forms.CharField(
        label=_("Password"),
        max_length=SECRET_LENGTH,
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs=HIDDEN | {"autocomplete": "new-password"}),
    )
    private_key = forms.CharField(
        label=_("Private key"),
        max_length=KEY_LENGTH,
        required=False,
        help_text=_("In place of a password: the text of the file, as OpenSSH writes it."),
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false", **HIDDEN}),
    )
    passphrase = forms.CharField(
        label=_("Passphrase of the key"),
        max_length=SECRET_LENGTH,
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs=HIDDEN | {"autocomplete": "new-password"}),
    )
    host_key = forms.CharField(
        label=_("Key of the server"),
        required=False,
        help_text=_("A test shows it. Compare it before you accept it; another one is refused."),
        widget=forms.TextInput(attrs={"spellcheck": "false", **HIDDEN}),
    )
    folder = forms.CharField(
        label=_("Folder"),
        max_length=TEXT_LENGTH,
        required=False,
        widget=forms.TextInput(attrs={"autocapitalize": "none", **CONTROL}),
    )
    timeout = forms.IntegerField(
        label=_("Seconds to wait for an answer"),
        min_value=1,
        required=False,
        widget=forms.NumberInput(attrs=CONTROL),
    )

    def __init__(self, *args: Any, kept: Destination | None = None, **options: Any) -> None:
        initial = values_of(kept) if kept else {}
        super().__init__(*args, **options | {"initial": initial})
        for name in ("password", "private_key"):
            if kept and getattr(kept, name):
                self.fields[name].help_text = _(
                    "One is stored. Leave this empty to keep it. Testing this form does not use it."
                )

    def given(self) -> Given:
        """Return what was said; an empty secret, or what was not touched, says nothing."""
        said = dict(self.cleaned_data)
        timeout = said.pop("timeout")
        secrets = {name: said.pop(name) or None for name in SECRETS}
        if said["type"] != Destination.Type.SFTP:
            secrets["private_key"] = secrets["passphrase"] = None
        if said["type"] != Destination.Type.SFTP or "host_key" not in self.changed_data:
            said["host_key"] = None
        options = {"passive": True} | ({"timeout": timeout} if timeout else {})
        return Given(**said, **secrets, options=options)


def values_of(destination: Destination) -> dict[str, Any]:
    names = ("name", "type", "host", "port", "username", "folder", "host_key")
    return {name: getattr(destination, name) for name in names} | {
        "timeout": destination.options.get("timeout")
    }
