import random
import zipfile
from base64 import b64encode
from pathlib import Path

import pytest

from releases.metadata import analyse, cover, fb2

JPEG = b"\xff\xd8\xff not looked at any further"
TITLE_INFO = """
<genre>sf</genre>
<author><first-name>Аркадий</first-name><last-name>Тестов</last-name></author>
<author><first-name>Борис</first-name><middle-name>Э.</middle-name><last-name>Пробный</last-name></author>
<author><nickname>third</nickname></author>
<book-title>Пикник</book-title><annotation><p>One.</p><p>Two.</p></annotation>
<date value="1971-05-01">май 1971</date><coverpage><image l:href="#c.jpg"/></coverpage>
<lang>ru</lang><translator><last-name>Somebody</last-name></translator>
<sequence name="Зона" number="3"/>
"""
PUBLISH_INFO = """
<publish-info><book-name>x</book-name><publisher>Маяк</publisher><year>1972</year>
<isbn>5-17-000000-0, 978-5-17-080115-2</isbn><sequence name="Library" number="12"/></publish-info>
"""


def document(
    title_info: str = TITLE_INFO, publish_info: str = PUBLISH_INFO, encoding: str = "utf-8"
) -> bytes:
    picture = b64encode(JPEG).decode()
    return (
        f'<?xml version="1.0" encoding="{encoding}"?>'
        '<FictionBook xmlns="http://www.gribuser.ru/xml/fictionbook/2.0"'
        ' xmlns:l="http://www.w3.org/1999/xlink">'
        f"<description><title-info>{title_info}</title-info>"
        "<document-info><author><nickname>maker</nickname></author><date>2020</date>"
        f"</document-info>{publish_info}</description>"
        "<body><section><section/></section><section/></body><body name='notes'><section/></body>"
        f'<binary id="c.jpg" content-type="image/jpeg">{picture}</binary></FictionBook>'
    ).encode(encoding)


@pytest.fixture
def book(tmp_path: Path) -> Path:
    path = tmp_path / "book.fb2"
    path.write_bytes(document())
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "windows-1251", "koi8-r", "utf-16"])
def test_a_book_tells_all_it_says_of_itself(book: Path, encoding: str) -> None:
    book.write_bytes(document(encoding=encoding))

    analysis = analyse(book)

    assert analysis.format == "fb2"
    assert analysis.metadata == {
        "title": "Пикник",
        "authors": ["Аркадий Тестов", "Борис Э. Пробный", "third"],
        "language": "ru",
        "isbn": "9785170801152",
        "publisher": "Маяк",
        "year": 1972,
        "series": "Зона",
        "series_index": 3.0,
        "chapters": 2,
        "description": "One.Two.",
    }
    assert analysis.sources["year"] == "FB2 publish-info year"
    assert (analysis.valid, analysis.problems, analysis.cover) == (True, (), True)


def test_the_year_of_the_work_stands_in_for_that_of_the_edition(book: Path) -> None:
    book.write_bytes(document(publish_info=""))

    analysis = analyse(book)

    assert (analysis.metadata["year"], analysis.sources["year"]) == (1971, "FB2 title-info date")
    assert "publisher" not in analysis.metadata


def test_a_publishers_series_counts_where_the_work_is_of_none(book: Path) -> None:
    book.write_bytes(document(title_info="<book-title>Alone</book-title>"))

    analysis = analyse(book)

    assert (analysis.metadata["series"], analysis.metadata["series_index"]) == ("Library", 12.0)
    assert "authors" not in analysis.metadata


def test_the_picture_of_the_cover_is_decoded(book: Path) -> None:
    assert cover(book) == JPEG


def test_a_zipped_book_is_read_and_its_archive_checked(tmp_path: Path) -> None:
    path = tmp_path / "book.fb2.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("book.fb2", document())

    analysis = analyse(path)

    assert (analysis.format, analysis.metadata["title"], analysis.valid) == ("fb2", "Пикник", True)
    assert [one["path"] for one in analysis.structure] == ["book.fb2"]
    assert cover(path) == JPEG


def test_an_undeclared_prefix_leaves_a_book_whole(book: Path) -> None:
    book.write_bytes(document().replace(b'xmlns:l="http://www.w3.org/1999/xlink"', b""))

    analysis = analyse(book)

    assert analysis.valid
    assert "does not declare" in str(analysis.problems[0])


def test_a_book_beyond_the_limit_is_read_by_its_description(
    book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = document()
    monkeypatch.setattr(fb2, "DOCUMENT_LIMIT", whole.index(b"<body>") + 10)

    assert (analyse(book).metadata["title"], analyse(book).valid) == ("Пикник", True)

    book.write_bytes(whole[:-20])
    assert "cut short" in str(analyse(book).problems[0])


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (document()[:400], "not well-formed"),
        (b"<?xml version='1.0'?><FictionBook></FictionBook>", "no description"),
        (document().replace(b"body", b"head"), "no body"),
    ],
)
def test_what_is_wrong_with_a_book_is_told(book: Path, content: bytes, said: str) -> None:
    book.write_bytes(content)

    assert said in " ".join(map(str, analyse(book).problems))


def test_no_damage_stops_the_reader(book: Path) -> None:
    whole, dice = document(), random.Random(7)
    for _ in range(200):
        damaged = bytearray(whole[: dice.randrange(200, len(whole))])
        damaged[dice.randrange(150, len(damaged))] = dice.randrange(256)
        book.write_bytes(damaged)

        assert fb2.read(book).format == "fb2"
        assert isinstance(fb2.cover(book), bytes)
