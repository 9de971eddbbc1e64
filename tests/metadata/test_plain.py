import random
from pathlib import Path

import pytest

from releases.metadata import Analysis, analyse, cover, plain

FRENCH = (
    "Le phare se dresse à l\u2019extrémité de la jetée, où les pêcheurs réparent leurs filets.\r\n"
)
JAPANESE = "吾輩は猫である。名前はまだ無い。どこで生れたかとんと見当がつかぬ。\n"
RUSSIAN = "Жили-были дед и баба, и была у них курочка Ряба. Снесла курочка яичко.\n"  # noqa: RUF001  # it is Russian
HEADER = """The Project Gutenberg eBook of The Time Machine

Title: The Time Machine
{}
Release date: October 2, 2004 [eBook #35]

Language: English

*** START OF THE PROJECT GUTENBERG EBOOK THE TIME MACHINE ***

Title: Another
"""


def written(tmp_path: Path, content: bytes) -> Analysis:
    path = tmp_path / "book.txt"
    path.write_bytes(content)
    return analyse(path)


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (b"Plain words.\n", "ascii"),
        ("Été\n".encode(), "utf-8"),
        ("Été\n".encode("utf-8-sig"), "utf-8"),
        ("Été\n".encode("utf-16"), "utf-16"),
        (b"\xfe\xff" + "Été\n".encode("utf-16-be"), "utf-16"),
        ("Été\n".encode("utf-32"), "utf-32"),
        ("Un été sans fin\n".encode("utf-16-le"), "utf-16-le"),
        (FRENCH.encode("cp1252"), "windows-1252"),
        (JAPANESE.encode("shift_jis"), "shift_jis"),
        (JAPANESE.encode("euc_jp"), "euc-jp"),
        (JAPANESE.encode("iso2022_jp"), "iso-2022-jp"),
        (RUSSIAN.encode("cp1251"), "windows-1251"),
        (RUSSIAN.encode("koi8-r"), "koi8-r"),
        (b"a" * 100_000 + b"\n" + FRENCH.encode("cp1252"), "windows-1252"),
        (b"a" * plain._PIECE + b"\n" + "Été\n".encode(), "utf-8"),
    ],
)
def test_the_encoding_is_told(tmp_path: Path, content: bytes, encoding: str) -> None:
    analysis = written(tmp_path, content)

    assert (analysis.format, analysis.valid) == ("txt", True)
    assert analysis.metadata == {"encoding": encoding}
    assert analysis.mediainfo["encoding"] == encoding


def test_a_letter_may_be_cut_by_the_pieces_that_are_read(tmp_path: Path) -> None:
    content = b"a" * (plain._PIECE - 1) + "é".encode()

    assert written(tmp_path, content).metadata == {"encoding": "utf-8"}


@pytest.mark.parametrize(
    ("text", "lines", "line_ends"),
    [
        ("one\ntwo\n", 2, "LF"),
        ("one\r\ntwo", 2, "CRLF"),
        ("one\rtwo\r", 2, "CR"),
        ("one\r\ntwo\n", 2, "mixed"),
        ("one", 1, ""),
    ],
)
@pytest.mark.parametrize("codec", ["ascii", "utf-16"])
def test_lines_are_counted(
    tmp_path: Path, text: str, lines: int, line_ends: str, codec: str
) -> None:
    found = written(tmp_path, text.encode(codec)).mediainfo

    assert (found["lines"], found["line_ends"]) == (lines, line_ends)


def test_a_text_has_no_title_and_no_cover(tmp_path: Path) -> None:
    analysis = written(tmp_path, b"Title: A Letter\nAuthor: Ann Author\n\nDear Bob,\n")

    assert analysis.metadata == {"encoding": "ascii"}
    assert (analysis.cover, cover(tmp_path / "book.txt")) == (False, b"")


@pytest.mark.parametrize(
    ("authors", "names"),
    [
        ("\nAuthor: H. G. Wells\n", ["H. G. Wells"]),
        ("\nAuthor: Karl Marx\n        Friedrich Engels\n", ["Karl Marx", "Friedrich Engels"]),
        ("\nAuthor: Karl Marx and Friedrich Engels\n", ["Karl Marx", "Friedrich Engels"]),
    ],
)
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_the_header_of_project_gutenberg_is_read(
    tmp_path: Path, authors: str, names: list[str], line_end: str
) -> None:
    header = HEADER.format(authors).replace("\n", line_end)

    analysis = written(tmp_path, header.encode("utf-8-sig"))

    assert analysis.metadata == {
        "encoding": "utf-8",
        "title": "The Time Machine",
        "authors": names,
        "language": "en",
    }
    assert analysis.sources["title"] == "Gutenberg header Title"


def test_a_title_of_two_lines_and_a_year_of_publication_are_read(tmp_path: Path) -> None:
    header = (
        "The Project Gutenberg eBook of Frankenstein\n\nTitle: Frankenstein;\n"
        "       Or, The Modern Prometheus\n\nOriginal publication: London: Lackington, 1818\n"
    )

    analysis = written(tmp_path, header.encode())

    assert analysis.metadata["title"] == "Frankenstein; Or, The Modern Prometheus"
    assert analysis.metadata["year"] == 1818


def test_zero_bytes_are_no_text(tmp_path: Path) -> None:
    analysis = written(tmp_path, b"a" * 70_000 + bytes(100))

    assert "zero bytes" in str(analysis.problems[0])
    assert not analysis.valid


def test_no_bytes_stop_the_reader(tmp_path: Path) -> None:
    dice = random.Random(7)
    for _ in range(100):
        content = bytes(dice.choices(range(0x20, 0x100), k=dice.randrange(1, 3_000)))

        assert written(tmp_path, b"Text " + content).format == "txt"
