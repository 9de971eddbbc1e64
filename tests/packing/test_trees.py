"""Folders among the payloads: all that lies in them is packed, or the release is refused."""

import os
import socket
from collections.abc import Callable
from contextlib import chdir
from pathlib import Path
from typing import Any

import pytest
import rarfile

from releases.packing import PackingError, Payload, pack
from releases.packing.engine import trees
from releases.packing.engine.blueprint import draw
from tests.packing.making import make_plan, noise, read_volumes, shown

STEM = "grp-author.title"


@pytest.fixture(params=[4, 5])
def version(request: pytest.FixtureRequest) -> int:
    number: int = request.param
    return number


@pytest.fixture
def book(tmp_path: Path) -> Payload:
    """A folder with a file, a folder in it, an empty folder and an empty file."""
    folder = tmp_path / "source"
    (folder / "Extra" / "Leer").mkdir(parents=True)
    (folder / "book.epub").write_bytes(noise(1500))
    (folder / "Extra" / "é.pdf").write_bytes(noise(700, 1))
    (folder / "Extra" / "none.txt").write_bytes(b"")
    return Payload(path=folder, name="Book")


def names(payload: Payload, folder: Path) -> list[str]:
    plan = make_plan(folder, scheme="rar", payloads=(payload,), volume_bytes=10_000)
    return [source.member.name for source in draw(plan).sources]


def test_a_folder_stands_for_itself_and_all_below_it(tmp_path: Path, book: Payload) -> None:
    assert names(book, tmp_path) == [
        "Book/Extra/Leer",
        "Book/Extra/none.txt",
        "Book/Extra/é.pdf",
        "Book/Extra",
        "Book/book.epub",
        "Book",
    ]


def test_a_packed_folder_comes_back(
    tmp_path: Path, into: Path, book: Payload, version: int
) -> None:
    plan = make_plan(tmp_path, scheme="rar", rar_version=version, payloads=(book,))
    first = {4: f"{STEM}.rar", 5: f"{STEM}.part01.rar"}[version]

    package = pack(plan, into)

    with rarfile.RarFile(package.folder / first) as archive:
        entries = {entry.filename: entry for entry in archive.infolist()}
        assert [name for name, entry in entries.items() if entry.is_dir()] == [
            "Book/Extra/Leer/",
            "Book/Extra/",
            "Book/",
        ]
        assert archive.read("Book/book.epub") == noise(1500)
        assert archive.read("Book/Extra/é.pdf") == noise(700, 1)
        assert archive.read("Book/Extra/none.txt") == b""
        assert {oct(entry.mode) for entry in entries.values()} == {"0o100644", "0o40755"}
    volumes = read_volumes(sorted(package.folder.glob("*.part*.rar")) or [package.folder / first])
    assert [part.is_folder for part in volumes[0].parts][:2] == [True, False]


def test_an_empty_folder_is_packed_alone(tmp_path: Path, into: Path, version: int) -> None:
    (tmp_path / "Empty").mkdir()
    payload = Payload(path=tmp_path / "Empty", name="Empty")

    package = pack(
        make_plan(tmp_path, scheme="rar", rar_version=version, payloads=(payload,)), into
    )

    (volume,) = read_volumes([path for path in package.folder.iterdir() if path.suffix == ".rar"])
    assert [(part.name, part.is_folder, part.size) for part in volume.parts] == [("Empty", True, 0)]


def test_a_release_of_rar_5_names_its_volumes_by_their_part(tmp_path: Path, into: Path) -> None:
    package = pack(make_plan(tmp_path, scheme="rar", rar_version=5), into)

    parts = [f"{STEM}.part0{number}.rar" for number in (1, 2, 3)]
    assert shown(package.folder) == sorted([f"{STEM}.nfo", f"{STEM}.sfv", *parts])


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"rar_version": 5}, "names of 8.3, and those of RAR 5 volumes are longer: choose RAR 4"),
        ({"rar_version": 3}, "RAR 3 is not written here: choose one of 4, 5"),
        ({"scheme": "rar", "volume_bytes": 83, "max_volumes": 9999}, "and 901 are allowed"),
    ],
)
def test_a_version_that_does_not_do_is_refused(
    tmp_path: Path, into: Path, fields: dict[str, Any], said: str
) -> None:
    with pytest.raises(PackingError, match=said):
        pack(make_plan(tmp_path, **fields), into)

    assert shown(into) == []


def link(path: Path) -> None:
    path.symlink_to("/etc/passwd")


def listen(path: Path) -> None:
    with chdir(path.parent), socket.socket(socket.AF_UNIX) as server:  # paths of sockets are short
        server.bind(path.name)


@pytest.mark.parametrize("make", [link, listen, os.mkfifo])
def test_what_is_neither_file_nor_folder_is_refused_wherever_it_lies(
    tmp_path: Path, book: Payload, make: Callable[[Path], None]
) -> None:
    make(book.path / "Extra" / "odd")

    with pytest.raises(PackingError, match="Extra/odd is neither a file nor a folder"):
        names(book, tmp_path)


@pytest.mark.parametrize("name", [".hidden", "a:b", "con.txt", "end. ", os.fsdecode(b"\xff")])
def test_names_that_cannot_stand_are_refused_wherever_they_lie(
    tmp_path: Path, book: Payload, name: str
) -> None:
    (book.path / "Extra" / name).write_bytes(b"")

    with pytest.raises(PackingError, match=r"'Book/Extra/.* cannot name a file of an archive"):
        names(book, tmp_path)


@pytest.mark.parametrize("name", ["É.PDF", "e\N{COMBINING ACUTE ACCENT}.pdf"])
def test_names_that_some_systems_cannot_tell_apart_are_refused(
    tmp_path: Path, book: Payload, name: str
) -> None:
    (book.path / "Extra" / name).write_bytes(b"")

    with pytest.raises(PackingError, match="Two files would both be Book/Extra/"):
        names(book, tmp_path)


def test_a_path_longer_than_readers_take_is_refused(tmp_path: Path, book: Payload) -> None:
    deep = book.path
    for _ in range(5):
        deep /= "x" * 200
    deep.mkdir(parents=True)
    assert names(book, tmp_path)

    (deep / ("y" * 20)).write_bytes(b"")

    with pytest.raises(PackingError, match="takes more than 1024 bytes: shorten"):
        names(book, tmp_path)


def test_folders_are_packed_as_deep_as_paths_go(tmp_path: Path, book: Payload) -> None:
    deepest = book.path / "/".join("d" * 509)
    deepest.mkdir(parents=True)

    assert names(book, tmp_path)[0] == "Book" + "/Extra/Leer"
    assert max(map(len, names(book, tmp_path))) == len("Book") + 2 * 509


def test_more_files_than_a_release_has_are_refused(
    tmp_path: Path, book: Payload, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trees, "MAX_MEMBERS", 6)
    assert len(names(book, tmp_path)) == 6

    (book.path / "one.more").write_bytes(b"")

    with pytest.raises(PackingError, match="more than 6 files and folders to pack"):
        names(book, tmp_path)


def add(folder: Path) -> None:
    (folder / "new").write_bytes(b"")


def swap(folder: Path) -> None:
    other = folder.with_name("other")
    folder.rename(other)
    folder.mkdir()
    for path in other.iterdir():
        path.rename(folder / path.name)


@pytest.mark.parametrize(
    ("where", "change"),
    [
        ("Extra", add),
        ("Extra/Leer", add),
        ("", add),
        ("Extra/Leer", swap),
        ("Extra/none.txt", Path.unlink),
        ("Extra/none.txt", lambda path: path.write_bytes(b"more")),
        ("Extra/Leer", Path.rmdir),
    ],
)
def test_a_folder_that_changes_while_it_is_packed_is_refused(
    tmp_path: Path, into: Path, book: Payload, where: str, change: Callable[[Path], None]
) -> None:
    changes = [change]

    def progress(stage: str, done: int, total: int) -> None:
        if stage == "archive" and changes:
            changes.pop()(book.path / where)

    with pytest.raises(
        PackingError, match=r"changed while it was packed|is not there: put it back"
    ):
        pack(make_plan(tmp_path, scheme="rar", payloads=(book,)), into, progress)

    assert shown(into) == []
