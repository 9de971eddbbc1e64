import io
import struct
import tarfile
from pathlib import Path

import pytest

from releases.metadata import analyse, sniff
from tests.books import PAGE, PICTURE, cut, make_epub, make_mobi, make_video, write_zip
from tests.metadata.comics import write_7z
from tests.metadata.mp4 import box, make_mp4

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
FB2 = '<?xml version="1.0" encoding="{0}"?>\n<FictionBook xmlns="x"/>'


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"", "empty"),
        (b"\x00\x01\x02\x03", "unknown"),
        (b"%PDF-1.7\n", "pdf"),
        (b"\xef\xbb\xbf junk before %PDF-1.4\n1 0 obj\n", "pdf"),
        (b"\xef\xbb\xbf\r\n%PDF-1.4\n", "pdf"),
        (b"Such files begin with %PDF-1.4 and a binary line.\n", "txt"),
        (b"%PDFs are described here\n", "txt"),
        (b"{\\rtf1\\ansi}", "rtf"),
        (b"AT&TFORM\x00\x00\x00\x00DJVM", "djvu"),
        (b"AT&TFORM\x00\x00\x00\x00PM44", "unknown"),
        (b"ITSF\x03\x00\x00\x00", "chm"),
        (b"ITOLITLS\x01", "lit"),
        (b"\xeaDRMION\xee", "kfx"),
        (b"CONT\x01\x00\x00", "kfx"),
        (b"CONT\x02\x00\x00", "kfx"),
        (b"TPZ0\x85c\x08metadata", "topaz"),
        (b"Continue reading", "txt"),
        (b"Rar!\x1a\x07\x00....page01.jpg..", "cbr"),
        (b"Rar!\x1a\x07\x01\x00....book.pdf..", "rar"),
        (b"7z\xbc\xaf\x27\x1c", "7z"),
        (OLE + "WordDocument".encode("utf-16-le"), "doc"),
        (OLE + "EncryptedPackage".encode("utf-16-le"), "docx"),
        (OLE, "ole"),
        (b"\xff\xd8\xff\xe0", "jpg"),
        (PICTURE, "png"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "webp"),
        (b"RIFF\0\0\0\0AVI LIST", "avi"),
        (b"\x1a\x45\xdf\xa3\x9f\x42\x82\x84webm", "webm"),
        (make_mp4(), "mp4"),
        (box(b"ftyp", b"qt  "), "mov"),
        (box(b"ftyp", b"avif"), "avif"),
        ((b"\x47" + bytes(187)) * 5, "ts"),
        ((bytes(4) + b"\x47" + bytes(187)) * 5, "m2ts"),
        (FB2.format("utf-8").encode(), "fb2"),
        (FB2.format("windows-1251").encode(), "fb2"),
        (FB2.format("utf-16").encode("utf-16"), "fb2"),
        (b'<?xml version="1.0"?><package/>', "xml"),
        (PAGE, "html"),
        (b"<!DOCTYPE html>\n<title>x</title>", "html"),
        ("Été à Épinal\r\n".encode("cp1252"), "txt"),
        ("Grüße".encode("utf-16"), "txt"),
        ("Grüße an Anna!".encode("utf-16-le"), "txt"),
        ("Grüße an Anna!".encode("utf-16-be"), "txt"),
        (bytes([1, 0, 2, 0]) * 10, "unknown"),
    ],
)
def test_sniff_goes_by_the_content(tmp_path: Path, content: bytes, kind: str) -> None:
    assert sniff(written(tmp_path / "book.epub", content)) == kind


@pytest.mark.parametrize(
    ("entries", "kind"),
    [
        ({"mimetype": b"application/epub+zip"}, "epub"),
        ({"META-INF/container.xml": b""}, "epub"),
        ({"book/content.opf": b""}, "epub"),
        ({"mimetype": b"application/vnd.oasis.opendocument.text"}, "odt"),
        ({"mimetype": b"application/vnd.oasis.opendocument.text-template"}, "odt"),
        ({"[Content_Types].xml": b"", "word/document.xml": b""}, "docx"),
        ({"[Content_Types].xml": b"", "xl/workbook.xml": b""}, "xlsx"),
        ({"book.fb2": b""}, "fb2"),
        ({"1.jpg": b"", "2.PNG": b"", "ComicInfo.xml": b"", "__MACOSX/1.jpg": b""}, "cbz"),
        ({"1.jpg": b"", ".a": b"", "Thumbs.db": b"", "a/.b/c": b""}, "cbz"),
        ({"1.jpg": b"", "a/comicinfo.xml": b"", "b.txt": b"", "c.txt": b"", "d": b""}, "cbz"),
        ({"ComicInfo.xml": b""}, "zip"),
        ({"1.jpg": b"", "index.html": b"", "style.css": b""}, "zip"),
        ({"index.html": b"", "metadata.opf": b"", "cover.jpg": b""}, "zip"),
        ({"Book/metadata.opf": b"", "Book/book.epub": b"", "Book/cover.jpg": b""}, "zip"),
        ({"book.pml": b"", "book_img/cover.png": b""}, "zip"),
        ({}, "zip"),
    ],
)
def test_sniff_looks_into_zip(tmp_path: Path, entries: dict[str, bytes | None], kind: str) -> None:
    assert sniff(write_zip(tmp_path / "book.pdf", entries)) == kind


def test_sniff_knows_a_zip_that_lost_its_directory(tmp_path: Path) -> None:
    comic = {f"page{number}.jpg": bytes(1000) for number in range(9)}

    assert sniff(cut(make_epub(tmp_path / "book"))) == "epub"
    assert sniff(cut(write_zip(tmp_path / "comic", comic))) == "cbz"


@pytest.mark.parametrize(("name", "kind"), [("1.jpg", "cbt"), ("1.txt", "tar")])
def test_sniff_looks_into_tar(tmp_path: Path, name: str, kind: str) -> None:
    path = tmp_path / "book"
    with tarfile.open(path, "w") as archive:
        archive.addfile(tarfile.TarInfo(name), io.BytesIO())

    assert sniff(path) == kind


@pytest.mark.parametrize(("name", "kind"), [("a.cbr", "cbr"), ("a.cbz", "cbr"), ("a.rar", "rar")])
def test_sniff_asks_the_name_where_a_rar_keeps_silent(tmp_path: Path, name: str, kind: str) -> None:
    assert sniff(written(tmp_path / name, b"Rar!\x1a\x07\x01\x00" + bytes(50))) == kind


@pytest.mark.parametrize(("name", "kind"), [("a.cb7", "cb7"), ("a.7z", "7z")])
def test_sniff_asks_the_name_where_7z_keeps_silent(tmp_path: Path, name: str, kind: str) -> None:
    assert sniff(written(tmp_path / name, b"7z\xbc\xaf\x27\x1c" + bytes(50))) == kind


def test_sniff_asks_the_name_what_a_zip_without_pictures_is(tmp_path: Path) -> None:
    assert sniff(write_zip(tmp_path / "a.cbz", {})) == "cbz"
    assert sniff(write_zip(tmp_path / "b.cbz", {"META-INF/container.xml": b""})) == "epub"


@pytest.mark.parametrize(("name", "kind"), [("1.jpg", "cb7"), ("1.txt", "7z")])
def test_sniff_looks_into_7z_where_the_name_keeps_silent(
    tmp_path: Path, name: str, kind: str
) -> None:
    assert sniff(write_7z(tmp_path / "upload", {name: b"content"})) == kind


def test_sniff_tells_kindle_generations_apart(tmp_path: Path) -> None:
    assert sniff(make_mobi(tmp_path / "a.azw", version=6)) == "mobi"
    assert sniff(make_mobi(tmp_path / "a.mobi", version=8)) == "azw3"
    assert sniff(cut(make_mobi(tmp_path / "a.mobi"), 0.4)) == "mobi"


def test_sniff_knows_matroska(tmp_path: Path) -> None:
    assert sniff(make_video(tmp_path / "a.avi")) == "mkv"


@pytest.mark.parametrize(
    ("encryption", "drm"), [(0, ""), (1, "Mobipocket (old)"), (2, "Mobipocket")]
)
def test_analyse_sees_the_lock_of_mobi(tmp_path: Path, encryption: int, drm: str) -> None:
    analysis = analyse(make_mobi(tmp_path / "a.mobi", encryption=encryption))

    assert (analysis.drm, analysis.encrypted, analysis.valid) == (drm, bool(drm), True)


def test_analyse_sees_no_lock_in_half_a_header(tmp_path: Path) -> None:
    assert analyse(cut(make_mobi(tmp_path / "a.mobi", encryption=2), 0.3)).drm == ""
    assert analyse(cut(make_mobi(tmp_path / "b.mobi", encryption=2), 0.325)).drm == ""


@pytest.mark.parametrize(
    ("content", "drm"),
    [
        (b"\xeaDRMION\xee" + bytes(20), "Amazon KFX"),
        (b"CONT\x02\x00" + bytes(20), ""),
        (OLE + "EncryptedPackage".encode("utf-16-le"), "Office password"),
    ],
)
def test_analyse_sees_other_locks(tmp_path: Path, content: bytes, drm: str) -> None:
    assert analyse(written(tmp_path / "book", content)).drm == drm


def test_analyse_says_that_a_file_is_empty(tmp_path: Path) -> None:
    analysis = analyse(written(tmp_path / "book.epub", b""))

    assert (analysis.format, analysis.valid) == ("empty", False)
    assert [*map(str, analysis.problems)] == ["The file is empty."]


def test_analyse_says_that_a_file_cannot_be_read(tmp_path: Path) -> None:
    analysis = analyse(tmp_path / "nowhere.epub")

    assert (analysis.format, analysis.valid) == ("unknown", False)
    assert [*map(str, analysis.problems)] == ["The file cannot be read: No such file or directory."]


def test_a_text_named_epub_is_a_text(tmp_path: Path) -> None:
    analysis = analyse(written(tmp_path / "book.epub", b"Chapter 1. It was a dark night.\n"))

    assert (analysis.format, analysis.valid) == ("txt", True)


def test_a_mobi_whose_first_record_lies_beyond_its_end_is_mobi(tmp_path: Path) -> None:
    content = bytearray(make_mobi(tmp_path / "a.mobi").read_bytes())
    content[78:82] = struct.pack(">I", 1 << 31)

    assert sniff(written(tmp_path / "b.mobi", bytes(content))) == "mobi"
