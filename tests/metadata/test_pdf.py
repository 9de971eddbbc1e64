import random
from io import BytesIO
from pathlib import Path
from typing import Any, Literal

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name
from PIL import Image

from releases.metadata import Analysis, analyse, analyse_apart, cover
from releases.metadata.pdf.layout import ELEMENT_LIMIT
from tests.books import cut
from tests.metadata.pdfs import (
    CATALOG,
    PAGE,
    PAGES,
    ROOT,
    add_bookmarks,
    by,
    make_pdf,
    packet,
    text_in,
    titled,
    write_objects,
    write_packed,
)

EARLIER, LATER = "2020-01-01T10:00:00Z", "D:20200101120000Z"


def stated(tmp_path: Path, statements: str = "", **info: Any) -> Analysis:
    """What is read of a PDF with these statements in its XMP, and this in its Info."""
    xmp = packet(statements) if statements else ""
    return analyse(make_pdf(tmp_path / "book.pdf", xmp=xmp, info=info))


def test_read_tells_every_field_and_where_it_stood(tmp_path: Path) -> None:
    statements = (
        titled("Les Épées")
        + by("Élodie G.", "Noël L.")
        + "<dc:language><rdf:Bag><rdf:li>fr</rdf:li></rdf:Bag></dc:language>"
        "<dc:publisher><rdf:Bag><rdf:li>Phare</rdf:li></rdf:Bag></dc:publisher>"
        "<prism:isbn>978-2-07-036822-8</prism:isbn>"
        "<prism:publicationDate>2019-05-01</prism:publicationDate>"
        "<dc:description><rdf:Alt><rdf:li>Once.</rdf:li></rdf:Alt></dc:description>"
    )

    analysis = stated(tmp_path, statements, Creator="A Program", CreationDate="D:2018")

    assert analysis.metadata == {
        "title": "Les Épées",
        "authors": ["Élodie G.", "Noël L."],
        "language": "fr",
        "publisher": "Phare",
        "isbn": "9782070368228",
        "year": 2019,
        "description": "Once.",
        "pages": 1,
    }
    assert analysis.sources.keys() == analysis.metadata.keys()
    assert analysis.sources["isbn"] == "XMP prism:isbn"
    assert analysis.mediainfo | {"version": ""} == {
        "format": "PDF",
        "version": "",
        "size": analysis.size,
        "program": "A Program",
        "created": "2018-01-01T00:00:00+00:00",
        "page_width_mm": 106,
        "page_height_mm": 141,
        "outline": [],
    }
    assert (analysis.format, analysis.valid, analysis.problems) == ("pdf", True, ())
    assert (analysis.drm, analysis.encrypted, analysis.cover) == ("", False, True)


def test_the_info_dictionary_is_enough(tmp_path: Path) -> None:
    analysis = stated(
        tmp_path,
        Title="A Book",
        Author="Ann Author; Writer, Bob",
        Subject="Once. ISBN 978-2-07-036822-8",
        Publisher="Phare",
        Language="English",
    )

    assert analysis.metadata == {
        "title": "A Book",
        "authors": ["Ann Author", "Writer, Bob"],
        "description": "Once. ISBN 978-2-07-036822-8",
        "publisher": "Phare",
        "language": "en",
        "isbn": "9782070368228",
        "pages": 1,
    }
    assert analysis.sources["isbn"] == "PDF Info Subject"


@pytest.mark.parametrize("key", ["CreationDate", "ModDate"])
def test_the_date_of_the_file_is_no_year_of_the_work(tmp_path: Path, key: str) -> None:
    assert "year" not in stated(tmp_path, **{key: "D:20190501120000Z"}).metadata


@pytest.mark.parametrize(("date", "year"), [("2019-05-01T10:00:00Z", None), ("2017", 2017)])
def test_a_date_that_is_the_time_of_making_is_no_year(
    tmp_path: Path, date: str, year: int | None
) -> None:
    made = "<xmp:CreateDate>2019-05-01T10:00:00Z</xmp:CreateDate>"

    analysis = stated(tmp_path, f"{made}<dc:date>{date}</dc:date>")

    assert analysis.metadata.get("year") == year


@pytest.mark.parametrize(
    ("changed", "title"),
    [("", "New"), ("D:20200101100000Z", "New"), (LATER, "Old"), ("nonsense", "New")],
)
def test_xmp_wins_unless_info_was_changed_later(tmp_path: Path, changed: str, title: str) -> None:
    statements = titled("New") + f"<xmp:MetadataDate>{EARLIER}</xmp:MetadataDate>"

    analysis = stated(tmp_path, statements, Title="Old", ModDate=changed)

    assert analysis.metadata["title"] == title
    assert analysis.sources["title"] == {"New": "XMP dc:title", "Old": "PDF Info Title"}[title]


@pytest.mark.parametrize("poor", ["untitled", "Untitled-1", "book_final.indd", "Unknown", " "])
def test_a_title_that_is_none_yields_to_the_other(tmp_path: Path, poor: str) -> None:
    assert stated(tmp_path, titled(poor), Title="The Book").metadata["title"] == "The Book"
    assert stated(tmp_path, titled("The Book"), Title=poor).metadata["title"] == "The Book"


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("Microsoft Word - Thesis.doc", "Thesis"),
        ("Microsoft PowerPoint - Talk 2.pptx", "Talk 2"),
        ("Microsoft Word - Document1", None),
        ("PowerPoint Presentation", None),
        ("Untitled", None),
        ("paper.dvi", "paper.dvi"),
        ("Microsoft Word in Practice", "Microsoft Word in Practice"),
        ("Document Design", "Document Design"),
        ("\u202eA\x00 Book\r\n", "A Book"),
    ],
)
def test_a_title_is_told_from_the_name_of_a_file(
    tmp_path: Path, written: str, title: str | None
) -> None:
    assert stated(tmp_path, Title=written).metadata.get("title") == title


def test_what_reportlab_writes_unasked_is_not_believed(tmp_path: Path) -> None:
    unasked = {"Title": "untitled", "Author": "anonymous", "Subject": "unspecified"}

    assert stated(tmp_path, **unasked).metadata == {"pages": 1}
    assert stated(tmp_path, Author="Anonymous").metadata["authors"] == ["Anonymous"]


def test_the_fuller_list_of_authors_is_taken(tmp_path: Path) -> None:
    dated = f"<xmp:MetadataDate>{EARLIER}</xmp:MetadataDate>"
    two = by("Ann Author", "Bob Writer")

    assert stated(tmp_path, two + dated, Author="Ann Author", ModDate=LATER).metadata[
        "authors"
    ] == ["Ann Author", "Bob Writer"]
    assert stated(tmp_path, by("Author, A., Writer, B."), Author="Author, A.; Writer, B.").metadata[
        "authors"
    ] == ["Author, A.", "Writer, B."]
    assert stated(tmp_path, by("Ann Author"), Author="Cid C.; Dan D.").metadata["authors"] == [
        "Ann Author"
    ]


def test_the_catalog_says_the_language_best(tmp_path: Path) -> None:
    path = make_pdf(tmp_path / "book.pdf", xmp=packet("<dc:language>en</dc:language>"))
    with pikepdf.open(path, allow_overwriting_input=True) as document:
        document.Root.Lang = "DE-at"
        document.save(path)

    analysis = analyse(path)

    assert analysis.metadata["language"] == "de-AT"
    assert analysis.sources["language"] == "PDF catalog Lang"


def test_the_language_of_most_parts_is_that_of_the_whole(tmp_path: Path) -> None:
    path = make_pdf(tmp_path / "book.pdf")
    with pikepdf.open(path, allow_overwriting_input=True) as document:
        parts = [Dictionary(S=Name.P, Lang=tag) for tag in ("la", "it-IT", "it-IT", "nonsense!")]
        whole = document.make_indirect(Dictionary(S=Name.Document, K=Array([5, *parts])))
        whole.K.append(whole)
        document.Root.StructTreeRoot = Dictionary(K=whole)
        document.save(path)

    analysis = analyse(path)

    assert analysis.metadata["language"] == "it-IT"
    assert analysis.sources["language"] == "PDF structure Lang"


def test_only_so_many_parts_are_asked_for_their_language(tmp_path: Path) -> None:
    path = make_pdf(tmp_path / "book.pdf")
    with pikepdf.open(path, allow_overwriting_input=True) as document:
        silent = [Dictionary(S=Name.P)] * ELEMENT_LIMIT
        document.Root.StructTreeRoot = Dictionary(K=Array([*silent, Dictionary(Lang="it")]))
        document.save(path)

    assert "language" not in analyse(path).metadata


@pytest.mark.parametrize(
    ("value", "title"),
    [
        ("Œuvres \u2013 Ⅱ", "Œuvres \u2013 Ⅱ"),
        (text_in("utf-8", "Crème brûlée"), "Crème brûlée"),
        (text_in("latin-1", "Crème brûlée"), "Crème brûlée"),
        (text_in("utf-8-sig", "Crème brûlée"), "Crème brûlée"),
        (text_in("utf-16", "Crème brûlée"), "Crème brûlée"),
        (text_in("utf-16-le", "Plain"), "Plain"),
        (text_in("utf-16", "\x1bfr\x1bCrème"), "Crème"),
        (Name.Title, None),
        (Array(["Title"]), None),
        (7, None),
    ],
)
def test_strings_are_read_as_programs_write_them(
    tmp_path: Path, value: Any, title: str | None
) -> None:
    analysis = stated(tmp_path, Title=value)

    assert analysis.metadata.get("title") == title
    assert analysis.valid


def test_bookmarks_are_chapters(tmp_path: Path) -> None:
    flat = add_bookmarks(make_pdf(tmp_path / "flat.pdf"), {"One": {"a": {}}, "Two": {}})
    deep = add_bookmarks(make_pdf(tmp_path / "deep.pdf"), {"Book": {"1": {}, "2": {}, "3": {}}})

    assert analyse(flat).mediainfo["outline"] == ["One", "Two"]
    assert analyse(flat).metadata["chapters"] == 2
    assert analyse(deep).mediainfo["outline"] == ["1", "2", "3"]


def test_a_turned_page_is_measured_as_it_is_seen(tmp_path: Path) -> None:
    path = make_pdf(tmp_path / "book.pdf")
    with pikepdf.open(path, allow_overwriting_input=True) as document:
        document.pages[0].obj.Rotate = 90
        document.save(path)

    found = analyse(path).mediainfo

    assert (found["page_width_mm"], found["page_height_mm"]) == (141, 106)


def test_what_is_only_restricted_is_read(tmp_path: Path) -> None:
    sealed = pikepdf.Encryption(owner="x", user="", R=6, allow=pikepdf.Permissions(extract=False))
    path = make_pdf(tmp_path / "a.pdf", xmp=packet(titled("Half")), pages=3, encryption=sealed)

    analysis = analyse(path)

    assert (analysis.encrypted, analysis.drm, analysis.valid) == (True, "", True)
    assert (analysis.metadata["title"], analysis.metadata["pages"]) == ("Half", 3)
    assert analysis.mediainfo["encryption"] == "256 bit"
    assert analysis.mediainfo["forbidden"] == ["extract", "modify_assembly"]
    assert cover(path)


@pytest.mark.parametrize("revision", [2, 3, 4, 6])
def test_a_password_keeps_the_file_closed(tmp_path: Path, revision: Literal[2, 3, 4, 6]) -> None:
    sealed = pikepdf.Encryption(
        owner="x", user="y", R=revision, aes=revision > 3, metadata=revision > 3
    )
    path = make_pdf(tmp_path / "a.pdf", info={"Title": "Secret"}, encryption=sealed)

    analysis = analyse(path)

    assert (analysis.drm, analysis.encrypted, analysis.valid) == ("PDF password", True, True)
    assert (analysis.metadata, analysis.cover, cover(path)) == ({}, False, b"")


@pytest.mark.parametrize(
    ("name", "drm"),
    [
        ("EBX_HANDLER", "Adobe ADEPT"),
        ("FOPN_fLock", "FileOpen"),
        ("FOPN_foweb", "FileOpen"),
        ("Adobe.APS", "Adobe LiveCycle"),
        ("Adobe.PubSec", "PDF certificate"),
        ("Nobody.Knows", "encryption of an unknown kind"),
    ],
)
def test_protections_that_are_sold_are_named(tmp_path: Path, name: str, drm: str) -> None:
    lock = f"<</Filter /{name}/V 4/Length 128>>".encode()
    trailer = ROOT + b"/Encrypt 4 0 R/ID[<00><00>]"
    path = write_objects(tmp_path / "a.pdf", CATALOG, PAGES, PAGE, lock, trailer=trailer)

    analysis = analyse(path)

    assert (analysis.drm, analysis.encrypted, analysis.valid) == (drm, True, True)


def test_a_page_without_resources_is_a_flaw(tmp_path: Path) -> None:
    page = PAGE.replace(b"/Resources<<>>", b"")

    analysis = analyse(write_objects(tmp_path / "a.pdf", CATALOG, PAGES, page, trailer=ROOT))

    assert (analysis.valid, analysis.metadata) == (True, {"pages": 1})
    assert [one.is_flaw for one in analysis.problems] == [True]


def test_what_the_pages_inherit_is_not_missing(tmp_path: Path) -> None:
    pages = b"<</Type/Pages/Kids[3 0 R]/Count 1/MediaBox[0 0 300 400]/Resources<<>>>>"
    page = b"<</Type/Page/Parent 2 0 R>>"
    path = write_objects(tmp_path / "a.pdf", CATALOG, pages, page, trailer=ROOT)

    analysis = analyse(path)

    assert analysis.problems == ()
    assert analysis.mediainfo["page_width_mm"] == 106
    assert cover(path)


def test_pages_that_lead_back_do_not_end_the_reading(tmp_path: Path) -> None:
    catalog = b"<</Type/Catalog/Pages 2 0 R/Outlines<</First 4 0 R>>>>"
    pages = b"<</Type/Pages/Kids[3 0 R 2 0 R]/Count 2147483647>>"
    bookmark = b"<</Title(Round)/Next 4 0 R/First 4 0 R>>"
    path = write_objects(
        tmp_path / "a.pdf",
        *(catalog, pages, PAGE, bookmark, b"<</Title(A Loop)>>"),
        trailer=ROOT + b"/Info 5 0 R",
    )

    analysis = analyse(path)

    assert analysis.metadata == {"title": "A Loop", "chapters": 1}
    assert "leads back into itself" in str(analysis.problems[0])
    assert (analysis.valid, analysis.cover, cover(path)) == (False, False, b"")


def test_a_document_without_pages_is_not_valid(tmp_path: Path) -> None:
    analysis = analyse(make_pdf(tmp_path / "a.pdf", pages=0))

    assert [*map(str, analysis.problems)] == ["The document has no pages."]


@pytest.mark.parametrize("content", [b"", b"%%EOF\n", bytes(5000), b"1 0 obj<</Type/Catalog>>"])
def test_a_hollow_file_is_not_valid(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(b"%PDF-1.7\n" + content)

    analysis = analyse(path)

    assert (analysis.format, analysis.valid) == ("pdf", False)
    assert "damaged or cut short" in str(analysis.problems[0])


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
@pytest.mark.parametrize("mode", list(pikepdf.ObjectStreamMode.__members__.values()))
def test_a_cut_file_is_not_valid(
    tmp_path: Path, share: float, mode: pikepdf.ObjectStreamMode
) -> None:
    path = make_pdf(tmp_path / "a.pdf", pages=9, xmp=packet(titled("A")), object_stream_mode=mode)

    assert not analyse(cut(path, share)).valid


def test_junk_before_the_header_is_normal(tmp_path: Path) -> None:
    path = make_pdf(tmp_path / "a.pdf", info={"Title": "A"})
    path.write_bytes(b"\xef\xbb\xbfjunk\n" + path.read_bytes())

    analysis = analyse(path)

    assert (analysis.metadata["title"], analysis.valid) == ("A", True)


@pytest.mark.parametrize("times", [1, 2])
def test_a_packet_that_explodes_is_not_unpacked(tmp_path: Path, times: int) -> None:
    bomb = packet(titled("A") + " " * (30 << 20))

    path = write_packed(tmp_path / "a.pdf", bomb, times=times)
    analysis = analyse_apart(path)

    assert analysis.metadata == {"pages": 1}
    assert "decompression bomb" in str(analysis.problems[0])
    assert cover(path)


@pytest.mark.parametrize(
    "xmp", ["no XML at all", packet(titled("A"))[:400], packet(titled("A")).replace("</dc:t", "<")]
)
def test_a_packet_that_is_not_well_formed_is_a_flaw(tmp_path: Path, xmp: str) -> None:
    path = make_pdf(tmp_path / "a.pdf", info={"Author": "Ann"}, xmp=xmp)

    analysis = analyse(path)

    assert (analysis.valid, analysis.metadata["authors"]) == (True, ["Ann"])
    assert "XMP is not" in str(analysis.problems[0])


def test_a_packet_reads_no_other_file(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("hunter2")
    head = f'<!DOCTYPE x [<!ENTITY x SYSTEM "{secret.as_uri()}">]>'
    path = make_pdf(tmp_path / "a.pdf", xmp=head + packet(titled("Safe &x; Title")))

    analysis = analyse(path)

    assert analysis.metadata["title"] == "Safe Title"
    assert "hunter2" not in str(analysis.as_json())


@pytest.mark.parametrize(("times", "filters"), [(1, b"/LZWDecode"), (9, b""), (0, b"/FlateDecode")])
def test_a_packet_packed_in_strange_ways_is_told(
    tmp_path: Path, times: int, filters: bytes
) -> None:
    xmp = packet(titled("A"))

    analysis = analyse(write_packed(tmp_path / "a.pdf", xmp, times=times, filters=filters))

    assert "XMP metadata is" in str(analysis.problems[0])


def test_the_cover_is_the_first_page(tmp_path: Path) -> None:
    path = make_pdf(tmp_path / "a.pdf")
    with pikepdf.open(path, allow_overwriting_input=True) as document:
        document.pages[0].Contents = document.make_stream(b"1 0 0 rg 0 0 300 400 re f")
        document.save(path)

    with Image.open(BytesIO(cover(path))) as image:
        corner = image.convert("RGB").crop((0, 0, 1, 1)).tobytes()

    assert (image.format, image.size) == ("JPEG", (750, 1000))
    assert corner[0] > 200
    assert max(corner[1:]) < 50


@pytest.mark.parametrize("box", [[0, 0, 1e9, 1], [0, 0, 0, 0], [0, 0, 1e-9, 1e-9]])
def test_the_cover_of_a_page_of_any_size_is_small(tmp_path: Path, box: list[float]) -> None:
    path = make_pdf(tmp_path / "a.pdf")
    with pikepdf.open(path, allow_overwriting_input=True) as document:
        document.pages[0].MediaBox = Array(box)
        document.save(path)

    assert len(cover(path)) < 1 << 20


def test_no_damage_stops_the_reader(tmp_path: Path) -> None:
    path = make_pdf(
        tmp_path / "a.pdf",
        info={"Title": "A Book", "Author": "Ann", "ModDate": LATER},
        xmp=packet(titled("A") + by("Ann", "Bob")),
        pages=3,
        object_stream_mode=pikepdf.ObjectStreamMode.disable,
    )
    whole, dice = add_bookmarks(path, {"One": {}, "Two": {}}).read_bytes(), random.Random(7)
    for turn in range(200):
        damaged = bytearray(whole[: dice.randrange(10, len(whole)) if turn % 2 else len(whole)])
        for _ in range(8):
            damaged[dice.randrange(len(damaged))] = dice.randrange(256)
        path.write_bytes(b"%PDF-1.7" + damaged[8:])

        assert analyse(path).format == "pdf"
        assert isinstance(cover(path), bytes)
