"""What jobs are needed for once they are over: the table that jobs.actions asks."""

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
