import json
import struct
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from releases.metadata import Analysis, analyse, analyse_apart, cover
from tests.books import write_zip
from tests.metadata.comics import JPEG, PAGES, PNG, make_comic, make_info

ACBF = """<ACBF xmlns="http://www.fictionbook-lib.org/xml/acbf/1.1"><meta-data><book-info>
<author activity="Writer"><first-name>Ann</first-name><last-name>One</last-name></author>
<author><nickname>Bob</nickname></author>
<author activity="Artist"><first-name>Cid</first-name></author>
<author activity="Translator"><first-name>Dee</first-name></author>
<book-title lang="fr">Été</book-title><genre>humor</genre>
<annotation lang="fr"><p>Once</p> <p>more.</p></annotation>
<coverpage><image href="covers/front.png"/></coverpage>
<languages><text-layer lang="fr" show="true"/></languages>
<sequence title="Tales" volume="2">1.5</sequence></book-info>
<publish-info><publisher>Phare</publisher><publish-date value="2009-05-04">May</publish-date>
<isbn>978-2-07-036822-8</isbn></publish-info></meta-data></ACBF>"""
METRON = """<MetronInfo><Publisher><Name>Phare</Name></Publisher>
<Series lang="fr"><Name>Tales</Name><Volume>2</Volume></Series>
<Number>1.5</Number><Stories><Story>Été</Story><Story>Hiver</Story></Stories>
<Summary>Once more.</Summary><CoverDate>2009-05-01</CoverDate>
<Genres><Genre>Humor</Genre><Genre>Crime</Genre></Genres>
<GTIN><ISBN>9782070368228</ISBN></GTIN>
<Credits><Credit><Creator>Ann One</Creator><Roles><Role>Writer</Role></Roles></Credit>
<Credit><Creator>Cid</Creator><Roles><Role>Penciller</Role><Role>Inker</Role></Roles></Credit>
<Credit><Creator>Eve</Creator><Roles><Role>Editor</Role></Roles></Credit></Credits>
</MetronInfo>"""
COMET = """<comet xmlns="http://www.denvog.com/comet/"><title>Été</title><series>Tales</series>
<issue>1</issue><volume>2</volume><writer>Ann One</writer><writer>Bob</writer>
<penciller>Cid</penciller><publisher>Phare</publisher><date>2009-05</date><language>fr</language>
<coverImage>Tale/2.png</coverImage><readingDirection>rtl</readingDirection></comet>"""
COMIC_BOOK_INFO: dict[str, Any] = {
    "appID": "by hand",
    "ComicBookInfo/1.0": {
        "title": "Été",
        "series": "Tales",
        "issue": 1.5,
        "volume": 2,
        "publisher": "Phare",
        "publicationYear": 2009,
        "publicationMonth": 5,
        "language": "French",
        "genre": "Humor",
        "comments": "Once more.",
        "rating": None,
        "tags": ["a"],
        "credits": [
            {"person": "Ann One", "role": "Writer", "primary": True},
            {"person": "Cid", "role": "Penciller"},
            {"person": None, "role": "Writer"},
            "nonsense",
        ],
    },
}


def told(tmp_path: Path, **info: Any) -> dict[str, Any]:
    """The metadata of a comic with a ComicInfo.xml of these elements."""
    return analyse(make_comic(tmp_path / "a.cbz", **info)).metadata


def with_entries(tmp_path: Path, entries: dict[str, bytes]) -> Analysis:
    return analyse(make_comic(tmp_path / "a.cbz", entries=entries))


def with_comment(tmp_path: Path, comment: bytes) -> Analysis:
    path = make_comic(tmp_path / "a.cbz")
    with ZipFile(path, "a") as archive:
        archive.comment = comment
    return analyse(path)


def test_a_comicinfo_tells_every_field_and_where_it_stood(tmp_path: Path) -> None:
    work: dict[str, Any] = {
        "Title": "Été",
        "Series": "Tales",
        "Number": "1.5",
        "Volume": 2,
        "Summary": "Once.",
    }
    people: dict[str, Any] = {
        "Writer": "Ann One, Bob",
        "Penciller": "Cid",
        "Translator": "Dee",
        "Genre": "Humor",
    }
    edition: dict[str, Any] = {
        "Publisher": "Phare",
        "Year": 2009,
        "Month": 5,
        "Day": 4,
        "LanguageISO": "fr",
    }

    analysis = analyse(
        make_comic(tmp_path / "a.cbz", **work, **people, **edition, GTIN="9782070368228")
    )

    assert (analysis.format, analysis.valid) == ("cbz", True)
    assert analysis.metadata == {
        "title": "Été",
        "series": "Tales",
        "series_index": 1.5,
        "issue": "1.5",
        "volume": 2,
        "authors": ["Ann One", "Bob"],
        "illustrators": ["Cid"],
        "translators": ["Dee"],
        "publisher": "Phare",
        "year": 2009,
        "issue_date": "2009-05-04",
        "language": "fr",
        "isbn": "9782070368228",
        "genre": "Humor",
        "description": "Once.",
        "pages": 3,
    }
    assert analysis.sources["authors"] == "ComicInfo Writer"
    assert analysis.sources["series_index"] == "ComicInfo Number"
    assert analysis.sources["pages"] == "pictures of the archive"
    assert analysis.sources.keys() == analysis.metadata.keys()


@pytest.mark.parametrize(
    ("number", "index"), [("1", 1), ("001", 1), ("1,5", 1.5), ("0", 0), ("", None), ("A", None)]
)
def test_the_number_of_an_issue_is_that_of_the_series(
    tmp_path: Path, number: str, index: float | None
) -> None:
    assert told(tmp_path, Series="Tales", Number=number).get("series_index") == index


def test_a_number_without_a_series_is_only_that_of_the_issue(tmp_path: Path) -> None:
    assert told(tmp_path, Number="3") == {"issue": "3", "pages": 3}


@pytest.mark.parametrize(
    ("writer", "authors"),
    [
        ("Ann One; Bob", ["Ann One", "Bob"]),
        ("Ann One, Jr., Bob", ["Ann One, Jr.", "Bob"]),
        ("Ann One, Ann One", ["Ann One"]),
        ("山田 太郎, 鈴木 花子", ["山田 太郎", "鈴木 花子"]),
        ("Unknown, ", None),
    ],
)
def test_writers_are_told_apart(tmp_path: Path, writer: str, authors: list[str] | None) -> None:
    assert told(tmp_path, Writer=writer).get("authors") == authors


@pytest.mark.parametrize(
    "said",
    [
        {"Year": -1},
        {"Volume": -1},
        {"Title": "Unknown"},
        {"LanguageISO": "xx"},
        {"GTIN": "urn:comicvine:issue:145269"},
        {"Month": 5},
    ],
)
def test_what_says_nothing_is_unknown(tmp_path: Path, said: dict[str, str | int]) -> None:
    assert told(tmp_path, **said) == {"pages": 3}


def test_only_a_day_that_there_is_is_a_date(tmp_path: Path) -> None:
    assert told(tmp_path, Year=2009, Month=5, Day=40)["issue_date"] == "2009-05"
    assert "issue_date" not in told(tmp_path, Year=2009, Month=13)


@pytest.mark.parametrize(
    "name", ["ComicInfo.xml", "comicinfo.xml", "Tale/COMICINFO.XML", "a/b/ComicInfo.xml"]
)
def test_a_comicinfo_may_lie_anywhere_in_any_case(tmp_path: Path, name: str) -> None:
    analysis = with_entries(tmp_path, {name: make_info(Title="Here")})

    assert analysis.metadata["title"] == "Here"


def test_of_two_comicinfos_the_one_nearest_to_the_root_is_heard(tmp_path: Path) -> None:
    deep, high = make_info(Title="Deep", Writer="Ann"), make_info(Title="High")

    analysis = with_entries(tmp_path, {"a/ComicInfo.xml": deep, "comicinfo.xml": high})

    assert analysis.metadata["title"] == "High"
    assert "authors" not in analysis.metadata


def test_names_of_elements_may_be_in_any_case_and_the_first_that_says_something_counts(
    tmp_path: Path,
) -> None:
    info = b"<comicinfo><title/><TITLE> Here </TITLE><Title>There</Title></comicinfo>"

    assert with_entries(tmp_path, {"ComicInfo.xml": info}).metadata["title"] == "Here"


def test_a_comicinfo_in_another_encoding_is_read(tmp_path: Path) -> None:
    text = make_info(Title="Été").decode()

    wide_text = text.replace("utf-8", "utf-16").encode("utf-16")

    wide = with_entries(tmp_path, {"ComicInfo.xml": wide_text})
    lying = with_entries(tmp_path, {"ComicInfo.xml": text.encode("cp1252")})

    assert (wide.metadata["title"], wide.valid) == ("Été", True)
    assert (lying.metadata["title"], lying.valid) == ("Été", False)


def test_a_damaged_comicinfo_is_told_and_read_as_far_as_it_goes(tmp_path: Path) -> None:
    analysis = with_entries(tmp_path, {"ComicInfo.xml": make_info(Title="A", Series="B")[:-25]})

    assert "not well-formed" in str(analysis.problems[0])
    assert analysis.metadata["title"] == "A"


@pytest.mark.parametrize("content", [b"", b"\0", b"no markup", b"<"])
def test_a_comicinfo_that_is_no_markup_hides_no_other(tmp_path: Path, content: bytes) -> None:
    deep = make_info(Title="Deep")

    analysis = with_entries(tmp_path, {"ComicInfo.xml": content, "a/ComicInfo.xml": deep})

    assert analysis.metadata["title"] == "Deep"


def test_other_markup_is_not_judged(tmp_path: Path) -> None:
    analysis = with_entries(tmp_path, {"notes.xml": b"<p>", "__MACOSX/._ComicInfo.xml": b"\0"})

    assert (analysis.valid, analysis.metadata) == (True, {"pages": 3})


def test_an_entity_reads_no_other_file(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("hunter2")
    uri = (tmp_path / "secret").as_uri()
    info = f'<!DOCTYPE x [<!ENTITY x SYSTEM "{uri}">]><ComicInfo><Title>A &x;</Title></ComicInfo>'
    path = make_comic(tmp_path / "a.cbz", entries={"ComicInfo.xml": info.encode()})

    analysis = analyse_apart(path)

    assert analysis.metadata["title"] == "A"
    assert "hunter2" not in str(analysis.as_json())


def test_a_metroninfo_is_read(tmp_path: Path) -> None:
    analysis = with_entries(tmp_path, {"MetronInfo.xml": METRON.encode()})

    assert analysis.metadata == {
        "title": "Été; Hiver",
        "series": "Tales",
        "series_index": 1.5,
        "issue": "1.5",
        "volume": 2,
        "authors": ["Ann One"],
        "illustrators": ["Cid"],
        "publisher": "Phare",
        "year": 2009,
        "issue_date": "2009-05-01",
        "language": "fr",
        "isbn": "9782070368228",
        "genre": "Humor, Crime",
        "description": "Once more.",
        "pages": 3,
    }


def test_a_comet_is_read_whatever_its_name(tmp_path: Path) -> None:
    path = make_comic(tmp_path / "a.cbz", entries={"about.xml": COMET.encode()})

    analysis = analyse(path)

    assert analysis.metadata == {
        "title": "Été",
        "series": "Tales",
        "series_index": 1.0,
        "issue": "1",
        "volume": 2,
        "authors": ["Ann One", "Bob"],
        "illustrators": ["Cid"],
        "publisher": "Phare",
        "year": 2009,
        "issue_date": "2009-05",
        "language": "fr",
        "pages": 3,
    }
    assert analysis.mediainfo["reading_direction"] == "rtl"
    assert cover(path) == PAGES["Tale/2.png"]


def test_who_created_a_comic_wrote_it_if_nobody_else_did(tmp_path: Path) -> None:
    comet = COMET.replace("<writer>Ann One</writer><writer>Bob</writer>", "<creator>Ann</creator>")

    assert with_entries(tmp_path, {"a.xml": comet.encode()}).metadata["authors"] == ["Ann"]


def test_an_acbf_is_read(tmp_path: Path) -> None:
    entries = {"book.acbf": ACBF.encode(), "covers/front.png": JPEG}
    path = make_comic(tmp_path / "a.cbz", entries=entries)

    assert analyse(path).metadata == {
        "title": "Été",
        "series": "Tales",
        "series_index": 1.5,
        "issue": "1.5",
        "volume": 2,
        "authors": ["Ann One", "Bob"],
        "illustrators": ["Cid"],
        "translators": ["Dee"],
        "publisher": "Phare",
        "year": 2009,
        "issue_date": "2009-05-04",
        "language": "fr",
        "isbn": "9782070368228",
        "genre": "humor",
        "description": "Once more.",
        "pages": 4,
    }
    assert cover(path) == JPEG


def test_a_comicbookinfo_is_read_from_the_comment(tmp_path: Path) -> None:
    analysis = with_comment(tmp_path, json.dumps(COMIC_BOOK_INFO).encode())

    assert analysis.metadata == {
        "title": "Été",
        "series": "Tales",
        "series_index": 1.5,
        "issue": "1.5",
        "volume": 2,
        "authors": ["Ann One"],
        "illustrators": ["Cid"],
        "publisher": "Phare",
        "year": 2009,
        "issue_date": "2009-05",
        "language": "fr",
        "genre": "Humor",
        "description": "Once more.",
        "pages": 3,
    }
    assert analysis.sources["title"] == "ComicBookInfo title"


def test_a_comicbookinfo_may_be_a_file(tmp_path: Path) -> None:
    entries = {"comic-book-info.json": json.dumps(COMIC_BOOK_INFO).encode()}

    assert with_entries(tmp_path, entries).metadata["title"] == "Été"


@pytest.mark.parametrize(
    "comment",
    [
        b"",
        b"made by hand",
        b"[1]",
        b"[" * 60_000,
        b'{"a": 1}',
        b'{"ComicBookInfo/1.0": 5}',
        b'{"ComicBookInfo/1.0": {"title": {"a": 1}, "credits": 7, "issue": [1]}}',
        b"\xff\xfe{",
    ],
)
def test_a_comment_that_says_nothing_is_no_problem(tmp_path: Path, comment: bytes) -> None:
    analysis = with_comment(tmp_path, comment)

    assert (analysis.valid, analysis.metadata) == (True, {"pages": 3})


def test_the_documents_complete_each_other_and_comicinfo_comes_first(tmp_path: Path) -> None:
    path = make_comic(
        tmp_path / "a.cbz", entries={"CoMet.xml": COMET.encode()}, Title="First", Publisher=" "
    )

    analysis = analyse(path)

    assert (analysis.metadata["title"], analysis.sources["title"]) == ("First", "ComicInfo Title")
    assert (analysis.metadata["publisher"], analysis.sources["publisher"]) == (
        "Phare",
        "CoMet publisher",
    )


def test_what_systems_hide_is_no_page(tmp_path: Path) -> None:
    junk = ("__MACOSX/Tale/._1.png", ".hidden/1.png", "Tale/.1.png", "Thumbs.db", "Tale/notes.txt")

    analysis = with_entries(tmp_path, dict.fromkeys(junk, b"junk"))

    assert (analysis.metadata["pages"], analysis.valid) == (3, True)


def test_an_archive_without_pictures_is_told(tmp_path: Path) -> None:
    analysis = analyse(write_zip(tmp_path / "a.cbz", {"ComicInfo.xml": make_info(Title="A")}))

    assert (analysis.format, analysis.valid, analysis.cover) == ("cbz", False, False)
    assert "holds no pictures" in str(analysis.problems[0])
    assert analysis.metadata == {"title": "A"}


@pytest.mark.parametrize(
    ("names", "first"),
    [
        (["10.png", "9.png", "2.png"], "2.png"),
        (["b/1.png", "a/2.png"], "a/2.png"),
        (["Page 012.png", "page 2.png"], "page 2.png"),
        (["9" * 5_000 + ".png", "8" * 5_000 + ".png"], "8" * 5_000 + ".png"),
        (["1.png", "cover.png"], "1.png"),
    ],
)
def test_the_cover_is_the_first_page_as_readers_count(
    tmp_path: Path, names: list[str], first: str
) -> None:
    path = write_zip(tmp_path / "a.cbz", {name: PNG + name.encode() for name in names})

    assert cover(path) == PNG + first.encode()


@pytest.mark.parametrize(("image", "name"), [("2", "10"), ("7", "1"), ("-1", "1"), ("x", "1")])
def test_the_cover_is_the_page_said_to_be_it(tmp_path: Path, image: str, name: str) -> None:
    page = f'<Page Image="0"/><Page Image="{image}" Type="FrontCover"/>'
    info = f"<ComicInfo><Pages>{page}</Pages></ComicInfo>".encode()
    path = make_comic(tmp_path / "a.cbz", entries={"ComicInfo.xml": info})

    assert cover(path) == PAGES[f"Tale/{name}.png"]


def test_a_page_that_is_no_picture_is_no_cover(tmp_path: Path) -> None:
    path = make_comic(tmp_path / "a.cbz", entries={"Tale/1.png": b"no picture"})

    assert cover(path) == PAGES["Tale/2.png"]
    assert analyse(path).mediainfo["cover_width"] == 600


def test_a_page_larger_than_any_is_told_and_not_shown(tmp_path: Path) -> None:
    bomb = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", 60_000, 60_000) + bytes(40)
    path = write_zip(tmp_path / "a.cbz", {"1.png": bomb})

    analysis = analyse(path)

    assert [*map(str, analysis.problems)] == [
        "1.png says to be 60000 by 60000 pixels large: it looks like a decompression bomb."
    ]
    assert (analysis.valid, analysis.cover, cover(path)) == (False, False, b"")


def test_the_technical_facts_are_told(tmp_path: Path) -> None:
    entries = {"Tale/1.png": JPEG}

    analysis = analyse(make_comic(tmp_path / "a.cbz", entries=entries, Manga="YesAndRightToLeft"))

    assert analysis.mediainfo == {
        "format": "CBZ",
        "size": analysis.size,
        "reading_direction": "rtl",
        "cover_width": 800,
        "cover_height": 1200,
    }
    assert analysis.structure[0] == {"path": "Tale/1.png", "size": len(JPEG)}


def test_documents_without_number_are_not_all_read(tmp_path: Path) -> None:
    entries = {f"{number}/ComicInfo.xml": b"<" for number in range(500)}

    analysis = with_entries(tmp_path, entries)

    assert len(analysis.problems) < 20


def test_a_method_of_zip_that_is_not_read_is_no_damage(tmp_path: Path) -> None:
    path = make_comic(tmp_path / "a.cbz")
    whole = bytearray(path.read_bytes())
    for magic, at in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):  # where each names its method
        start = whole.find(magic)
        while start >= 0:
            whole[start + at] = 9  # Deflate64, of Windows
            start = whole.find(magic, start + 4)
    path.write_bytes(whole)

    analysis = analyse(path)

    assert (analysis.valid, analysis.metadata["pages"]) == (True, 3)
    assert [str(one) for one in analysis.problems] == [
        "Tale/1.png is compressed by a method that is not read."
    ]
