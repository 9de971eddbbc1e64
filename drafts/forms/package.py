"""Steps 7 to 9: how it is described and packed."""

from collections.abc import Container
from dataclasses import replace
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from drafts.answers import new_release
from drafts.forms.base import StepForm
from releases import actions, templating
from releases.actions import catch_up
from releases.models import MILLION, NfoTemplate, Release


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
        """Offer what the owner may see; where what was chosen is gone, what suits best."""
        field = self.fields["template_id"]
        seen = NfoTemplate.objects.visible_to(self.draft.owner)
        field.queryset = seen.defer("content")  # type: ignore[attr-defined]
        field.initial = self.draft.template and catch_up(self.draft.template)
        if field.initial:
            self.fields["template_text"].initial = field.initial.content
            self.forget_gone(field.initial)

    def forget_gone(self, present: NfoTemplate) -> None:
        answered = self.draft.answer("nfo", "template_id")
        if answered != present.pk and self.data.get("template_id") in {answered, str(answered)}:
            kept = {name: self.data.get(name) for name in self.data}
            self.data = kept | {"template_id": present.pk}

    def clean_template_text(self) -> str:
        """Return the text where it is the user's own; nothing where it is a template's."""
        text = str(self.cleaned_data["template_text"]).replace("\r\n", "\n")
        is_own = text and not NfoTemplate.objects.visible_to(self.draft.owner).say(text)
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
        new = new_release(self.draft)
        if template != new.template:
            new = replace(new, template=catch_up(template))
        actions.rendered_nfo(replace(new, template_text=text))


class Options(StepForm):
    format = forms.ChoiceField(label=_("Format"), choices=Release.Format.choices, required=False)
    rar_version = forms.TypedChoiceField(
        label=_("RAR version"),
        choices=Release.RarVersion.choices,
        coerce=int,
        empty_value=None,
        required=False,
    )
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
        self.propose_usual("generate_sfv")
        if rule := self.draft.rule:
            scheme = rule.spec.scheme.upper()
            self.offer("format", {scheme})
            self.offer("rar_version", rule.spec.rar_versions)

    def offer(self, name: str, allowed: Container[object]) -> None:
        """Leave of a field's choices those that the rule allows; ask nothing where it is one."""
        field = self.fields[name]
        field.choices = [choice for choice in field.choices if choice[0] in allowed]  # type: ignore[attr-defined]

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
