"""Jobs as they run, as server-sent events: one thread of a process reads for all who watch.

Source of the format: https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

import asyncio
import json
import logging
import signal
import time
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import tzinfo
from functools import partial, reduce
from operator import or_
from types import FrameType
from typing import Any, TypeVar

from asgiref.sync import sync_to_async
from django.db import Error, close_old_connections, connection
from django.db.models import Max, Q
from django.utils import timezone, translation

from accounts.models import User
from accounts.preferences import preference
from jobs.models import Job, JobLog, JobQuerySet
from jobs.stages import UNASKED
from jobs.subjects import base, named
from jobs.telling import line, told

LOOK_EVERY_S = 0.5
BEAT_S = 15.0
"""How often something is sent where nothing happens: else proxies hang up."""
CHECK_S = 10.0
"""How often it is asked whether who watches is still signed in."""
MOST_S = 300.0
"""How long a stream lasts; the page opens the next one."""
PER_USER, PER_PROCESS = 12, 500
MOST_KNOWN = 50
MOST_LINES = 500
MOST_WAITING = 1000
"""So many messages behind, a reader is hung up on: it comes back, and says where it was."""
MOST_PENDING = 300
"""Of the jobs that wait, the newest so many are told of; each of the others, once it runs."""
MARGIN = 20
"""Rows with lower numbers than the newest may still be committed after it."""

Answer = TypeVar("Answer")
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Message:
    """What a watcher is told; as text, an event of a stream."""

    event: str
    data: dict[str, Any]
    number: int | None = None

    def __str__(self) -> str:
        head = "" if self.number is None else f"id: {self.number}\n"
        return f"{head}event: {self.event}\ndata: {json.dumps(self.data)}\n\n"


class Full(Exception):
    """So many streams are open that no other is taken: by the user alone, or by all."""

    def __init__(self, *, is_own: bool) -> None:
        super().__init__()
        self.is_own = is_own


@dataclass(eq=False)
class Watcher:
    """One open stream: whose jobs it tells of, and of which one it tells the log, too."""

    user: User
    everyone: bool = False
    """Whether jobs of others are told: an administrator looks at all."""
    watched: int | None = None
    after: int = 0
    """The last line of the log that was told."""
    known: Collection[int] = ()
    """Jobs that the page takes to be active: it is told if they are over."""
    language: str = field(default_factory=translation.get_language)
    zone: tzinfo = field(default_factory=timezone.get_current_timezone)
    waiting: asyncio.Queue[Message | None] = field(default_factory=asyncio.Queue)
    is_new: bool = True
    is_over: bool = False
    is_last: bool = False
    """Whether the watched job is over: what it still logs is told at the next look."""
    wishes: dict[str, Any] = field(default_factory=dict)

    @property
    def named(self) -> set[int]:
        return {*self.known, *([self.watched] if self.watched else [])}

    def wants(self, job: Job) -> bool:
        return self.everyone or job.by_id == self.user.pk or job.pk == self.watched

    def tell(self, messages: Iterable[Message]) -> None:
        for message in messages:
            self.waiting.put_nowait(message)
        if self.waiting.qsize() > MOST_WAITING:
            self.is_over = True

    def end(self) -> None:
        """Have who listens hear at once that it is over."""
        self.is_over = True
        self.waiting.put_nowait(None)

    async def heard(self, seconds: float) -> list[Message]:
        """Return all that was told since, nothing after `seconds`."""
        try:
            first = await asyncio.wait_for(self.waiting.get(), seconds)
        except TimeoutError:
            return []
        rest = [self.waiting.get_nowait() for _each in range(self.waiting.qsize())]
        return [one for one in (first, *rest) if one]


class Hub:
    """Looks at the jobs twice a second while anybody watches, and tells each what is theirs."""

    def __init__(self) -> None:
        self.watchers: set[Watcher] = set()
        self.is_stopping = False
        self._states: dict[int, tuple[Any, ...]] = {}
        self._newest = 0
        self._task: asyncio.Task[None] | None = None
        self._woken = asyncio.Event()
        self._thread = ThreadPoolExecutor(1, "looks at jobs")

    def require_room(self, user: User) -> None:
        """Let one more stream of `user` pass.

        Raises:
            Full: the user, or all together, have too many.
        """
        own = sum(watcher.user.pk == user.pk for watcher in self.watchers)
        if own >= PER_USER or len(self.watchers) >= PER_PROCESS or self.is_stopping:
            raise Full(is_own=own >= PER_USER)

    def join(self, watcher: Watcher) -> None:
        """Tell `watcher` from now on what it wants; to be called in the event loop."""
        self.require_room(watcher.user)
        self.watchers.add(watcher)
        if self._task is None or self._task.done():
            self._woken = asyncio.Event()
            self._task = asyncio.get_running_loop().create_task(self._keep_looking())
        self._woken.set()

    def leave(self, watcher: Watcher) -> None:
        self.watchers.discard(watcher)
        self._woken.set()

    def close(self) -> None:
        """End all streams, and take no more: the server stops."""
        self.is_stopping = True
        for watcher in self.watchers:
            watcher.end()

    async def ask(self, question: Callable[[], Answer]) -> Answer:
        """Answer a question to the database, in the thread that has a connection for it."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, question)

    async def _keep_looking(self) -> None:
        with hung_up_on_stop(self):
            while self.watchers:
                for watcher, messages in await self.ask(self._look):
                    watcher.tell(messages)
                self._woken.clear()
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._woken.wait(), LOOK_EVERY_S)
                if not self.watchers:
                    await self.ask(forget_connection)
        self._states, self._newest = {}, 0

    def _look(self) -> list[tuple[Watcher, list[Message]]]:
        """Return what there is to tell to whom; nothing while the database is away."""
        try:
            return list(self._news(list(self.watchers)))
        except Exception:  # one look that fails must not end all others
            logger.exception("Jobs cannot be looked at")
            connection.close()  # the next look gets a new one
            return []

    def _news(self, watchers: list[Watcher]) -> Iterator[tuple[Watcher, list[Message]]]:
        rows = self._rows({watcher.watched for watcher in watchers if watcher.watched})
        states = {job.pk: state(job) for job in rows}
        changed = [job for job in rows if self._states.get(job.pk) != states[job.pk]]
        present = asked_for(watchers) | {job.pk: job for job in rows}
        logged, is_all = lines_of(watchers)
        for watcher in watchers:
            jobs = shown(watcher, present) if watcher.is_new else changed
            with translation.override(watcher.language), timezone.override(watcher.zone):
                messages = [
                    *told_to(watcher, filter(watcher.wants, jobs)),
                    *log_told(watcher, logged),
                ]
            messages += last_word(watcher, present) if is_all else []
            watcher.is_new = False
            yield watcher, messages
        self._states = states

    def _rows(self, watched: Collection[int]) -> list[Job]:
        """Return the jobs that are active or `watched`, that were at the last look, or are new."""
        present = {job.pk: job for job in active(Job.objects.all())}
        newest = Job.objects.aggregate(newest=Max("pk"))["newest"] or 0
        since = max(0, (self._newest or newest) - MARGIN)
        were = [pk for pk, (status, *_more) in self._states.items() if status not in Job.OVER]
        others = Job.objects.begun().filter(Q(pk__in=were) | Q(pk__gt=since))
        looked_at = Job.objects.in_bulk(watched) if watched else {}
        self._newest = newest
        found = {job.pk: job for job in others} | present | looked_at
        return [found[pk] for pk in sorted(found)]


def active(jobs: JobQuerySet) -> list[Job]:
    """Return those of `jobs` that run, and of those that wait the newest."""
    return [*jobs.running(), *jobs.waiting().newest_first()[:MOST_PENDING]]


def forget_connection() -> None:
    """Close the connection of the present thread; who asks next gets a new one."""
    connection.close()


def asked_for(watchers: list[Watcher]) -> dict[int, Job]:
    """Return the jobs that new watchers name: they may be over."""
    asked = {pk for watcher in watchers if watcher.is_new for pk in watcher.named}
    return Job.objects.in_bulk(asked) if asked else {}


def shown(watcher: Watcher, present: dict[int, Job]) -> list[Job]:
    """Return what a new watcher is told: what is active, and what it names."""
    return [job for job in present.values() if not job.is_over or job.pk in watcher.named]


def told_to(watcher: Watcher, jobs: Iterable[Job]) -> Iterator[Message]:
    jobs = list(jobs)
    if watcher.is_new:
        watcher.wishes = preference(watcher.user, "notifications")
        is_wanted = bool(watcher.wishes.get("desktop"))
        yield Message("begin", {"desktop": is_wanted, "present": [job.pk for job in jobs]})
    for one in snapshots(jobs, watcher.user, watcher.wishes):
        yield Message("job", one)


def snapshots(jobs: Iterable[Job], by: User, wishes: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the state of each of `jobs`, and whether its end is to be told elsewhere."""
    listed = list(jobs)
    over = {base(job.subject) for job in listed if job.is_over and job.subject}
    abouts = named(over, by) if over else {}
    for job in listed:
        is_news = job.by_id == by.pk and is_told(job, wishes)
        yield told(job, abouts.get(base(job.subject))) | {
            "isOwn": job.by_id == by.pk,
            "isNews": is_news,
        }


def is_told(job: Job, wishes: dict[str, Any]) -> bool:
    """Tell whether the end of `job` is news: who cancels knows of it."""
    if job.work in UNASKED and job.status == Job.Status.COMPLETED:
        return False
    is_news = job.status in {Job.Status.COMPLETED, Job.Status.FAILED}
    return is_news and bool(wishes.get(f"job_{job.status}", True))


def state(job: Job) -> tuple[Any, ...]:
    """Return what changes of a job while one looks at it."""
    return (
        *(job.status, job.stage, job.progress, job.cancel_requested),
        *(job.bytes_done, job.bytes_total, job.rate, job.error),
    )


def lines_of(watchers: list[Watcher]) -> tuple[list[JobLog], bool]:
    """Return the lines that were logged since, of all jobs that are watched; and if that is all."""
    since: dict[int, int] = {}
    for watcher in watchers:
        if watcher.watched:
            since[watcher.watched] = min(watcher.after, since.get(watcher.watched, watcher.after))
    if not since:
        return [], True
    wanted = reduce(or_, (Q(job=job, pk__gt=after) for job, after in since.items()))
    most = MOST_LINES * len(since)
    found = list(JobLog.objects.filter(wanted).order_by("pk")[:most])
    return found, len(found) < most


def log_told(watcher: Watcher, logged: list[JobLog]) -> Iterator[Message]:
    for one in logged:
        if one.job_id == watcher.watched and one.pk > watcher.after:
            watcher.after = one.pk
            yield Message("line", line(one), one.pk)


def last_word(watcher: Watcher, present: dict[int, Job]) -> list[Message]:
    """Return how the stream of a job that is over ends, one look after it was seen to be over."""
    if watcher.is_last:
        watcher.is_over = True
        return [Message("end", {})]
    job = present.get(watcher.watched or 0)
    watcher.is_last = job is not None and job.is_over
    return []


class hung_up_on_stop:  # noqa: N801  # reads as a verb
    """Ends the streams at SIGTERM, before the server waits for them, and then does as before."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self.former: Any = None

    def __enter__(self) -> None:
        with suppress(ValueError):  # not in the main thread: another server stops another way
            self.former = signal.getsignal(signal.SIGTERM)
            signal.signal(signal.SIGTERM, self.stop)

    def __exit__(self, *trouble: object) -> None:
        if self.former is not None and signal.getsignal(signal.SIGTERM) == self.stop:
            signal.signal(signal.SIGTERM, self.former)

    def stop(self, number: int, frame: FrameType | None) -> None:
        self.hub.close()
        if callable(self.former):
            self.former(number, frame)


HUB = Hub()


async def stream(watcher: Watcher, is_still_let_in: Callable[[], bool]) -> AsyncIterator[str]:
    """Yield what `watcher` is told until its job, its time or its session is over."""
    try:
        HUB.join(watcher)
    except Full:
        return
    try:
        await sync_to_async(close_old_connections)()  # the one that the request was answered by
        ends_at = time.monotonic() + MOST_S
        check_at = time.monotonic() + CHECK_S
        while not watcher.is_over and time.monotonic() < ends_at:
            told = await watcher.heard(min(BEAT_S, CHECK_S))
            yield "".join(map(str, told)) or ": still here\n\n"
            if time.monotonic() >= check_at:
                watcher.is_over = not await HUB.ask(partial(unless_away, is_still_let_in))
                check_at = time.monotonic() + CHECK_S
    finally:
        HUB.leave(watcher)


def unless_away(question: Callable[[], bool]) -> bool:
    """Answer a question to the database; while it is away, nobody is shut out."""
    try:
        return question()
    except Error:
        connection.close()
        return True
