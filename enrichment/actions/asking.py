"""Asking the providers what they know of a work. Nothing of it is used until it is accepted."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from accounts.permissions import require
from enrichment.access import access_by, budget_s, keys_for, order_for
from enrichment.memory import forget_old
from enrichment.questions import merged, query_of
from jobs.lease import Lease
from jobs.models import Job, JobLog
from jobs.queue import Busy, enqueue, record
from releases.actions import Refused, told
from releases.metadata import providers
from releases.metadata.providers import PROVIDERS, Query

__all__ = ["enrich", "merged", "request_enrichment"]


def request_enrichment(
    metadata: Mapping[str, Any],
    release_type: str,
    *,
    by: User,
    order: Sequence[str] = (),
    subject: str = "",
    at_once: bool = False,
) -> Job:
    """Queue the question what the providers of a type know of a work, and return its job.

    `metadata` are the wizard's fields; `order` wins over the user's preference. Of each
    `subject`, one question is asked at a time: the job that is at it is returned. `at_once`
    records the job without waking a worker, for a caller that will run it itself.

    Raises:
        PermissionDenied: `by` may not make releases.
        Refused: neither title nor ISBN is known.
    """
    require(by, "releases", "write")
    query = query_of(metadata)
    if not (query.title or query.isbn):
        raise Refused(_("Give a title or an ISBN first: the providers are asked for it."))
    ask = record if at_once else enqueue
    try:
        return ask(
            "enrich",
            by=by,
            subject=subject,
            query=asdict(query),
            order=order_for(by, release_type, order),
        )
    except Busy:
        return Job.objects.about(subject).filter(work="enrich").newest_first()[0]


def enrich(lease: Lease, *, query: dict[str, Any], order: list[str]) -> dict[str, Any]:
    """Ask the providers, and return what they know and why some say nothing. For workers.

    A provider that is down, or whose key is missing, costs a warning.

    Raises:
        PermissionDenied: who asked lost the right meanwhile.
    """
    require(lease.job.by, "releases", "write")
    lease.enter("ask")
    forget_old()
    access, lost = access_by(keys_for(lease.job.by))
    asked = [name for name in order if name not in lost]
    said_by = providers.ask(asked, Query(**query), access=access, timeout_s=budget_s())
    answers = {one.provider: one for one in said_by}
    lease.check()
    troubles = {name: one.trouble for name, one in answers.items() if one.trouble} | lost
    said = {name: sentence(name, troubles[name]) for name in order if name in troubles}
    if not order:
        lease.log(_("No provider of metadata is switched on for this type."), JobLog.Level.WARNING)
    for name in order:
        if name in said:
            lease.log(said[name], JobLog.Level.WARNING)
        else:
            lease.log(counted(name, len(answers[name].candidates)))
    found = [one.as_json() for name in asked for one in answers[name].candidates]
    return {"candidates": found, "troubles": said, "order": order}


def sentence(name: str, trouble: Exception) -> str:
    """Return what is wrong, and whose trouble it is."""
    said, title = told(trouble), PROVIDERS[name].title
    return said if title in said else f"{title} \u2013 {said}"


def counted(name: str, count: int) -> str:
    line = ngettext("%(provider)s: %(count)d match", "%(provider)s: %(count)d matches", count)
    return line % {"provider": PROVIDERS[name].title, "count": count}
