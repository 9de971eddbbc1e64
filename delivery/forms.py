"""How a person describes a destination. Secrets that were given are never shown again."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from delivery.actions import Given
from delivery.checking import (
    KEY_LENGTH,
    MOST_ATTEMPTS,
    MOST_BANDWIDTH,
    MOST_CONNECTIONS,
    MOST_PORT,
    SECRET_LENGTH,
)
from delivery.models import CONNECTIONS, NAME_LENGTH, TEXT_LENGTH, Destination
from delivery.parcel import Manner

SECRETS = ("password", "private_key", "passphrase")
OPTIONS = ("timeout", "connections", "bandwidth", "attempts", "order")
ORDERS = {
    "SFV": _("SFV, then NFO, then the others"),
    "NFO": _("NFO, then SFV, then the others"),
    "NAME": _("By name"),
}
USUAL = Manner()
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
        help_text=_("Empty: as the system says."),
        widget=forms.NumberInput(attrs=CONTROL),
    )
    connections = forms.IntegerField(
        label=_("Connections at once"),
        min_value=1,
        max_value=MOST_CONNECTIONS,
        required=False,
        help_text=_("Of one delivery. Servers of FTP often allow few."),
        widget=forms.NumberInput(attrs={"placeholder": CONNECTIONS, **CONTROL}),
    )
    bandwidth = forms.IntegerField(
        label=_("Most KiB per second"),
        min_value=0,
        max_value=MOST_BANDWIDTH,
        required=False,
        help_text=_("Of all its connections together. 0: as fast as it goes."),
        widget=forms.NumberInput(attrs={"placeholder": 0, **CONTROL}),
    )
    attempts = forms.IntegerField(
        label=_("Attempts"),
        min_value=1,
        max_value=MOST_ATTEMPTS,
        required=False,
        help_text=_("At one file, one after the other, until the delivery fails."),
        widget=forms.NumberInput(attrs={"placeholder": USUAL.attempts, **CONTROL}),
    )
    order = forms.ChoiceField(
        label=_("Order"),
        choices=ORDERS,
        initial=USUAL.order,
        required=False,
        help_text=_("Scripts on servers check files as they arrive: they want the SFV first."),
        widget=forms.Select(attrs={"class": "form-select"}),
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
        options = {name: said.pop(name) for name in OPTIONS}
        options["order"] = options["order"] or None
        secrets = {name: said.pop(name) or None for name in SECRETS}
        if said["type"] != Destination.Type.SFTP:
            secrets["private_key"] = secrets["passphrase"] = None
        if said["type"] != Destination.Type.SFTP or "host_key" not in self.changed_data:
            said["host_key"] = None
        return Given(**said, **secrets, options={"passive": True, **options})


def values_of(destination: Destination) -> dict[str, Any]:
    names = ("name", "type", "host", "port", "username", "folder", "host_key")
    given = {name: value for name in OPTIONS if (value := destination.options.get(name))}
    return {name: getattr(destination, name) for name in names} | given
