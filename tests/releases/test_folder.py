"""Reliability S7: whatever a path says, nothing outside the folder is looked at."""

import os
import random
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from releases import folder
from releases.folder import NotThere, Order

PIECES = [
    *("..", ".", "...", "", "/", "//", "\\", "..\\", "%2e%2e", "%2f", "..%2f", "..%c0%af"),
    *("\x00", "\n", "\r\n", "\u202e", "\u2024\u2024", "\uff0e\uff0e", "\u2215", "~", "~root"),
    *("/etc/passwd", "etc", "passwd", "canary", "out", "link", "loop", "books", "a.epub"),
    *(".hidden", "CON", "nul.epub", "C:", "C:\\", "file://", "x" * 300, "\ud800", "|id", "$(id)"),
]


def payloads(count: int = 500) -> list[str]:
    """Return the same hostile paths on every run."""
    chance = random.Random(7)
    joined = [
        chance.choice(["/", "", "\\", "/./"]).join(chance.choices(PIECES, k=chance.randint(1, 6)))
        for _ in range(count)
    ]
    return [one for one in joined if one not in {"books", "books/a.epub", "a.epub", ""}]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder with all that one may meet, and a canary beside it."""
    (tmp_path / "canary").write_text("sings")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "a.epub").write_text("outside")
    inbox = tmp_path / "inbox"
    (inbox / "books" / "deep").mkdir(parents=True)
    (inbox / "books" / "a.epub").write_text("inside")
    (inbox / ".hidden").mkdir()
    (inbox / ".secret.epub").write_text("hidden")
    (inbox / "link").symlink_to(tmp_path / "out")
    (inbox / "link.epub").symlink_to(tmp_path / "canary")
    (inbox / "loop").symlink_to(inbox)
    os.mkfifo(inbox / "pipe.epub")
    return inbox


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    (tmp_path / "inbox").mkdir()
    return tmp_path / "inbox"


@contextmanager
def opened() -> Iterator[list[str]]:
    """Note every path that is opened meanwhile, as it is written."""
    paths: list[str] = []
    is_on = True

    def hear(event: str, arguments: tuple[Any, ...]) -> None:
        if is_on and event in {"open", "os.listdir", "os.scandir"}:
            paths.append(str(arguments[0]))

    sys.addaudithook(hear)
    yield paths
    is_on = False


def names(listing: folder.Listing) -> list[str]:
    return [entry.name for entry in listing.entries]


def test_a_folder_shows_its_folders_and_plain_files_alone(root: Path) -> None:
    (root / "b.epub").write_text("b")

    assert names(folder.listing(root, "")) == ["books", "b.epub"]
    assert names(folder.listing(root, "books")) == ["deep", "a.epub"]


def test_an_entry_tells_its_size_age_and_way(root: Path) -> None:
    os.utime(root / "books" / "a.epub", (1_000_000, 1_000_000))

    entry = folder.listing(root, "books").entries[1]

    assert (entry.path, entry.size, entry.mtime) == ("books/a.epub", 6, 1_000_000)


def test_no_path_leads_out_of_the_folder(root: Path) -> None:
    found = []
    with opened() as paths:
        for path in payloads():
            for look in (folder.listing, folder.located):
                try:
                    found.append((path, look(root, path)))
                except NotThere:
                    continue

    assert found == []
    beyond = [path for path in paths if path.startswith("/") and path != str(root)]
    assert beyond == []
    assert not [path for path in paths if ".." in path.split("/")]


@pytest.mark.parametrize("path", ["link", "link/a.epub", "loop/books", "loop/loop/books/a.epub"])
def test_no_link_is_followed(root: Path, path: str) -> None:
    with pytest.raises(NotThere):
        folder.listing(root, path)
    with pytest.raises(NotThere):
        folder.located(root, path)


@pytest.mark.parametrize("path", ["link.epub", "pipe.epub", "books", "", ".secret.epub", "none"])
def test_what_is_no_plain_file_is_not_there(root: Path, path: str) -> None:
    with pytest.raises(NotThere):
        folder.located(root, path)


def test_a_device_is_not_there(root: Path) -> None:
    try:
        os.mknod(root / "null.epub", 0o666 | 0o020000, os.makedev(1, 3))
    except PermissionError:
        pytest.skip("only root makes devices")

    assert "null.epub" not in names(folder.listing(root, ""))
    with pytest.raises(NotThere):
        folder.located(root, "null.epub")


def test_ten_thousand_files_are_shown_page_by_page_in_the_order_of_people(empty: Path) -> None:
    for number in range(10_000):
        (empty / f"Book {number}.epub").touch()

    first, second = (folder.listing(empty, "", page=page) for page in (1, 2))

    assert (first.total, first.pages, len(first.entries)) == (10_000, 200, 50)
    assert names(first)[:3] == ["Book 0.epub", "Book 1.epub", "Book 2.epub"]
    assert names(second)[0] == "Book 50.epub"
    assert names(folder.listing(empty, "", search="99 9.EPUB"))[0] == "Book 99.epub"


def test_a_page_that_is_none_is_the_nearest(root: Path) -> None:
    assert folder.listing(root, "", page=99).page == 1
    assert folder.listing(root, "", page=-1).page == 1


def test_the_largest_or_the_newest_come_first(empty: Path) -> None:
    for name, size, age in (("a", 1, 3), ("b", 3, 2), ("c", 2, 9)):
        (empty / name).write_bytes(bytes(size))
        os.utime(empty / name, (age, age))

    assert names(folder.listing(empty, "", order=Order.SIZE)) == ["b", "c", "a"]
    assert names(folder.listing(empty, "", order=Order.NEWEST)) == ["c", "a", "b"]


def test_names_that_are_no_text_are_passed_over(empty: Path) -> None:
    with open(os.fsencode(empty) + b"/\xff\xfe.epub", "wb"):  # noqa: PTH123
        pass
    (empty / "line\nbreak.epub").touch()

    assert folder.listing(empty, "").total == 0


def test_a_file_is_removed_only_while_it_is_the_one_that_was_seen(root: Path) -> None:
    seen = folder.located(root, "books/a.epub")
    (root / "books" / "a.epub").unlink()
    (root / "books" / "a.epub").write_text("another")

    with pytest.raises(NotThere):
        folder.remove(root, "books/a.epub", seen)
    folder.remove(root, "books/a.epub", folder.located(root, "books/a.epub"))

    assert not (root / "books" / "a.epub").exists()
    assert (root.parent / "canary").read_text() == "sings"
