"""Several files sent together: the first is the draft's own, each other one gets a draft."""

from typing import Any

from django.utils.datastructures import MultiValueDict

from drafts import actions
from drafts.choosing import put_file
from drafts.models import Draft
from drafts.steps import BY_KEY
from releases.actions import check_source
from releases.models import Source

SHARED_STEPS = ("group", "type", "rule")
RIGHTS = ("rights", "rights_note")


def take_file(subject: str, source: Source) -> Draft | None:
    """Take a whole file to the draft that it was sent for; return the new one of a further file.

    Raises:
        Refused: the rule of the draft does not allow such a file.
    """
    number = subject.partition(":")[2]
    if not number:
        return None
    sent_for = Draft.objects.visible_to(source.created_by).filter(pk=number).first()
    if sent_for is None:
        return None
    if sent_for.rule:
        check_source(source, sent_for.rule)
    if subject == sent_for.further_subject:
        return queue_draft(sent_for, source)
    if not sent_for.is_packed:
        put_file(sent_for, source)  # the page may be closed by now
    return None


def queue_draft(like: Draft, source: Source) -> Draft:
    """Begin a draft for `source`, answered like another one as far as that says no more of a file.

    It awaits review: nobody has looked at it yet.
    """
    draft = actions.start_draft(by=like.owner)
    for key in SHARED_STEPS:
        if key in like.answers:
            actions.record_answers(draft, BY_KEY[key], like.answers[key])
    answer_source(draft, rights_of(like) | {"file_path": str(source.handle)})
    draft.origin, draft.awaits_review = Draft.Origin.QUEUE, True
    draft.file_name = source.name
    draft.save(update_fields=["step", "origin", "awaits_review", "file_name"])
    return draft


def rights_of(draft: Draft) -> dict[str, Any]:
    """Return what is said of the rights, be it an answer already or only typed."""
    typed = MultiValueDict(draft.typed.get("source", {}))
    said = {name: typed.get(name) or draft.answer("source", name) for name in RIGHTS}
    return {name: value for name, value in said.items() if value}


def answer_source(draft: Draft, given: dict[str, Any]) -> None:
    step = BY_KEY["source"]
    form = actions.bound_form(draft, step, given)
    if form.is_valid():
        actions.record_answers(draft, step, form.answers())
        draft.step = "analysis"
    else:
        actions.keep_typed(draft, step, MultiValueDict({name: [given[name]] for name in given}))
        draft.step = step.key
