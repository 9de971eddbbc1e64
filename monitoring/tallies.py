"""What workers did, counted in the database: no process of theirs is asked, and many die."""

from collections.abc import Iterator

from jobs.models import Job
from monitoring.models import Tally

JOBS, SECONDS, BYTES, TROUBLES = "jobs", "job_seconds", "packed_bytes", "provider_errors"
PACKS = ("pack", "repack")


def count_end(job: Job) -> None:
    """Count what became of a job that is over. To be called once, by who ended it."""
    for name, label, amount in ends(job):
        Tally.objects.add(name, label, amount)


def ends(job: Job) -> Iterator[tuple[str, str, int]]:
    yield JOBS, f"{job.work},{job.status}", 1
    yield SECONDS, job.work, job.took_s or 0
    if job.status != Job.Status.COMPLETED:
        return
    if job.work in PACKS and (size := job.result.get("bytes")):
        yield BYTES, "", int(size)
    for provider in job.result.get("troubles", {}):
        yield TROUBLES, provider, 1
