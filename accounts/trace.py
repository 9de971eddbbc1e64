"""What the lines of the log belong to: the request that caused them, and the job."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

NONE = "-"

request_id: ContextVar[str] = ContextVar("request_id", default=NONE)
job_id: ContextVar[str] = ContextVar("job_id", default=NONE)
running: dict[str, str] = {}
"""The jobs that this process runs, each with the request that asked for it.

A thread of a job's work has a context of its own.
"""


@contextmanager
def of_job(pk: int, request: str = NONE) -> Iterator[None]:
    """Have all that is logged meanwhile name the job, and the request that asked for it."""
    name, request = str(pk), request_id.get() if request == NONE else request
    at_job, at_request = job_id.set(name), request_id.set(request)
    running[name] = request
    try:
        yield
    finally:
        del running[name]
        job_id.reset(at_job)
        request_id.reset(at_request)


def present() -> tuple[str, str]:
    """Return the request and the job that the present line belongs to.

    A thread that a job's work began belongs to that job, where the process runs no other.
    """
    request, job = request_id.get(), job_id.get()
    jobs = list(running.items())
    if job == NONE and request == NONE and len(jobs) == 1:
        job, request = jobs[0]
    return request, job
