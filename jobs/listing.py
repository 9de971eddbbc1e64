"""The list of jobs: what is asked for, a page of it, and what each is about.

A page goes on from the number of a job, not from a count of pages: the last page of ten thousand
jobs costs as much as the first.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Q
from django.db.models.fields.json import KT
from django.utils import timezone
from django.utils.functional import cached_property

from accounts.models import User
from jobs.models import Job, JobQuerySet
from jobs.subjects import About, base, done_with, found, named

PER_PAGE = 50
NUMBER_DIGITS = 18
FETCHES = "download"


def narrowed(asked: dict[str, Any], by: User) -> JobQuerySet:
    """Return the jobs that `by` may see and asks for, of any status."""
    jobs = Job.objects.visible_to(by)
    if asked.get("whose") == "mine":
        jobs = jobs.filter(by=by)
    if work := asked.get("work"):
        jobs = jobs.filter(work=work)
    if since := asked.get("since"):
        jobs = jobs.filter(queued_at__gte=midnight(since))
    if until := asked.get("until"):
        jobs = jobs.filter(queued_at__lt=midnight(until + timedelta(days=1)))
    return jobs.filter(about(asked["text"], by)) if asked.get("text") else jobs


def midnight(day: date) -> datetime:
    """Return when `day` begins where the reader is."""
    return timezone.make_aware(datetime(day.year, day.month, day.day))  # noqa: DTZ001  # made aware


def about(text: str, by: User) -> Q:
    """Return what finds the job of a number, or those about something whose name holds `text`."""
    subjects = Q(subject__in=[*found(text, by), text])
    is_number = text.isdecimal() and len(text) <= NUMBER_DIGITS
    return subjects | Q(pk=int(text)) if is_number else subjects


@dataclass(frozen=True)
class Page:
    """The newest jobs before the number `before`, or the oldest after `after`."""

    jobs: JobQuerySet
    before: int = 0
    after: int = 0

    @cached_property
    def rows(self) -> list[Job]:
        return sorted(self._read[:PER_PAGE], key=lambda job: -job.pk)

    @cached_property
    def _read(self) -> list[Job]:
        """Return one more than is shown: it tells whether there is another page."""
        rows = self.jobs.defer("arguments", "result")
        if self.after:
            return list(rows.filter(pk__gt=self.after).order_by("pk")[: PER_PAGE + 1])
        rows = rows.filter(pk__lt=self.before) if self.before else rows
        return list(rows.order_by("-pk")[: PER_PAGE + 1])

    @property
    def has_more(self) -> bool:
        return len(self._read) > PER_PAGE

    @property
    def older(self) -> int:
        """Return the number that the next page begins before; 0 where there is none."""
        return self.rows[-1].pk if self.rows and (self.has_more or self.after) else 0

    @property
    def newer(self) -> int:
        is_first = self.has_more if self.after else self.before
        return self.rows[0].pk if self.rows and is_first else 0


@dataclass(frozen=True, slots=True)
class Row:
    job: Job
    about: About | None
    address: str = ""
    """Of the file that it fetches."""
    can_run_again: bool = False


def listed(jobs: list[Job], by: User) -> list[Row]:
    """Return `jobs`, each with what it is about; one query for each kind of thing."""
    abouts = named({job.subject for job in jobs if job.subject}, by)
    fetched = addresses([job.pk for job in jobs if job.work == FETCHES])
    again = {job.pk for job in still_wanted(job for job in jobs if job.can_run_again)}
    return [
        Row(job, abouts.get(base(job.subject)), fetched.get(job.pk, ""), job.pk in again)
        for job in jobs
    ]


def still_wanted(jobs: Iterable[Job]) -> list[Job]:
    """Return those of `jobs` that something is left to do for."""
    found = list(jobs)
    done = done_with({job.subject for job in found})
    return [job for job in found if job.subject not in done]


def addresses(numbers: list[int]) -> dict[int, str]:
    """Return by number what the jobs fetch, fit to be shown."""
    if not numbers:
        return {}
    rows = Job.objects.filter(pk__in=numbers).values_list("pk", KT("arguments__url"))
    return {pk: without_query(url or "") for pk, url in rows}


def without_query(url: str) -> str:
    """Return `url` fit to be shown: what follows its question mark may hold a key."""
    place, mark, _query = url.partition("#")[0].partition("?")
    return f"{place}?…" if mark else place
