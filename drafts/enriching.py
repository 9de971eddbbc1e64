"""What one can do at step 6 before it is answered. Nothing a source says is used unasked."""

from collections.abc import Sequence

from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.preferences import prefer, preference
from drafts.actions import bound_form, completed_form, keep_typed, refuse_packed, typed_form
from drafts.known import known, same
from drafts.models import Draft
from drafts.steps import BY_KEY
from enrichment import actions
from jobs.models import Job
from releases.actions import Refused
from releases.metadata.providers import PROVIDERS

STEP = BY_KEY["enrichment"]


def request_enrichment(draft: Draft, *, by: User) -> Job:
    """Ask the providers about the work as it is typed, or answered, at step 6.

    Raises:
        PermissionDenied: `by` may not make releases.
        Refused: the draft is packed, or neither title nor ISBN is known.
    """
    refuse_packed(draft)
    form = typed_form(draft, STEP) or completed_form(draft, STEP, {})
    form.is_valid()
    return actions.request_enrichment(
        form.cleaned_data, draft.release_type, by=by, subject=draft.subject
    )


def accept(
    draft: Draft, key: str, field: str = "", *, typed: MultiValueDict[str, str]
) -> list[str]:
    """Put what the source `key` says into `field`, or into all that are not locked.

    `typed` is what stands in the form. Returns the fields that changed.

    Raises:
        Refused: the draft is packed, or no source says that any more.
    """
    form = bound_form(draft, STEP, typed)
    match = known(draft).match(key)
    locked = typed.getlist("locked")
    names = [field] if field else [name for name in form.fields if name not in locked]
    said = {name: match.values[name] for name in names if match and match.values.get(name)}
    if not said or not set(said) <= set(form.fields):
        raise Refused(_("This answer is gone: ask the providers again."))
    changed = [name for name, value in said.items() if not same(value, form[name].value())]
    filled = typed.copy()
    for name in changed:
        filled[name] = str(said[name])
    keep_typed(draft, STEP, filled)
    return changed


def prefer_order(names: Sequence[str], *, by: User) -> None:
    """Have `by` ask the providers `names` in this order; those of other types keep their places."""
    wanted = [name for name in dict.fromkeys(names) if name in PROVIDERS]
    usual = preference(by, "api_priority_order")
    following = iter(wanted)
    kept = [next(following) if name in wanted else name for name in usual]
    prefer(by, "api_priority_order", [*kept, *following])
