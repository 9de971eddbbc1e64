"""Files made to harm: each is told apart, none leaks, hangs, or stops its reader."""

import random
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from releases.metadata import analyse, analyse_apart
from releases.metadata.archive import ENTRY_LIMIT
from releases.metadata.candidate import PROBLEM_LIMIT
from tests.books import (
    CONTAINER,
    PACKAGE,
    cut,
    make_epub,
    make_package,
    make_video,
    package_around,
    write_zip,
)

LAUGHS = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 11))
REQUIRED = "<dc:language>en</dc:language>"


def with_package(tmp_path: Path, package: str) -> Path:
    return make_epub(tmp_path / "book.epub", entries={PACKAGE: package.encode()})


def test_an_entity_reads_no_other_file(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("hunter2")
    head = f'<!DOCTYPE package [<!ENTITY x SYSTEM "{secret.as_uri()}">]>'
    package = package_around(REQUIRED + "<dc:title>Safe &x; Title</dc:title>", head=head)

    analysis = analyse_apart(with_package(tmp_path, package))

    assert analysis.metadata["title"] == "Safe Title"
    assert "hunter2" not in str(analysis.as_json())
    assert "refers to entities" in str(analysis.problems[0])


def test_a_document_type_elsewhere_is_not_fetched(tmp_path: Path) -> None:
    (tmp_path / "evil.dtd").write_text('<!ENTITY y "hunter2">')
    head = f'<!DOCTYPE package SYSTEM "{(tmp_path / "evil.dtd").as_uri()}">'
    package = package_around(REQUIRED + "<dc:title>A &y; B</dc:title>", head=head)

    assert "hunter2" not in str(analyse(with_package(tmp_path, package)).as_json())


def test_entities_that_multiply_are_refused(tmp_path: Path) -> None:
    head = f'<!DOCTYPE package [<!ENTITY a0 "lol">{LAUGHS}]>'
    package = package_around("<dc:title>&a10;</dc:title>", head=head)

    analysis = analyse(with_package(tmp_path, package))

    assert not analysis.valid
    assert "lol" not in str(analysis.metadata)


def test_elements_without_depth_are_refused(tmp_path: Path) -> None:
    package = package_around("<dc:title>Deep</dc:title>" + "<meta>" * 60_000)

    assert not analyse(with_package(tmp_path, package)).valid


def test_elements_without_number_are_refused(tmp_path: Path) -> None:
    package = package_around("<dc:title>Wide</dc:title>" + "<a/>" * 1_900_000)

    analysis = analyse_apart(with_package(tmp_path, package))

    assert "more than 200,000 elements" in str(analysis.problems[0])


def test_a_package_that_never_ends_is_not_read(tmp_path: Path) -> None:
    package = make_package() + " " * (9 << 20)

    analysis = analyse(with_package(tmp_path, package))

    assert (analysis.valid, analysis.metadata) == (False, {})
    assert "larger than the 8 MiB" in str(analysis.problems[0])


def test_a_bomb_in_a_chapter_is_told_and_not_unpacked(tmp_path: Path) -> None:
    path = make_epub(tmp_path / "book.epub", entries={"OEBPS/c2.xhtml": bytes(100 << 20)})

    analysis = analyse_apart(path)

    assert (analysis.valid, analysis.metadata["title"]) == (False, "A Book")
    assert "decompression bomb" in str(analysis.problems[0])


@pytest.mark.parametrize("name", ["../../evil.txt", "/evil.txt", "..\\evil.txt", "C:\\evil.txt"])
def test_names_that_leave_the_archive_are_told(tmp_path: Path, name: str) -> None:
    analysis = analyse(make_epub(tmp_path / "book.epub", entries={name: b"evil"}))

    assert not analysis.valid
    assert "points outside the archive" in str(analysis.problems[0])
    assert not list(tmp_path.rglob("evil*"))


def test_a_container_that_leaves_the_archive_is_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside.opf"
    outside.write_text(make_package(title="hunter2"))
    entries = {"META-INF/container.xml": CONTAINER.format(f"../../..{outside}").encode()}

    analysis = analyse(make_epub(tmp_path / "book.epub", entries=entries))

    assert analysis.metadata["title"] == "A Book"
    assert "names no package document" in str(analysis.problems[0])


@pytest.mark.parametrize(
    "link", ["file:///etc/passwd", "//host/x", "http://[", "../../x", "%00", ""]
)
def test_a_cover_elsewhere_is_no_cover(tmp_path: Path, link: str) -> None:
    package = make_package().replace("cover.png", link)

    assert analyse(with_package(tmp_path, package)).cover is False


def test_thousands_of_bad_entries_are_told_in_a_few_sentences(tmp_path: Path) -> None:
    entries = {f"../{number}": b"" for number in range(3_000)}

    analysis = analyse_apart(make_epub(tmp_path / "book.epub", entries=entries))

    assert len(analysis.problems) == PROBLEM_LIMIT
    assert len(analysis.structure) == 2_000


def test_entries_without_number_are_told(tmp_path: Path) -> None:
    entries = {f"{number}": b"" for number in range(ENTRY_LIMIT)}

    analysis = analyse_apart(make_epub(tmp_path / "book.epub", entries=entries))

    assert "20,006 entries" in str(analysis.problems[0])
    assert analysis.metadata["title"] == "A Book"


def test_pictures_without_number_are_not_all_looked_at(tmp_path: Path) -> None:
    """A thousand covers of 32 MiB each, that are none, lie in an archive of 100 KiB."""
    item = '<item id="i{0}" href="c{1}.png" properties="cover-image"/>'
    items = "".join(item.format(number, number % 3) for number in range(1_000))
    package = make_package().replace("<manifest>", "<manifest>" + items)
    covers = {f"OEBPS/c{number}.png": bytes(32 << 20) for number in range(3)}
    entries = covers | {PACKAGE: package.encode()}

    assert analyse_apart(make_epub(tmp_path / "book.epub", entries=entries)).cover is False


def test_a_damaged_entry_is_told(tmp_path: Path) -> None:
    path = make_epub(tmp_path / "book.epub", size_bytes=50_000)
    content = bytearray(path.read_bytes())
    content[30_000] ^= 0xFF
    path.write_bytes(content)

    assert [*map(str, analyse(path).problems)] == ["OEBPS/filling.bin in the archive is damaged."]


@pytest.mark.parametrize("content", [b"", b"\x00", b"no markup at all", b"\xff\xfe", b"<"])
def test_a_package_that_is_no_markup_is_told(tmp_path: Path, content: bytes) -> None:
    analysis = analyse(make_epub(tmp_path / "book.epub", entries={PACKAGE: content}))

    assert (analysis.valid, analysis.metadata) == (False, {})


def test_an_image_that_never_ends_is_no_cover(tmp_path: Path) -> None:
    path = make_epub(tmp_path / "book.epub", entries={"OEBPS/cover.png": bytes(33 << 20)})

    assert analyse(path).cover is False


def test_a_compression_nobody_knows_is_told(tmp_path: Path) -> None:
    path = make_epub(tmp_path / "book.epub")
    content = path.read_bytes()
    local, central = content.index(b"PK\x03\x04", 100), content.index(b"PK\x01\x02", 0)
    content = content[: local + 8] + b"\x63" + content[local + 9 :]
    second = content.index(b"PK\x01\x02", central + 4)
    path.write_bytes(content[: second + 10] + b"\x63" + content[second + 11 :])

    analysis = analyse(path)

    assert not analysis.valid
    assert "META-INF/container.xml in the archive is damaged." in map(str, analysis.problems)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99])
def test_a_book_cut_short_is_told(tmp_path: Path, share: float) -> None:
    analysis = analyse(cut(make_epub(tmp_path / "book.epub"), share))

    assert (analysis.format, analysis.valid) == ("epub", False)
    assert "damaged or cut short" in str(analysis.problems[0])


@pytest.mark.parametrize("make", [make_epub, make_video])
def test_noise_anywhere_never_stops_the_reader(
    tmp_path: Path, make: Callable[[Path], Path]
) -> None:
    path = make(tmp_path / "file")
    whole, chance = path.read_bytes(), random.Random(0)
    for _ in range(150):
        content = bytearray(whole)
        for _ in range(chance.randint(1, 8)):
            content[chance.randrange(len(content))] = chance.randrange(256)
        path.write_bytes(content)
        assert analyse(path).size == len(whole)


def test_names_in_no_encoding_are_told(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "book.epub", {"mimetype": b"application/epub+zip", "é": b""})
    path.write_bytes(path.read_bytes().replace("é".encode(), b"\xff\xff"))

    with pytest.raises(UnicodeDecodeError):
        zipfile.ZipFile(path)
    assert not analyse(path).valid


def test_an_entry_without_a_name_is_told(tmp_path: Path) -> None:
    path = make_epub(tmp_path / "book.epub", entries={"q": b"text"})
    content = bytearray(path.read_bytes())
    for magic, at in ((b"PK\x03\x04", 26), (b"PK\x01\x02", 28)):
        header = content.rindex(magic)
        content[header + at], content[header + at + 2] = 0, 1  # its name is an extra field now
    path.write_bytes(content)

    analysis = analyse(path)

    assert zipfile.ZipFile(path).namelist()[-1] == ""
    assert (analysis.valid, analysis.metadata["title"]) == (False, "A Book")
