import json
from pathlib import Path

import pytest

from accounts.models import User
from cli.exits import Exit
from enrichment.models import ApiConfig
from jobs.models import Job
from packer_site import commands
from releases.models import Release
from tests.factories import make_admin, make_book, make_operator
from tests.loopback import VOLUME, LoopbackProviders

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded", "admin")]


@pytest.fixture
def admin(seeded: None) -> User:
    return make_admin(username="admin")


def pack(book: Path, *arguments: object) -> int:
    return commands.run(["pack", str(book), "-g", "GRP", *map(str, arguments)])


def bare_book() -> Path:
    return make_book(year=None, language="")


def test_providers_fill_the_gaps_and_each_is_named(
    providers: LoopbackProviders, capsys: pytest.CaptureFixture[str]
) -> None:
    code = pack(bare_book(), "--enrich", "--language", "fr", "--json")

    said = capsys.readouterr()
    release = Release.objects.get()
    assert code == Exit.DONE
    assert json.loads(said.out)["release"] == release.name
    assert "Year: 2020 (OpenLibrary)" in said.err
    assert "Publisher: Open Publisher (OpenLibrary)" in said.err
    assert "Google Books needs an API key" in said.err
    assert "Language" not in said.err
    assert (release.metadata["year"], release.metadata["language"]) == (2020, "fr")
    assert release.metadata_sources["publisher"] == "OpenLibrary"
    assert Job.objects.filter(work="enrich", status="completed").exists()


def test_what_the_file_says_stays(providers: LoopbackProviders) -> None:
    ApiConfig.objects.create(name="GoogleBooks", api_key="a")
    providers.answers["/OpenLibrary/search.json"] = (200, {"docs": []})

    pack(make_book(publisher="The File's"), "--enrich")

    release = Release.objects.get()
    assert release.metadata["publisher"] == "The File's"
    assert release.metadata["isbn"] == "9780306406157"
    assert release.metadata_sources["isbn"] == "GoogleBooks"


@pytest.mark.parametrize("option", [[], ["--no-api"]])
def test_nobody_is_asked_unasked(providers: LoopbackProviders, option: list[str]) -> None:
    assert pack(make_book(), *option) == Exit.DONE

    assert providers.asked == []
    assert not Job.objects.filter(work="enrich").exists()


def test_both_at_once_are_bad_usage(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as usage:
        pack(make_book(), "--enrich", "--no-api")
    assert usage.value.code == Exit.INVALID


def test_providers_that_are_down_cost_warnings_and_no_release(
    providers: LoopbackProviders, capsys: pytest.CaptureFixture[str]
) -> None:
    providers.answers = {"/OpenLibrary/search.json": (503, {})}

    assert pack(make_book(), "--enrich") == Exit.DONE

    said = capsys.readouterr()
    assert "Open Library is out of order" in said.err
    assert said.out.strip().endswith("-GRP")


def test_a_value_that_cannot_stand_fills_no_gap(
    providers: LoopbackProviders, capsys: pytest.CaptureFixture[str]
) -> None:
    ApiConfig.objects.create(name="GoogleBooks", api_key="a")
    odd = VOLUME | {"volumeInfo": VOLUME["volumeInfo"] | {"publishedDate": "1066"}}  # type: ignore[operator]
    providers.answers = {"/GoogleBooks/volumes": (200, {"items": [odd]})}

    assert pack(bare_book(), "--enrich") == Exit.INVALID  # for want of a year

    said = capsys.readouterr().err
    assert "--year" in said
    assert "1066" not in said


def test_the_keys_are_those_of_who_asks(providers: LoopbackProviders) -> None:
    ann = make_operator(username="ann")
    ApiConfig.objects.create(name="GoogleBooks", user=ann, api_key="key-of-ann")

    pack(make_book(title="One"), "--enrich", "--as", "ann")
    pack(make_book(title="Two"), "--enrich")

    assert set(providers.keys("GoogleBooks")) == {"key-of-ann"}


def test_a_batch_asks_for_each_of_its_items(providers: LoopbackProviders, tmp_path: Path) -> None:
    document = tmp_path / "list.json"
    document.write_text(json.dumps([{"file": str(bare_book()), "group": "GRP"}]))

    assert commands.run(["batch", str(document), "--enrich"]) == Exit.DONE

    assert Release.objects.get().metadata["year"] == 2020
