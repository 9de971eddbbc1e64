"""The nine steps, in the order they are asked. Both doors that keep drafts read this table."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from drafts import forms


@dataclass(frozen=True, slots=True)
class Step:
    number: int
    key: str
    title: str | Promise
    form: type[forms.StepForm]
    has_defaults: bool = False
    """Whether it may be passed over: it asks nothing, or has good defaults."""


STEPS = [
    Step(1, "group", _("Group"), forms.Group),
    Step(2, "type", _("Type"), forms.Type),
    Step(3, "rule", _("Rule"), forms.ChooseRule),
    Step(4, "source", _("File"), forms.ChooseSource),
    Step(5, "analysis", _("Analysis"), forms.Analysis, has_defaults=True),
    Step(6, "enrichment", _("Metadata"), forms.Enrichment),
    Step(7, "nfo", "NFO", forms.Nfo, has_defaults=True),
    Step(8, "options", _("Options"), forms.Options, has_defaults=True),
    Step(9, "destination", _("Destination"), forms.Destination),
]
BY_KEY = {step.key: step for step in STEPS}
BY_NUMBER = {step.number: step for step in STEPS}
PACKS_AT = BY_KEY["options"]
"""The step whose answer makes the release; those before it are what a release needs."""
