import random
import struct
from pathlib import Path
from typing import Any

import pytest

from releases.metadata import Analysis, analyse, analyse_apart, cover, sniff
from tests.books import cut, write_palm
from tests.metadata.kindle import JPEG, NONE, make_exth, make_header, make_hybrid, make_kindle

GIF = b"GIF89a" + bytes(20)


def read(tmp_path: Path, **fields: Any) -> Analysis:
    return analyse(make_kindle(tmp_path / "book.mobi", **fields))


def told(tmp_path: Path, *exth: tuple[int, str | int | bytes], **fields: Any) -> dict[str, Any]:
    """The metadata of a book with these EXTH records."""
    return read(tmp_path, exth=exth, **fields).metadata


def test_read_tells_every_field_and_where_it_stood(tmp_path: Path) -> None:
    exth = [(503, "Été"), (100, "Élodie G."), (100, "Noël L."), (101, "Phare"), (103, "Once.")]
    exth += [(104, "978-2-07-036822-8"), (106, "2019-05-14T00:00:00+00:00"), (524, "fr-FR")]

    analysis = read(tmp_path, exth=exth)

    assert (analysis.format, analysis.valid, analysis.drm) == ("mobi", True, "")
    assert analysis.metadata == {
        "title": "Été",
        "authors": ["Élodie G.", "Noël L."],
        "language": "fr-FR",
        "isbn": "9782070368228",
        "publisher": "Phare",
        "year": 2019,
        "description": "Once.",
    }
    assert analysis.sources == {
        "title": "EXTH 503",
        "authors": "EXTH 100",
        "language": "EXTH 524",
        "isbn": "EXTH 104",
        "publisher": "EXTH 101",
        "year": "EXTH 106",
        "description": "EXTH 103",
    }


def test_read_tells_the_technical_facts(tmp_path: Path) -> None:
    analysis = read(tmp_path, version=8, compression=2)

    assert analysis.format == "azw3"
    assert analysis.mediainfo == {
        "format": "AZW3",
        "version": "8",
        "size": analysis.size,
        "compression": "PalmDOC",
        "text_encoding": "utf-8",
        "text_bytes": 5,
        "records": 3,
        "hybrid": False,
    }


@pytest.mark.parametrize(
    ("exth", "full_name", "title", "source"),
    [
        ([(503, "Updated")], "Full", "Updated", "EXTH 503"),
        ([(503, "Unknown")], "Full", "Full", "MOBI full name"),
        ([], "Full: A Name", "Full: A Name", "MOBI full name"),
        ([], "", "A Book", "Palm database name"),
    ],
)
def test_the_title_stands_in_three_places(
    tmp_path: Path, exth: list[tuple[int, str]], full_name: str, title: str, source: str
) -> None:
    analysis = read(tmp_path, exth=exth, full_name=full_name)

    assert (analysis.metadata["title"], analysis.sources["title"]) == (title, source)


def test_the_oldest_books_have_no_name_but_that_of_the_database(tmp_path: Path) -> None:
    head = struct.pack(">HHIHHHH", 2, 0, 5, 1, 4096, 0, 0)
    path = write_palm(tmp_path / "a.prc", [head, b"text"], name="Ré_a".encode(), kind=b"TEXtREAd")

    analysis = analyse(path)

    assert (analysis.format, analysis.valid) == ("mobi", True)
    assert analysis.metadata == {"title": "Ré_a"}
    assert analysis.mediainfo["version"] == "PalmDOC"


@pytest.mark.parametrize(
    ("names", "authors"),
    [
        (["A. One", "B. Two", "A. One"], ["A. One", "B. Two"]),
        (["One, Ann; Two, Bob"], ["One, Ann", "Two, Bob"]),
        (["Ann One & Bob Two"], ["Ann One", "Bob Two"]),
        (["Ann One &amp; Bob Two"], ["Ann One", "Bob Two"]),
        (["Rowe & Sons", "Bob Two"], ["Rowe & Sons", "Bob Two"]),
        (["Unknown", "Ann One"], ["Ann One"]),
    ],
)
def test_authors_are_told_apart(tmp_path: Path, names: list[str], authors: list[str]) -> None:
    assert told(tmp_path, *((100, name) for name in names))["authors"] == authors


@pytest.mark.parametrize(
    "exth", [(100, "Unknown"), (104, "9782070368220"), (106, "0101-01-01T00:00:00"), (101, " ")]
)
def test_what_says_nothing_is_unknown(tmp_path: Path, exth: tuple[int, str]) -> None:
    assert [*told(tmp_path, exth)] == ["title", "language"]


@pytest.mark.parametrize(
    ("locale", "tag"), [(9, "en"), (0x409, "en-US"), (0xC0C, "fr-CA"), (0x7C0C, "fr"), (0x16, "pt")]
)
def test_the_language_may_be_a_windows_locale(tmp_path: Path, locale: int, tag: str) -> None:
    analysis = read(tmp_path, locale=locale)

    assert (analysis.metadata["language"], analysis.sources["language"]) == (tag, "MOBI locale")


@pytest.mark.parametrize("locale", [0, 0x3FF])
def test_a_locale_of_no_language_is_none(tmp_path: Path, locale: int) -> None:
    assert "language" not in read(tmp_path, locale=locale).metadata


def test_an_isbn_may_be_the_source(tmp_path: Path) -> None:
    assert told(tmp_path, (112, "urn:isbn:9782070368228"))["isbn"] == "9782070368228"
    assert "isbn" not in told(tmp_path, (112, "calibre:9782070368228"))


@pytest.mark.parametrize(
    ("page", "title"), [(1252, "Été"), (1251, "Война"), (932, "星の道"), (65001, "ℵ₀")]
)
def test_texts_are_in_the_code_page_they_declare(tmp_path: Path, page: int, title: str) -> None:
    assert told(tmp_path, (503, title), code_page=page)["title"] == title


def test_texts_in_another_code_page_are_read_all_the_same(tmp_path: Path) -> None:
    assert told(tmp_path, (503, "Été".encode()), code_page=1252)["title"] == "Été"
    assert told(tmp_path, (503, "Été".encode("cp1252")), code_page=65001)["title"] == "Été"


def test_an_unknown_code_page_is_taken_for_the_usual_one(tmp_path: Path) -> None:
    head = make_header(exth=[(503, b"\xc9t\xe9")])
    head = head.replace(struct.pack(">I", 65001), struct.pack(">I", 64999))

    analysis = analyse(write_palm(tmp_path / "a.mobi", [head, b"Hello"]))

    assert analysis.metadata["title"] == "Été"


def test_markup_in_a_title_is_kept(tmp_path: Path) -> None:
    title = "<script>alert(1)</script> & Sons"

    assert told(tmp_path, (503, title))["title"] == title


def test_exth_records_count_even_where_no_flag_tells_of_them(tmp_path: Path) -> None:
    assert told(tmp_path, (503, "Here"), has_exth=False)["title"] == "Here"


def test_a_hybrid_is_of_the_old_format_and_says_what_either_says(tmp_path: Path) -> None:
    path = make_hybrid(
        tmp_path / "a.mobi", {"exth": [(503, "Old")]}, {"exth": [(503, "New"), (100, "Ann")]}
    )

    analysis = analyse(path)

    assert (analysis.format, analysis.valid) == ("mobi", True)
    assert analysis.mediainfo["hybrid"] is True
    assert (analysis.metadata["title"], analysis.metadata["authors"]) == ("Old", ["Ann"])


def test_a_lock_on_either_book_of_a_hybrid_is_told(tmp_path: Path) -> None:
    path = make_hybrid(tmp_path / "a.mobi", {}, {"encryption": 2})

    assert analyse(path).drm == "Mobipocket"


@pytest.mark.parametrize(
    "exth",
    [
        [(201, 1)],
        [(202, 0), (201, 1)],
        [(201, NONE), (202, 1)],
        [(129, "kindle:embed:0002?mime=image/jpg")],
    ],
)
def test_the_cover_is_the_picture_the_book_names(
    tmp_path: Path, exth: list[tuple[int, str | int]]
) -> None:
    path = make_kindle(tmp_path / "a.mobi", exth=exth, images=[GIF, JPEG])

    assert analyse(path).cover is True
    assert cover(path) == JPEG


@pytest.mark.parametrize("exth", [[], [(201, NONE)], [(201, 9)], [(201, 2)], [(201, b"")]])
def test_a_cover_that_is_not_there_is_none(
    tmp_path: Path, exth: list[tuple[int, int | bytes]]
) -> None:
    path = make_kindle(tmp_path / "a.mobi", exth=exth, images=[GIF, JPEG])

    assert analyse(path).cover is False
    assert cover(path) == b""


@pytest.mark.parametrize("share", [0.05, 0.2, 0.5, 0.9])
def test_a_book_cut_short_is_told_with_what_is_left(tmp_path: Path, share: float) -> None:
    path = make_kindle(tmp_path / "a.mobi", exth=[(503, "Here")], images=[JPEG, bytes(5_000)])

    analysis = analyse(cut(path, share))

    assert not analysis.valid
    assert "cut short" in str(analysis.problems[0])
    assert (analysis.metadata.get("title") == "Here") == (share > 0.1)


def test_half_a_header_is_told(tmp_path: Path) -> None:
    path = make_kindle(tmp_path / "a.mobi")
    path.write_bytes(path.read_bytes()[:70])

    analysis = analyse(path)

    assert (analysis.format, analysis.valid, cover(path)) == ("mobi", False, b"")
    assert "its header is not complete" in str(analysis.problems[0])


@pytest.mark.parametrize(
    ("records", "said"),
    [
        ([], "The file holds no records: there is nothing to read."),
        ([bytes(4)], "The header of the book is missing or cut short."),
        ([bytes(300), b"text"], "The MOBI header is missing."),
        ([make_header()[:100], b"text"], "The MOBI header is cut short."),
        ([make_header()], "The header of the book is damaged: it names more text than there is."),
        ([make_header(compression=7), b"a"], "header of the book is damaged: no such compression"),
        ([b"\0\1" + bytes(12) + make_header()[14:], b"a"], "The book holds no text."),
    ],
)
def test_what_is_wrong_with_a_header_is_told(
    tmp_path: Path, records: list[bytes], said: str
) -> None:
    analysis = analyse(write_palm(tmp_path / "a.mobi", records))

    assert not analysis.valid
    assert any(said in str(problem) for problem in analysis.problems)


def test_damaged_exth_records_are_told_and_read_as_far_as_they_go(tmp_path: Path) -> None:
    exth = make_exth([(503, "Here"), (100, "Ann")])
    head = make_header(exth=[(503, "Here"), (100, "Ann")])
    broken = exth[:-7] + b"\xff" * 4 + exth[-3:]

    analysis = analyse(write_palm(tmp_path / "a.mobi", [head.replace(exth, broken), b"text"]))

    assert [*map(str, analysis.problems)] == [
        "The EXTH records, which describe the book, are damaged."
    ]
    assert analysis.metadata["title"] == "Here"


def test_missing_exth_records_are_told(tmp_path: Path) -> None:
    head = make_header(exth=[(503, "Here")]).replace(b"EXTH", b"HTXE")

    analysis = analyse(write_palm(tmp_path / "a.mobi", [head, b"text"]))

    assert "are missing" in str(analysis.problems[0])


def test_records_out_of_order_are_told(tmp_path: Path) -> None:
    content = bytearray(make_kindle(tmp_path / "a.mobi", images=[JPEG]).read_bytes())
    content[86:90], content[94:98] = content[94:98], content[86:90]
    (tmp_path / "a.mobi").write_bytes(content)

    assert "not in order" in str(analyse(tmp_path / "a.mobi").problems[0])


def test_exth_records_without_number_are_not_all_read(tmp_path: Path) -> None:
    exth = [(100, f"Author {number}") for number in range(20_000)]

    analysis = analyse_apart(make_kindle(tmp_path / "a.mobi", exth=exth))

    assert analysis.valid
    assert len(analysis.metadata["authors"]) == 100


def test_a_topaz_book_is_known_and_its_lock_with_it(tmp_path: Path) -> None:
    head = b"TPZ0" + b"\x85c\x08metadata"
    (tmp_path / "a.azw1").write_bytes(head + bytes(50))
    (tmp_path / "b.azw1").write_bytes(head + b"c\x04dkey" + bytes(50))

    open_book, locked = analyse(tmp_path / "a.azw1"), analyse(tmp_path / "b.azw1")

    assert sniff(tmp_path / "a.azw1") == "topaz"
    assert (open_book.valid, open_book.drm) == (True, "")
    assert (locked.valid, locked.drm) == (True, "Amazon Topaz")


def test_noise_anywhere_never_stops_the_reader(tmp_path: Path) -> None:
    exth = [(503, "Été"), (100, "Ann"), (201, 0), (524, "fr")]
    path = make_hybrid(tmp_path / "a.mobi", {"exth": exth}, {"exth": exth})
    whole, chance = path.read_bytes(), random.Random(0)
    for _ in range(400):
        content = bytearray(whole)
        for _ in range(chance.randint(1, 8)):
            content[chance.randrange(78, len(content))] = chance.randrange(256)
        path.write_bytes(content[: chance.randint(100, len(content))])
        assert analyse(path).format in ("mobi", "azw3")
        assert isinstance(cover(path), bytes)
