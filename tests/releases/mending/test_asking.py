"""Who may have what mended when, and what is kept of it."""

from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from accounts.models import Role, User
from accounts.permissions import grant
from jobs.actions import rerun_job
from jobs.models import Job
from releases import actions
from releases.actions import mending
from releases.models import Release, VolumeBase
from tests.factories import (
    make_admin,
    make_operator,
    make_release,
    make_source,
    make_template,
    make_user,
)
from tests.releases.mending.making import make_packed, mend, ran, row, tree, undo

pytestmark = pytest.mark.django_db
TEXT = {"text": "Some Book\n2026-01-02 Ann Author 2020 English RETAiL\n"}


@pytest.fixture
def operator(seeded: None) -> User:
    return make_operator()


@pytest.fixture
def release(operator: User) -> Release:
    return make_packed(operator)


def asked(release: Release, by: User) -> list[Any]:
    """Ask for everything as `by`; return what of it was refused."""
    doors = (
        lambda: mending.propose("repack", release, by=by),
        lambda: mending.apply("repack", release, by=by),
        lambda: mending.propose_undo(release, by=by),
        lambda: mending.undo_revision(release, by=by),
    )
    refused = []
    for door in doors:
        try:
            door()
        except PermissionDenied as error:
            refused.append(str(error))
        except actions.Refused:
            pass
    return refused


def test_only_who_may_change_a_release_can_have_it_mended(release: Release) -> None:
    reader, writer, moderator = make_user(), make_user(), make_user()
    grant(reader, "releases", "read", release)
    grant(writer, "releases", "write", release)
    grant(moderator, "releases", "mod", release)
    denied = ["You don't have MOD permission on releases"] * 4

    assert asked(release, make_user()) == denied
    assert asked(release, make_operator()) == denied
    assert asked(release, reader) == denied
    assert asked(release, writer) == denied
    assert asked(release, moderator) == []


def test_what_one_made_and_an_administrator_may(operator: User, release: Release) -> None:
    assert asked(release, operator) == []
    Job.objects.all().delete()
    assert asked(release, make_admin()) == []


def test_a_right_that_was_lost_meanwhile_is_missed_by_the_worker(
    operator: User, release: Release
) -> None:
    job = mending.apply("repack", release, by=operator)
    operator.groups.remove(Role.objects.get(name="Operator"))
    before = tree(release.into)

    assert "MOD permission" in ran(job).error
    assert tree(release.into) == before


def test_one_job_is_at_work_on_a_release(operator: User, release: Release) -> None:
    first = mending.apply("nfofix", release, by=operator, options=TEXT)

    with pytest.raises(actions.Refused, match="A job is at work"):
        mending.apply("repack", release, by=operator)
    with pytest.raises(actions.Refused, match="A job is at work"):
        mending.undo_revision(release, by=operator)

    assert ran(first).status == Job.Status.COMPLETED
    mending.apply("repack", release, by=operator)


def test_a_check_and_a_mending_wait_for_each_other(operator: User, release: Release) -> None:
    actions.request_check(release, by=operator)

    assert "A job is at work" in mending.propose("repack", release, by=operator).refusal


@pytest.mark.parametrize("status", [Release.Status.DRAFT, Release.Status.FAILED])
def test_what_is_not_packed_is_not_mended(operator: User, status: str) -> None:
    release = make_release(owner=operator, status=status)

    assert "pack it first" in mending.propose("repack", release, by=operator).refusal
    with pytest.raises(actions.Refused, match="pack it first"):
        mending.apply("repack", release, by=operator)


def test_what_lies_in_the_trash_is_not_mended(operator: User, release: Release) -> None:
    release.trashed_at = timezone.now()
    release.save()

    assert "in the trash" in mending.propose("repack", release, by=operator).refusal


def test_a_proposal_that_is_out_of_date_is_not_applied(operator: User, release: Release) -> None:
    token = mending.propose("nfofix", release, by=operator, options=TEXT).token
    mend("repack", release, operator, metadata={"genre": "Satire"})

    with pytest.raises(actions.Refused, match="changed meanwhile"):
        mending.apply("nfofix", release, by=operator, options=TEXT, token=token)


def test_a_folder_that_changes_while_the_job_waits_fails_it(
    operator: User, release: Release
) -> None:
    job = mending.apply("nfofix", release, by=operator, options=TEXT)
    next(release.folder.glob("*.nfo")).write_bytes(b"other\r\n")

    assert "changed meanwhile" in ran(job).error
    assert not release.revisions.exists()


def test_a_check_makes_no_proposal_out_of_date(operator: User, release: Release) -> None:
    token = mending.propose("nfofix", release, by=operator, options=TEXT).token
    ran(actions.request_check(release, by=operator))
    release.refresh_from_db()

    mending.apply("nfofix", release, by=operator, options=TEXT, token=token)


def test_a_job_that_failed_can_be_run_again(operator: User, release: Release) -> None:
    job = mending.apply("nfofix", release, by=operator, options=TEXT)
    job.fail("Its worker died.")

    assert ran(rerun_job(job, by=operator)).status == Job.Status.COMPLETED


def test_a_name_that_is_taken_is_refused(operator: User, release: Release) -> None:
    other = make_release(owner=operator)

    told = mending.propose("dirfix", release, by=operator, options={"name": other.name}).refusal

    assert "exists already" in told


@pytest.mark.parametrize(
    "name",
    ["../x-GRP", "/etc/x-GRP", "a/b-GRP", ".hidden-GRP", "x\n-GRP", "x\0-GRP", "x" * 300 + "-GRP"],
)
def test_a_name_that_leaves_its_folder_is_refused(
    operator: User, release: Release, name: str
) -> None:
    assert mending.propose("dirfix", release, by=operator, options={"name": name}).refusal


def test_a_template_of_somebody_else_is_none(operator: User, release: Release) -> None:
    template = make_template(created_by=make_user(), content="secret {{ title }}")

    proposal = mending.propose("repack", release, by=operator, options={"template": template.pk})

    assert "secret" not in proposal.diff
    assert "template is gone" in proposal.refusal


def test_an_unknown_operation_is_refused(operator: User, release: Release) -> None:
    assert "no such operation" in mending.propose("undo", release, by=operator).refusal


def test_undo_says_what_it_does_and_goes_back_step_by_step(
    operator: User, release: Release
) -> None:
    first = tree(release.into)
    mend("nfofix", release, operator, **TEXT)
    second = tree(release.into)
    mend("repack", release, operator, generate_sfv=False)

    proposal = mending.propose_undo(release, by=operator)
    assert "before revision 2" in proposal.told()[0]
    assert "+generate_sfv: True" in proposal.diff
    assert "left out" in str(proposal.remarks[0])

    undo(release, operator)
    assert tree(release.into) == second
    undo(release, operator)
    assert tree(release.into) == first
    with pytest.raises(actions.Refused, match="nothing to take back"):
        mending.undo_revision(release, by=operator)


def test_an_older_revision_takes_the_later_ones_back_with_it(
    operator: User, release: Release
) -> None:
    before = tree(release.into), row(release)
    mend("nfofix", release, operator, **TEXT)
    mend("repack", release, operator, generate_sfv=False)

    told = mending.propose_undo(release, by=operator, number=1).told()
    undo(release, operator, 1)

    assert "revisions: 1" in told[1]
    assert (tree(release.into), row(release)) == before


def test_what_was_kept_and_is_not_whole_any_more_stays_aside(
    operator: User, release: Release
) -> None:
    mend("nfofix", release, operator, **TEXT)
    (revision,) = release.revisions.all()
    next(Path(revision.kept).rglob("*.zip")).unlink()
    before = tree(release.into), row(release)

    job = ran(mending.undo_revision(release, by=operator))

    assert "not whole any more" in job.error
    assert (tree(release.into), row(release)) == before


def test_an_old_name_that_is_taken_meanwhile_cannot_come_back(
    operator: User, release: Release
) -> None:
    old = release.name
    mend("dirfix", release, operator, name="Ann.Author.New.Book.2020.RETAiL.ePUB.eBook-GRP")
    make_release(owner=operator, name=old)

    assert "exists already" in mending.propose_undo(release, by=operator).refusal
    with pytest.raises(actions.Refused, match="exists already"):
        mending.undo_revision(release, by=operator)


def test_so_many_revisions_are_kept_with_their_files(
    operator: User, release: Release, settings: Settings
) -> None:
    settings.REVISIONS_KEPT = 2
    for _ in range(4):
        job = mend("repack", release, operator)

    kept = dict(release.revisions.values_list("number", "kept"))
    assert [number for number, folder in kept.items() if folder] == [4, 3]
    folders = {Path(folder).name for folder in kept.values() if folder}
    assert {path.name for path in (release.into / ".revisions").iterdir()} == folders
    assert "revision 2 replaced" in " ".join(job.lines.values_list("message", flat=True))
    assert "not kept any more" in mending.propose_undo(release, by=operator, number=1).refusal


def test_what_was_kept_of_deleted_releases_goes_with_time(operator: User, release: Release) -> None:
    mend("repack", release, operator)
    source = make_source(owner=operator, title="Other")
    metadata = release.metadata | {"title": "Other", "author": "Bob Writer"}
    other = make_packed(operator, source=source, metadata=metadata)
    (release.into / ".revisions" / f"{other.pk}-1-abcdef").mkdir()
    release.delete()

    mend("repack", other, operator)

    assert len(list((other.into / ".revisions").iterdir())) == 1


def test_changes_are_told_in_the_language_of_who_reads(operator: User, release: Release) -> None:
    mend("repack", release, operator, metadata={"genre": "Satire"})

    (revision,) = release.revisions.all()
    told = [str(change) for change in mending.restored(revision.changes)]

    assert told[0] == "The field Genre becomes Satire."


def test_names_of_volumes_stay_with_the_release_that_is_renamed(
    operator: User, release: Release
) -> None:
    old, base = release.name, release.volume_base
    mend("dirfix", release, operator, name="Ann.Author.New.Book.2020.RETAiL.ePUB.eBook-GRP")

    assert release.volume_base == base
    assert VolumeBase.objects.claim(release.name, release.group, 2026) == base
    assert VolumeBase.objects.claim(old, release.group, 2026) != base


@pytest.mark.parametrize("operation", mending.OPERATIONS)
def test_a_proposal_takes_few_queries(operator: User, release: Release, operation: str) -> None:
    rows = Release.objects.select_related("source", "rule", "group", "nfo_template")
    found = rows.get(pk=release.pk)
    mending.propose(operation, found, by=operator)

    with CaptureQueriesContext(connection) as queries:
        mending.propose(operation, found, by=operator)

    assert len(queries) <= 3, [query["sql"][:150] for query in queries]


def test_nothing_is_read_where_no_field_is_wanted(operator: User, release: Release) -> None:
    path = next(release.folder.glob("*.nfo"))
    path.write_bytes(path.read_bytes().replace(b"Ann Author", b"Bob Writer"))

    proposal = mending.propose("readnfo", release, by=operator, options={"fields": []})

    assert proposal.told() == ["The text of the NFO is taken as it lies there."]
