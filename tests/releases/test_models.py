from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from accounts.models import ReleaseGroup
from accounts.permissions import grant
from releases.models import Artifact, NfoTemplate, Release, Source
from releases.packing import plan
from releases.seeds import TEMPLATES, seed_templates
from tests.factories import (
    make_admin,
    make_job,
    make_operator,
    make_release,
    make_source,
    make_user,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded")]


def test_a_maker_who_may_read_sees_their_releases_and_nobody_elses() -> None:
    own, other = make_release(owner=make_operator()), make_release()

    assert list(Release.objects.visible_to(own.created_by)) == [own]
    assert not Release.objects.visible_to(other.created_by).exists()  # they may read none at all


def test_an_admin_sees_every_release() -> None:
    releases = {make_release(), make_release()}

    assert set(Release.objects.visible_to(make_admin())) == releases


def test_a_role_alone_shows_no_release() -> None:
    make_release()

    assert not Release.objects.visible_to(make_operator()).exists()


def test_a_member_sees_the_releases_of_the_group() -> None:
    release, member = make_release(), make_operator()
    make_release(group=ReleaseGroup.objects.create(tag="ELSE"))

    release.group.members.add(member)

    assert list(Release.objects.visible_to(member)) == [release]


def test_a_grant_shows_one_release() -> None:
    release, friend = make_release(), make_user()
    make_release()

    grant(friend, "releases", "read", release)

    assert list(Release.objects.visible_to(friend)) == [release]


def test_a_grant_to_a_role_shows_one_release() -> None:
    release, operator = make_release(), make_operator()
    make_release()

    grant(operator.groups.get(), "releases", "read", release)

    assert list(Release.objects.visible_to(operator)) == [release]


def test_a_release_seen_for_three_reasons_is_seen_once() -> None:
    release = make_release()
    release.group.members.add(release.created_by, make_user())
    grant(release.created_by, "releases", "read", release)

    assert list(Release.objects.visible_to(release.created_by)) == [release]


def test_newest_first_tells_releases_of_one_moment_apart() -> None:
    first = make_release()
    second = make_release(created_at=first.created_at)

    assert list(Release.objects.newest_first()) == [second, first]


@pytest.mark.parametrize(
    ("text", "found"),
    [("", 2), ("some book", 1), ("OTHER", 1), ("%", 0), ("_", 0), ("eBook-GRP", 2), ("'", 0)],
)
def test_search_looks_into_names_and_titles(text: str, found: int) -> None:
    make_release(name="A.2020.RETAiL.eBook-GRP", title="Some Book")
    make_release(name="B.2020.RETAiL.eBook-GRP", title="Another")

    assert Release.objects.search(text).count() == found


def test_one_folder_holds_one_release_of_a_name() -> None:
    release = make_release()

    with pytest.raises(IntegrityError), transaction.atomic():
        make_release(name=release.name)

    make_release(name=release.name, root="/elsewhere")


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("Name-GRP/name.rar", "name.rar"),
        ("Name-GRP/Sample/name-sample.mkv", "Sample/name-sample.mkv"),
        ("Name-GRP.sha256", "Name-GRP.sha256"),
    ],
)
def test_an_artifact_tells_its_place_in_the_release(path: str, place: str) -> None:
    assert Artifact(path=path).place == place


def test_one_release_has_one_artifact_of_a_path() -> None:
    file = {"release": make_release(), "path": "a.nfo", "kind": "nfo", "size": 1}
    Artifact.objects.create(**file)

    with pytest.raises(IntegrityError), transaction.atomic():
        Artifact.objects.create(**file)


@pytest.mark.parametrize("owner", ["created_by", "source", "rule", "group"])
def test_what_a_release_was_made_of_cannot_be_deleted(owner: str) -> None:
    release = make_release(owner=make_user(), source=make_source())

    with pytest.raises(ProtectedError):
        getattr(release, owner).delete()


def test_a_release_lies_in_the_releases_folder_or_where_it_was_put(folders: Path) -> None:
    release = make_release()

    assert release.folder == folders / "releases" / release.name
    release.root = "/srv/books"
    assert release.folder == Path("/srv/books") / release.name


def test_a_release_knows_its_own_jobs_newest_first() -> None:
    release = make_release()
    jobs = [make_job(subject=release.subject), make_job(subject=release.subject)]
    make_job(subject=make_release().subject)

    assert list(release.jobs()) == jobs[::-1]
    assert release.latest_job() == jobs[1]
    assert make_release().latest_job() is None


def test_a_plan_holds_all_that_packing_needs() -> None:
    release = make_release(nfo="Été ▄\n", title="Some Book")

    made = release.plan()

    assert made == plan.Plan(
        name=release.name,
        scheme="zip",
        payloads=(plan.Payload(path=release.source.path, name="grp-some.book.epub"),),
        volume_base=release.volume_base,
        volume_bytes=5_000_000,
        max_volumes=99,
        nfo="Été ▄\r\n".encode("cp437", "replace"),
        nfo_name="grp-some.book.nfo",
        diz_lines=("Some Book", "by Ann Author", "2020 RETAiL", "2026-01-02", "GRP"),
        dated=date(2026, 1, 2),
        sfv=True,
        manifest=True,
    )


def test_files_of_a_show_are_named_like_the_release() -> None:
    release = make_release(name="Some.Show.S01E02.WEB.H264-GRP", type="TV", format="RAR")

    made = release.plan()

    assert made.scheme == "rar"
    assert made.payloads[0].name == "some.show.s01e02.web.h264-grp.epub"
    assert made.nfo_name == "some.show.s01e02.web.h264-grp.nfo"
    assert made.sample


def test_a_sender_sees_their_sources_and_an_admin_all() -> None:
    own, other = make_source(), make_source()

    assert list(Source.objects.visible_to(own.created_by)) == [own]
    assert set(Source.objects.visible_to(make_admin())) == {own, other}


def test_a_source_lies_among_the_uploads_or_where_it_was(folders: Path) -> None:
    source = make_source()

    assert source.path == folders / "uploads" / str(source.handle)
    source.local_path = "/srv/book.epub"
    assert source.path == Path("/srv/book.epub")


@pytest.mark.parametrize(
    ("metadata", "proposed"),
    [
        ({}, {}),
        ({"authors": []}, {}),
        ({"title": "T", "authors": ["A", "B"]}, {"title": "T", "author": "A & B"}),
    ],
)
def test_a_source_proposes_what_its_analysis_found(
    metadata: dict[str, Any], proposed: dict[str, Any]
) -> None:
    assert Source(analysis={"metadata": metadata}).proposed() == proposed


def test_a_source_without_analysis_proposes_nothing_and_has_no_format() -> None:
    assert Source().proposed() == {}
    assert Source().format == ""


def test_seeding_makes_one_template_of_each_file_and_one_default_a_type() -> None:
    shipped = {path.stem for path in TEMPLATES.glob("*.nfo")}

    assert set(NfoTemplate.objects.values_list("name", flat=True)) == shipped
    defaults = NfoTemplate.objects.filter(is_default=True)
    assert sorted(defaults.values_list("type", flat=True)) == ["DOCS", "EBOOK", "TV"]


def test_seeding_again_keeps_what_people_made_of_a_template() -> None:
    NfoTemplate.objects.filter(name="ebook").update(content="mine")

    seed_templates()

    assert NfoTemplate.objects.get(name="ebook").content == "mine"
    assert NfoTemplate.objects.count() == 4
