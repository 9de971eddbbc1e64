import io
import json
from pathlib import Path
from typing import Any

import pytest

from accounts.models import User
from cli.exits import Exit
from jobs.models import Job
from packer_site import commands
from releases.models import Release, Source
from tests.books import make_video
from tests.factories import make_admin, make_book
from tests.packing.pictures import make_photograph

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded", "admin")]
DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture
def admin(seeded: None) -> User:
    return make_admin(username="admin")


@pytest.fixture
def books(tmp_path: Path) -> Path:
    """A folder with two books, one.epub and two.epub."""
    folder = tmp_path / "books"
    folder.mkdir()
    for title in ("One", "Two"):
        make_book(folder, title=title).rename(folder / f"{title.lower()}.epub")
    return folder


def listed(folder: Path, content: object) -> Path:
    path = folder / "list.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def batch(*arguments: object) -> int:
    return commands.run(["batch", *map(str, arguments)])


def test_each_file_becomes_a_release_told_by_a_line(
    books: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = listed(books, [{"file": "one.epub"}, {"file": "two.epub", "title": "Other"}])

    code = batch(path, "-g", "GRP", "-o", books / "out")

    first, second = capsys.readouterr().out.splitlines()
    assert code == Exit.DONE
    assert first == f"one.epub: {books}/out/Ann.Author.One.2020.RETAiL.ePUB.eBook-GRP"
    assert second == f"two.epub: {books}/out/Ann.Author.Other.2020.RETAiL.ePUB.eBook-GRP"
    assert Release.objects.filter(status="completed").count() == 2


def test_proofs_are_a_list_of_paths_from_the_document(books: Path) -> None:
    video = make_video(books / "A.Show.S01E02.720p.WEB.H264-GRP.mkv")
    proofs = [make_photograph(books / f"{side}.jpg").name for side in ("front", "back")]
    path = listed(books, [{"file": video.name, "type": "TV", "proof": proofs}])

    assert batch(path, "-g", "GRP", "-o", books / "out") == Exit.DONE
    assert len(list(books.glob("out/*/Proof/*.jpg"))) == 2


def test_json_is_one_document_of_results_in_order(
    books: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = listed(books, [{"file": "none.epub"}, {"file": "one.epub", "no-sfv": True}])

    code = batch(path, "-g", "GRP", "-o", books / "out", "--json")

    said = json.loads(capsys.readouterr().out)
    failed, completed = said["results"]
    assert code == Exit.FAILED
    assert (said["completed"], said["failed"]) == (1, 1)
    assert (failed["file"], failed["status"], failed["error"]) == (
        "none.epub",
        "failed",
        "not_found",
    )
    assert "none.epub" in failed["message"]
    assert (completed["file"], completed["status"]) == ("one.epub", "completed")
    assert set(completed) >= {"release", "path", "files", "volumes", "bytes", "seconds", "job_id"}
    assert all(len(file["sha256"]) == 64 for file in completed["files"])


def test_one_that_fails_stops_no_other(books: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (books / "bad.epub").write_bytes(b"PK\x03\x04 nothing more")
    items = [{"file": name} for name in ("bad.epub", "one.epub", "one.epub", "two.epub")]

    code = batch(listed(books, items), "-g", "GRP", "-o", books / "out")

    bad, one, again, two = capsys.readouterr().out.splitlines()
    assert code == Exit.FAILED
    assert bad.startswith("bad.epub: failed. ")
    assert "exists already" in again
    assert (one.startswith("one.epub: /"), two.startswith("two.epub: /")) == (True, True)
    assert not Job.objects.active().exists()
    assert Source.objects.count() == 2


def test_an_item_wins_over_the_command_and_the_command_over_the_defaults(books: Path) -> None:
    content = {
        "defaults": {"group": "DEF", "author": "Nobody", "year": 1999, "no_sfv": True},
        "items": [
            {"file": "one.epub"},
            {"file": "two.epub", "author": "Carl", "no_sfv": False, "title": None},
        ],
    }

    code = batch(listed(books, content), "--author", "Bea", "--group", "CMD")

    first, second = Release.objects.order_by("pk")
    assert code == Exit.DONE
    assert (first.name, first.generate_sfv) == ("Bea.One.1999.RETAiL.ePUB.eBook-CMD", False)
    assert (second.name, second.generate_sfv) == ("Carl.Two.1999.RETAiL.ePUB.eBook-CMD", True)


def test_paths_are_meant_from_where_the_document_lies(books: Path) -> None:
    content = [{"file": "one.epub", "output": "here", "group": "GRP"}]

    assert batch(listed(books, content)) == Exit.DONE

    assert Release.objects.get().folder.parent == books / "here"


def test_a_document_comes_from_standard_input_too(
    books: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = io.BytesIO(json.dumps([{"file": "one.epub", "group": "GRP"}]).encode())
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(content))
    monkeypatch.chdir(books)

    assert batch("-", "-o", "out") == Exit.DONE

    assert Release.objects.get().folder.parent == books / "out"


def test_an_empty_list_is_done_at_once(books: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert batch(listed(books, []), "--json") == Exit.DONE

    assert json.loads(capsys.readouterr().out) == {"results": [], "completed": 0, "failed": 0}


ONE: dict[str, Any] = {"file": "one.epub", "group": "GRP"}
SURROGATE = '[{"file": "one.epub", "group": "GRP", "title": "\\ud800"}]'


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "line 1, column 1: "),
        ('[{"file": "one.epub",}]', "line 1, column 22: "),
        ('[\n  {"file" "one.epub"}\n]', "line 2, column 11: "),
        ("[" * 100_000, "document: "),
        ("[" + "9" * 5000 + "]", "document: "),
        ("7", "document: write a list"),
        ({"item": []}, "document: item says nothing here. Did you mean items?"),
        ({"defaults": {}}, "document: items must be a list."),
        ({"items": {}}, "document: items must be a list."),
        ({"items": [ONE], "defaults": []}, "defaults: write an object"),
        ({"items": [ONE], "defaults": {"file": "x"}}, "defaults: file says nothing here."),
        ({"items": [ONE], "defaults": {"type": "MUSIC"}}, "defaults: argument -t/--type"),
        (["one.epub"], "item 1: write an object"),
        ([ONE, ONE | {"titel": "A"}], "item 2: titel says nothing here. Did you mean title?"),
        ([ONE | {"qqq": "A"}], "item 1: qqq says nothing here. Did you mean author, "),
        ([ONE | {"title": ["A"]}], "item 1: title must be a text or a whole number."),
        ([ONE | {"title": True}], "item 1: title must be a text or a whole number."),
        ([ONE | {"year": 2020.5}], "item 1: year must be a text or a whole number."),
        ([ONE | {"title": "A\0B"}], "item 1: title must be a text or a whole number."),
        (SURROGATE, "item 1: title must be a text or a whole number."),
        ([ONE | {"no_sfv": "yes"}], "item 1: no_sfv must be true or false."),
        ([ONE | {"volume_size": "big"}], "item 1: argument --volume-size: invalid int value"),
        ([ONE | {"source": "web"}], "item 1: argument -s/--source: invalid choice"),
        ([ONE | {"released_on": "1970-01-01"}], "item 1: argument --released-on: 1970-01-01"),
        ([{"group": "GRP"}], "item 1: file is missing."),
        ([ONE, {"file": "two.epub"}], "item 2: group is missing."),
        ([ONE | {"as": "admin"}], "item 1: as says nothing here."),
    ],
)
def test_a_document_that_cannot_be_used_is_refused_before_anything_is_packed(
    books: Path, capsys: pytest.CaptureFixture[str], content: object, said: str
) -> None:
    code = batch(listed(books, content))

    heard = capsys.readouterr()
    assert code == Exit.INVALID
    assert heard.err.startswith(f"packer: {said}")
    assert heard.out == ""
    assert not Source.objects.exists()


def test_what_is_no_text_or_no_file_is_refused(
    books: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (books / "latin.json").write_bytes(b'["caf\xe9"]')

    assert batch(books / "latin.json") == Exit.INVALID
    assert "byte 6: this is not UTF-8." in capsys.readouterr().err
    assert batch(books / "none.json") == Exit.NOT_FOUND
    assert batch(books) == Exit.INVALID
    assert batch(listed(books, [ONE]), "--as", "nobody") == Exit.NOT_FOUND


def test_the_example_of_the_documentation_is_packed(
    books: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (DOCS / "commands.md").read_text()
    example = text.partition("```json\n")[2].partition("```")[0]

    code = batch(listed(books, example), "--output", books / "out", "--json")

    said = json.loads(capsys.readouterr().out)
    assert code == Exit.DONE, said
    for result in said["results"]:
        assert f"{result['file']}: /home/ann/out/{result['release']}\n" in text
