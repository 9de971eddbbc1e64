"""What others have: none of its numbers, totals and names is in any list, search or count."""

from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from accounts.actions.tokens import make_token
from accounts.models import ApiToken, ReleaseGroup, User
from delivery.models import Destination
from drafts.models import Draft
from enrichment.models import ApiConfig
from jobs.models import Job, JobLog
from releases.models import NfoTemplate, Release, Upload
from tests.factories import (
    METADATA,
    make_admin,
    make_job,
    make_operator,
    make_source,
    make_template,
)
from tests.releases.mending.making import make_packed

pytestmark = pytest.mark.django_db
THEIRS = "Zwinger"
"""Stands in every name of what is not the reader's."""
TUS = {"Tus-Resumable": "1.0.0"}


@dataclass(frozen=True, slots=True)
class Things:
    """One of each kind of what a person has."""

    release: Release
    job: Job
    draft: Draft
    upload: Upload
    template: NfoTemplate
    key: ApiConfig
    destination: Destination
    token: ApiToken


def things_of(owner: User, word: str) -> Things:
    tag = word.upper()
    group = ReleaseGroup.objects.create(tag=tag)
    group.members.add(owner)
    told = METADATA | {"title": f"{word} Book", "author": f"Ann {word}"}
    source = make_source(owner=owner, title=told["title"])
    release = make_packed(owner, group=tag, metadata=told, source=source)
    job = make_job(by=owner, work="lint", subject=release.subject, arguments={"said": word})
    JobLog.objects.create(job=job, message=f"{word} was looked at")
    place = {"name": f"To {word}", "type": "FTP", "host": f"{word.lower()}.example.com"}
    upload = Upload.objects.create(name=f"{word}.epub", size=10, created_by=owner)
    upload.path.touch()
    return Things(
        release=release,
        job=job,
        draft=Draft.objects.create(owner=owner, answers={"group": {"group": tag}}),
        upload=upload,
        template=make_template(name=f"{word} template", created_by=owner),
        key=ApiConfig.objects.create(name="TVDB", user=owner),
        destination=Destination.objects.create(user=owner, port=21, **place),
        token=make_token(f"{word} token", ["releases:read"], by=owner)[0],
    )


@pytest.fixture
def own(operator: User) -> Things:
    return things_of(operator, "Mine")


@pytest.fixture
def theirs(own: Things) -> Things:
    """Made last, so that none of its numbers is one of the reader's."""
    return things_of(make_operator(username=THEIRS.lower()), THEIRS)


@pytest.fixture
def page(operator: User) -> Client:
    client = Client()
    client.force_login(operator)
    return client


def listed(answer: Any) -> list[dict[str, Any]]:
    """Return the one list of an answer."""
    (found,) = (value for value in answer.json().values() if isinstance(value, list))
    return found


def numbers(found: list[dict[str, Any]]) -> set[int]:
    return {one["id"] for one in found}


LISTS = {
    "/api/releases": "release",
    "/api/releases?status=completed&order=asc&sort=name": "release",
    "/api/releases?search=book": "release",
    "/api/releases?my_only=true": "release",
    "/api/jobs?kind=lint": "job",
    "/api/jobs?status=pending&sort=status": "job",
    "/api/tokens": "token",
    "/api/templates?search=template": "template",
    "/api/config/apis?user_id={me}": "key",
    "/api/config/destinations?user_id={me}": "destination",
}
"""What each list holds one of for its reader."""


def test_lists_have_ones_own_alone(
    api: APIClient, operator: User, own: Things, theirs: Things
) -> None:
    for path, name in LISTS.items():
        answer = api.get(path.format(me=operator.pk))

        assert answer.status_code == 200, path
        assert numbers(listed(answer)) == {getattr(own, name).pk}, path
        assert answer.json().get("pagination", {}).get("total", 1) == 1, path
        assert THEIRS.lower() not in answer.content.decode().lower(), path


SOUGHT = (
    "/api/releases?search=zwinger",
    "/api/releases?search=*winge*",
    "/api/releases?group=ZWINGER",
    "/api/releases?owner=zwinger",
    "/api/jobs?release_id={release}",
    "/api/jobs?by=zwinger",
    "/api/templates?search=zwinger",
    "/api/groups?search=ZWINGER",
    "/api/groups?search=*WING*",
)


def test_what_is_sought_by_the_names_of_others_is_not_found(api: APIClient, theirs: Things) -> None:
    for path in SOUGHT:
        answer = api.get(path.format(release=theirs.release.pk))

        assert listed(answer) == [], path
        assert answer.json()["pagination"]["total"] == 0, path


def test_the_jobs_of_an_own_release_are_ones_own(
    api: APIClient, own: Things, theirs: Things, operator: User
) -> None:
    asked = make_job(by=make_admin(), work="repack", subject=own.release.subject)

    told = api.get(f"/api/releases/{own.release.pk}/jobs").json()

    expected = set(Job.objects.filter(by=operator).values_list("pk", flat=True))
    assert numbers(told["jobs"]) == expected
    assert asked.pk not in expected
    assert told["pagination"]["total"] == len(expected)


def test_groups_are_those_of_what_one_sees(api: APIClient, own: Things, theirs: Things) -> None:
    told = api.get("/api/groups").json()

    assert [group["name"] for group in told["groups"]] == ["MINE"]
    assert told["pagination"]["total"] == 1


def test_numbers_are_of_what_one_sees(api: APIClient, own: Things, theirs: Things) -> None:
    told = api.get("/api/dashboard/stats").json()

    assert (told["releases_count"], told["my_releases_count"]) == (1, 1)
    assert told["releases_by_type"] == {"EBOOK": 1, "TV": 0, "DOCS": 0}
    assert numbers(told["recent_releases"]) == {own.release.pk}


DETAILS = {
    "release": ("/api/releases/{}", "/files", "/jobs", "/revisions", "/conformity"),
    "job": ("/api/jobs/{}", "/logs", "/artifacts"),
    "template": ("/api/templates/{}", "/versions"),
    "key": ("/api/config/apis/{}",),
    "destination": ("/api/config/destinations/{}",),
    "draft": ("/api/wizard/step/1/data?job_id={}",),
}
"""Where each is read, and what lies below that."""


def test_what_others_have_is_answered_as_what_is_missing(api: APIClient, theirs: Things) -> None:
    for name, (place, *parts) in DETAILS.items():
        number = getattr(theirs, name).pk
        for part in ("", *parts):
            hidden, missing = (api.get(place.format(one) + part) for one in (number, 99_999))

            assert (hidden.status_code, missing.status_code) == (404, 404), place + part
            told = hidden.json()["message"].replace(str(number), "99999")
            assert told == missing.json()["message"], place + part


def test_how_far_the_work_of_others_is_stays_theirs(api: APIClient, theirs: Things) -> None:
    for part in ("status", "logs", "analysis"):
        answer = api.get(f"/api/wizard/jobs/{theirs.job.pk}/{part}")

        assert answer.status_code == 404, part


def test_an_upload_of_others_is_not_there(api: APIClient, own: Things, theirs: Things) -> None:
    place = "/api/uploads/{}".format

    answers = [api.head(place(one.upload.handle), headers=TUS).status_code for one in (own, theirs)]
    gone = api.delete(place(theirs.upload.handle), headers=TUS)

    assert answers == [200, 404]
    assert gone.status_code == 404
    assert theirs.upload.path.exists()


PAGES = (
    "/",
    "/releases/",
    "/releases/?search=book",
    "/releases/groups/?group=Z",
    "/releases/trash/",
    "/jobs/",
    "/jobs/?text=Book",
    "/jobs/states?known={job}",
    "/config/destinations/",
    "/accounts/tokens/",
)


def test_pages_tell_nothing_of_others(page: Client, own: Things, theirs: Things) -> None:
    for path in PAGES:
        answer = page.get(path.format(job=theirs.job.pk))

        assert answer.status_code == 200, path
        told = answer.content.decode()
        assert THEIRS.lower() not in told.lower(), path
        assert f'"/releases/{theirs.release.pk}/' not in told, path
        assert f'"/jobs/{theirs.job.pk}/' not in told, path


def test_no_page_and_no_file_of_others_is_there(page: Client, own: Things, theirs: Things) -> None:
    for name in ("detail", "download", "nfo", "diz", "files", "jobs", "history"):
        found = [
            page.get(reverse(f"releases:{name}", args=[one.release.pk])).status_code
            for one in (own, theirs)
        ]

        assert found == [200, 404], name


def test_no_file_of_others_is_got_by_way_of_an_own_release(
    page: Client, own: Things, theirs: Things
) -> None:
    file = theirs.release.artifacts.first()
    assert file is not None

    direct = reverse("releases:download-file", args=[theirs.release.pk, file.pk])
    around = reverse("releases:download-file", args=[own.release.pk, file.pk])

    assert [page.get(path).status_code for path in (direct, around)] == [404, 404]


def test_no_log_of_others_is_there(page: Client, own: Things, theirs: Things) -> None:
    for name in ("detail", "log"):
        found = [
            page.get(reverse(f"jobs:{name}", args=[one.job.pk])).status_code
            for one in (own, theirs)
        ]

        assert found == [200, 404], name
