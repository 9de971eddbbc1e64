from collections.abc import Iterator
from typing import Any

import pytest
from pytest_django import Settings
from rest_framework.test import APIClient

from accounts import permissions
from accounts.models import User
from jobs.models import Job
from jobs.queue import run_here
from rulebook import actions
from rulebook.models import Listing, SyncPlan
from rulebook.seeds import seed_listings
from rules.models import Rule
from tests.factories import make_admin, make_job, make_user
from tests.metadata.service import raw
from tests.rulebook.site import RulesSite, rules_site

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded")]
NAME = "2001_TEST"


@pytest.fixture
def admin(seeded: None) -> APIClient:
    client = APIClient()
    client.force_authenticate(make_admin())
    return client


@pytest.fixture
def site(settings: Settings, seeded: None) -> Iterator[RulesSite]:
    """A site whose rules are listed here, and not downloaded."""
    with rules_site() as there:
        settings.RULES_URL = there.url
        settings.OUTBOUND_HOSTS = [there.service.authority]
        for name in there.texts:
            url = f"{there.url}nfo/{name}.nfo"
            Listing.objects.create(name=name, scene="English", section="Test", year=2001, url=url)
        yield there


def names(answer: Any) -> list[str]:
    return sorted(rule["name"] for rule in answer.json()["rules"])


def test_a_synchronization_is_a_job(site: RulesSite, admin: APIClient) -> None:
    answer = admin.post("/api/rules/sync")

    job = Job.objects.get()
    assert (answer.status_code, answer.json()) == (
        202,
        {"job_id": job.pk, "status": "running", "message": "Synchronization started"},
    )
    assert admin.post("/api/rules/sync").json()["job_id"] == job.pk
    assert run_here(job).status == Job.Status.COMPLETED
    assert len(job.result["new"]) == 22


def test_a_synchronization_tells_what_it_came_to(site: RulesSite, admin: APIClient) -> None:
    name = next(iter(site.texts))
    site.answers[f"/nfo/{name}.nfo"] = raw(b"no", 403)
    address = f"/api/rules/sync/{admin.post('/api/rules/sync').json()['job_id']}"
    early = admin.get(address)
    run_here(Job.objects.get())

    report = admin.get(address)

    assert early.status_code == 409
    assert early.json()["message"] == "The synchronization is pending"
    assert report.status_code == 200
    assert (len(report.json()["new"]), report.json()["vanished"]) == (21, [])
    assert report.json()["failed"][0]["name"] == name
    assert "refuses the question" in report.json()["failed"][0]["reason"]


def test_no_other_job_tells_of_a_synchronization(admin: APIClient) -> None:
    packed = make_job(by=User.objects.get(), work="pack")

    assert admin.get(f"/api/rules/sync/{packed.pk}").status_code == 404


def test_administrators_alone_start_and_plan_one(api: APIClient) -> None:
    for answer in (
        api.post("/api/rules/sync"),
        api.put("/api/rules/schedule", {"interval": "daily"}, format="json"),
        api.get("/api/rules/schedule"),
    ):
        assert answer.status_code == 403
    assert not Job.objects.exists()


@pytest.mark.parametrize(
    ("method", "path"),
    [("get", "scenerules"), ("post", "download"), ("post", "sync"), ("get", "schedule")],
)
def test_without_a_login_nothing_is_told(method: str, path: str) -> None:
    assert getattr(APIClient(), method)(f"/api/rules/{path}").status_code == 401


def test_the_list_has_the_documented_shape(site: RulesSite, api: APIClient) -> None:
    api.post("/api/rules/download", {"name": NAME}, format="json")

    rules = {rule["name"]: rule for rule in api.get("/api/rules/scenerules").json()["rules"]}

    assert rules[NAME] == {
        "name": NAME,
        "scene": "English",
        "section": "Test",
        "year": 2001,
        "url": f"{site.url}nfo/{NAME}.nfo",
        "downloaded": True,
    }
    assert not rules["2002_TEST"]["downloaded"]


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 40),
        ("scene=French", 4),
        ("scene=french,German", 5),
        ("scene=French&scene=German", 5),
        ("section=eBOOK", 3),
        ("year=2020", 3),
        ("year=2020,2022", 4),
        ("year=x", 0),
        ("type=EBOOK", 3),
        ("type=TV&scene=English", 7),
        ("search=2022*book", 1),
        ("search=%25", 0),
        ("scene=French&search=dvdr", 1),
    ],
)
def test_the_list_is_narrowed(api: APIClient, query: str, count: int) -> None:
    seed_listings()

    assert len(names(api.get(f"/api/rules/scenerules?per_page=100&{query}"))) == count


def test_the_list_comes_in_pages(api: APIClient) -> None:
    seed_listings()

    pages = [api.get(f"/api/rules/scenerules?per_page=25&page={page}") for page in (1, 2, 3)]

    assert [len(names(page)) for page in pages] == [25, 15, 0]
    assert len({name for page in pages for name in names(page)}) == 40
    assert pages[1].json()["pagination"] == {"page": 2, "per_page": 25, "total": 40, "pages": 2}
    assert api.get("/api/rules/scenerules?per_page=101").status_code == 400


@pytest.mark.parametrize("path", ["/api/rules/scenerules", "/api/rules", "/api/rules/tree"])
def test_a_type_that_is_none_is_refused(api: APIClient, path: str) -> None:
    answer = api.get(f"{path}?type=EBOOK,XX")

    assert answer.status_code == 400
    assert answer.json()["errors"] == {"type": ["One of EBOOK, TV, DOCS."]}
    assert api.get(f"{path}?type=ebook").status_code == 200


def test_nobody_is_sent_to_a_synchronization_that_they_may_not_see(api: APIClient) -> None:
    first = actions.request_sync(by=make_admin())
    keeper = make_user()
    permissions.grant(keeper, "config", "mod")
    client = APIClient()
    client.force_authenticate(keeper)

    answer = client.post("/api/rules/sync")

    assert (answer.status_code, answer.json()["error"]) == (409, "Conflict")
    assert Job.objects.get() == first


def test_what_vanished_is_not_listed(api: APIClient, site: RulesSite) -> None:
    Listing.objects.exclude(name=NAME).update(vanished_at="2026-01-01T00:00:00Z")

    assert names(api.get("/api/rules/scenerules")) == [NAME]


def test_the_list_costs_the_same_however_long(
    api: APIClient, site: RulesSite, django_assert_max_num_queries: Any
) -> None:
    api.get("/api/rules/scenerules")
    with django_assert_max_num_queries(8):
        api.get("/api/rules/scenerules?type=EBOOK")


def test_a_rule_is_downloaded_and_brought_up_to_date(site: RulesSite, api: APIClient) -> None:
    body = {"name": NAME, "scene": "English", "section": "Test", "year": 2001}

    first = api.post("/api/rules/download", body, format="json")
    again = api.post("/api/rules/download", body, format="json")
    site.texts[NAME] += "changed\n"
    changed = api.post("/api/rules/download", {"name": NAME}, format="json")

    rule = Rule.objects.get(name=NAME)
    assert (first.status_code, first.json()) == (
        200,
        {"id": rule.pk, "message": "Rule downloaded successfully", "outcome": "new"},
    )
    assert again.json()["message"] == "Rule is here already, and has not changed"
    assert changed.json()["message"] == "Rule downloaded successfully: its text changed"
    assert rule.content == site.texts[NAME]


def test_what_cannot_be_downloaded_is_told(site: RulesSite, api: APIClient) -> None:
    site.answers[f"/nfo/{NAME}.nfo"] = raw(b"no", 403)

    refused = api.post("/api/rules/download", {"name": NAME}, format="json")
    missing = api.post("/api/rules/download", {"name": "2001_TEXT"}, format="json")
    nameless = api.post("/api/rules/download", {}, format="json")

    assert refused.status_code == 422
    assert "refuses the question" in refused.json()["message"]
    assert (missing.status_code, missing.json()["error"]) == (404, "NotFound")
    assert f"Did you mean {NAME}" in missing.json()["message"]
    assert (nameless.status_code, list(nameless.json()["errors"])) == (400, ["name"])


def test_who_may_only_read_downloads_nothing(site: RulesSite) -> None:
    client = APIClient()
    client.force_authenticate(User.objects.create_user("reader"))

    answer = client.post("/api/rules/download", {"name": NAME}, format="json")

    assert answer.status_code == 403
    assert answer.json()["message"] == "You don't have WRITE permission on rules"
    assert site.asked == []


def test_the_schedule_is_read_and_chosen(admin: APIClient) -> None:
    before = admin.get("/api/rules/schedule")
    chosen = admin.put("/api/rules/schedule", {"interval": "weekly"}, format="json")
    wrong = admin.put("/api/rules/schedule", {"interval": "hourly"}, format="json")

    assert before.json() == {"interval": "off", "last_at": None}
    assert (chosen.status_code, chosen.json()["interval"]) == (200, "weekly")
    assert (wrong.status_code, list(wrong.json()["errors"])) == (400, ["interval"])
    assert SyncPlan.objects.get().interval == "weekly"
    assert actions.start_due_sync()
    assert admin.get("/api/rules/schedule").json()["last_at"].endswith("Z")
