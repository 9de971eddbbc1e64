"""What lies in a release, and what was done to it, for programs."""

import hashlib
import shutil
import zlib
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import User
from accounts.permissions import grant
from releases.models import Artifact, Release
from tests.factories import make_admin, make_job, make_operator, make_release, make_user
from tests.releases.mending.making import make_episode, make_packed, mend

pytestmark = pytest.mark.django_db


@pytest.fixture
def release(operator: User) -> Release:
    return make_packed(operator)


def files(api: APIClient, release: Release, query: str = "") -> dict[str, Any]:
    body: dict[str, Any] = api.get(f"/api/releases/{release.pk}/files{query}").json()
    return body


def queries_of(api: APIClient, release: Release, part: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert api.get(f"/api/releases/{release.pk}/{part}").status_code == 200
    return len(queries)


def client_of(user: User) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


def test_the_files_are_those_on_the_disk_with_their_sums(api: APIClient, release: Release) -> None:
    body = files(api, release)

    listed = {entry["path"]: entry for entry in body["files"]}
    on_disk = {str(path.relative_to(release.into)): path for path in release.into.rglob("*")}
    assert set(listed) == {*on_disk}
    assert next(iter(listed)) == release.name
    for path, entry in listed.items():
        if entry["type"] == "directory":
            assert entry["size"] == sum(one.stat().st_size for one in on_disk[path].rglob("*"))
            continue
        data = on_disk[path].read_bytes()
        assert (entry["size"], entry["state"]) == (len(data), "intact")
        assert entry["crc32"].lower() == f"{zlib.crc32(data):08x}"
        assert entry["sha256"] in {None, hashlib.sha256(data).hexdigest()}
    assert any(entry["sha256"] for entry in listed.values())
    assert body["pagination"]["total"] == len(listed)


def test_folders_in_the_release_come_with_their_sizes(api: APIClient, operator: User) -> None:
    release = make_episode(operator)

    entries = {entry["path"]: entry for entry in files(api, release)["files"]}

    assert entries[f"{release}/Sample"]["type"] == "directory"
    assert 0 < entries[f"{release}/Sample"]["size"] < entries[f"{release}"]["size"]


def test_what_was_kept_is_in_no_listing(api: APIClient, operator: User, release: Release) -> None:
    mend("repack", release, operator)

    assert (release.into / ".revisions").is_dir()
    assert not [one for one in files(api, release)["files"] if ".revisions" in one["path"]]


def test_what_became_of_files_is_seen(api: APIClient, release: Release) -> None:
    nfo, volume = next(release.folder.glob("*.nfo")), next(release.folder.glob("*.zip"))
    nfo.unlink()
    volume.write_bytes(b"other")

    states = {one["path"].rpartition("/")[2]: one["state"] for one in files(api, release)["files"]}

    assert (states[nfo.name], states[volume.name]) == ("missing", "changed")


def test_pages_put_together_are_the_whole(api: APIClient, release: Release) -> None:
    whole = files(api, release)["files"]

    pages = [
        files(api, release, f"?page={page}&per_page=2")["files"]
        for page in range(1, len(whole) // 2 + 3)
    ]

    assert [len(page) for page in pages[:-1]] == [2] * (len(whole) // 2) + [len(whole) % 2]
    assert [entry for page in pages for entry in page] == whole
    assert api.get(f"/api/releases/{release.pk}/files?per_page=1001").status_code == 400


def test_a_folder_that_is_gone_is_a_conflict(api: APIClient, release: Release) -> None:
    shutil.rmtree(release.folder)

    answer = api.get(f"/api/releases/{release.pk}/files")

    assert (answer.status_code, answer.json()["error"]) == (409, "Conflict")


def test_what_is_not_packed_has_no_files(api: APIClient, operator: User) -> None:
    assert files(api, make_release(owner=operator))["files"] == []


def test_the_jobs_are_those_one_asked_for(api: APIClient, operator: User, release: Release) -> None:
    other = make_job(subject=release.subject)
    make_job(by=operator, subject="release:999")
    own = release.jobs().get(by=operator)

    body = api.get(f"/api/releases/{release.pk}/jobs").json()
    all_of_them = client_of(make_admin()).get(f"/api/releases/{release.pk}/jobs").json()

    (listed,) = body["jobs"]
    assert (listed["id"], listed["status"], listed["kind"]) == (own.pk, "completed", "pack")
    assert body["pagination"]["total"] == 1
    assert [job["id"] for job in all_of_them["jobs"]] == [other.pk, own.pk]


@pytest.mark.parametrize("part", ["files", "jobs", "revisions"])
def test_who_may_not_see_a_release_sees_nothing_of_it(release: Release, part: str) -> None:
    mate, reader = make_operator(), make_user()
    release.group.members.add(mate)
    grant(reader, "releases", "read", release)

    def status(user: User) -> int:
        return client_of(user).get(f"/api/releases/{release.pk}/{part}").status_code

    assert (status(mate), status(reader), status(make_admin())) == (200, 200, 200)
    assert (status(make_operator()), status(make_user())) == (404, 404)
    release.created_by.groups.clear()
    assert status(User.objects.get(pk=release.created_by_id)) == 404
    Release.objects.update(trashed_at=timezone.now())
    assert status(mate) == 404


@pytest.mark.parametrize("part", ["files", "jobs", "revisions"])
def test_longer_lists_cost_no_more_queries(
    api: APIClient, operator: User, release: Release, part: str
) -> None:
    mend("repack", release, operator)
    one = queries_of(api, release, part)
    for number in range(4):
        mend("repack", release, operator)
        Artifact.objects.create(release=release, path=f"{release}/{number}/x", kind="x", size=1)
        make_job(by=make_user(), subject=release.subject).cancel()

    assert queries_of(api, release, part) == one <= 10


def test_a_revision_whose_account_is_gone_stays(
    api: APIClient, operator: User, release: Release
) -> None:
    mend("nfofix", release, operator, text="Some Book\n2026-01-02 Ann Author 2020 English RETAiL\n")
    release.revisions.update(by=None)

    (revision,) = api.get(f"/api/releases/{release.pk}/revisions").json()["revisions"]

    assert revision["user"] is None
    assert revision["undoes"] is None
