"""How a person describes a channel. What was given as a secret is never shown again."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from notifications.actions import ADDRESS_LENGTH, SECRET_LENGTH, Given
from notifications.models import EVENTS, NAME_LENGTH, Channel

CONTROL = {"class": "form-control"}
HIDDEN = {"autocomplete": "off", "spellcheck": "false", **CONTROL}


class ChannelForm(forms.Form):
    name = forms.CharField(
        label=_("Name"), max_length=NAME_LENGTH, widget=forms.TextInput(attrs=CONTROL)
    )
    type = forms.ChoiceField(
        label=_("Type"),
        choices=Channel.Type,
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    address = forms.CharField(
        label=_("Address"),
        max_length=ADDRESS_LENGTH,
        help_text=_(
            "ann@example.org, https://example.org/hook, or an address of Apprise such as"
            " discord://webhook/token."
        ),
        widget=forms.TextInput(attrs={"autocapitalize": "none", **HIDDEN}),
    )
    secret = forms.CharField(
        label=_("Secret of the webhook"),
        max_length=SECRET_LENGTH,
        required=False,
        help_text=_("Signs what is sent, so that the receiver knows who sent it."),
        widget=forms.PasswordInput(attrs=HIDDEN | {"autocomplete": "new-password"}),
    )
    events = forms.MultipleChoiceField(
        label=_("Tell me"),
        choices=list(EVENTS.items()),
        initial=list(EVENTS),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    is_on = forms.BooleanField(
        label=_("Active"),
        initial=True,
        required=False,
        widget=forms.CheckboxInput(attrs={"class": "form-check-input"}),
    )

    def __init__(self, *args: Any, kept: Channel | None = None, **options: Any) -> None:
        names = ("name", "type", "events", "is_on")
        initial = {name: getattr(kept, name) for name in names} if kept else {}
        super().__init__(*args, **options | {"initial": initial})
        if kept:
            self.fields["address"].required = False
            sentence = _("One is stored. Leave this empty to keep it.")
            self.fields["address"].help_text = sentence
            if kept.secret:
                self.fields["secret"].help_text = sentence

    def given(self) -> Given:
        """Return what was said; an empty address or secret says nothing."""
        said = dict(self.cleaned_data)
        secrets = {name: said.pop(name) or None for name in ("address", "secret")}
        return Given(**said, **secrets)
