import hashlib
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied
from pytest_django import Settings

from accounts.models import ReleaseGroup, User
from jobs.models import Job
from jobs.queue import record
from packer_site import work
from releases import actions, packing
from releases.models import Release
from rules.models import Rule
from tests.books import make_video
from tests.factories import (
    METADATA,
    make_book,
    make_new,
    make_operator,
    make_release,
    make_source,
    make_user,
)
from tests.packing.videos import make_film

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded")]


@pytest.fixture
def operator(seeded: None) -> User:
    return make_operator()


def packed(release: Release, operator: User) -> Job:
    job = actions.request_packing(release, by=operator)
    work.run(job.pk)
    job.refresh_from_db()
    release.refresh_from_db()
    return job


def test_create_release_keeps_all_that_makes_it_again(operator: User) -> None:
    new = make_new(owner=operator)

    release = actions.create_release(new, by=operator)

    assert release.name == "Ann.Author.Some.Book.2020.RETAiL.ePUB.eBook-GRP"
    assert release.format == "ZIP"
    assert release.volume_bytes == 5_000_000
    assert release.rights == "own_work"
    assert "Ann Author" in release.nfo
    assert release.volume_base.startswith("grp")


def test_the_first_to_name_a_group_is_its_member(operator: User) -> None:
    actions.create_release(make_new(owner=operator), by=operator)
    other = make_operator()
    another = METADATA | {"title": "Another"}
    actions.create_release(make_new(owner=other, metadata=another), by=other)

    assert list(ReleaseGroup.objects.get().members.all()) == [operator]


def test_create_release_asks_for_the_permission() -> None:
    owner = make_user()

    with pytest.raises(PermissionDenied, match="WRITE permission on releases"):
        actions.create_release(make_new(owner=owner), by=owner)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"metadata": METADATA | {"title": ""}}, "needs: title"),
        ({"metadata": METADATA | {"language": ""}}, "language"),
        ({"volume_bytes": 7}, "not allowed"),
        ({"name": "No.Such.Form-GRP"}, "not formed"),
        ({"template_text": "{{ nonsense }}"}, "nonsense"),
        ({"template_text": "x" * 81}, "81 columns"),
    ],
)
def test_what_breaks_the_rule_is_refused_and_nothing_made(
    operator: User, fields: dict[str, object], said: str
) -> None:
    with pytest.raises(actions.Refused, match=said):
        actions.create_release(make_new(owner=operator, **fields), by=operator)

    assert not Release.objects.exists()


def test_a_name_taken_by_a_row_or_a_folder_is_refused(operator: User, settings: Settings) -> None:
    new = make_new(owner=operator)
    (settings.RELEASES_DIR / new.release_name()).mkdir(parents=True)

    with pytest.raises(actions.Refused, match="exists already"):
        actions.create_release(new, by=operator)


def test_an_own_try_that_was_never_packed_is_replaced(operator: User) -> None:
    first = actions.create_release(make_new(owner=operator), by=operator)

    second = actions.create_release(make_new(owner=operator), by=operator)

    assert second.pk != first.pk
    assert Release.objects.count() == 1


def test_a_try_that_is_being_packed_is_not_replaced(operator: User) -> None:
    first = actions.create_release(make_new(owner=operator), by=operator)
    actions.request_packing(first, by=operator)

    with pytest.raises(actions.Refused, match="exists already"):
        actions.create_release(make_new(owner=operator), by=operator)


def test_request_packing_refuses_a_release_already_waiting(operator: User) -> None:
    release = make_release(owner=operator)
    actions.request_packing(release, by=operator)

    with pytest.raises(actions.Refused, match="being packed"):
        actions.request_packing(release, by=operator)


def test_request_packing_is_not_for_others(operator: User) -> None:
    with pytest.raises(PermissionDenied):
        actions.request_packing(make_release(), by=operator)


def test_packing_records_every_file_as_it_is_on_disk(operator: User) -> None:
    release = actions.create_release(make_new(owner=operator), by=operator)

    job = packed(release, operator)

    assert job.status == Job.Status.COMPLETED
    assert release.status == Release.Status.COMPLETED
    on_disk = {path.relative_to(release.into) for path in release.into.rglob("*") if path.is_file()}
    assert {Path(artifact.path) for artifact in release.artifacts.all()} == on_disk
    assert release.size == sum((release.into / path).stat().st_size for path in on_disk)


def make_episode(owner: User, length_s: int) -> Release:
    """Return the release, not packed yet, of a video of `length_s`."""
    source = make_source(owner=owner)
    source.analysis |= {"format": "mkv"}
    source.save()
    source.path.unlink()
    make_film(source.path.with_suffix(".mkv"), length_s).rename(source.path)
    name = "Some.Show.S01E02.WEB.H264-GRP"
    tv = {"type": "TV", "format": "RAR", "volume_base": name.lower(), "volume_bytes": 50_000_000}
    rule = Rule.objects.get(name="2020_WDX")
    return make_release(owner=owner, source=source, name=name, rule=rule, **tv)


def test_an_episode_is_packed_with_its_sample(operator: User) -> None:
    release = make_episode(operator, 71)

    job = packed(release, operator)

    sample = release.artifacts.get(kind="sample")
    assert sample.path == f"{release}/Sample/some.show.s01e02.web.h264-grp-sample.mkv"
    assert release.into.joinpath(sample.path).stat().st_size == sample.size
    assert not job.lines.filter(level="WARNING")


def test_an_episode_too_short_for_a_sample_is_packed_and_the_job_says_so(operator: User) -> None:
    job = packed(make_episode(operator, 2), operator)

    assert job.status == Job.Status.COMPLETED
    (line,) = job.lines.filter(level="WARNING")
    assert line.message == "No sample: the video is shorter than 70 s"


def test_a_job_that_died_after_publishing_takes_over_what_it_made(operator: User) -> None:
    release = actions.create_release(make_new(owner=operator), by=operator)
    release.into.mkdir(parents=True)
    packing.pack(release.plan(), release.into)
    job = record("pack", by=operator, subject=release.subject, release_id=release.pk)
    Job.objects.filter(pk=job.pk).update(attempts=1)

    work.run(job.pk)

    release.refresh_from_db()
    assert release.status == Release.Status.COMPLETED
    assert release.artifacts.count() == 5


def test_a_folder_of_that_name_made_meanwhile_fails_the_job_and_is_left(operator: User) -> None:
    release = actions.create_release(make_new(owner=operator), by=operator)
    release.folder.mkdir(parents=True)
    (release.folder / "precious").touch()

    job = packed(release, operator)

    assert job.status == Job.Status.FAILED
    assert "exists already" in job.error
    assert [path.name for path in release.folder.iterdir()] == ["precious"]
    assert release.status == Release.Status.FAILED


def test_a_source_gone_meanwhile_fails_the_job_with_its_name(operator: User) -> None:
    release = actions.create_release(make_new(owner=operator), by=operator)
    release.source.path.unlink()

    job = packed(release, operator)

    assert job.status == Job.Status.FAILED
    assert "Traceback" not in job.error
    assert str(release.source.handle) in job.error


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of one mebibyte; mounting takes an administrator, as in CI."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("only an administrator can mount a small file system")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_fails_the_job_with_need_and_have_and_works_once_there_is_room(
    operator: User, small_disk: Path
) -> None:
    source = make_source(owner=operator, size_bytes=900_000)
    new = make_new(owner=operator, source=source, root=str(small_disk))
    (small_disk / "ballast").write_bytes(bytes(500_000))
    release = actions.create_release(new, by=operator)

    full = packed(release, operator)
    left = [path.name for path in small_disk.iterdir()]
    (small_disk / "ballast").unlink()
    roomy = packed(release, operator)

    assert full.status == Job.Status.FAILED
    assert "No space left" in full.error
    assert left == ["ballast"]
    assert roomy.status == Job.Status.COMPLETED


def test_cancelling_a_pack_leaves_nothing_and_it_can_be_packed_again(operator: User) -> None:
    release = actions.create_release(make_new(owner=operator), by=operator)
    job = actions.request_packing(release, by=operator)
    Job.objects.filter(pk=job.pk).update(cancel_requested=True)

    work.run(job.pk)
    job.refresh_from_db()

    assert job.status == Job.Status.CANCELLED
    assert not release.folder.exists()
    assert packed(release, operator).status == Job.Status.COMPLETED


def test_register_source_refuses_what_is_no_file(operator: User, tmp_path: Path) -> None:
    with pytest.raises(actions.Refused, match="is not a file"):
        actions.register_source(tmp_path, by=operator)


def test_a_file_gone_before_its_analysis_fails_the_job_with_a_sentence(operator: User) -> None:
    source = make_source(owner=operator)
    job = actions.request_analysis(source, by=operator)
    source.path.unlink()

    work.run(job.pk)

    job.refresh_from_db()
    assert job.status == Job.Status.FAILED
    assert str(source.handle) in job.error
    assert "Traceback" not in job.error


def test_a_folder_that_cannot_be_made_fails_the_job_with_its_name(
    operator: User, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    new = make_new(owner=operator, root=str(tmp_path / "file" / "below"))
    release = actions.create_release(new, by=operator)

    job = packed(release, operator)

    assert job.status == Job.Status.FAILED
    assert "below cannot be made" in job.error


def test_register_source_leaves_the_file_where_it_is(operator: User, tmp_path: Path) -> None:
    book = make_book(tmp_path)

    source = actions.register_source(book, by=operator)
    actions.discard_source(source)

    assert source.path == book
    assert book.exists()


def test_a_source_of_this_machine_is_summed_once_a_template_asks(
    operator: User, tmp_path: Path
) -> None:
    book = make_book(tmp_path)
    source = actions.register_source(book, by=operator)
    new = make_new(owner=operator, source=source, template_text="{{ title }}")

    actions.rendered_nfo(new)
    assert source.sha256 == ""

    nfo = actions.rendered_nfo(replace(new, template_text="{{ sha256 }}"))
    source.refresh_from_db()
    assert nfo == source.sha256 == hashlib.sha256(book.read_bytes()).hexdigest()


def test_a_release_by_a_rule_that_allows_it_is_packed_as_rar_5(
    operator: User, tmp_path: Path
) -> None:
    rule = Rule.objects.get(name="2020_WDX")
    rule.spec_data |= {"rar_versions": [4, 5]}
    video = make_video(tmp_path / "Some.Show.S01E02.720p.WEB.H264-GRP.mkv")
    source = actions.register_source(video, by=operator)
    fields = {"rule": rule, "source": source, "metadata": source.proposed(), "rar_version": 5}

    release = actions.create_release(make_new(owner=operator, type="TV", **fields), by=operator)

    assert packed(release, operator).status == Job.Status.COMPLETED
    assert [path.name for path in release.folder.glob("*.rar")] == [
        f"{release.name.lower()}.part01.rar"
    ]


def test_volume_bases_differ_in_a_groups_year(operator: User) -> None:
    bases = {
        actions.create_release(
            make_new(owner=operator, metadata=METADATA | {"title": f"Book {number}"}), by=operator
        ).volume_base
        for number in range(20)
    }

    assert len(bases) == 20


def test_a_request_for_analysis_already_running_returns_that_job(operator: User) -> None:
    source = make_source(owner=operator)

    first = actions.request_analysis(source, by=operator)

    assert actions.request_analysis(source, by=operator) == first


def test_nothing_of_a_release_is_seen_before_it_is_whole(
    operator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = actions.create_release(make_new(owner=operator), by=operator)
    seen: list[list[str]] = []

    def look(lease: object, stage: str, done: int, total: int) -> None:
        seen.append([path.name for path in release.into.iterdir() if path.name[0] != "."])

    monkeypatch.setattr("jobs.lease.Lease.progress", look)
    packed(release, operator)

    assert len(seen) > 4
    assert all(visible == [] for visible in seen)
    shutil.rmtree(release.into)


def test_a_right_lost_while_waiting_fails_the_job(operator: User) -> None:
    release = actions.create_release(make_new(owner=operator), by=operator)
    job = actions.request_packing(release, by=operator)
    operator.groups.clear()

    work.run(job.pk)

    job.refresh_from_db()
    assert job.status == Job.Status.FAILED
    assert "WRITE" in job.error
    assert not release.folder.exists()


def test_the_admin_role_sees_and_packs_what_others_made() -> None:
    admin, release = make_user(role="Admin"), make_release()

    assert list(Release.objects.visible_to(admin)) == [release]
    assert actions.request_packing(release, by=admin).status == Job.Status.PENDING
