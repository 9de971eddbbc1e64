"""Step 7: a template, its text, and what they give."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.http import QueryDict

from drafts.answers import new_release
from drafts.forms import StepForm
from drafts.models import Draft
from releases import actions
from releases.actions import NewRelease, Refused
from releases.models import NfoTemplate
from releases.template_files import safe_stem

PREVIEW, CHOSEN, REPLACE = "preview", "template_chosen", "replace_text"
"""What the buttons and the choice of step 7 send."""


def panel(draft: Draft, form: StepForm | None) -> dict[str, Any]:
    """The text, the NFO and the DIZ as they would be, and what is wrong with them."""
    try:
        new = as_typed(draft, form)
    except Refused as refusal:
        return {"preview_error": str(refusal)}
    facts, diz, error = told_of(new)
    content = new.template_text or new.template.content
    return {
        "content": content,
        "is_own": bool(new.template_text),
        "stem": stem(new, draft),
        "template": new.template,
        "shown": actions.shown(content, facts, new.template.encoding),
        "diz": diz,
        "preview_error": error,
        "placeholders": actions.placeholders(),
    }


def stem(new: NewRelease, draft: Draft) -> str:
    """Return how the NFO is called when it is downloaded."""
    try:
        return new.release_name()
    except Refused:
        return safe_stem(draft.title)


def asked(typed: QueryDict) -> QueryDict:
    """Return what was typed, without the text where that of the template is asked for."""
    if REPLACE not in typed:
        return typed
    without = typed.copy()
    without["template_text"] = ""
    return without


def is_look(typed: QueryDict) -> bool:
    """Tell whether one wants to see what was typed, and to stay."""
    return PREVIEW in typed or REPLACE in typed


def is_of_template(typed: QueryDict) -> bool:
    """Tell whether another template was chosen, or its text is asked for."""
    return CHOSEN in typed or REPLACE in typed


def as_typed(draft: Draft, form: StepForm | None) -> NewRelease:
    """Return the release as the form says, even if the form is not valid yet."""
    new = new_release(draft)
    if form is None or not form.is_bound:
        return new
    form.is_valid()
    chosen = form.cleaned_data.get("template_id") or new.template
    template = new.template if chosen == new.template else actions.catch_up(chosen)
    return replace(new, template=template, template_text=own_text(form, draft, template))


def own_text(form: StepForm, draft: Draft, template: NfoTemplate) -> str:
    """Return what was typed, unless it is the text of a template: then another was chosen."""
    typed = str(form.data.get("template_text") or "").replace("\r\n", "\n")
    if typed in {"", template.content}:
        return ""
    return "" if NfoTemplate.objects.visible_to(draft.owner).say(typed) else typed


def told_of(new: NewRelease) -> tuple[Mapping[str, Any], str, str]:
    """Return what the template is told, the DIZ, and why there is not all of it."""
    try:
        return actions.nfo_facts(new), actions.diz_of(new), ""
    except Refused as refusal:
        known = {**new.metadata, "group": new.group}
        return actions.given_facts(known, new.type), "", str(refusal)
