"""Checks of releases and of ZIPs, and their pages."""

import os
import shutil
import time
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import translation
from pytest_django import DjangoAssertNumQueries, Settings

from accounts.models import User
from jobs.lease import Cancelled
from jobs.models import Job
from packer_site import work
from releases import actions
from releases.models import Release
from rules.models import Rule
from tests.factories import make_admin, make_new, make_operator, make_release, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded")]


@pytest.fixture
def operator(seeded: None) -> User:
    return make_operator()


@pytest.fixture
def signed_in(client: Client, operator: User) -> Client:
    client.force_login(operator)
    return client


@pytest.fixture
def packed(operator: User) -> Release:
    release = actions.create_release(make_new(owner=operator), by=operator)
    work.run(actions.request_packing(release, by=operator).pk)
    release.refresh_from_db()
    assert release.status == Release.Status.COMPLETED
    return release


def zipped(folder: Path, *more: Path) -> bytes:
    """Return a ZIP of release folders."""
    path = Path(settings.DATA_DIR) / "sent.zip"
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        for one in (folder, *more):
            for file in sorted(one.rglob("*")):
                archive.write(file, f"{one.name}/{file.relative_to(one).as_posix()}")
    data = path.read_bytes()
    path.unlink()
    return data


def send(client: Client, data: bytes, name: str = "sent.zip", **fields: Any) -> Any:
    return client.post("/conformity/", {"file": SimpleUploadedFile(name, data)} | fields)


def finish() -> Job:
    """Run the newest job, and return it as it ended."""
    job = Job.objects.newest_first()[0]
    work.run(job.pk)
    job.refresh_from_db()
    return job


def lying() -> list[str]:
    """Return what of checks lies among the uploads."""
    return [path.name for path in settings.UPLOADS_DIR.iterdir() if "lint" in path.name]


def test_a_release_has_its_report_when_it_is_packed(packed: Release) -> None:
    assert packed.conformity["state"] == "conforms"
    assert packed.conformity["rule"] == "2022_EBOOK"
    assert packed.checked_at is not None
    (log,) = packed.jobs()
    assert log.lines.filter(message__startswith="The structure conforms to 2022_EBOOK.").exists()


def test_a_check_finds_what_was_changed_since(packed: Release, operator: User) -> None:
    (packed.folder / "file_id.diz").unlink()
    (packed.folder / "ad.txt").write_text("ad")

    job = actions.request_check(packed, by=operator)
    work.run(job.pk)

    packed.refresh_from_db()
    assert packed.conformity["state"] == "damaged"  # the manifest lists the DIZ
    found = {one["id"] for one in packed.conformity["violations"]}
    assert {"diz-count", "file-loose", "damaged"} <= found
    job.refresh_from_db()
    assert job.result["reports"] == [packed.conformity]


def test_a_check_by_another_rule_is_not_that_of_the_release(
    packed: Release, operator: User
) -> None:
    other = Rule.objects.get(name="2020_WDX")

    job = actions.request_check(packed, by=operator, rule=other)
    work.run(job.pk)

    job.refresh_from_db()
    (report,) = job.result["reports"]
    assert (report["rule"], report["state"]) == ("2020_WDX", "broken")
    packed.refresh_from_db()
    assert packed.conformity["rule"] == "2022_EBOOK"


def test_one_check_of_a_release_is_made_at_a_time(packed: Release, operator: User) -> None:
    first = actions.request_check(packed, by=operator)

    assert actions.request_check(packed, by=operator) == first
    other = Rule.objects.get(name="2020_WDX")
    assert actions.request_check(packed, by=operator, rule=other) != first
    assert actions.request_check(packed, by=operator, rule=packed.rule) == first


def test_checks_ask_for_the_right_to_make_releases(packed: Release) -> None:
    with pytest.raises(PermissionDenied):
        actions.request_check(packed, by=make_user())


def test_who_may_not_see_a_release_cannot_have_it_checked(packed: Release) -> None:
    with pytest.raises(PermissionDenied):
        actions.request_check(packed, by=make_operator())


def test_a_check_stops_where_its_release_was_hidden_meanwhile(
    packed: Release, operator: User
) -> None:
    job = actions.request_check(packed, by=operator)
    Release.objects.filter(pk=packed.pk).update(created_by=make_user())
    operator.release_groups.clear()

    work.run(job.pk)

    job.refresh_from_db()
    assert (job.status, job.result) == (Job.Status.FAILED, {})


def test_the_check_of_somebody_else_is_not_handed_out(packed: Release, operator: User) -> None:
    actions.request_check(packed, by=make_admin())

    with pytest.raises(actions.Refused, match="waiting or running already"):
        actions.request_check(packed, by=operator)


def test_what_is_not_packed_cannot_be_checked(operator: User) -> None:
    with pytest.raises(actions.Refused, match="is not packed"):
        actions.request_check(make_release(owner=operator), by=operator)


def test_a_release_whose_folder_is_gone_says_so(packed: Release, operator: User) -> None:
    shutil.rmtree(packed.folder)

    job = actions.request_check(packed, by=operator)
    work.run(job.pk)

    job.refresh_from_db()
    assert job.error == "The folder of the release is gone: there is nothing to check."


def test_a_rule_that_is_gone_meanwhile_says_so(packed: Release, operator: User) -> None:
    rule = Rule.objects.get(name="2020_WDX")
    job = actions.request_check(packed, by=operator, rule=rule)
    Rule.objects.filter(pk=rule.pk).update(is_complete=False)

    work.run(job.pk)

    job.refresh_from_db()
    assert job.error == "The rule is gone, or not complete any more: choose another."


def test_a_zip_is_checked_and_removed(signed_in: Client, packed: Release) -> None:
    (packed.folder / "ad.txt").write_text("ad")

    answer = send(signed_in, zipped(packed.folder))
    assert len(lying()) == 1
    job = finish()

    assert answer["Location"] == f"/conformity/{job.pk}/"
    assert lying() == []
    page = signed_in.get(f"/conformity/{job.pk}/").content.decode()
    assert "2 violations<" in page  # and no link to the source
    assert "<code>ad.txt</code>" in page
    assert packed.name in page


def test_the_rule_for_a_zip_is_the_one_that_fits_of_the_whole_library(
    signed_in: Client, packed: Release
) -> None:
    shipped = Rule.objects.get(name="2022_EBOOK")
    newer = Rule.objects.create(
        name="2099_EBOOK",
        scene="English",
        section="eBOOK",
        year=2099,
        release_type="EBOOK",
        spec_data=shipped.spec_data,
        is_complete=True,
    )

    send(signed_in, zipped(packed.folder))
    assert finish().result["reports"][0]["rule"] == newer.name

    send(signed_in, zipped(packed.folder), rule=shipped.pk)
    assert finish().result["reports"][0]["rule"] == shipped.name


def test_several_releases_in_a_zip_have_a_report_each(signed_in: Client, packed: Release) -> None:
    other = packed.folder.with_name("Other.Title.2020.RETAiL.ePUB.eBook-GRP")
    shutil.copytree(packed.folder, other)
    (other / "ad.txt").write_text("ad")

    send(signed_in, zipped(packed.folder, other))
    job = finish()

    places = [one["place"] for one in job.result["reports"]]
    assert places == sorted([packed.name, other.name])
    first = signed_in.get(f"/conformity/{job.pk}/").content.decode()
    at = places.index(other.name)
    second = signed_in.get(f"/conformity/{job.pk}/?report={at}").content.decode()
    assert first.count("ad.txt") + second.count("ad.txt") >= 1
    assert "<code>ad.txt</code>" in second
    for said in ("9", "x", "-1", "9" * 50):
        assert signed_in.get(f"/conformity/{job.pk}/?report={said}").status_code == 200


@pytest.mark.parametrize("data", [b"", b"no ZIP"])
def test_what_is_no_zip_is_refused_at_once(signed_in: Client, data: bytes) -> None:
    page = send(signed_in, data, "a.rar")

    assert page.status_code == 200
    assert not Job.objects.exists()
    assert lying() == []
    said = page.content.decode()
    assert "a.rar is not a ZIP, or one that is cut off: pack the folder" in said or "empty" in said


def test_a_hostile_zip_fails_with_its_reason_and_is_removed(signed_in: Client) -> None:
    path = Path(settings.DATA_DIR) / "hostile.zip"
    with ZipFile(path, "w") as archive:
        archive.writestr("../../evil.nfo", b"text")

    send(signed_in, path.read_bytes(), "hostile.zip")
    job = finish()

    assert job.error == (
        "../../evil.nfo in hostile.zip points outside of it: such a ZIP is not unpacked"
    )
    assert lying() == []
    assert b"points outside of it" in signed_in.get(f"/conformity/{job.pk}/").content


def test_a_zip_larger_than_the_limit_is_refused(signed_in: Client, settings: Settings) -> None:
    settings.MAX_FILE_BYTES = 1000

    page = send(signed_in, b"PK" * 1_000_000).content.decode()

    assert "at most 1" in page
    assert not Job.objects.exists()


def test_a_zip_that_is_gone_asks_to_be_sent_again(signed_in: Client, packed: Release) -> None:
    send(signed_in, zipped(packed.folder))
    next(settings.UPLOADS_DIR.glob("lint-*.zip")).unlink()

    assert finish().error == "sent.zip is gone: send it again."


def test_a_cancelled_check_leaves_nothing(signed_in: Client, packed: Release) -> None:
    send(signed_in, zipped(packed.folder))
    Job.objects.update(cancel_requested=True)
    job = Job.objects.newest_first()[0]
    claimed = Job.objects.claim(job.pk)
    assert claimed
    Job.objects.filter(pk=job.pk).update(status=Job.Status.PENDING, token="", lease_until=None)

    class Stopped:
        job = claimed

        def progress(self, *heard: object) -> None:
            raise Cancelled

    with pytest.raises(Cancelled):
        actions.check_conformity(Stopped(), **claimed.arguments)  # type: ignore[arg-type]

    assert lying() == []


def test_zips_whose_checks_never_began_are_forgotten(signed_in: Client, packed: Release) -> None:
    data = zipped(packed.folder)
    send(signed_in, data)
    Job.objects.newest_first()[0].cancel()
    send(signed_in, data)
    two_hours_ago = time.time() - 7200
    for path in settings.UPLOADS_DIR.glob("lint-*.zip"):
        os.utime(path, (two_hours_ago, two_hours_ago))

    send(signed_in, data)

    assert len(lying()) == 2  # of the jobs that wait


@pytest.mark.parametrize("both", [True, False])
def test_one_of_zip_and_release_is_chosen(signed_in: Client, packed: Release, both: bool) -> None:
    if both:
        answer = send(signed_in, zipped(packed.folder), release=packed.pk)
    else:
        answer = signed_in.post("/conformity/", {})

    assert "Choose a ZIP, or one of your releases" in answer.content.decode()
    assert not Job.objects.filter(work=actions.CHECKS).exists()


def test_an_own_release_is_checked_from_the_page(signed_in: Client, packed: Release) -> None:
    answer = signed_in.post("/conformity/", {"release": packed.pk})

    job = finish()
    assert answer["Location"] == f"/conformity/{job.pk}/"
    assert job.result["reports"][0]["state"] == "conforms"
    assert packed.name in signed_in.get("/conformity/").content.decode()


def test_the_releases_of_others_are_neither_offered_nor_checked(
    client: Client, packed: Release
) -> None:
    client.force_login(make_operator())

    assert packed.name not in client.get("/conformity/").content.decode()
    assert packed.name not in client.get(f"/conformity/?release={packed.pk}").content.decode()
    client.post("/conformity/", {"release": packed.pk})
    assert not Job.objects.filter(work=actions.CHECKS).exists()
    for path in ("conformity/", "conformity/json/", "badge.svg"):
        assert client.get(f"{packed.get_absolute_url()}{path}").status_code == 404


def test_the_checks_of_others_are_not_found(signed_in: Client, packed: Release) -> None:
    signed_in.post("/conformity/", {"release": packed.pk})
    job = finish()
    signed_in.force_login(make_operator())

    assert signed_in.get(f"/conformity/{job.pk}/").status_code == 404
    assert signed_in.get(f"/conformity/{job.pk}/json/").status_code == 404


def test_who_may_not_make_releases_is_not_let_in(client: Client) -> None:
    client.force_login(make_user())

    assert client.get("/conformity/").status_code == 403


@pytest.fixture
def broken(packed: Release, operator: User) -> Release:
    """A release with violations of both severities, by its kept report."""
    (packed.folder / "<img src=x>.txt").write_text("ad")
    (packed.folder / "b.exe").write_text("ad")
    work.run(actions.request_check(packed, by=operator).pk)
    packed.refresh_from_db()
    return packed


def test_the_report_of_a_release_is_grouped_and_escaped(signed_in: Client, broken: Release) -> None:
    page = signed_in.get(f"{broken.get_absolute_url()}conformity/").content.decode()

    assert "Structure: the release does not conform" in page
    assert "&lt;img src=x&gt;.txt" in page
    assert "<img src=x" not in page
    assert "file-loose" in page


def test_the_report_tells_what_was_not_compared_with_the_published_text(
    signed_in: Client, broken: Release
) -> None:
    page = signed_in.get(f"{broken.get_absolute_url()}conformity/").content.decode()

    assert "4 checks were not compared with the published text" in page
    assert "<li>Volumes have a size that the rule names. <code>volume-size</code></li>" in page


def test_a_path_that_the_sentence_tells_is_not_told_twice(
    signed_in: Client, packed: Release, operator: User
) -> None:
    volume = next(packed.folder.glob("*.zip"))
    volume.write_bytes(volume.read_bytes()[:-1])
    work.run(actions.request_check(packed, by=operator).pk)

    page = signed_in.get(f"{packed.get_absolute_url()}conformity/").content.decode()

    assert f"<p>{packed.name}/{volume.name} is no whole ZIP: it is cut off" in page
    assert f"<code>{volume.name}</code>" not in page


def test_the_report_is_filtered(signed_in: Client, broken: Release) -> None:
    def page(query: str) -> str:
        url = f"{broken.get_absolute_url()}conformity/?{query}"
        return signed_in.get(url).content.decode()

    assert "b.exe" in page("search=B.EXE")
    assert "img src=x" not in page("search=b.exe")
    assert "Nothing in the report matches." in page("search=nowhere")
    assert "b.exe" in page("severity=structure")
    assert "b.exe" not in page("severity=eligibility")
    assert "b.exe" in page("severity=nonsense")


def test_the_report_is_told_in_the_readers_language(signed_in: Client, broken: Release) -> None:
    with translation.override("fr"):
        page = signed_in.get(
            f"{broken.get_absolute_url()}conformity/", headers={"Accept-Language": "fr"}
        ).content.decode()

    assert "The directory" not in page


@pytest.mark.parametrize(("form", "end"), [("json", "json"), ("sarif", "sarif"), ("text", "txt")])
def test_the_report_can_be_taken_away(
    signed_in: Client, broken: Release, form: str, end: str
) -> None:
    answer = signed_in.get(f"{broken.get_absolute_url()}conformity/{form}/")

    assert answer["Content-Disposition"] == f'attachment; filename="{broken.name}.{end}"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert b"b.exe" in answer.content
    assert signed_in.get(f"{broken.get_absolute_url()}conformity/exe/").status_code == 404


def test_a_release_without_report_offers_the_check(signed_in: Client, packed: Release) -> None:
    Release.objects.update(conformity={}, checked_at=None)

    page = signed_in.get(packed.get_absolute_url()).content.decode()

    assert "not checked" in page
    url = f"{packed.get_absolute_url()}conformity/"
    assert "was not checked yet" in signed_in.get(url).content.decode()
    assert signed_in.post(url)["Location"] == url
    finish()
    packed.refresh_from_db()
    assert packed.conformity["state"] == "conforms"


def test_checking_what_is_not_packed_says_why_not(signed_in: Client, operator: User) -> None:
    release = make_release(owner=operator)

    page = signed_in.post(f"{release.get_absolute_url()}conformity/", follow=True)

    assert "is not packed: there is nothing to check yet." in page.content.decode()


def test_the_badge_draws_the_state(signed_in: Client, packed: Release) -> None:
    answer = signed_in.get(f"{packed.get_absolute_url()}badge.svg")

    assert answer["Content-Type"] == "image/svg+xml"
    assert f'<title id="title">{packed.name}: conforms</title>' in answer.content.decode()
    assert "max-age=60" in answer["Cache-Control"]
    again = signed_in.get(
        f"{packed.get_absolute_url()}badge.svg", headers={"If-None-Match": answer["ETag"]}
    )
    assert again.status_code == 304


@pytest.mark.parametrize(
    ("state", "count", "words"),
    [("broken", 1, "1 violation"), ("broken", 3, "3 violations"), ("damaged", 9, "damaged")],
)
def test_the_badge_counts(
    signed_in: Client, packed: Release, state: str, count: int, words: str
) -> None:
    packed.conformity |= {"state": state, "count": count}
    packed.save()

    drawn = signed_in.get(f"{packed.get_absolute_url()}badge.svg").content.decode()

    assert f">{words}</text>" in drawn
    assert "#b91c1c" in drawn


def test_the_list_tells_which_releases_do_not_conform(
    signed_in: Client, broken: Release, operator: User
) -> None:
    make_release(owner=operator)

    page = signed_in.get("/releases/").content.decode()

    assert page.count("conformity-damaged") == 1  # the manifest does not list what was added


def test_the_pages_cost_few_queries_whatever_there_is(
    signed_in: Client,
    broken: Release,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for _ in range(12):
        signed_in.post("/conformity/", {"release": broken.pk})
        finish()
    job = Job.objects.newest_first()[0]

    for path in (
        "/conformity/",
        f"/conformity/{job.pk}/",
        f"{broken.get_absolute_url()}conformity/",
        f"{broken.get_absolute_url()}badge.svg",
        broken.get_absolute_url(),
        "/releases/",
    ):
        with django_assert_max_num_queries(10):
            assert signed_in.get(path).status_code == 200


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("A book in English, of 2026-01-02", set()),
        ("Un livre en anglais, du 2026-01-02", set()),
        ("A book in English", {"released_on"}),
        ("A book of 2026-01-02", {"language"}),
    ],
)
def test_what_its_nfo_does_not_tell_a_release_to_be_lacks_as_well(
    operator: User, text: str, missing: set[str]
) -> None:
    new = make_new(owner=operator, template_text=text)

    found = {one.values["field"] for one in actions.report(new) if one.id == "nfo-fields"}

    assert found == missing
