"""The fields of a step, asked one by one: what is wrong is said at once, and asked again."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from cli import prompts
from cli.output import tell
from cli.prompts import Choice
from drafts import actions as drafts
from drafts.forms import StepForm
from drafts.models import Draft
from drafts.steps import Step
from releases.actions import Refused

UNASKED = ("file", "file_path", "locked", "template_text")
"""What has no question of its own."""


class Questions:
    """The form of a step, as far as it is answered."""

    def __init__(self, draft: Draft, step: Step, given: Mapping[str, Any]) -> None:
        self.draft, self.step, self.data = draft, step, dict(given)

    @property
    def form(self) -> StepForm:
        return drafts.completed_form(self.draft, self.step, self.data)

    @property
    def names(self) -> list[str]:
        return [name for name in self.form.fields if name not in UNASKED]

    def value(self, name: str) -> Any:
        return self.form.data.get(name)

    def label(self, name: str) -> str:
        return str(self.form.fields[name].label or name)

    def ask(self, name: str) -> None:
        """Ask for a field until its answer is right."""
        usual = self.value(name)
        while True:
            self.data[name] = answer(self.form.fields[name], self.label(name), usual)
            wrong: Any = self.form.errors.get(name, [])
            for sentence in wrong:
                tell(str(sentence))
            if not wrong:
                return
            if self.data[name] == usual:
                usual = ""  # it would be refused for ever

    def settle(self) -> None:
        """Ask again what is not right together, and keep the answers on the draft.

        Raises:
            Refused: what is wrong is no answer to a question.
        """
        while errors := self.form.errors:
            for name, sentences in errors.items():
                said = " ".join(map(str, sentences))
                if name not in self.names:
                    raise Refused(said)
                tell(f"{self.label(name)}: {said}")
                self.ask(name)
        form = self.form
        form.is_valid()
        self.draft.answers[self.step.key] = form.answers()

    def offer_changes(self) -> None:
        """Let fields be changed, by number or name, until nothing more is asked."""
        names = self.names
        known = {str(number): name for number, name in enumerate(names, 1)}
        known |= {word.lower(): name for name in names for word in (name, self.label(name))}
        while typed := prompts.line(
            _("Field to change (number or name; Enter: all is right)"),
            words=prompts.beginning(names),
        ).lower():
            if typed in known:
                self.ask(known[typed])
            else:
                tell(_("Choose one of: %(choices)s.") % {"choices": ", ".join(names)})


def answer(field: forms.Field, label: str, usual: Any) -> Any:
    """Ask for a value of `field`; where there is one choice alone, it is taken."""
    if isinstance(field, forms.ModelChoiceField):
        return chosen_row(field, label, usual)
    if isinstance(field, forms.ChoiceField):
        offered: Any = field.choices
        return chosen(label, [Choice(str(value), str(says)) for value, says in offered], usual)
    if isinstance(field, forms.BooleanField):
        return prompts.yes(label, usual=bool(usual))
    if field.help_text:
        tell(f"  {field.help_text}")
    return prompts.line(label, "" if usual is None else str(usual))


def chosen(label: str, choices: list[Choice], usual: Any) -> str:
    if len(choices) == 1:
        tell(f"{label}: {choices[0].value}")
        return choices[0].value
    tell(label)
    values = [one.value for one in choices]
    return prompts.choice(label, choices, str(usual) if str(usual) in values else values[0])


def chosen_row(field: "forms.ModelChoiceField[Any]", label: str, usual: Any) -> Any:
    rows = {row.name: row for row in field.queryset or ()}
    if not rows:
        raise Refused(_("%(field)s: there is nothing to choose from.") % {"field": label})
    known = next((name for name, row in rows.items() if usual in {row.pk, name}), next(iter(rows)))
    return rows[chosen(label, [Choice(name, str(row)) for name, row in rows.items()], known)].pk
