"""What one can do to a draft. The wizard and the API both call these."""

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS
from django.db import transaction
from django.http import Http404
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import require
from accounts.preferences import prefer, preference
from drafts import pages, steps
from drafts.answers import new_release
from drafts.forms import StepForm, stored
from drafts.models import Draft
from drafts.pages import Page
from drafts.steps import Step
from jobs.models import Job
from releases import actions
from releases.actions import Refused
from releases.actions.uploads import abandon_upload
from rules.models import Rule

SAMPLE = Path(__file__).parent / "sample" / "the-time-machine.epub"
SAMPLE_RULE = "2022_EBOOK"
SAMPLE_TAG = "INTERNAL"
"""Internal releases of different groups may stand side by side: everyone may pack the sample."""
HELD = ("answers", "typed", "release", "version", "writers")
"""What others may have changed meanwhile."""
DEPEND_ON_FILE = ("analysis", "enrichment", "nfo")
DEPEND_ON_TYPE = ("rule", *DEPEND_ON_FILE, "options")
OFTEN_THE_SAME = {
    "group": ("group",),
    "type": ("release_type",),
    "source": ("rights",),
    "enrichment": ("language", "source"),
    "options": ("generate_sfv",),
}
"""By step: what most drafts of one person answer alike; the words of the preference."""
SWEPT_AT_ONCE = 200

logger = logging.getLogger(__name__)


class Packed(Refused):
    """The draft has become a release: its answers are read-only."""


class Unfinished(Refused):
    """Steps of the draft are missing or no longer right."""

    def __init__(self, unfinished: dict[Step, dict[str, list[str]]]) -> None:
        self.unfinished = unfinished
        numbers = ", ".join(str(step.number) for step in unfinished)
        super().__init__(_("Finish these steps first: %s.") % numbers)


def start_draft(*, by: User) -> Draft:
    """Begin a draft.

    Raises:
        PermissionDenied: `by` may not make releases.
    """
    require(by, "releases", "write")
    return Draft.objects.create(owner=by)


def start_sample_draft(*, by: User) -> Draft:
    """Begin a draft with the sample book, ready for its analysis.

    Raises:
        PermissionDenied: `by` may not make releases.
    """
    draft = start_draft(by=by)
    rule = Rule.objects.get(name=SAMPLE_RULE)
    sample = actions.register_source(SAMPLE, by=by)
    rights = {"rights": "public_domain", "rights_note": ""}
    record_answers(draft, steps.BY_KEY["group"], {"group": sample_group(by)})
    record_answers(draft, steps.BY_KEY["type"], {"release_type": rule.release_type})
    record_answers(draft, steps.BY_KEY["rule"], {"rule_id": rule.pk})
    record_answers(draft, steps.BY_KEY["source"], rights | {"file_path": str(sample.handle)})
    propose(draft, steps.BY_KEY["enrichment"], {"tags": SAMPLE_TAG})
    draft.step = "analysis"
    draft.save(update_fields=["step"])
    return draft


def sample_group(user: User) -> str:
    return f"SAMPLE{user.pk}"


def propose(draft: Draft, step: Step, data: Mapping[str, Any]) -> None:
    """Have the page of `step` show `data` beside what it proposes by itself."""
    proposed = completed_form(draft, step, data).data
    typed = {name: pages.written(value) for name, value in proposed.items()}
    keep_typed(draft, step, MultiValueDict(typed))


def bound_form(draft: Draft, step: Step, data: Mapping[str, Any], files: Any = None) -> StepForm:
    """Return the form of `step` filled with `data`, of a page or of a program."""
    return step.form(data=data, files=files, draft=draft)


def completed_form(draft: Draft, step: Step, data: Mapping[str, Any]) -> StepForm:
    """Return the form of `step` filled with `data`; what it leaves out keeps its answer.

    What was never answered gets what a page would propose: programs send what they know.
    """
    proposing = step.form(draft=draft)
    proposed = {
        name: proposing.get_initial_for_field(field, name)
        for name, field in proposing.fields.items()
    }
    known = {name: stored(value) for name, value in proposed.items() if value is not None}
    return bound_form(draft, step, known | draft.answers.get(step.key, {}) | dict(data))


def hold(draft: Draft) -> None:
    """Keep others from changing `draft` until the transaction ends, and read what they did.

    Raises:
        Http404: it was discarded meanwhile.
    """
    row = Draft.objects.select_for_update()
    try:
        draft.refresh_from_db(fields=HELD, from_queryset=row)
    except Draft.DoesNotExist as gone:
        raise Http404(f"Draft with id {draft.pk} not found") from gone


def save(draft: Draft, *fields: str) -> None:
    """Keep what changed of a draft that is held."""
    draft.version += 1
    draft.save(update_fields=[*fields, "version", "updated_at"])


def refuse_packed(draft: Draft) -> None:
    if draft.is_packed:
        raise Packed(_("This draft is packed: its answers can no longer be changed."))


@transaction.atomic
def keep_typed(draft: Draft, step: Step, typed: MultiValueDict[str, str]) -> None:
    """Keep what stands in the form of `step`, right or not, so that no detour loses it.

    Raises:
        Packed: the draft has become a release.
        Overtaken: the page that sent it does not know what stands there now.
    """
    hold(draft)
    refuse_packed(draft)
    page, kept = Page.of(typed), step.form(draft=draft).kept_names()
    pages.refuse_overtaken(draft, step.key, typed, page, kept)
    draft.typed[step.key] = {name: values for name, values in typed.lists() if name in kept}
    if says_what_is_answered(draft, step, kept):
        del draft.typed[step.key]
    pages.sign(draft, step.key, page)
    save(draft, "typed", "writers")


def says_what_is_answered(draft: Draft, step: Step, names: set[str]) -> bool:
    """Tell whether what is typed is the answer that stands already."""
    if step.key not in draft.answers:
        return False
    answered = pages.plain(draft.answers[step.key], names)
    return pages.plain(draft.typed[step.key], names) == answered


def typed_form(draft: Draft, step: Step) -> StepForm | None:
    """Return the form of `step` as it was left, if it was left without a valid answer."""
    if step.key not in draft.typed:
        return None
    form = bound_form(draft, step, MultiValueDict(draft.typed[step.key]))
    form.overlook_missing()
    return form


@transaction.atomic
def record_answers(
    draft: Draft, step: Step, answers: dict[str, Any], *, page: Page | None = None
) -> None:
    """Keep the valid `answers` to `step`; later ones that rested on another choice are dropped.

    `page` is where they were given.

    Raises:
        PermissionDenied: its owner may not make releases any more.
        Packed: the draft has become a release.
        Overtaken: `page` does not know what stands there now.
    """
    require(draft.owner, "releases", "write")
    hold(draft)
    if step.number <= steps.PACKS_AT.number:
        refuse_packed(draft)
    pages.refuse_overtaken(draft, step.key, answers, page, set(answers))
    before = draft.answers.get(step.key)
    for key in dependants(step, before, answers):
        draft.answers.pop(key, None)
        draft.typed.pop(key, None)
        pages.sign(draft, key, page)
    draft.answers[step.key] = answers
    draft.typed.pop(step.key, None)
    pages.sign(draft, step.key, page)
    draft.awaits_review = False
    save(draft, "answers", "typed", "awaits_review", "writers")
    if step.key == "source" and draft.source:
        actions.request_analysis(draft.source, by=draft.owner)


def dependants(step: Step, before: Any, answers: dict[str, Any]) -> tuple[str, ...]:
    """Return the keys of the steps whose answers fall with a change of this one."""
    if before is None or before == answers:
        return ()
    if step.key == "type":
        return DEPEND_ON_TYPE
    if step.key == "source" and before.get("file_path") != answers["file_path"]:
        return DEPEND_ON_FILE
    return ()


def unfinished_steps(draft: Draft) -> dict[Step, dict[str, list[str]]]:
    """Return the steps before packing that lack a valid answer, with the errors of each.

    What was changed there and not confirmed is no answer.
    """
    wrong: dict[Step, dict[str, list[str]]] = {}
    for step in steps.STEPS[: steps.PACKS_AT.number]:
        if step.key in draft.typed:
            wrong[step] = {NON_FIELD_ERRORS: [_("What was changed there is not confirmed.")]}
            continue
        if step.key == "analysis" and draft.source and draft.source.analysis:
            continue  # a file is examined as it arrives: a program need not wait for the job
        fill = completed_form if step.has_defaults else bound_form
        form = fill(draft, step, draft.answers.get(step.key, {}))
        if not form.is_valid():
            wrong[step] = {name: [str(e) for e in errors] for name, errors in form.errors.items()}
    return wrong


@transaction.atomic
def pack_draft(draft: Draft, *, by: User, confirms_duplicates: bool = False) -> Job:
    """Make the release of a finished draft and queue its packing; return the job.

    Raises:
        PermissionDenied: `by` may not make releases.
        Packed: it was packed before.
        Unfinished: a step lacks its answer.
        Duplicated: releases like it stand; see `create_release`.
        Refused: the release would break its rule, or its name is taken.
    """
    require(by, "releases", "write")
    draft = Draft.objects.select_for_update().get(pk=draft.pk)
    refuse_packed(draft)
    if unfinished := unfinished_steps(draft):
        raise Unfinished(unfinished)
    release = actions.create_release(
        new_release(draft), by=by, confirms_duplicates=confirms_duplicates
    )
    Draft.objects.filter(pk=draft.pk).update(release=release, step=steps.STEPS[-1].key)
    return actions.request_packing(release, by=by)


def discard_draft(draft: Draft) -> None:
    """Throw the answers away; the release they made, if any, stays, and the file it is made of."""
    for upload in draft.arriving:
        abandon_upload(upload)
    sources = list(draft.named_sources())
    Draft.objects.filter(pk=draft.pk).delete()
    for source in sources:
        actions.discard_unneeded(source)


def sweep_drafts() -> int:
    """Throw away drafts that nobody touched for long; return how many.

    One that a job is at, or that a file is arriving for, is left.
    """
    gone = 0
    for draft in Draft.objects.stale()[:SWEPT_AT_ONCE]:
        if is_forgotten(draft):  # by now: the ones before it took their time
            logger.info("%s of %s is thrown away: nobody touched it for long", draft, draft.owner)
            discard_draft(draft)
            gone += 1
    return gone


def is_forgotten(draft: Draft) -> bool:
    at_work = Job.objects.about(draft.subject).active().exists()
    still = Draft.objects.stale().filter(pk=draft.pk)
    return not at_work and not draft.arriving.exists() and still.exists()


def remember_defaults(draft: Draft, *, by: User) -> None:
    """Have the next drafts of `by` begin with what this one answers of what seldom changes."""
    kept = {
        name: value
        for step, names in OFTEN_THE_SAME.items()
        for name in names
        if (value := draft.answer(step, name)) not in (None, "")
    }
    prefer(by, "wizard_defaults", preference(by, "wizard_defaults") | kept)
