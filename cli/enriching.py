"""--enrich: the providers fill what neither the options nor the file say."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import User
from cli.output import tell
from drafts import actions as drafts
from drafts.forms import StepForm
from drafts.models import Draft
from drafts.steps import BY_KEY
from enrichment import actions
from jobs.models import Job, JobLog
from jobs.queue import run_here
from releases.actions import Refused

STEP = BY_KEY["enrichment"]


def gaps_filled(
    draft: Draft, given: Mapping[str, Any], *, by: User
) -> tuple[dict[str, Any], dict[str, str]]:
    """Return what fills the gaps of step 6, and which provider said it; tell it, too.

    A provider that gives no answer, or one that cannot stand, costs a warning.
    """
    form = drafts.completed_form(draft, STEP, given)
    known = {name: form.data.get(name) for name in form.fields}
    try:
        job = run_here(actions.request_enrichment(known, draft.release_type, by=by, at_once=True))
    except Refused as refusal:
        tell(str(refusal))
        return {}, {}
    for line in job.lines.filter(level__in=[JobLog.Level.WARNING, JobLog.Level.ERROR]):
        tell(line.message)
    enriched, sources = actions.merged(known, *found(job))
    filled = {name: enriched[name] for name in form.fields if name in sources}
    wrong = drafts.completed_form(draft, STEP, {**given, **filled}).errors
    filled = {name: value for name, value in filled.items() if name not in wrong}
    tell_sources(form, filled, sources)
    return filled, {name: sources[name] for name in filled}


def found(job: Job) -> tuple[list[dict[str, Any]], list[str]]:
    """Return the candidates and the order of the providers; a job that failed has none."""
    return job.result.get("candidates", []), job.result.get("order", [])


def tell_sources(form: StepForm, filled: Mapping[str, Any], sources: Mapping[str, str]) -> None:
    for name, value in filled.items():
        facts = {"field": form.fields[name].label, "value": value, "provider": sources[name]}
        tell(_("%(field)s: %(value)s (%(provider)s)") % facts)
