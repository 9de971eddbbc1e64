"""What Prometheus is told: requests, as each process counted them, and what rows tell."""

import os
import platform
import time
from collections.abc import Iterator
from importlib.metadata import version

import django
from django.core.cache import cache
from django.db import Error, connection
from django.db.models import Count, Min, Q, Sum
from django.utils import timezone
from django.utils.translation import override
from prometheus_client import REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from jobs.models import Job, Supervisor
from monitoring import tallies
from monitoring.disks import disks_reached
from monitoring.models import Tally
from releases.models import Delivery, Release

KEPT_S = 15.0
"""So long one count of rows counts, for each process that is asked."""
SHARED_BY_PROCESSES = "PROMETHEUS_MULTIPROC_DIR"
Row = tuple[tuple[str, ...], float]


def exposition() -> bytes:
    """Return all metrics: those of requests, of all processes of this server, then our own."""
    return generate_latest(of_requests()) + generate_latest(OWN)


def of_requests() -> CollectorRegistry:
    if SHARED_BY_PROCESSES not in os.environ:
        return REGISTRY
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # of prometheus_client
    return registry


class Rows(Collector):
    """Counts rows when it is asked, and remembers them for some seconds."""

    def __init__(self) -> None:
        self.kept: list[Metric] = []
        self.at: float | None = None

    def collect(self) -> Iterator[Metric]:
        if self.at is None or time.monotonic() - self.at > KEPT_S:
            self.kept, self.at = list(found()), time.monotonic()
        yield from self.kept

    def describe(self) -> list[Metric]:
        return []  # that nothing is asked of the database when it is registered


ROWS = Rows()
OWN = CollectorRegistry()
OWN.register(ROWS)


def found() -> Iterator[Metric]:
    yield build()
    try:
        counted = [*jobs(), *work_done(), *releases(), *processes()]
        is_up = True
    except Error:
        connection.close()  # the next scrape gets a new one
        counted, is_up = [], False
    yield gauge("database_up", "Whether the database answers.", [((), is_up)])
    yield from counted
    yield from surroundings()


def gauge(name: str, about: str, rows: list[Row], labels: tuple[str, ...] = ()) -> Metric:
    family = GaugeMetricFamily(f"packer_{name}", about, labels=labels)
    for values, number in rows:
        family.add_metric(values, number)
    return family


def counter(name: str, about: str, rows: list[Row], labels: tuple[str, ...] = ()) -> Metric:
    family = CounterMetricFamily(f"packer_{name}", about, labels=labels)
    for values, number in rows:
        family.add_metric(values, number)
    return family


def build() -> Metric:
    labels = {
        "version": version("release-packer"),
        "python": platform.python_version(),
        "django": django.get_version(),
        "database": connection.vendor,
    }
    return gauge("build_info", "What runs.", [(tuple(labels.values()), 1)], tuple(labels))


def jobs() -> Iterator[Metric]:
    counted = Job.objects.order_by().values_list("work", "status").annotate(Count("pk"))
    rows: list[Row] = [((work, status), number) for work, status, number in counted]
    yield gauge("jobs", "Jobs that are kept, by kind and state.", rows, ("kind", "state"))
    since = Job.objects.waiting().aggregate(since=Min("queued_at"))["since"]
    age_s = max(0.0, (timezone.now() - since).total_seconds()) if since else 0.0
    yield gauge("queue_age_seconds", "For how long the oldest waiting job waits.", [((), age_s)])


def work_done() -> Iterator[Metric]:
    by_name: dict[str, list[Row]] = {}
    for name, label, value in Tally.objects.values_list("name", "label", "value"):
        by_name.setdefault(name, []).append((tuple(label.split(",")) if label else (), value))
    ended, took = by_name.get(tallies.JOBS, []), by_name.get(tallies.SECONDS, [])
    packed = by_name.get(tallies.BYTES, [((), 0)])
    failed = by_name.get(tallies.TROUBLES, [])
    yield counter("jobs_ended", "Jobs that ended, ever.", ended, ("kind", "state"))
    yield counter("job_seconds", "How long jobs ran that ended.", took, ("kind",))
    yield counter("packed_bytes", "Bytes of all that was packed, ever.", packed)
    yield counter(
        "provider_errors", "Questions that a provider did not answer.", failed, ("provider",)
    )


def releases() -> Iterator[Metric]:
    kept = Release.objects.order_by().values_list("status").annotate(Count("pk"), Sum("size"))
    stand = list(kept)
    numbers: list[Row] = [((status,), number) for status, number, _size in stand]
    sizes: list[Row] = [((status,), size or 0) for status, _number, size in stand]
    yield gauge("releases", "Releases that are kept, by state.", numbers, ("state",))
    yield gauge("releases_bytes", "How much they take, by state.", sizes, ("state",))
    counted = Delivery.objects.aggregate(
        delivered=Count("pk", filter=Q(delivered_at__isnull=False)),
        unfinished=Count("pk", filter=Q(delivered_at__isnull=True)),
    )
    rows: list[Row] = [((state,), number) for state, number in counted.items()]
    yield gauge("deliveries", "Releases at destinations, by state.", rows, ("state",))


def processes() -> Iterator[Metric]:
    alive = [one.workers for one, is_alive in Supervisor.objects.heard_of() if is_alive]
    yield gauge("workers", "Workers that somebody keeps running.", [((), sum(alive))])
    yield gauge("supervisors", "Processes that keep workers running.", [((), len(alive))])


def surroundings() -> Iterator[Metric]:
    """Yield what is known without the database."""
    free: list[Row] = []
    total: list[Row] = []
    for disk in disks_reached():
        with override("en"):  # a series is one, whoever asks in whatever language
            holds = "+".join(map(str, disk.holds))
        free.append(((holds,), disk.free))
        total.append(((holds,), disk.total))
    yield gauge("disk_free_bytes", "Room on each disk, by what it holds.", free, ("holds",))
    yield gauge("disk_size_bytes", "Size of each disk, by what it holds.", total, ("holds",))
    is_there = getattr(cache, "is_there", lambda: True)()
    yield gauge("cache_up", "Whether the shared cache answers, where one is set.", [((), is_there)])
