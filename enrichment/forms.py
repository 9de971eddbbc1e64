"""How a person gives a provider's key. What was given is never shown again."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from enrichment.actions.keys import KEY_LENGTH, URL_LENGTH
from releases.metadata.providers import Provider


class ApiForm(forms.Form):
    api_key = forms.CharField(
        label=_("API key"),
        max_length=KEY_LENGTH,
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "class": "form-control"}),
    )
    base_url = forms.CharField(
        label=_("Address"),
        max_length=URL_LENGTH,
        required=False,
        help_text=_(
            "Empty: the provider's own address. "
            "A key is only ever sent to the address it was given for."
        ),
        widget=forms.TextInput(attrs={"inputmode": "url", "class": "form-control"}),
    )
    active = forms.BooleanField(
        label=_("Ask this provider"),
        required=False,
        initial=True,
        widget=forms.CheckboxInput(attrs={"class": "form-check-input"}),
    )

    def __init__(
        self, *args: Any, provider: Provider, keeps_key: bool = False, **options: Any
    ) -> None:
        super().__init__(*args, **options)
        key, address = self.fields["api_key"], self.fields["base_url"]
        address.widget.attrs["placeholder"] = provider.base_url
        if keeps_key:
            key.help_text = _("One is kept. Leave this empty to keep it.")
        elif provider.needs_key:
            key.required = not self.is_bound or bool(self.data.get("active"))
        else:
            key.help_text = _("This provider needs no key.")
