import json
import os
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation

from cli.exits import Exit
from packer_site import commands
from tests.books import cut, encryption, make_epub, make_video
from tests.cli.terminal import Terminal, plain
from tests.instance import Instance

KEYS = [
    *("format", "extension", "title", "subtitle", "authors", "language", "isbn", "publisher"),
    *("year", "series", "series_index", "pages", "chapters", "drm", "encrypted", "valid"),
    *("problems", "cover", "structure", "sources"),
]


def analyze(*arguments: object) -> int:
    return commands.run(["analyze", *map(str, arguments)])


def analyzed(capsys: pytest.CaptureFixture[str], *arguments: object) -> dict[str, Any]:
    analyze("--json", *arguments)
    document: dict[str, Any] = json.loads(capsys.readouterr().out)
    return document


@pytest.fixture
def book(tmp_path: Path) -> Path:
    return make_epub(tmp_path / "book.epub", title="A Title", authors=["Ann A", "Bob B"])


def test_a_book_is_described_for_people(book: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert analyze(book) == Exit.DONE

    name, *facts = capsys.readouterr().out.splitlines()
    assert name == str(book)
    assert facts[:3] == ["  Format    EPUB", "  Title     A Title", "  Authors   Ann A & Bob B"]
    assert facts[-1] == ""


def test_a_video_is_described_for_people(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    analyze(make_video(tmp_path / "film.mkv", languages=["fra"], duration_s=61.0))

    said = capsys.readouterr().out
    assert "h264, 1280x720\n" in said
    assert "ac3, 6 channels, fr\n" in said
    assert "srt, fr\n" in said
    assert "0:01:01\n" in said


def test_what_is_wrong_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    locked = {"META-INF/encryption.xml": encryption("http://www.w3.org/2001/04/xmlenc#aes128-cbc")}
    protected = make_epub(tmp_path / "locked.epub", entries=locked)
    short = cut(make_epub(tmp_path / "short.epub"))

    assert analyze(protected, short) == Exit.DONE

    said = capsys.readouterr().out
    assert "  Protection  " in said
    assert "damaged or cut short" in said


def test_one_document_tells_of_all_files(
    book: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    film = make_video(tmp_path / "film.MKV")

    document = analyzed(capsys, book, film)

    told = document["book.epub"]
    assert list(document) == ["book.epub", "film.MKV"]
    assert list(told) == KEYS
    assert (told["format"], told["title"], told["authors"]) == (
        "epub",
        "A Title",
        ["Ann A", "Bob B"],
    )
    assert (told["isbn"], told["drm"], told["problems"]) == (None, "", [])
    assert told["structure"][0] == "mimetype"
    assert told["sources"]["title"] == "OPF dc:title"
    assert set(document["film.MKV"]) == {*KEYS, "video", "audio", "subtitles", "duration"}
    assert document["film.MKV"]["video"]["codec"] == "h264"
    assert document["film.MKV"]["extension"] == "mkv"
    assert document["film.MKV"]["authors"] == []


def test_files_of_the_same_name_are_told_apart(
    book: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "sub").mkdir()
    other = make_epub(tmp_path / "sub" / "book.epub", title="Other")

    document = analyzed(capsys, book, other, book)

    assert {path: told["title"] for path, told in document.items()} == {
        str(book): "A Title",
        str(other): "Other",
    }


def test_a_folder_stands_for_the_files_below_it(
    book: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for folder in ("b", "a", ".hidden"):
        (tmp_path / folder).mkdir()
        make_epub(tmp_path / folder / f"{folder}.epub")
    make_epub(tmp_path / ".hidden.epub")
    os.mkfifo(tmp_path / "pipe")

    document = analyzed(capsys, tmp_path)

    assert list(document) == ["book.epub", "a.epub", "b.epub"]


def test_an_empty_folder_says_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert analyze(tmp_path) == Exit.DONE
    assert analyzed(capsys, tmp_path) == {}


def test_a_file_that_is_not_there_keeps_no_other_from_being_read(
    book: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert analyze(tmp_path / "none", book) == Exit.NOT_FOUND
    said = capsys.readouterr()
    assert "A Title" in said.out
    assert said.err == f"packer: {tmp_path / 'none'} is not there.\n"

    document = analyzed(capsys, tmp_path / "none", book)
    assert document["none"] == {
        "error": "not_found",
        "message": f"{tmp_path / 'none'} is not there.",
    }
    assert document["book.epub"]["title"] == "A Title"


def test_a_file_that_cannot_be_analysed_keeps_no_other_from_being_read(
    book: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    os.mkfifo(tmp_path / "pipe")

    assert analyze(tmp_path / "pipe", book) == Exit.FAILED

    said = capsys.readouterr()
    assert "A Title" in said.out
    assert "pipe is not a file" in said.err


def test_what_acts_on_a_terminal_is_escaped(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = make_epub(tmp_path / "a\x1b[2J\nb\udcff.epub")

    analyze(path)
    said = capsys.readouterr().out

    assert "a\\u001b[2J\\nb\\udcff.epub" in said
    assert list(analyzed(capsys, path)) == [path.name]


def test_people_are_told_in_their_language(
    book: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANG", "fr_FR.UTF-8")

    with translation.override("en"):
        analyze(book)

    assert "Titre" in capsys.readouterr().out


def test_markup_of_a_terminal_in_a_title_is_shown_as_text(tmp_path: Path) -> None:
    instance = Instance(tmp_path)
    book = make_epub(tmp_path / "book.epub", title="[bold]Title[/bold] " + "long " * 30)

    code, said = Terminal(instance.command("analyze", str(book)), instance.environment).rest()

    words = plain(said).split()
    assert code == Exit.DONE
    assert "[bold]Title[/bold]" in words
    assert words.count("long") == 30


def test_it_needs_no_instance(book: Path, tmp_path: Path) -> None:
    nowhere = Instance(tmp_path / "nowhere")
    nowhere.data_dir.mkdir()

    done = nowhere.run("analyze", str(book), "--json")

    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["book.epub"]["year"] == 2020
    assert list(nowhere.data_dir.iterdir()) == []
