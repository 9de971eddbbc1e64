"""packer pack and packer batch refuse what stands already, unless they are told."""

import json
from pathlib import Path

import pytest

from accounts.models import User
from cli.exits import Exit
from packer_site import commands
from releases.models import Release, Source
from tests.factories import make_admin, make_book, make_operator

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded", "admin")]
NAME = "Ann.Author.Some.Book.2020.RETAiL.ePUB.eBook-GRP"


@pytest.fixture
def admin(seeded: None) -> User:
    return make_admin(username="admin")


def pack(*arguments: object) -> int:
    return commands.run(["pack", *map(str, arguments)])


def test_the_same_file_for_another_folder_is_refused_by_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pack(make_book(), "-g", "GRP", "-o", tmp_path / "one")

    code = pack(make_book(), "-g", "ABC", "--title", "Else", "-o", tmp_path / "two")

    said = capsys.readouterr().err
    assert code == Exit.NOT_CONFORMING
    assert f"{NAME} is made of the same file." in said
    assert "--allow-duplicate" in said
    assert not list((tmp_path / "two").iterdir())
    assert Source.objects.count() == Release.objects.count() == 1


def test_told_to_it_packs_a_duplicate_and_says_so_in_the_log(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pack(make_book(), "-g", "GRP", "-o", tmp_path / "one")
    again = ("-g", "GRP", "-o", tmp_path / "two", "--allow-duplicate", "-v")

    assert pack(make_book(), *again) == Exit.DONE

    assert f"INFO admin confirmed that it is packed beside: {NAME}" in capsys.readouterr().err
    first, second = (sorted((tmp_path / name / NAME).iterdir()) for name in ("one", "two"))
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]


def test_an_operator_cannot_have_a_duplicate_packed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make_operator(username="ann")
    pack(make_book(), "-g", "GRP", "-o", tmp_path / "one", "--as", "ann")

    again = ("-g", "GRP", "-o", tmp_path / "two", "--allow-duplicate", "--as", "ann")
    assert pack(make_book(), *again) == Exit.NOT_CONFORMING

    assert "Only an administrator" in capsys.readouterr().err


def test_a_failure_in_json_names_the_other(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pack(make_book(), "-g", "GRP", "-o", tmp_path / "one")
    capsys.readouterr()

    pack(make_book(), "-g", "GRP", "-o", tmp_path / "two", "--json")

    told = json.loads(capsys.readouterr().out)
    assert told["error"] == "not_conforming"
    assert NAME in told["message"]


def test_a_batch_goes_on_after_a_duplicate(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    books = [make_book(), make_book(), make_book(title="Another", authors=["Bob Writer"])]
    document = tmp_path / "batch.json"
    document.write_text(json.dumps([{"file": str(path)} for path in books]))
    given = ["batch", str(document), "-g", "GRP", "-o", str(tmp_path / "out"), "--json"]

    assert commands.run(given) == Exit.FAILED

    results = json.loads(capsys.readouterr().out)["results"]
    assert [one["status"] for one in results] == ["completed", "failed", "completed"]
