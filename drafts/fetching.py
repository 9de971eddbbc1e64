"""How a draft gets a file that lies at an address of the web: a worker fetches it."""

from typing import Any
from uuid import uuid4

from django.db import transaction
from django.http import Http404
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import require
from drafts import actions
from drafts.choosing import Typed, chosen_handle, keep, put_file
from drafts.models import Draft
from jobs.lease import Lease
from jobs.models import Job, JobQuerySet
from jobs.queue import Busy, enqueue
from releases.actions import Refused, told
from releases.actions.fetching import fetch_source, read_address
from releases.metadata.http import NotAllowed

FETCHES = "download"
"""The work of the jobs that fetch a file."""


def fetches(draft: Draft) -> JobQuerySet:
    return Job.objects.about(draft.subject).filter(work=FETCHES).newest_first()


def address_trouble(url: str) -> str:
    """Return why nothing can be fetched from `url`, as far as it is written, or nothing."""
    try:
        read_address(url)
    except NotAllowed as error:
        return told(error)
    return ""


@transaction.atomic
def request_fetch(draft: Draft, url: str, typed: Typed, *, by: User) -> Job | None:
    """Queue the fetching of the file at `url` for `draft`, and return the job to watch.

    What was `typed` is kept; so is an address from which nothing can be fetched, to be corrected.

    Raises:
        PermissionDenied: `by` may not make releases.
        Packed: the draft has become a release.
        Refused: another file is on its way.
    """
    require(by, "releases", "write")
    actions.hold(draft)
    actions.refuse_packed(draft)
    if address_trouble(url):
        keep(draft, typed, url=url)
        return None
    if "rights" in typed:
        keep(draft, typed)
    arguments = {
        "draft_id": draft.pk,
        "url": url.strip(),
        "handle": str(uuid4()),
        "instead_of": chosen_handle(draft),
    }
    try:
        return enqueue(FETCHES, by=by, subject=draft.subject, **arguments)
    except Busy as busy:
        raise Refused(_("A file is on its way already: wait for it, or cancel it first.")) from busy


def fetch(lease: Lease, *, draft_id: int, url: str, handle: str, instead_of: str) -> dict[str, Any]:
    """Do the fetching that a job stands for; the draft gets the file. For workers.

    A file that was chosen meanwhile stays the one chosen.

    Raises:
        PermissionDenied: who asked lost the right meanwhile.
        Refused: it cannot be had, or is no file that can be read.
    """
    source = fetch_source(lease, url, handle)
    draft = Draft.objects.filter(pk=draft_id).first()
    is_chosen = False
    if draft:
        try:
            is_chosen = put_file(draft, source, instead_of=instead_of)
        except (actions.Packed, Http404):
            lease.log(_("The draft does not need the file any more."), "WARNING")
    return {
        "file_path": str(source.handle),
        "name": source.name,
        "bytes": source.size,
        "sha256": source.sha256,
        "is_chosen": is_chosen,
    }
