"""What jobs are needed for once they are over: the table that jobs.actions asks."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from drafts.models import Draft
from jobs.models import Job
from releases.models import Revision


def history(job: Job) -> str:
    """Return why the history of a release needs `job`, or nothing."""
    if Revision.objects.filter(job=job).exists():
        return _("The history of a release tells what this job did: it is kept with it.")
    return ""


def proposals(job: Job) -> str:
    """Return why a draft needs `job`: what providers answered is chosen from there."""
    kind, _colon, number = job.subject.partition(":")
    if job.work != "enrich" or kind != "draft" or not number.isdecimal():
        return ""
    if Draft.objects.filter(pk=int(number), release=None).exists():
        return _("A draft that is not packed yet takes its proposals from this job.")
    return ""


NEEDS = (history, proposals)


def needed(jobs: Sequence[Job]) -> set[int]:
    """Return the numbers of those of `jobs` that something needs, at two queries for all."""
    numbers = {job.pk: job.subject.partition(":") for job in jobs if job.work == "enrich"}
    drafts = {
        pk: int(number)
        for pk, (kind, _colon, number) in numbers.items()
        if kind == "draft" and number.isdecimal()
    }
    open_drafts = set(
        Draft.objects.filter(pk__in=drafts.values(), release=None).values_list("pk", flat=True)
    )
    told = Revision.objects.filter(job__in=[job.pk for job in jobs]).values_list("job", flat=True)
    return {pk for pk in told if pk} | {pk for pk, draft in drafts.items() if draft in open_drafts}
