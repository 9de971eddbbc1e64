"""Files in an S3-compatible store: several machines, each with disks of its own."""

import os
import shutil
import time
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import httpx
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image
from pytest_django import Settings
from rest_framework.test import APIClient

from accounts.models import User
from delivery.models import Destination
from jobs.models import Job
from monitoring.readiness import State
from monitoring.readiness import store as asked_store
from packer_site.work import run
from releases import actions, copies, old_copies
from releases.actions import mending
from releases.actions.delivering import request_delivery
from releases.actions.sources import discard_source
from releases.bucket import StoreAway
from releases.models import Release, Source
from releases.old_copies import DAY_S, LOOKED, sweep_copies
from releases.packing import verify
from tests.books import make_epub
from tests.factories import make_admin, make_book, make_release, make_source
from tests.instance import PASSWORD, Instance, own_database, wait_for_job
from tests.store import NAME


@pytest.fixture
def machine(settings: Settings, tmp_path: Path) -> Callable[[str], Path]:
    """Return what has all that follows happen on the machine called so."""

    def on(name: str) -> Path:
        settings.UPLOADS_DIR = tmp_path / name / "uploads"
        settings.RELEASES_DIR = tmp_path / name / "releases"
        settings.COVERS_DIR = tmp_path / name / "covers"
        settings.UPLOADS_DIR.mkdir(parents=True, exist_ok=True)
        return tmp_path / name

    on("a")
    return on


@pytest.fixture
def admin(seeded: None) -> User:
    return make_admin()


@pytest.fixture
def release(shared: Any, machine: Any, admin: User) -> Release:
    """Return a release whose file came to machine A."""
    source = make_source(owner=admin)
    copies.store_source(source)
    return make_release(owner=admin, source=source)


def done(job: Job) -> Job:
    run(job.pk)
    job.refresh_from_db()
    return job


def packed(release: Release, by: User) -> Release:
    job = done(actions.request_packing(release, by=by))
    assert (job.status, job.error) == ("completed", "")
    release.refresh_from_db()
    return release


def keys(store: Any) -> set[str]:
    return {one.key for one in store.objects.all()}


def contents(release: Release) -> dict[str, bytes]:
    return {one.path: one.file.read_bytes() for one in release.artifacts.all()}


def upload(api: APIClient) -> Any:
    book = make_book()
    sent = SimpleUploadedFile(book.name, book.read_bytes())
    return api.post("/api/wizard/upload", {"file": sent})


@pytest.mark.django_db
def test_what_is_packed_on_one_machine_is_whole_on_another(
    release: Release, admin: User, shared: Any, machine: Any
) -> None:
    here = contents(packed(release, admin))
    assert keys(shared) == {
        f"sources/{release.source.handle}",
        *(f"{release.package_key}/{path}" for path in here),
    }

    machine("b")
    assert not release.folder.exists()
    copies.have_package(release)

    assert contents(release) == here
    assert verify(release.folder).faults == ()
    assert copies.is_here(release)


@pytest.mark.django_db
def test_a_release_is_packed_where_its_file_did_not_come(
    release: Release, admin: User, machine: Any
) -> None:
    machine("b")

    assert verify(packed(release, admin).folder).faults == ()
    assert release.source.is_as_registered()


@pytest.mark.django_db
def test_another_machine_checks_mends_delivers_and_shows(
    release: Release, admin: User, machine: Any, settings: Settings, tmp_path: Path
) -> None:
    first = packed(release, admin).package_key
    machine("b")
    job = done(actions.request_check(release, by=admin))
    assert job.status == "completed", job.error

    machine("c")
    job = done(mending.apply("repack", release, by=admin, options={"volume_bytes": 10_000_000}))
    assert job.status == "completed", job.error
    release.refresh_from_db()
    assert release.package_key != first
    assert release.volume_bytes == 10_000_000

    machine("b")  # which has the first package
    settings.DELIVERY_ROOTS = [tmp_path / "delivered"]
    place = Destination.objects.create(name="place", type="LOCAL", user=None)
    job = done(request_delivery(release, place, by=admin))
    assert job.status == "completed", job.error
    delivered = next((tmp_path / "delivered").rglob(release.name))
    assert verify(delivered).faults == ()
    assert {path.name for path in delivered.iterdir()} == {
        path.name for path in release.folder.iterdir()
    }


@pytest.mark.django_db
def test_what_was_mended_is_taken_back_where_it_was_mended(
    release: Release, admin: User, machine: Any
) -> None:
    before = contents(packed(release, admin))
    first = release.package_key
    done(mending.apply("repack", release, by=admin, options={"volume_bytes": 10_000_000}))

    job = done(mending.undo_revision(release, by=admin))

    assert job.status == "completed", job.error
    release.refresh_from_db()
    assert release.package_key == first
    assert contents(release) == before
    machine("b")
    copies.have_package(release)
    assert contents(release) == before


@pytest.mark.django_db
def test_a_change_whose_machine_died_is_had_from_the_store(
    release: Release, admin: User, machine: Any
) -> None:
    packed(release, admin)
    done(mending.apply("repack", release, by=admin, options={"volume_bytes": 10_000_000}))
    machine("a, restored")
    shutil.rmtree(release.revisions.get().kept)
    release.revisions.update(is_done=False)  # as it stands right after it was recorded

    assert mending.finish_all() == 1

    release.refresh_from_db()
    copies.have_package(release)
    assert verify(release.folder).faults == ()
    assert not Path(release.revisions.get().kept).exists()


@pytest.mark.django_db
def test_what_a_change_is_to_keep_is_not_overwritten_by_what_is_read(
    release: Release, admin: User, machine: Any
) -> None:
    first = packed(release, admin).package_key
    before = contents(release)
    done(mending.apply("repack", release, by=admin, options={"volume_bytes": 10_000_000}))
    release.refresh_from_db()
    release.revisions.update(is_done=False)  # as it stands right after it was recorded
    copies.mark(release, first)
    there = contents(release)

    with pytest.raises(StoreAway, match="just being put in its place"):
        copies.have_package(release)

    assert contents(release) == there
    assert mending.finish_all() == 1
    copies.have_package(release)
    job = done(mending.undo_revision(release, by=admin))
    assert (job.status, job.error) == ("completed", "")
    assert contents(release) == before


@pytest.mark.django_db
def test_half_of_what_was_fetched_is_not_put_in_place(release: Release, admin: User) -> None:
    before = contents(packed(release, admin))
    whole = release.into / ".fetching-0" / release.name
    shutil.copytree(release.folder, whole)
    next(whole.iterdir()).unlink()

    with pytest.raises(StoreAway, match="just being put in its place"):
        copies.put_in_place(release, list(release.artifacts.all()), whole.parent)

    assert contents(release) == before


@pytest.mark.django_db
def test_what_is_packed_anew_has_a_key_of_its_own(
    release: Release, admin: User, away: Callable[..., None]
) -> None:
    away(is_away=True)
    done(actions.request_packing(release, by=admin))
    first = copies.marked_key(release)
    shutil.rmtree(release.folder)
    for beside in release.into.glob(f"{release.name}.*"):
        beside.unlink()
    away(is_away=False)

    assert first
    assert packed(release, admin).package_key != first


@pytest.mark.django_db
def test_a_store_that_is_away_fails_the_job_with_a_reason_and_the_next_goes_on(
    release: Release, admin: User, away: Callable[..., None], shared: Any
) -> None:
    away(is_away=True)
    job = done(actions.request_packing(release, by=admin))

    assert job.status == "failed"
    assert "store of files does not answer" in job.error
    assert "secret" not in job.error
    release.refresh_from_db()
    assert (release.status, release.package_key) == ("failed", "")

    away(is_away=False)
    made_at = release.folder.stat().st_ino
    packed(release, admin)

    assert release.folder.stat().st_ino == made_at  # what was packed is not packed again
    assert keys(shared) >= {f"{release.package_key}/{path}" for path in contents(release)}


@pytest.mark.django_db
def test_what_was_edited_since_it_was_packed_is_packed_anew(
    release: Release, admin: User, away: Callable[..., None], shared: Any
) -> None:
    away(is_away=True)
    done(actions.request_packing(release, by=admin))
    away(is_away=False)
    Release.objects.filter(pk=release.pk).update(nfo="Another NFO\n")
    release.refresh_from_db()

    packed(release, admin)

    assert release.artifacts.get(kind="nfo").file.read_bytes() == b"Another NFO\r\n"
    assert len({key.split("/")[2] for key in keys(shared) if key.startswith("packages/")}) == 1


@pytest.mark.django_db
def test_a_change_that_fails_leaves_nothing_in_the_store(
    release: Release, admin: User, shared: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    packed(release, admin)
    before = keys(shared)
    job = mending.apply("repack", release, by=admin, options={"volume_bytes": 10_000_000})

    def is_edited_meanwhile(*_given: object, **_named: object) -> str:
        Release.objects.filter(pk=release.pk).update(title="Another")
        return ""

    monkeypatch.setattr("releases.actions.mending.doing.inode_of", is_edited_meanwhile)

    assert "changed meanwhile" in done(job).error
    assert keys(shared) == before


@pytest.mark.django_db
def test_a_damaged_object_is_no_package(
    release: Release, admin: User, shared: Any, machine: Any
) -> None:
    packed(release, admin)
    one = release.artifacts.order_by("-size")[0]
    damaged = b"x" * one.size
    shared.Object(f"{release.package_key}/{one.path}").put(Body=damaged)
    machine("b")

    with pytest.raises(StoreAway, match="does not hold"):
        copies.have_package(release)

    assert not release.folder.exists()
    assert not copies.is_here(release)


@pytest.mark.django_db
def test_a_file_is_in_the_store_before_its_row_and_none_stays_where_it_cannot_be(
    admin: User, shared: Any, machine: Any, away: Callable[..., None], settings: Settings
) -> None:
    api = APIClient(raise_request_exception=False)
    api.force_authenticate(admin)
    away(is_away=True)
    refused = upload(api)

    assert refused.status_code == 503
    assert "Nothing is lost" in refused.json()["message"]
    assert not Source.objects.exists()

    away(is_away=False)
    assert upload(api).status_code in {200, 201}
    assert keys(shared) == {f"sources/{Source.objects.get().handle}"}


@pytest.mark.django_db
def test_what_is_forgotten_goes_from_the_store(
    release: Release, admin: User, shared: Any, settings: Settings
) -> None:
    packed(release, admin)
    done(mending.apply("repack", release, by=admin, options={"volume_bytes": 10_000_000}))
    release.refresh_from_db()

    actions.trash_release(release, by=admin)
    actions.forget_release(release, by=admin)

    assert keys(shared) == set()
    assert list((settings.RELEASES_DIR / copies.MARKS).iterdir()) == []


@pytest.mark.django_db
def test_a_package_that_no_revision_keeps_goes_from_the_store(
    release: Release, admin: User, shared: Any, settings: Settings
) -> None:
    settings.REVISIONS_KEPT = 1
    packed(release, admin)
    for size in (10_000_000, 50_000_000):
        job = done(mending.apply("repack", release, by=admin, options={"volume_bytes": size}))
        assert job.status == "completed", job.error
        release.refresh_from_db()

    assert len({key.split("/")[2] for key in keys(shared) if key.startswith("packages/")}) == 2


@pytest.mark.django_db
def test_without_a_store_nothing_is_asked_or_marked(
    seeded: None, machine: Any, django_assert_num_queries: Any
) -> None:
    owner = make_admin()
    release = packed(make_release(owner=owner), owner)

    with django_assert_num_queries(0):
        copies.have_package(release)
    assert release.package_key == ""
    assert not (release.into / copies.MARKS).exists()


@pytest.mark.django_db
def test_a_page_says_that_the_store_is_away(
    release: Release, admin: User, machine: Any, away: Callable[..., None], client: Client
) -> None:
    packed(release, admin)
    machine("b")
    away(is_away=True)
    client.force_login(admin)
    nfo = release.artifacts.get(kind="nfo")

    for page in (f"/releases/{release.pk}/download/", f"/releases/{release.pk}/files/{nfo.pk}/"):
        answer = client.get(page, follow=True)
        assert "store of files does not answer" in answer.content.decode()


@pytest.mark.django_db
def test_pages_that_need_the_store_are_answered_503_while_it_is_away(
    release: Release, admin: User, machine: Any, away: Callable[..., None], client: Client
) -> None:
    packed(release, admin)
    machine("b")
    away(is_away=True)
    client.force_login(admin)
    client.raise_request_exception = False

    answer = client.get(f"/releases/{release.pk}/actions/repack/")

    assert answer.status_code == 503
    assert answer["Retry-After"]
    assert "store of files does not answer" in answer.content.decode()
    away(is_away=False)
    assert client.get(f"/releases/{release.pk}/actions/repack/").status_code == 200


@pytest.mark.django_db
def test_a_cover_is_shown_where_its_file_was_not_analysed(
    release: Release, admin: User, machine: Any, away: Callable[..., None], client: Client
) -> None:
    source = release.source
    picture = BytesIO()
    Image.new("RGB", (960, 1440), "red").save(picture, "PNG")
    make_epub(source.path, entries={"OEBPS/cover.png": picture.getvalue()})
    source.size, source.sha256 = source.path.stat().st_size, ""
    source.save()
    assert done(actions.request_analysis(source, by=admin)).status == "completed"
    here = source.cover_path.read_bytes()
    machine("b")
    client.force_login(admin)
    page = f"/releases/{release.pk}/"

    away(is_away=True)
    assert f"{page}cover" in client.get(page).content.decode()
    assert client.get(f"/releases/covers/{source.handle}/").status_code == 404
    away(is_away=False)
    assert client.get(f"/releases/covers/{source.handle}/").content == here


@pytest.mark.django_db
def test_a_cover_goes_from_the_store_with_its_file(admin: User, shared: Any, machine: Any) -> None:
    source = make_source(owner=admin)
    source.cover_path.parent.mkdir(parents=True, exist_ok=True)
    source.cover_path.write_bytes(b"cover")
    copies.store_source(source)
    copies.store_cover(source)
    assert len(keys(shared)) == 2

    discard_source(source)

    assert keys(shared) == set()


def unread(release: Release, days: int) -> None:
    """Have the copy of `release` here be one that nobody read for so many days."""
    then = time.time() - days * DAY_S
    os.utime(copies.mark_path(release), (then, then))


@pytest.mark.django_db
def test_copies_of_what_is_gone_or_replaced_are_removed_on_each_machine(
    release: Release, admin: User, machine: Any, settings: Settings
) -> None:
    packed(release, admin)
    machine("b")
    copies.have_package(release)
    copy, mine = release.folder, settings.RELEASES_DIR / "Mine-GRP"
    mine.mkdir()
    machine("c")
    copies.have_package(release)
    done(mending.apply("repack", release, by=admin, options={"volume_bytes": 10_000_000}))

    machine("b")
    assert sweep_copies() == 0  # somebody may still be reading it
    (settings.RELEASES_DIR / copies.MARKS / LOOKED).unlink()
    unread(release, 1)
    assert sweep_copies() == 1
    assert not copy.exists()

    release.refresh_from_db()
    copies.have_package(release)
    machine("a")
    actions.trash_release(release, by=admin)
    actions.forget_release(release, by=admin)
    machine("b")
    (settings.RELEASES_DIR / copies.MARKS / LOOKED).unlink()
    assert sweep_copies() == 1
    assert {path.name for path in settings.RELEASES_DIR.iterdir()} == {copies.MARKS, mine.name}


@pytest.mark.django_db
def test_a_copy_that_nobody_reads_goes_where_the_store_has_it_all(
    release: Release, admin: User, shared: Any, settings: Settings
) -> None:
    packed(release, admin)
    looked = settings.RELEASES_DIR / copies.MARKS / LOOKED
    unread(release, 8)
    assert sweep_copies() == 0  # nobody asked for that
    settings.COPIES_DAYS = 7
    one = shared.Object(f"{release.package_key}/{release.artifacts.all()[0].path}")
    body = one.get()["Body"].read()
    one.put(Body=b"short")
    looked.unlink()
    assert sweep_copies() == 0
    one.put(Body=body)
    copies.have_package(release)
    looked.unlink()
    assert sweep_copies() == 0  # it was read just now
    unread(release, 8)
    looked.unlink()

    assert sweep_copies() == 1

    assert not release.folder.exists()
    copies.have_package(release)
    assert verify(release.folder).faults == ()


@pytest.mark.django_db
def test_many_copies_are_looked_at_in_turns(
    shared: Any,
    machine: Any,
    admin: User,
    monkeypatch: pytest.MonkeyPatch,
    django_assert_num_queries: Any,
) -> None:
    monkeypatch.setattr(old_copies, "MARKS_AT_ONCE", 3)
    made = [make_release(owner=admin, status="completed", package_key="k") for _ in range(3)]
    for one in made:
        one.folder.mkdir(parents=True)
        copies.mark(one, "k")
    copies.mark(Release(pk=made[-1].pk + 99, name="Gone-GRP"), "k")

    with django_assert_num_queries(2):
        assert sweep_copies() == 0
    assert sweep_copies() == 1

    assert {copies.marked_key(one) for one in made} == {"k"}
    assert sweep_copies() == 0


@pytest.mark.django_db
def test_a_look_tells_whether_the_store_answers(
    shared: Any, away: Callable[..., None], machine: Any
) -> None:
    assert asked_store().state is State.OK
    away(is_away=True)

    assert asked_store().state is State.DEGRADED


# Real machines


@pytest.mark.slow
def test_two_instances_share_releases_by_the_store(store: Any, server: str, tmp_path: Path) -> None:
    environment = {
        "S3_BUCKET": NAME,
        "S3_ENDPOINT_URL": server,
        "S3_REGION": "us-east-1",
        "S3_ACCESS_KEY": "key",
        "S3_SECRET_KEY": "a secret of the store",
    }
    folders = [tmp_path / name for name in "ab"]
    for folder in folders:
        folder.mkdir()
    with own_database() as found:
        url = found or f"sqlite:///{tmp_path / 'shared.db'}"
        first, second = (Instance(folder, url, **environment) for folder in folders)
        try:
            release = made_through(first.start().api(), make_book(tmp_path))
            first.stop()
            api = second.start().api()
            assert verify(downloaded(second, release, tmp_path / "got")).faults == ()
            assert asked(api, f"/releases/{release}/conformity", {})["status"] == "completed"
            mended = asked(
                api, f"/releases/{release}/nfofix", {"options": {"text": "Another NFO\n"}}
            )
            assert mended["status"] == "completed", mended
        finally:
            for instance in (first, second):
                if instance.process and instance.process.poll() is None:
                    instance.kill()


def made_through(api: httpx.Client, book: Path) -> int:
    """Send a file, have it packed, and return the number of the release."""
    sent = api.post("/wizard/upload", files={"file": (book.name, book.read_bytes())}).json()
    answers = {
        1: {"group": "GRP", "release_type": "EBOOK"},
        3: {},
        4: {"file_path": sent["file_path"], "rights": "own_work"},
        6: {"metadata": {"title": "Some Book"}},
    }
    draft: dict[str, Any] = {}
    for step, data in answers.items():
        answer = api.post(f"/wizard/step/{step}/save", json={"data": data, **draft})
        assert answer.status_code == 200, answer.text
        draft = {"job_id": answer.json()["job_id"]}
    begun = api.post("/wizard/pack", json=draft)
    assert begun.status_code == 200, begun.text
    ended = wait_for_job(api, begun.json()["job_id"])
    assert ended["status"] == "completed", ended
    return int(api.get("/releases").json()["releases"][0]["id"])


def asked(api: httpx.Client, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """Ask for a job, and return how it ended."""
    begun = api.post(path, json=body)
    assert begun.status_code < 300, begun.text
    return wait_for_job(api, begun.json()["job_id"])


def downloaded(instance: Instance, release: int, folder: Path) -> Path:
    """Download a release as a person does, and return its folder."""
    with httpx.Client(base_url=instance.url, follow_redirects=True) as browser:
        browser.get("/accounts/login/")
        token = browser.cookies["csrftoken"]
        who = {"username": "admin", "password": PASSWORD, "csrfmiddlewaretoken": token}
        assert browser.post("/accounts/login/", data=who).status_code == 200
        answer = browser.get(f"/releases/{release}/download/")
        assert answer.status_code == 200
    with ZipFile(BytesIO(answer.content)) as archive:
        archive.extractall(folder)
    return next(path for path in folder.iterdir() if path.is_dir())
