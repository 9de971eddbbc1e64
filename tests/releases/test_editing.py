"""What is edited of a release: at once where it is not packed, else for the next repack."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from accounts.models import User
from accounts.permissions import grant
from jobs.models import Job
from releases import actions, edits
from releases.actions import mending
from releases.actions.mending import building, doing
from releases.models import Release, VolumeBase
from tests.factories import make_admin, make_new, make_operator, make_release, make_user
from tests.releases.mending.making import make_packed, mend, ran, row, sound, tree, undo

pytestmark = pytest.mark.django_db
TEXT = {"text": "Some Book\n2026-01-02 Ann Author 2020 English RETAiL\n"}


@pytest.fixture
def operator(seeded: None) -> User:
    return make_operator()


@pytest.fixture
def release(operator: User) -> Release:
    return make_packed(operator)


def edit(release: Release, by: User, metadata: Any = None, **columns: Any) -> None:
    actions.edit_release(release, by=by, metadata=metadata or {}, columns=columns)
    release.refresh_from_db()


def repack(release: Release, operator: User, **options: Any) -> None:
    mend("repack", release, operator, **options)


def test_edits_of_a_packed_release_wait_and_the_next_repack_takes_them(
    operator: User, release: Release
) -> None:
    before = tree(release.into), row(release)

    edit(release, operator, {"title": "Better Book"}, generate_sfv=False)

    assert release.title == "Some Book"
    assert release.edited_metadata["title"] == "Better Book"
    assert release.edited("generate_sfv") is False
    assert (tree(release.into), row(release) | {"edits": {}}) == before

    repack(release, operator)

    assert release.edits == {}
    assert release.title == "Better Book"
    assert release.name == "Ann.Author.Better.Book.2020.RETAiL.ePUB.eBook-GRP"
    assert "Better Book" in release.nfo
    assert not (release.into / f"{release.name}.sha256").exists()
    sound(release)


def test_a_value_that_the_repack_is_given_counts_and_the_edit_is_over(
    operator: User, release: Release
) -> None:
    edit(release, operator, {"title": "Edited Book", "genre": "Satire"})

    repack(release, operator, metadata={"title": "Given Book"})

    assert (release.title, release.metadata["genre"]) == ("Given Book", "Satire")
    assert release.edits == {}


def test_edits_are_partial_and_add_up(operator: User, release: Release) -> None:
    edit(release, operator, {"genre": "Satire"})
    edit(release, operator, {"series": "Books"})

    assert edits.of_metadata(release.edits) == {"genre": "Satire", "series": "Books"}


def test_what_is_set_back_waits_no_more(operator: User, release: Release) -> None:
    edit(release, operator, {"title": "Better Book", "year": 2021}, volume_bytes=10_000_000)
    edit(release, operator, {"title": "Some Book", "year": "2020"}, volume_bytes=5_000_000)

    assert release.edits == {}


def test_an_empty_value_takes_a_field_out(operator: User, release: Release) -> None:
    repack(release, operator, metadata={"genre": "Satire"})
    edit(release, operator, {"genre": None})

    assert "genre" not in release.edited_metadata
    repack(release, operator)
    assert "genre" not in release.metadata


def test_edits_are_discarded(operator: User, release: Release) -> None:
    edit(release, operator, {"title": "Better Book"})

    actions.discard_edits(release, by=operator)

    release.refresh_from_db()
    assert release.edits == {}


@pytest.mark.parametrize(
    ("operation", "options"),
    [("nfofix", TEXT), ("dirfix", {"name": "Ann.Author.Other.Book.2020.RETAiL.ePUB.eBook-GRP"})],
)
def test_other_operations_leave_edits_waiting(
    operator: User, release: Release, operation: str, options: dict[str, Any]
) -> None:
    edit(release, operator, {"genre": "Satire"})

    mend(operation, release, operator, **options)

    assert edits.of_metadata(release.edits) == {"genre": "Satire"}
    assert "genre" not in release.metadata
    undo(release, operator)
    assert edits.of_metadata(release.edits) == {"genre": "Satire"}


def test_what_the_nfo_told_needs_no_edit_any_more(operator: User, release: Release) -> None:
    path = next(release.folder.glob("*.nfo"))
    path.write_bytes(path.read_bytes().replace(b"Ann Author", b"Bob Writer"))
    edit(release, operator, {"author": "Bob Writer", "genre": "Satire"})

    mend("readnfo", release, operator)

    assert release.metadata["author"] == "Bob Writer"
    assert edits.of_metadata(release.edits) == {"genre": "Satire"}


def test_undoing_a_repack_has_its_edits_wait_again(operator: User, release: Release) -> None:
    before = tree(release.into)
    edit(release, operator, {"title": "Better Book"})
    repack(release, operator)

    assert "waits for the next repack again" in " ".join(
        mending.propose_undo(release, by=operator).told()
    )
    undo(release, operator)

    assert tree(release.into) == before
    assert (release.title, release.edited_metadata["title"]) == ("Some Book", "Better Book")

    undo(release, operator, 2)

    assert (release.title, release.edits) == ("Better Book", {})


def test_edits_made_since_outlive_an_undo(operator: User, release: Release) -> None:
    edit(release, operator, {"title": "Better Book", "genre": "Satire"})
    repack(release, operator)
    edit(release, operator, {"title": "Best Book"})

    undo(release, operator)

    wait = edits.of_metadata(release.edits)
    assert wait == {"title": "Best Book", "genre": "Satire"}


def test_undoing_several_repacks_has_the_latest_wish_wait(operator: User, release: Release) -> None:
    for title in ("Better Book", "Best Book"):
        edit(release, operator, {"title": title})
        repack(release, operator)

    undo(release, operator, 1)

    assert (release.title, release.edited_metadata["title"]) == ("Some Book", "Best Book")


def test_an_edit_makes_a_proposal_to_repack_out_of_date_and_no_other(
    operator: User, release: Release
) -> None:
    repacking = mending.propose("repack", release, by=operator).token
    fixing = mending.propose("nfofix", release, by=operator, options=TEXT).token
    edit(release, operator, {"genre": "Satire"})

    with pytest.raises(actions.ReleaseConflict, match="changed meanwhile"):
        mending.apply("repack", release, by=operator, token=repacking)
    mending.apply("nfofix", release, by=operator, options=TEXT, token=fixing)


def test_an_edit_while_a_job_builds_is_kept(
    operator: User, release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    edit(release, operator, {"title": "Better Book", "genre": "Satire"})
    built = building.built

    def edited_meanwhile(*arguments: Any) -> Any:
        edit(Release.objects.get(pk=release.pk), operator, {"genre": "Drama"})
        return built(*arguments)

    monkeypatch.setattr(doing, "built", edited_meanwhile)
    repack(release, operator)

    assert (release.title, release.metadata["genre"]) == ("Better Book", "Satire")
    assert edits.of_metadata(release.edits) == {"genre": "Drama"}


def test_edits_discarded_while_another_operation_builds_stay_away(
    operator: User, release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    edit(release, operator, {"genre": "Satire"})
    built = building.built

    def discarded_meanwhile(*arguments: Any) -> Any:
        actions.discard_edits(Release.objects.get(pk=release.pk), by=operator)
        return built(*arguments)

    monkeypatch.setattr(doing, "built", discarded_meanwhile)
    mend("nfofix", release, operator, **TEXT)

    assert release.edits == {}


def test_a_format_that_the_rule_forbids_is_taken_but_not_packed(
    operator: User, release: Release
) -> None:
    edit(release, operator, format="RAR")

    proposal = mending.propose("repack", release, by=operator)
    with pytest.raises(actions.Refused) as refused:
        mending.apply("repack", release, by=operator)

    assert proposal.refusal == "2022_EBOOK packs as ZIP: choose that."
    assert [one.id for one in refused.value.violations] == ["volume-nesting"]
    assert not Job.objects.active().exists()
    repack(release, operator, format="ZIP")
    assert release.edits == {}


def test_what_is_not_packed_takes_edits_at_once(operator: User) -> None:
    release = made(operator)
    base = release.volume_base

    edit(release, operator, {"title": "Better Book"}, volume_bytes=10_000_000)

    assert release.edits == {}
    assert release.name == "Ann.Author.Better.Book.2020.RETAiL.ePUB.eBook-GRP"
    assert "Better Book" in release.nfo
    assert VolumeBase.objects.get(base=base).name == release.name
    assert ran(actions.request_packing(release, by=operator)).status == Job.Status.COMPLETED
    release.refresh_from_db()
    sound(release)


def test_what_is_not_packed_is_refused_packing_in_a_forbidden_format(operator: User) -> None:
    release = made(operator)
    edit(release, operator, format="RAR")

    with pytest.raises(actions.Refused, match="packs as ZIP") as refused:
        actions.request_packing(release, by=operator)

    assert [one.id for one in refused.value.violations] == ["volume-nesting"]


def test_what_breaks_the_rule_is_refused_where_nothing_looks_again(operator: User) -> None:
    release = made(operator)

    with pytest.raises(actions.Refused) as refused:
        edit(release, operator, volume_bytes=7_000_000)

    assert [one.id for one in refused.value.violations] == ["volume-size"]


def test_a_release_that_is_being_packed_takes_no_edits(operator: User) -> None:
    release = made(operator)
    actions.request_packing(release, by=operator)

    with pytest.raises(actions.ReleaseConflict, match="at work"):
        edit(release, operator, {"title": "Better Book"})


def test_a_name_that_is_taken_is_refused(operator: User) -> None:
    release = made(operator)
    make_release(owner=operator, name="Ann.Author.Better.Book.2020.RETAiL.ePUB.eBook-GRP")

    with pytest.raises(actions.Refused, match="exists already"):
        edit(release, operator, {"title": "Better Book"})


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("status", "x", "no such field"),
        ("created_by", 1, "no such field"),
        ("title", "", "needs a title"),
        ("title", " \u200b", "needs a title"),
        ("title", "x" * 501, "too long"),
        ("genre", "x" * 1001, "too long"),
        ("genre", ["x"], "A text or a number"),
        ("genre", True, "A text or a number"),
        ("year", "soon", "must be a number"),
        ("year", 1399, "must lie between"),
        ("year", "9" * 900, "must lie between"),
        ("isbn", "9780306406158", "no ISBN"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(
    operator: User, release: Release, field: str, value: Any, said: str
) -> None:
    with pytest.raises(actions.WrongFields) as refused:
        edit(release, operator, {"publisher": "Fine", field: value})

    assert list(refused.value.fields) == [field]
    assert said in refused.value.fields[field]
    release.refresh_from_db()
    assert release.edits == {}


def test_only_who_may_write_a_release_edits_it(release: Release) -> None:
    reader, writer = make_user(), make_user()
    grant(reader, "releases", "read", release)
    grant(writer, "releases", "write", release)

    for stranger in (reader, make_operator()):
        with pytest.raises(PermissionDenied, match="WRITE"):
            edit(release, stranger, {"genre": "Satire"})
        with pytest.raises(PermissionDenied, match="WRITE"):
            actions.discard_edits(release, by=stranger)
    edit(release, writer, {"genre": "Satire"})
    edit(release, make_admin(), {"genre": "Drama"})


def test_a_fix_that_is_written_besides_takes_no_edits_along(
    operator: User, release: Release
) -> None:
    edit(release, operator, {"genre": "Satire"})

    job = mending.apply("nfofix", release, by=operator, options=TEXT, writes_fix=True)
    fix = Release.objects.get(pk=ran(job).result["fix"])

    assert fix.edits == {}


def test_edits_are_told(operator: User, release: Release) -> None:
    edit(release, operator, {"title": "Better Book"}, format="RAR")

    assert [str(change) for change in actions.waiting_edits(release)] == [
        "The format ZIP becomes RAR.",
        "The field Title, Some Book, becomes Better Book.",
    ]


def made(operator: User) -> Release:
    """Return a release that is not packed."""
    return actions.create_release(make_new(owner=operator), by=operator)
