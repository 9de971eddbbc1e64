"""The only door to django-q2. A task carries the primary key of its job, and what the log needs."""

from datetime import timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import get_language
from django_q.brokers import get_broker
from django_q.models import Task
from django_q.tasks import async_task

from accounts.models import User
from accounts.sweeping import swept
from accounts.system import system
from accounts.trace import request_id
from jobs.lease import Heard
from jobs.models import Job
from jobs.stages import TURNS

RUN = "packer_site.work.run"


class Busy(Exception):
    """A job of the same work about the same subject is active."""


def enqueue(work: str, *, by: User, subject: str = "", **arguments: Any) -> Job:
    """Record a job, and hand it to a worker once the transaction is committed.

    Raises:
        Busy: the same work about `subject` is waiting or running.
    """
    job = record(work, by=by, subject=subject, **arguments)
    transaction.on_commit(partial(send, job))
    return job


def record(work: str, *, by: User, subject: str = "", **arguments: Any) -> Job:
    """Record a job without waking a worker: the caller will `run_here`."""
    active_key = f"{TURNS.get(work, work)} {subject}" if subject else None
    try:
        with transaction.atomic():
            return Job.objects.create(
                work=work,
                arguments=arguments,
                by=by,
                subject=subject,
                active_key=active_key,
                language=get_language() or settings.LANGUAGE_CODE,
            )
    except IntegrityError as error:
        raise Busy(active_key) from error


def send(job: Job) -> None:
    """Wake a worker for `job`. Twice does no harm: a job is claimed before it is run."""
    async_task(RUN, job.pk, task_name=str(job), request=request_id.get())


def hand_over(path: str, *arguments: int) -> None:
    """Have a worker call the function at `path`: for errands that nobody waits for."""
    async_task(path, *arguments)


def run_here(job: Job, heard: Heard | None = None) -> Job:
    """Run `job` in this process, and return it as it ended; `heard` hears of its progress."""
    try:
        import_string(RUN)(job.pk, heard)
    except KeyboardInterrupt:
        Job.objects.get(pk=job.pk).cancel()  # where it came before the work, or after
        raise
    job.refresh_from_db()
    return job


def resend_forgotten() -> int:
    """Wake workers for pending jobs whose message waits nowhere; return how many.

    A message is lost where a process died between the commit and the sending, or a worker
    between taking the message and claiming the job.
    """
    if get_broker().queue_size():
        return 0
    forgotten = Job.objects.filter(status=Job.Status.PENDING)
    for job in forgotten:
        send(job)
    return len(forgotten)


def forget_tasks() -> int:
    """Forget what the queue notes of tasks that are over for long: our rows tell all of it."""
    if not (days := system().queue_days):
        return 0
    return swept(Task.objects.filter(stopped__lt=timezone.now() - timedelta(days=days)))
