import io
import random
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

import pytest

from releases.metadata import analyse, analyse_apart
from releases.metadata.archive import ArchiveError, opened
from tests.books import cut, make_epub, write_zip
from tests.metadata.comics import make_comic, make_info

FILES: dict[str, bytes | None] = {
    "one.txt": b"one" * 100,
    "été/deux.txt": random.Random(0).randbytes(3_000),
    "three.txt": b"3" * 100_000,
    "four.txt": b"",
}


class Pipe(io.BytesIO):
    """What cannot be gone back in: sizes follow the files then."""

    def seekable(self) -> bool:
        return False

    def tell(self) -> int:
        raise OSError


def without_directory(content: bytes) -> bytes:
    return content[: content.index(b"PK\1\2")]


def files_of(path: Path) -> dict[str, bytes]:
    with opened(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_files_are_found_without_a_directory(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "a.zip", FILES)
    path.write_bytes(without_directory(path.read_bytes()))

    assert files_of(path) == FILES


def test_files_are_found_whose_sizes_follow_them(tmp_path: Path) -> None:
    pipe = Pipe()
    with ZipFile(pipe, "w", ZIP_DEFLATED) as archive:
        for name, data in FILES.items():
            archive.writestr(name, data or b"")
    (tmp_path / "a.zip").write_bytes(without_directory(pipe.getvalue()))

    assert files_of(tmp_path / "a.zip") == FILES


def test_a_stored_file_without_a_size_ends_the_search(tmp_path: Path) -> None:
    pipe = Pipe()
    with ZipFile(pipe, "w") as archive:
        archive.writestr("one.txt", b"one", ZIP_DEFLATED)
        archive.writestr("two.txt", b"two", ZIP_STORED)
        archive.writestr("three.txt", b"three", ZIP_DEFLATED)
    (tmp_path / "a.zip").write_bytes(without_directory(pipe.getvalue()))

    assert files_of(tmp_path / "a.zip") == {"one.txt": b"one"}


def test_half_a_file_is_not_found(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "a.zip", FILES)
    content = path.read_bytes()
    path.write_bytes(content[: content.index(b"three.txt") + 20])

    assert [*files_of(path)] == ["one.txt", "été/deux.txt"]


def test_where_no_file_is_left_there_is_no_archive(tmp_path: Path) -> None:
    path = cut(write_zip(tmp_path / "a.zip", {"a.txt": random.Random(0).randbytes(1_000)}))

    with pytest.raises(ArchiveError, match="no readable directory"), opened(path):
        pytest.fail("it was opened")


def test_what_is_left_of_a_book_is_told(tmp_path: Path) -> None:
    path = make_epub(tmp_path / "a.epub", title="Here")
    path.write_bytes(without_directory(path.read_bytes()))

    analysis = analyse(path)

    assert (analysis.format, analysis.valid, analysis.metadata["title"]) == ("epub", False, "Here")
    assert [*map(str, analysis.problems)] == [
        "The archive has no readable directory: the file is damaged or cut short."
    ]


def test_what_is_left_of_a_comic_is_told(tmp_path: Path) -> None:
    entries = {"Tale/20.png": random.Random(0).randbytes(5_000)}
    path = cut(make_comic(tmp_path / "a.cbz", Title="Here", entries=entries), 0.8)

    analysis = analyse(path)

    assert (analysis.valid, analysis.cover) == (False, True)
    assert analysis.metadata == {"title": "Here", "pages": 3}


def test_files_that_unpack_without_end_are_left(tmp_path: Path) -> None:
    pipe = Pipe()
    with ZipFile(pipe, "w", ZIP_DEFLATED) as archive:
        archive.writestr("ComicInfo.xml", make_info(Title="Here"))
        archive.writestr("bomb.png", bytes(100 << 20))
    (tmp_path / "a.cbz").write_bytes(without_directory(pipe.getvalue()))

    analysis = analyse_apart(tmp_path / "a.cbz")

    assert analysis.metadata == {"title": "Here"}


@pytest.mark.parametrize("seed", range(5))
def test_noise_never_stops_the_search(tmp_path: Path, seed: int) -> None:
    path = write_zip(tmp_path / "a.zip", FILES)
    whole, chance = without_directory(path.read_bytes()), random.Random(seed)
    for _ in range(100):
        content = bytearray(whole[: chance.randint(30, len(whole))])
        for _ in range(chance.randint(0, 5)):
            content[chance.randrange(len(content))] = chance.randrange(256)
        path.write_bytes(content)
        try:
            with opened(path) as archive:
                assert len(archive.namelist()) <= len(FILES)
        except ArchiveError:
            continue
