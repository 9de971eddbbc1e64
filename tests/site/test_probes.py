"""What watches the site is told how it is, without a login and without a secret."""

import shutil
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from ipaddress import ip_network
from itertools import count
from typing import Any

import pytest
from django.conf import settings as configured
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families
from pytest_django import Settings

from jobs.models import Job, Supervisor
from monitoring import metrics, readiness
from monitoring.models import Tally
from packer_site.work import run
from tests.factories import make_job, make_operator, make_release

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def forgotten() -> None:
    readiness.LOOK.at = metrics.ROWS.at = None


@pytest.fixture
def worker() -> None:
    Supervisor.objects.beat("here:1", 2)


def looked(path: str = "/readyz") -> tuple[int, dict[str, Any]]:
    readiness.LOOK.at = None
    answer = Client().get(path)
    return answer.status_code, answer.json()


def numbers(client: Client | None = None, **headers: str) -> dict[tuple[str, ...], float]:
    """Return the samples of our own metrics by name and values of labels."""
    metrics.ROWS.at = None
    answer = (client or Client()).get("/metrics", headers=headers)
    assert answer.status_code == 200
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(answer.content.decode())
        for sample in family.samples
    }


@pytest.mark.usefixtures("worker")
def test_a_site_that_can_do_its_work_is_ready() -> None:
    status, told = looked()

    assert status == 200
    assert told["status"] == "ready"
    assert set(told["checks"]) == {"database", "migrations", "workers", "queue", "disk", "cache"}


def test_without_workers_pages_are_served_and_it_is_said() -> None:
    status, told = looked()

    assert (status, told["status"]) == (200, "degraded")
    assert "packer worker" in told["checks"]["workers"]["message"]


@pytest.mark.usefixtures("worker")
def test_a_job_that_waits_long_is_said() -> None:
    make_job(queued_at=timezone.now() - timedelta(minutes=5))

    assert looked()[1]["checks"]["queue"]["state"] == "degraded"


def test_a_full_disk_takes_the_site_out_of_service(monkeypatch: pytest.MonkeyPatch) -> None:
    full = shutil.disk_usage("/")._replace(free=1 << 20)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: full)

    status, told = looked()

    assert (status, told["status"]) == (503, "unready")
    assert told["checks"]["disk"] == {"state": "failing", "message": "A disk is full: make room."}


def test_a_pending_migration_takes_the_site_out_of_service() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'monitoring'")

    status, told = looked()

    assert status == 503
    assert told["checks"]["migrations"]["message"] == (
        "1 migrations are pending: run `packer setup`."
    )


def refuse(*_query: Any, **_more: Any) -> None:
    raise OperationalError(2003, "Can't connect to 10.1.2.3 as packer with secret")


@pytest.mark.parametrize("path", ["/readyz", "/healthz", "/health", "/api/health"])
def test_a_database_that_is_away_is_said_without_its_address(path: str) -> None:
    with connection.execute_wrapper(refuse):
        readiness.LOOK.at = None
        answer = Client().get(path)

    assert answer.status_code == 503
    assert b"database" in answer.content
    assert b"10.1.2.3" not in answer.content
    assert b"secret" not in answer.content


@pytest.mark.usefixtures("worker")
@pytest.mark.parametrize("path", ["/health", "/api/health"])
def test_health_has_the_shape_that_programs_know(path: str) -> None:
    status, told = looked(path)

    assert status == 200
    assert set(told) == {"status", "checks", "timestamp", "version", "uptime"}
    assert told["status"] == "healthy"
    assert {name: told["checks"][name] for name in ("database", "redis", "disk")} == {
        "database": True,
        "redis": True,
        "disk": True,
    }
    assert told["timestamp"].endswith("Z")


def test_probes_are_counted_apart_from_what_people_ask(settings: Settings) -> None:
    settings.RATE_LIMITS = configured.RATE_LIMITS | {"public": "2/min", "monitoring": "600/min"}

    statuses = {Client().get("/api/health").status_code for _each in range(5)}

    assert statuses == {200}


def test_one_look_counts_for_a_while() -> None:
    looked()
    with CaptureQueriesContext(connection) as asked:
        Client().get("/readyz")

    assert len(asked) == 0


def test_one_look_asks_once_how_the_jobs_stand() -> None:
    with CaptureQueriesContext(connection) as asked:
        looked()

    assert len([query for query in asked if "jobs_job" in query["sql"]]) == 1


@pytest.mark.usefixtures("seeded")
def test_metrics_tell_jobs_releases_and_what_is_around() -> None:
    Supervisor.objects.beat("here:1", 3)
    make_job(work="pack", queued_at=timezone.now() - timedelta(seconds=90))
    make_job(work="pack", status="failed", finished_at=timezone.now())
    make_release(size=1000, status="PACKED")

    told = numbers()

    assert told["packer_jobs", "pack", "pending"] == 1
    assert told["packer_jobs", "pack", "failed"] == 1
    assert 90 <= told["packer_queue_age_seconds",] < 200
    assert told["packer_workers",] == 3
    assert told["packer_releases_bytes", "PACKED"] == 1000
    assert told["packer_database_up",] == 1
    assert told["packer_deliveries", "delivered"] == 0
    assert [value for (name, *_), value in told.items() if name == "packer_build_info"] == [1]
    assert all(value > 0 for (name, *_), value in told.items() if "disk" in name)
    assert any(name.startswith("django_http_requests") for name, *_ in told)


def test_metrics_cost_as_many_queries_however_many_rows(
    django_assert_max_num_queries: Any,
) -> None:
    for number in range(20):
        make_job(work=f"work{number}")

    with django_assert_max_num_queries(6):
        metrics.ROWS.at = None
        assert Client().get("/metrics").status_code == 200
    with django_assert_max_num_queries(0):
        Client().get("/metrics")


@pytest.mark.django_db(transaction=True)
def test_what_workers_did_is_counted_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    result = {"bytes": 500, "troubles": {"OMDb": "no key"}}
    work = tallies_of(monkeypatch, result)
    for _each in range(2):
        run(make_job(work=work).pk)
    Job.objects.all().delete()

    told = numbers()

    assert told["packer_jobs_ended_total", "pack", "completed"] == 2
    assert told["packer_packed_bytes_total",] == 1000
    assert told["packer_provider_errors_total", "OMDb"] == 2


def tallies_of(monkeypatch: pytest.MonkeyPatch, result: dict[str, Any]) -> str:
    from packer_site import work  # noqa: PLC0415

    monkeypatch.setitem(work.WORK, "pack", work.Work(lambda _lease: result))
    return "pack"


def test_metrics_go_on_without_a_database() -> None:
    with connection.execute_wrapper(refuse):
        told = numbers()

    assert told["packer_database_up",] == 0
    assert any(name == "packer_disk_free_bytes" for name, *_ in told)


@pytest.mark.usefixtures("seeded")
def test_a_folder_that_cannot_be_reached_takes_neither_metrics_nor_pages_away(
    settings: Settings,
) -> None:
    settings.UPLOADS_DIR = settings.UPLOADS_DIR / ("x" * 300)  # the disk refuses to look
    person = Client()
    person.force_login(make_operator())

    _status, told = looked()

    assert told["checks"]["disk"]["state"] == "failing"
    assert numbers()["packer_database_up",] == 1
    assert person.get("/").status_code == 200


def test_a_disk_is_the_same_series_in_every_language() -> None:
    def asked(language: str) -> set[tuple[str, ...]]:
        told = numbers(None, **{"Accept-Language": language})
        return {name for name in told if name[0] == "packer_disk_free_bytes"}

    assert asked("fr") == asked("en")


TOKEN = "a token for the metrics, of over 32 characters"


@pytest.mark.parametrize(
    ("address", "headers", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("::1", {}, 200),
        ("::ffff:127.0.0.1", {}, 200),
        ("203.0.113.9", {}, 403),
        ("203.0.113.9", {"authorization": f"Bearer {TOKEN}"}, 200),
        ("203.0.113.9", {"authorization": f"Bearer {TOKEN}x"}, 403),
        ("203.0.113.9", {"authorization": "Bearer é"}, 403),
        ("127.0.0.1", {"x-forwarded-for": "203.0.113.9"}, 403),
        ("10.1.2.3", {}, 200),
        ("10.1.2.3", {"x-forwarded-for": "203.0.113.9"}, 403),
        ("", {}, 403),
    ],
)
@pytest.mark.parametrize("path", ["/metrics", "/api/metrics"])
def test_metrics_are_for_who_may_read_them(
    path: str, address: str, headers: dict[str, str], status: int, settings: Settings
) -> None:
    settings.METRICS_TOKEN = TOKEN
    settings.METRICS_ALLOW = [*settings.METRICS_ALLOW, ip_network("10.0.0.0/8")]

    answer = Client(REMOTE_ADDR=address).get(path, headers=headers)

    assert answer.status_code == status
    if status == 403:
        assert b"METRICS_TOKEN" in answer.content
        assert TOKEN.encode() not in answer.content


def test_a_proxy_that_is_trusted_may_speak_for_a_reader(settings: Settings) -> None:
    settings.TRUSTED_PROXIES = ["127.0.0.1"]
    settings.METRICS_ALLOW = [ip_network("10.0.0.0/8")]

    forwarded = {"x-forwarded-for": "10.1.2.3"}
    answer = Client(REMOTE_ADDR="10.1.2.3").get("/metrics", headers=forwarded)

    assert answer.status_code == 200


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/healthz", "/health", "/metrics"])
def test_probes_begin_no_session_and_are_not_sent_to_https(path: str, settings: Settings) -> None:
    settings.SECURE_SSL_REDIRECT = True

    answer = Client().get(path)

    assert answer.status_code == 200
    assert not answer.cookies


@pytest.mark.django_db(transaction=True)
def test_tallies_of_several_at_once_are_all_kept() -> None:
    gate = threading.Barrier(3, timeout=10)

    def add(amount: int) -> None:
        updates = count()

        def wait_for_others(execute: Callable[..., Any], sql: str, *about: Any) -> Any:
            found = execute(sql, *about)
            if sql.startswith("UPDATE") and next(updates) == 0:
                gate.wait()  # nobody has found a row
            return found

        try:
            with connection.execute_wrapper(wait_for_others):
                Tally.objects.add("jobs", "pack,completed", amount)
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as threads:
        list(threads.map(add, (1, 2, 3)))

    assert Tally.objects.get().value == 6
    assert str(Tally.objects.get()) == "jobs pack,completed: 6"
