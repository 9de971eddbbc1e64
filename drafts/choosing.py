"""How a file that did not come with the form becomes the one chosen at step 4."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from accounts.models import User
from drafts import actions, pages
from drafts.models import Draft
from drafts.pages import Page
from drafts.steps import BY_KEY
from releases.actions.folders import choose_from_folder
from releases.models import Source

STEP = BY_KEY["source"]
WORKER = Page("a worker")
"""Writes while a page is open: what that page sends later may not overwrite it unseen."""
Typed = Mapping[str, Sequence[str]]
"""What stands in the form of the step: by name, the values."""


def choose_file(draft: Draft, path: str, typed: Typed, *, by: User) -> Source:
    """Have the file at `path` of the server's folder chosen for `draft`.

    Raises:
        PermissionDenied: `by` may not make releases.
        NotThere: no plain file lies there for `by`.
        Packed: the draft has become a release.
        Refused: the file is empty, too large, or cannot be read.
    """
    actions.refuse_packed(draft)
    source = choose_from_folder(path, by=by)
    put_file(draft, source, typed)
    return source


@transaction.atomic
def put_file(
    draft: Draft, source: Source, typed: Typed | None = None, *, instead_of: str | None = None
) -> bool:
    """Put `source` into the form of the step, beside what stands there; tell whether it was put.

    With `instead_of`, the handle of a file or nothing, a choice made since is left alone.

    Raises:
        Packed: the draft has become a release.
    """
    actions.hold(draft)
    actions.refuse_packed(draft)
    if instead_of is not None and chosen_handle(draft) != instead_of:
        return False
    keep(draft, typed or {}, None if instead_of is None else WORKER, file_path=str(source.handle))
    return True


def keep(draft: Draft, typed: Typed, page: Page | None = None, **more: str) -> None:
    """Keep what stands in the form of the step of a draft that is held; `page` changed it."""
    names = STEP.form(draft=draft).kept_names()
    answered = {name: [written(value)] for name, value in draft.answers.get(STEP.key, {}).items()}
    before = draft.typed.get(STEP.key, {})
    kept = {name: values for name, values in before.items() if name in names}
    sent = names - {"file", "file_path"}
    posted = {name: list(values) for name, values in typed.items() if name in sent}
    given = {name: [value] for name, value in more.items()}
    draft.typed[STEP.key] = answered | kept | posted | given
    pages.sign(draft, STEP.key, page)
    actions.save(draft, "typed", "writers")


def written(value: Any) -> str:
    return "" if value is None else str(value)


def chosen_handle(draft: Draft) -> str:
    """Return the handle of the file that stands in the form of the step, or nothing."""
    typed = draft.typed.get(STEP.key, {}).get("file_path")
    return str((typed or [draft.answer(STEP.key, "file_path")])[0] or "")
