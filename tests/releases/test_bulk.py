"""What is done to several releases: who may, what is refused, what becomes of each."""

import csv
import io
import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from accounts.models import User
from accounts.permissions import grant, holds
from jobs.lease import Cancelled
from jobs.models import Job
from packer_site import work
from releases import actions
from releases.actions import bulk
from releases.models import Release, Source
from tests.factories import make_admin, make_job, make_operator, make_release, make_source

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded")]

Chosen = dict[str, str | list[int]]


@pytest.fixture
def operator(seeded: None) -> User:
    return make_operator()


@pytest.fixture
def source(operator: User) -> Source:
    return make_source(owner=operator)


def ready(page: Any) -> set[str]:
    return {release.name for release in page.context["ready"]}


def refused(page: Any) -> dict[str, str]:
    return {one.release.name: str(one.refusal) for one in page.context["refused"]}


def keys(*releases: Release) -> list[int]:
    return [release.pk for release in releases]


def test_the_preview_tells_what_is_refused_and_why(
    client: Client, operator: User, source: Source
) -> None:
    mine = make_release(owner=operator, source=source)
    given, busy = make_release(source=source), make_release(source=source)
    hidden = make_release(source=source)
    for release in (given, busy):
        grant(operator, "releases", "delete", release)
        grant(operator, "releases", "read", release)
    make_job(by=operator, subject=busy.subject)
    client.force_login(operator)

    chosen: Chosen = {"do": "trash", "release": keys(mine, given, busy, hidden)}
    page = client.get("/releases/bulk/", chosen)

    assert ready(page) == {given.name}
    assert refused(page) == {
        mine.name: "You may not do this to it.",
        busy.name: "A job is at work on it.",
    }
    assert hidden.name not in page.content.decode()
    assert not Release.objects.trashed().exists()


def test_only_what_one_may_is_done(client: Client, operator: User, source: Source) -> None:
    mine, given = make_release(owner=operator, source=source), make_release(source=source)
    hidden = make_release(source=source)
    grant(operator, "releases", "delete", given)
    grant(operator, "releases", "delete", hidden)
    grant(operator, "releases", "read", given)
    client.force_login(operator)

    chosen = {"do": "trash", "release": keys(mine, given, hidden)}
    page = client.post("/releases/bulk/", chosen, follow=True)

    assert [one["name"] for one in page.context["done"]] == [given.name]
    assert list(Release.objects.trashed()) == [given]


@pytest.mark.parametrize("deed", ["check", "pack", "trash"])
def test_what_is_foreseen_is_what_comes(operator: User, source: Source, deed: str) -> None:
    own = make_release(owner=operator, source=source, status="completed")
    draft = make_release(owner=operator, source=source)
    shared, writable, deletable = (make_release(source=source) for _ in range(3))
    for release in (shared, writable, deletable):
        grant(operator, "releases", "read", release)
    grant(operator, "releases", "write", writable)
    grant(operator, "releases", "delete", deletable)

    seen = Release.objects.visible_to(operator)
    foreseen = {
        one.release.pk: bool(one.refusal) for one in actions.prospects(deed, seen, by=operator)
    }
    job = actions.request_bulk(deed, keys(own, draft, shared, writable, deletable), by=operator)

    assert {one["id"]: bool(one["refusal"]) for one in job.result["items"]} == foreseen


def test_permitted_says_of_many_what_holds_says_of_each(operator: User, source: Source) -> None:
    rows = [
        make_release(owner=operator, source=source),
        *(make_release(source=source) for _ in "ab"),
    ]
    grant(operator, "releases", "delete", rows[1])

    for user in (operator, make_admin()):
        for name, deed in actions.DEEDS.items():
            if name == "check":
                continue
            expected = {row.pk for row in rows if holds(user, "releases", deed.permission, row)}
            assert bulk.permitted(rows, deed, user) == expected


def test_what_is_undone_is_as_it_was(client: Client, source: Source) -> None:
    admin = make_admin()
    releases = [make_release(owner=admin, source=source) for _ in range(3)]
    for release in releases:
        release.folder.mkdir(parents=True)
    client.force_login(admin)
    done = client.post("/releases/bulk/", {"do": "trash", "release": keys(*releases)})
    assert not Release.objects.standing().exists()

    page = client.post(f"{done.headers['Location']}undo/", follow=True)

    assert "3 releases are back" in page.content.decode()
    assert Release.objects.standing().count() == 3
    assert all(release.folder.is_dir() for release in Release.objects.all())


def test_a_check_cannot_be_taken_back(client: Client, source: Source) -> None:
    admin = make_admin()
    release = make_release(owner=admin, source=source, status="completed")
    job = actions.request_bulk("check", keys(release), by=admin)
    client.force_login(admin)

    page = client.post(f"/releases/bulk/{job.pk}/undo/", follow=True)

    assert b"There is nothing to take back." in page.content


def test_many_are_done_by_a_worker(client: Client, source: Source) -> None:
    admin = make_admin()
    releases = [make_release(owner=admin, source=source) for _ in range(25)]
    client.force_login(admin)

    page = client.post("/releases/bulk/", {"do": "trash", "release": keys(*releases)}, follow=True)
    job = Job.objects.get(work="bulk")
    assert job.status == Job.Status.PENDING
    assert b'id="job"' in page.content
    work.run(job.pk)

    assert Release.objects.trashed().count() == 25
    assert (
        "25 releases are in the trash" in client.get(f"/releases/bulk/{job.pk}/").content.decode()
    )


def test_a_worker_that_died_ends_what_was_begun(source: Source) -> None:
    admin = make_admin()
    releases = [make_release(owner=admin, source=source) for _ in range(25)]
    job = actions.request_bulk("trash", keys(*releases), by=admin)
    actions.trash_release(releases[0], by=admin)

    work.run(job.pk)

    job.refresh_from_db()
    assert all(not one["refusal"] for one in job.result["items"])
    assert Release.objects.trashed().count() == 25


def test_what_was_done_before_it_was_cancelled_can_be_taken_back(
    client: Client, source: Source
) -> None:
    def cancel(_stage: str, done: int, _total: int) -> None:
        if done == 3:
            raise Cancelled

    admin = make_admin()
    releases = [make_release(owner=admin, source=source) for _ in range(25)]
    job = actions.request_bulk("trash", keys(*releases), by=admin)
    work.run(job.pk, cancel)
    client.force_login(admin)

    page = client.get(f"/releases/bulk/{job.pk}/").content.decode()
    assert "3 releases are in the trash" in page
    client.post(f"/releases/bulk/{job.pk}/undo/")

    assert not Release.objects.trashed().exists()


def test_all_of_a_list_are_those_of_its_filter(client: Client, source: Source) -> None:
    admin = make_admin()
    shows = [make_release(owner=admin, source=source, type="TV") for _ in range(3)]
    make_release(owner=admin, source=source)
    client.force_login(admin)

    page = client.get("/releases/bulk/", {"do": "trash", "all": "1", "query": "type=TV"})

    assert ready(page) == {release.name for release in shows}


def test_too_many_are_refused(
    client: Client, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin = make_admin()
    for _ in range(3):
        make_release(owner=admin, source=source)
    monkeypatch.setattr("releases.bulk_views.MOST", 2)
    client.force_login(admin)

    page = client.get("/releases/bulk/", {"do": "trash", "all": "1"}, follow=True)

    assert b"At most 2 releases are chosen at once" in page.content


def test_a_preview_is_confirmed_however_many_it_names(
    client: Client, source: Source, settings: Settings
) -> None:
    admin = make_admin()
    for _ in range(12):
        make_release(owner=admin, source=source)
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 10
    client.force_login(admin)

    page = client.get("/releases/bulk/", {"do": "trash", "all": "1"}).content.decode()
    form = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page))
    done = client.post("/releases/bulk/", form)

    assert done.status_code == 302
    assert Release.objects.trashed().count() == 12


@pytest.mark.parametrize("chosen", [{}, {"release": "x"}, {"release": "9" * 40}])
def test_nothing_chosen_is_said(client: Client, operator: User, chosen: dict[str, str]) -> None:
    client.force_login(operator)
    for do in ("trash", "restore", "export"):
        page = client.get("/releases/bulk/", {"do": do, **chosen}, follow=True)
        assert b"Choose a release first." in page.content


def test_an_unknown_deed_is_not_found(client: Client, operator: User) -> None:
    client.force_login(operator)

    assert client.get("/releases/bulk/?do=explode").status_code == 404


def test_a_preview_of_many_costs_no_more_queries(client: Client, source: Source) -> None:
    operator = make_operator()
    client.force_login(operator)

    def cost(count: int) -> int:
        made = [make_release(owner=operator, source=source) for _ in range(count)]
        with CaptureQueriesContext(connection) as queries:
            chosen: Chosen = {"do": "pack", "release": keys(*made)}
            client.get("/releases/bulk/", chosen)
        return len(queries)

    cost(1)
    assert cost(10) == cost(40) <= 10


def test_the_result_of_somebody_else_is_not_found(client: Client, source: Source) -> None:
    admin = make_admin()
    job = actions.request_bulk("trash", keys(make_release(source=source)), by=admin)
    client.force_login(make_operator())

    assert client.get(f"/releases/bulk/{job.pk}/").status_code == 404
    assert client.post(f"/releases/bulk/{job.pk}/undo/").status_code == 404


def test_the_trash_shows_what_one_may_see(client: Client, operator: User, source: Source) -> None:
    own, hidden = make_release(owner=operator, source=source), make_release(source=source)
    admin = make_admin()
    for release in (own, hidden):
        actions.trash_release(release, by=admin)
    client.force_login(operator)

    page = client.get("/releases/trash/").content.decode()

    assert own.name in page
    assert hidden.name not in page


def test_the_trash_is_emptied_after_a_second_step(client: Client, source: Source) -> None:
    admin = make_admin()
    release = make_release(owner=admin, source=source)
    actions.trash_release(release, by=admin)
    client.force_login(admin)

    page = client.get("/releases/bulk/", {"do": "delete", "all": "1"})
    assert "Nothing brings them back." in page.content.decode()
    assert Release.objects.exists()
    client.post("/releases/bulk/", {"do": "delete", "release": keys(release)})

    assert not Release.objects.exists()


def test_a_longer_trash_costs_no_more_queries(client: Client, source: Source) -> None:
    admin = make_admin()
    client.force_login(admin)

    def cost(count: int) -> int:
        for _ in range(count):
            actions.trash_release(make_release(owner=admin, source=source), by=admin)
        with CaptureQueriesContext(connection) as queries:
            client.get("/releases/trash/")
        return len(queries)

    cost(1)
    assert cost(9) == cost(15) <= 10


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_an_export_has_no_live_formula(client: Client, source: Source, cell: str) -> None:
    operator = make_operator()
    make_release(owner=operator, source=source, title=cell, name=f"{cell.strip()}-GRP")
    make_release(source=source, name="Hidden-GRP")
    client.force_login(operator)

    answer = client.get("/releases/bulk/?do=export&all=1")

    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))
    assert [row["title"] for row in rows] == [f"'{cell}"]
    assert not [one for row in rows for one in row.values() if one.startswith(tuple("=+-@\t\r"))]
    assert answer.headers["Content-Disposition"] == 'attachment; filename="releases.csv"'
