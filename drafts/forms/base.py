"""What every step's form shares."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from drafts.models import Draft
from releases.models import NfoTemplate
from rules.models import Rule


class StepForm(forms.Form):
    """A step of a draft: knows the draft, so that it can check against earlier answers."""

    def __init__(self, *args: Any, draft: Draft, **kwargs: Any) -> None:
        self.draft = draft
        super().__init__(*args, **kwargs)
        self.prepare()
        for field in self.fields.values():
            mark(field.widget)
            if isinstance(field, forms.ChoiceField) and not isinstance(
                field, forms.ModelChoiceField
            ):
                name_choices(field)

    def prepare(self) -> None:
        """Fit the fields to the earlier answers."""

    def propose_usual(self, *names: str) -> None:
        """Propose what the owner of the draft answers as a rule, where it is that."""
        for name in set(names) & set(self.fields) & set(self.draft.defaults):
            self.fields[name].initial = self.draft.defaults[name]

    def kept_names(self) -> set[str]:
        """Return the names of what is kept while it is typed, though it is no answer yet."""
        return set(self.fields)

    def overlook_missing(self) -> None:
        """Drop the errors of what is not typed yet: it is no mistake before one goes on."""
        for name, found in self.errors.as_data().items():
            if all(error.code == "required" for error in found):
                del self.errors[name]

    def answers(self) -> dict[str, Any]:
        """Return the cleaned answers as JSON can keep them."""
        return {name: stored(value) for name, value in self.cleaned_data.items()}


def name_choices(field: forms.ChoiceField) -> None:
    """Have `field` say what can be chosen, to those who see no list of it."""
    offered: Iterable[tuple[Any, Any]] = field.choices  # type: ignore[assignment]  # by now it is
    choices = ", ".join(str(value) for value, _label in offered if value)
    sentence = _("Choose one of: %(choices)s.") % {"choices": choices}
    field.error_messages["invalid_choice"] = sentence.replace("%", "%%")


def stored(value: Any) -> Any:
    return value.pk if isinstance(value, Rule | NfoTemplate) else value


def mark(widget: forms.Widget) -> None:
    """Give `widget` the class that the style sheet draws it by."""
    kinds = {
        forms.CheckboxInput: "form-check-input",
        forms.CheckboxSelectMultiple: "form-check-input",
        forms.RadioSelect: "form-check-input",
        forms.Select: "form-select",
    }
    widget.attrs.setdefault("class", kinds.get(type(widget), "form-control"))
