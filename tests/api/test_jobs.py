from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import User
from jobs.models import Job
from jobs.queue import run_here
from releases.actions import request_packing
from releases.models import Revision
from tests.factories import make_admin, make_job, make_operator, make_release

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded")]

NOBODYS = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def admin() -> APIClient:
    return client_of(make_admin())


def client_of(user: User) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


def ended(end: str = "fail", **fields: Any) -> Job:
    job = Job.objects.claim(make_job(**fields).pk)
    assert job is not None
    {"finish": lambda: job.finish({}), "fail": lambda: job.fail("why"), "cancel": job.cancel}[end]()
    return job


def ids(client: APIClient, query: str = "") -> list[int]:
    answer = client.get(f"/api/jobs?{query}")
    assert answer.status_code == 200, answer.content
    return [job["id"] for job in answer.json()["jobs"]]


def test_a_list_has_ones_own_jobs_and_an_admins_all(
    api: APIClient, admin: APIClient, operator: User
) -> None:
    own, other = make_job(by=operator), make_job()

    assert ids(api) == [own.pk]
    assert ids(admin) == [other.pk, own.pk]
    assert ids(admin, "my_only=true") == []
    assert api.get("/api/jobs").json()["pagination"] == {
        "page": 1,
        "per_page": 20,
        "total": 1,
        "pages": 1,
    }


def test_a_list_has_the_fields_of_the_reference(api: APIClient, operator: User) -> None:
    job = ended(by=operator, subject="release:7", arguments={"release_id": 7})

    (told,) = api.get("/api/jobs").json()["jobs"]

    assert told["created_at"].endswith("Z")
    assert told["created_by"] == operator.pk
    assert (told["release_id"], told["config_json"]) == (7, {"release_id": 7})
    assert (told["kind"], told["status"], told["error"]) == ("pack", "failed", "why")
    assert told["uuid"] == str(job.uuid)
    assert "logs" not in told
    assert {"progress", "stage", "eta", "hint", "started_at", "finished_at"} < set(told)


def test_a_list_is_narrowed_by_repeated_and_comma_separated_values(
    api: APIClient, operator: User
) -> None:
    failed = ended("fail", by=operator, work="pack", subject="release:1")
    done = ended("finish", by=operator, work="lint", subject="release:1:5")
    waiting = make_job(by=operator, work="enrich", subject="release:11")

    assert ids(api, "status=failed") == [failed.pk]
    assert ids(api, "status=failed&status=completed") == [done.pk, failed.pk]
    assert ids(api, "status=failed,%20completed") == [done.pk, failed.pk]
    assert ids(api, "kind=enrich") == ids(api, "work=enrich") == [waiting.pk]
    assert ids(api, "kind=enrich&work=lint") == [waiting.pk, done.pk]
    assert ids(api, "release_id=1") == [done.pk, failed.pk]
    assert ids(api, "release_id=1,11&status=pending") == [waiting.pk]


def test_an_admin_narrows_by_whose_they_are(admin: APIClient, operator: User) -> None:
    own, other = make_job(by=operator), make_job()

    assert ids(admin, "by=operator") == ids(admin, f"by={operator.pk}") == [own.pk]
    assert ids(admin, f"by=operator,{other.by.username}") == [other.pk, own.pk]
    assert ids(client_of(other.by), "by=operator") == []


def test_a_list_is_narrowed_by_time(api: APIClient, operator: User) -> None:
    now = timezone.now()
    old = make_job(by=operator, queued_at=now - timedelta(days=2))
    new = make_job(by=operator, queued_at=now)
    between = (now - timedelta(days=1)).isoformat().replace("+", "%2B")

    assert ids(api, f"since={between}") == [new.pk]
    assert ids(api, f"until={between}") == [old.pk]
    assert ids(api, f"since={now.isoformat()}") == [new.pk]


def test_a_list_is_sorted_as_asked(api: APIClient, operator: User) -> None:
    one, two = ended("finish", by=operator, work="pack"), ended("fail", by=operator, work="lint")

    assert ids(api, "order=asc") == ids(api, "sort=status&order=asc") == [one.pk, two.pk]
    assert ids(api, "sort=kind&order=asc") == [two.pk, one.pk]
    assert ids(api, "sort=finished_at") == [two.pk, one.pk]
    assert ids(api, "per_page=1&page=2") == [one.pk]


@pytest.mark.parametrize(
    "query",
    [
        "status=lost",
        "kind=nonsense",
        "release_id=x",
        "release_id=9999999999999999999",
        "since=yesterday",
        "since=0001-01-01T00:00:00%2B14:00",
        "until=x",
        "sort=by",
        "order=up",
        "page=0",
        "per_page=101",
    ],
)
def test_a_filter_that_makes_no_sense_is_refused(api: APIClient, query: str) -> None:
    answer = api.get(f"/api/jobs?{query}")

    assert (answer.status_code, answer.json()["error"]) == (400, "ValidationError")
    assert list(answer.json()["errors"]) == [query.partition("=")[0]]


def test_a_list_of_five_costs_the_queries_of_a_list_of_one(api: APIClient, operator: User) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert api.get("/api/jobs").status_code == 200
        return len(asked)

    make_job(by=operator, subject="release:1")
    cost()
    of_one = cost()
    for number in range(4):
        make_job(by=operator, subject=f"release:{number}").log("a line")

    assert cost() == of_one


@pytest.mark.parametrize("name", ["pk", "uuid"])
def test_a_job_is_read_by_number_and_by_uuid(api: APIClient, operator: User, name: str) -> None:
    job = make_job(by=operator)
    key = getattr(job, name)
    job.log("one")
    job.log("two", "WARNING")

    told = api.get(f"/api/jobs/{key}")

    assert told.status_code == 200
    assert (told.json()["id"], told.json()["logs"]) == (job.pk, "one\ntwo")
    for address in ("status", "logs"):
        assert api.get(f"/api/wizard/jobs/{key}/{address}").status_code == 200


def test_a_long_log_is_told_by_its_end(api: APIClient, operator: User) -> None:
    job = make_job(by=operator)
    for number in range(502):
        job.log(f"line {number}")

    lines = api.get(f"/api/jobs/{job.pk}").json()["logs"].split("\n")

    assert len(lines) == 501
    assert (lines[1], lines[-1]) == ("line 2", "line 501")
    assert f"/api/jobs/{job.pk}/logs" in lines[0]


def test_a_key_in_an_address_is_not_told(api: APIClient, operator: User) -> None:
    arguments = {"url": "https://example.org/a.epub?key=canary", "draft_id": 1}
    job = make_job(by=operator, work="download", arguments=arguments)

    for address in ("", f"/{job.pk}"):
        answer = api.get(f"/api/jobs{address}")
        assert b"canary" not in answer.content
        assert b"https://example.org/a.epub" in answer.content


@pytest.mark.parametrize(
    ("method", "tail"),
    [
        ("get", ""),
        ("get", "/logs"),
        ("get", "/artifacts"),
        ("delete", ""),
        ("post", "/rerun"),
        ("post", "/cancel"),
    ],
)
def test_the_job_of_somebody_else_is_as_if_there_were_none(
    api: APIClient, admin: APIClient, method: str, tail: str
) -> None:
    job = ended("fail")
    theirs = getattr(api, method)(f"/api/jobs/{job.pk}{tail}")
    missing = getattr(api, method)(f"/api/jobs/{job.pk + 999}{tail}")

    assert theirs.status_code == missing.status_code == 404
    number = str(job.pk)
    assert theirs.json()["message"].replace(number, "") == missing.json()["message"].replace(
        str(job.pk + 999), ""
    )
    assert getattr(api, method)(f"/api/jobs/{job.uuid}{tail}").status_code == 404
    assert getattr(APIClient(), method)(f"/api/jobs/{job.pk}{tail}").status_code == 401
    assert Job.objects.filter(pk=job.pk).exists()
    assert getattr(admin, method)(f"/api/jobs/{job.pk}{tail}").status_code != 404


@pytest.mark.parametrize("key", ["nonsense", "1.5", "-1", "9" * 19, "9" * 18, NOBODYS])
def test_what_names_no_job_is_not_found(api: APIClient, key: object) -> None:
    answer = api.get(f"/api/jobs/{key}")

    assert (answer.status_code, answer.json()["error"]) == (404, "NotFound")


def test_a_log_is_read_on_from_a_line(api: APIClient, operator: User) -> None:
    job = make_job(by=operator)
    for number in range(5):
        job.log(f"line {number}")

    first = api.get(f"/api/jobs/{job.pk}/logs?limit=3").json()
    rest = api.get(f"/api/jobs/{job.pk}/logs?after={first['after']}").json()

    assert [line["message"] for line in first["logs"] + rest["logs"]] == [
        f"line {number}" for number in range(5)
    ]
    assert (first["has_more"], rest["has_more"]) == (True, False)
    nothing = api.get(f"/api/jobs/{job.pk}/logs?after={rest['after']}").json()
    assert nothing == {"logs": [], "after": rest["after"], "has_more": False}


def test_lines_of_one_time_are_not_lost_where_one_reads_on_since(
    api: APIClient, operator: User
) -> None:
    job, now = make_job(by=operator), timezone.now()
    job.log("before")
    job.log("read")
    job.lines.update(at=now)
    job.lines.filter(message="before").update(at=now - timedelta(seconds=1))
    read = api.get(f"/api/jobs/{job.pk}/logs").json()["logs"][-1]
    job.log("of the same time")
    job.lines.filter(message="of the same time").update(at=now)

    later = api.get(f"/api/jobs/{job.pk}/logs", {"since": read["timestamp"]}).json()["logs"]

    assert [line["message"] for line in later] == ["read", "of the same time"]


def test_a_log_is_narrowed_by_level(api: APIClient, operator: User) -> None:
    job = make_job(by=operator)
    for level in ("DEBUG", "INFO", "WARNING", "ERROR"):
        job.log(level, level)

    told = api.get(f"/api/jobs/{job.pk}/logs?level=ERROR,WARNING&level=DEBUG").json()["logs"]

    assert [line["level"] for line in told] == ["DEBUG", "WARNING", "ERROR"]


def test_a_yes_or_no_that_is_neither_is_refused(api: APIClient) -> None:
    answer = api.get("/api/jobs?my_only=perhaps")

    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["my_only"]


@pytest.mark.parametrize(
    "query", ["since=x", "after=x", "after=-1", "level=LOUD", "limit=0", "limit=1001"]
)
def test_a_log_is_asked_for_sensibly(api: APIClient, operator: User, query: str) -> None:
    answer = api.get(f"/api/jobs/{make_job(by=operator).pk}/logs?{query}")

    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [query.partition("=")[0]]


def test_a_packed_release_is_told_as_artifacts(api: APIClient, operator: User) -> None:
    release = make_release(owner=operator)
    job = run_here(request_packing(release, by=operator, at_once=True))
    assert job.status == "completed", job.error

    told = api.get(f"/api/jobs/{job.pk}/artifacts").json()["artifacts"]

    assert [one["path"] for one in told] == [one.path for one in release.artifacts.all()] != []
    assert set(told[0]) == {"path", "type", "size", "crc32"}
    assert not any(one["path"].startswith("/") for one in told)
    assert {"zip", "nfo"} & {one["type"] for one in told}


@pytest.mark.parametrize("work", ["lint", "analysis", "pack"])
def test_a_job_that_made_nothing_has_no_artifacts(
    api: APIClient, operator: User, work: str
) -> None:
    job = ended("fail", by=operator, work=work, subject="release:1")

    assert api.get(f"/api/jobs/{job.pk}/artifacts").json() == {"artifacts": []}


def test_artifacts_of_a_release_that_is_hidden_now_are_not_told(
    api: APIClient, operator: User
) -> None:
    release = make_release()
    run_here(request_packing(release, by=make_admin(), at_once=True))
    job = ended("finish", by=operator, subject=release.subject)

    assert release.artifacts.exists()
    assert api.get(f"/api/jobs/{job.pk}/artifacts").json() == {"artifacts": []}


def test_a_job_is_forgotten_only_when_it_is_over(api: APIClient, operator: User) -> None:
    waiting, over = make_job(by=operator), ended(by=operator)

    refused = api.delete(f"/api/jobs/{waiting.pk}")

    assert (refused.status_code, refused.json()["error"]) == (409, "Conflict")
    assert api.delete(f"/api/jobs/{over.pk}").status_code == 204
    assert api.delete(f"/api/jobs/{over.pk}").status_code == 404
    assert ids(api) == [waiting.pk]


def test_a_job_that_a_history_tells_of_stays(api: APIClient, operator: User) -> None:
    job = ended("finish", by=operator, work="undo")
    Revision.objects.create(release=make_release(), number=1, operation="undo", job=job)

    assert api.delete(f"/api/jobs/{job.pk}").status_code == 409
    assert Job.objects.filter(pk=job.pk).exists()


def test_a_failed_job_is_run_again(api: APIClient, operator: User) -> None:
    job = ended(by=operator, subject=make_release().subject, arguments={"release_id": 7})

    answer = api.post(f"/api/jobs/{job.pk}/rerun")

    again = Job.objects.latest("pk")
    assert (answer.status_code, answer.json()) == (202, {"job_id": again.pk, "status": "pending"})
    assert again.arguments == {"release_id": 7}
    assert api.post(f"/api/jobs/{job.pk}/rerun").status_code == 409
    assert api.post(f"/api/jobs/{again.pk}/rerun").status_code == 409


def test_what_an_admin_runs_again_stays_its_owners(admin: APIClient, operator: User) -> None:
    job = ended(by=operator, work="download")

    again = admin.post(f"/api/jobs/{job.pk}/rerun").json()["job_id"]

    assert Job.objects.get(pk=again).by == operator


def test_a_job_is_cancelled_at_once_or_at_its_next_step(api: APIClient, operator: User) -> None:
    waiting, running = make_job(by=operator), make_job(by=operator)
    Job.objects.claim(running.pk)

    stopped = api.post(f"/api/jobs/{waiting.pk}/cancel")
    stopping = api.post(f"/api/jobs/{running.pk}/cancel")

    assert (stopped.status_code, stopped.json()["status"]) == (202, "cancelled")
    assert (stopping.status_code, stopping.json()["status"]) == (202, "running")
    assert api.post(f"/api/jobs/{waiting.pk}/cancel").status_code == 409


def test_the_analysis_is_of_a_job_that_analysed(api: APIClient, operator: User) -> None:
    job = ended("finish", by=operator, work="pack")

    answer = api.get(f"/api/wizard/jobs/{job.pk}/analysis")

    assert (answer.status_code, answer.json()["error"]) == (404, "NotFound")


def test_another_operators_token_reads_nothing(operator: User) -> None:
    make_job(by=operator)

    assert ids(client_of(make_operator())) == []
