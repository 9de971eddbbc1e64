"""Steps 1 to 5: for whom, by which rule, of which file."""

import re
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from drafts.forms.base import StepForm
from releases import actions
from releases.models import Release, ReleaseType, Source
from rules.models import Rule, RuleQuerySet


class Group(StepForm):
    group = forms.CharField(
        label=_("Release group"),
        help_text=_("Capital letters and digits: it ends the name of the release."),
        min_length=2,
        max_length=100,
        widget=forms.TextInput(
            attrs={
                "list": "known-groups",
                "autocapitalize": "characters",
                "data-capitals": True,
                "autofocus": True,
            }
        ),
    )

    def prepare(self) -> None:
        self.propose_usual("group")

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

    def prepare(self) -> None:
        self.propose_usual("release_type")


class ChooseRule(StepForm):
    rule_id = forms.ModelChoiceField(
        Rule.objects.none(), label=_("Rule"), empty_label=None, widget=forms.RadioSelect
    )

    def prepare(self) -> None:
        field = self.fields["rule_id"]
        field.queryset = self.choosable()  # type: ignore[attr-defined]
        field.initial = self.recommended
        field.error_messages["invalid_choice"] = _(
            "This rule does not exist, is for another type of release, or its spec is not "
            "complete: choose one of the list."
        )

    def choosable(self) -> RuleQuerySet:
        return Rule.objects.for_type(self.draft.release_type).packable().recommended_first()

    def recommended(self) -> Rule | None:
        """Return the newest that came with the program, else the newest of all."""
        rules = self.choosable()
        return rules.filter(origin=Rule.Origin.SHIPPED).first() or rules.first()


class ChooseSource(StepForm):
    file = forms.FileField(label=_("File"), required=False)
    file_path = forms.UUIDField(required=False, widget=forms.HiddenInput)
    rights = forms.ChoiceField(
        label=_("What gives you the right to distribute it?"),
        choices=Release.Rights.choices,
        help_text=_(
            "It is kept with the release. Having bought or borrowed a copy gives no such right."
        ),
        widget=forms.RadioSelect,
    )
    rights_note = forms.CharField(
        label=_("Note on the rights"),
        help_text=_("Who licensed it and how, or why it is free; “Other” needs it."),
        max_length=500,
        required=False,
    )

    upload_refusal = ""
    """Why the body of the request could not be received; see `releases.uploads`."""

    def prepare(self) -> None:
        self.propose_usual("rights")
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
            code = None if self.has_file() else "required"
            self.add_error("file", ValidationError(str(refusal), code=code))
        return self.cleaned_data

    def has_file(self) -> bool:
        return bool(self.cleaned_data.get("file") or self.cleaned_data.get("file_path"))

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
