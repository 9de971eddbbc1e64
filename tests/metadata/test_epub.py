from pathlib import Path
from typing import Any

import pytest

from releases.metadata import Analysis, analyse
from tests.books import (
    CONTAINER,
    PACKAGE,
    PAGE,
    PICTURE,
    cut,
    encryption,
    lock,
    make_epub,
    make_epub2,
    make_package,
    package_around,
)

REQUIRED = "<dc:title>T</dc:title><dc:language>en</dc:language>"
DECLARED = '<meta property="{}" id="c">{}</meta>'
REFINED = '<meta refines="#{}" property="{}">{}</meta>'
AES = "http://www.w3.org/2001/04/xmlenc#aes128-cbc"
IDPF_FONT = "http://www.idpf.org/2008/embedding"
ADOBE_FONT = "http://ns.adobe.com/pdf/enc#RC"


def stated(tmp_path: Path, statements: str, **fields: Any) -> Analysis:
    """What is read of an EPUB 3 whose metadata also holds `statements`."""
    return analyse(make_epub(tmp_path / "book.epub", statements=statements, **fields))


def alone(tmp_path: Path, statements: str) -> Analysis:
    """What is read of an EPUB 3 whose metadata is only `statements`."""
    package = package_around(statements).encode()
    return analyse(make_epub(tmp_path / "book.epub", entries={PACKAGE: package}))


def test_read_tells_every_field_and_where_it_stood(tmp_path: Path) -> None:
    book = {"title": "Les Épées", "authors": ["Élodie G.", "Noël L."], "language": "fr"}
    edition = {"year": 2019, "isbn": "978-2-07-036822-8", "publisher": "Phare"}

    analysis = stated(tmp_path, "<dc:description>Once.</dc:description>", **book, **edition)

    expected = book | edition | {"isbn": "9782070368228", "description": "Once."}
    assert analysis.metadata == expected
    assert analysis.sources["isbn"] == "OPF dc:identifier"
    assert analysis.sources.keys() == analysis.metadata.keys()
    assert (analysis.format, analysis.valid, analysis.problems) == ("epub", True, ())
    assert (analysis.drm, analysis.encrypted, analysis.cover) == ("", False, True)
    assert {"path": "mimetype", "size": 20} in analysis.structure
    assert analysis.mediainfo == {"format": "EPUB", "version": "3.0", "size": analysis.size}


def test_read_tells_title_and_subtitle_apart(tmp_path: Path) -> None:
    analysis = alone(
        tmp_path,
        '<dc:title id="s">A Story</dc:title><dc:title id="m">The Book</dc:title>'
        + REFINED.format("s", "title-type", "subtitle")
        + REFINED.format("m", "title-type", "main"),
    )

    assert (analysis.metadata["title"], analysis.metadata["subtitle"]) == ("The Book", "A Story")


def test_read_takes_the_first_title_in_display_order(tmp_path: Path) -> None:
    analysis = alone(
        tmp_path,
        '<dc:title id="b">Second</dc:title><dc:title id="a">First</dc:title>'
        + REFINED.format("b", "display-seq", "2")
        + REFINED.format("a", "display-seq", "1"),
    )

    assert analysis.metadata["title"] == "First"


def test_read_keeps_authors_in_display_order_and_leaves_others_out(tmp_path: Path) -> None:
    analysis = alone(
        tmp_path,
        '<dc:creator id="i">Ill Ustrator</dc:creator><dc:creator id="b">Bea</dc:creator>'
        '<dc:creator id="a">Abe</dc:creator><dc:creator>Bea</dc:creator>'
        '<dc:contributor id="t">Trans Lator</dc:contributor>'
        + REFINED.format("i", "role", "ill")
        + REFINED.format("a", "role", "aut")
        + REFINED.format("a", "display-seq", "1")
        + REFINED.format("b", "display-seq", "2"),
    )

    assert analysis.metadata["authors"] == ["Abe", "Bea"]


def test_read_takes_whoever_made_a_work_without_author(tmp_path: Path) -> None:
    analysis = alone(
        tmp_path,
        '<dc:creator id="e">Ed Itor</dc:creator>' + REFINED.format("e", "role", "edt"),
    )

    assert analysis.metadata["authors"] == ["Ed Itor"]


def test_read_understands_roles_of_epub_2(tmp_path: Path) -> None:
    analysis = analyse(
        make_epub2(
            tmp_path / "book.epub",
            REQUIRED + '<dc:creator opf:role="ill">Ill</dc:creator>'
            '<dc:creator opf:role="aut">Aut</dc:creator>',
        )
    )

    assert analysis.metadata["authors"] == ["Aut"]
    assert (analysis.mediainfo["version"], analysis.valid) == ("2.0", True)


def test_read_ignores_wrong_and_absent_prefixes(tmp_path: Path) -> None:
    package = (
        '<package version="2.0"><metadata><dc-metadata><Title>Old</Title>'
        '<Creator role="aut">Timer</Creator><Language>en-us</Language>'
        "<Identifier>1</Identifier></dc-metadata></metadata></package>"
    )

    analysis = analyse(make_epub(tmp_path / "a.epub", entries={PACKAGE: package.encode()}))

    assert analysis.metadata == {"title": "Old", "authors": ["Timer"], "language": "en-US"}


@pytest.mark.parametrize(
    ("dates", "year"),
    [
        ("<dc:date>2015-02-01</dc:date>", 2015),
        ('<dc:date opf:event="modification">2011</dc:date>', None),
        ('<dc:date opf:event="conversion">2011</dc:date>', None),
        ('<dc:date>2011</dc:date><dc:date opf:event="publication">2003</dc:date>', 2003),
        ('<dc:date opf:event="creation">1999</dc:date><dc:date>2001</dc:date>', 2001),
        ("<dc:date>0101-01-01T00:00:00+00:00</dc:date>", None),
        ('<meta property="dcterms:modified">2024-01-01T00:00:00Z</meta>', None),
        ('<meta property="dcterms:issued">1987-05-01</meta>', 1987),
        ('<dc:date opf:event="epub-publication">2009</dc:date>', 2009),
    ],
)
def test_read_takes_the_year_of_publication(tmp_path: Path, dates: str, year: int | None) -> None:
    analysis = analyse(make_epub2(tmp_path / "book.epub", REQUIRED + dates))

    assert analysis.metadata.get("year") == year


@pytest.mark.parametrize(
    ("identifiers", "isbn"),
    [
        ('<dc:identifier opf:scheme="ISBN">0-306-40615-2</dc:identifier>', "9780306406157"),
        ("<dc:identifier>9782070368228</dc:identifier>", "9782070368228"),
        ("<dc:identifier>0306406152</dc:identifier>", None),
        ('<dc:identifier opf:scheme="ISBN">9780306406158</dc:identifier>', None),
        ("<dc:source>urn:isbn:9782070368228</dc:source>", "9782070368228"),
        ('<dc:identifier opf:scheme="ISBN-10">0306406152</dc:identifier>', "9780306406157"),
        ('<dc:identifier id="isbn">0306406152</dc:identifier>', "9780306406157"),
        ("<dc:identifier>eISBN: 978-0-306-40615-7</dc:identifier>", "9780306406157"),
        ("<dc:identifier>978-0-306-40615-7 (epub)</dc:identifier>", "9780306406157"),
        (
            "<dc:identifier>9780306406157</dc:identifier>"
            "<dc:identifier>isbn:9782070368228</dc:identifier>",
            "9782070368228",
        ),
    ],
)
def test_read_takes_an_isbn_only_if_it_is_one(
    tmp_path: Path, identifiers: str, isbn: str | None
) -> None:
    analysis = analyse(make_epub2(tmp_path / "book.epub", REQUIRED + identifiers))

    assert analysis.metadata.get("isbn") == isbn


def test_read_understands_the_identifier_type_of_epub_3(tmp_path: Path) -> None:
    analysis = stated(
        tmp_path,
        '<dc:identifier id="n">0306406152</dc:identifier>'
        '<meta refines="#n" property="identifier-type" scheme="onix:codelist5">02</meta>',
    )

    assert analysis.metadata["isbn"] == "9780306406157"


def test_read_finds_the_series_of_epub_3(tmp_path: Path) -> None:
    analysis = alone(
        tmp_path,
        '<meta property="belongs-to-collection" id="set">Box</meta>'
        + REFINED.format("set", "collection-type", "set")
        + DECLARED.format("belongs-to-collection", "The Tides")
        + REFINED.format("c", "collection-type", "series")
        + REFINED.format("c", "group-position", "2"),
    )

    assert (analysis.metadata["series"], analysis.metadata["series_index"]) == ("The Tides", 2.0)


def test_read_finds_the_series_calibre_writes(tmp_path: Path) -> None:
    analysis = alone(
        tmp_path,
        '<meta name="calibre:series" content="The Tides"/>'
        '<meta name="calibre:series_index" content="1.5"/>',
    )

    assert (analysis.metadata["series"], analysis.metadata["series_index"]) == ("The Tides", 1.5)


@pytest.mark.parametrize(
    "statements",
    [
        '<meta name="calibre:series_index" content="1.0"/>',
        DECLARED.format("belongs-to-collection", "Box")
        + REFINED.format("c", "collection-type", "set"),
        DECLARED.format("group-position", "2"),
    ],
)
def test_read_invents_no_series(tmp_path: Path, statements: str) -> None:
    metadata = alone(tmp_path, statements).metadata

    assert "series" not in metadata
    assert "series_index" not in metadata


def test_read_tells_nothing_that_only_holds_a_place(tmp_path: Path) -> None:
    analysis = stated(
        tmp_path, "", title="Unknown", authors=["Unknown"], language="und", year="0101-01-01"
    )

    assert analysis.metadata == {}
    assert analysis.valid


def test_read_cleans_hostile_text_and_keeps_markup(tmp_path: Path) -> None:
    title = "<script>alert(1)</script>\u202e & Sons"

    assert stated(tmp_path, "", title=title).metadata["title"] == "<script>alert(1)</script> & Sons"


@pytest.mark.parametrize("name", ["title", "language"])
def test_read_says_which_required_element_is_missing(tmp_path: Path, name: str) -> None:
    analysis = stated(tmp_path, "", **{name: ""})

    assert [*map(str, analysis.problems)] == [f"The package document has no dc:{name}."]
    assert not analysis.valid


def test_read_tells_a_flaw_of_the_format_from_damage(tmp_path: Path) -> None:
    flawed = analyse(make_epub(tmp_path / "flawed.epub", language=""))
    damaged = analyse(cut(make_epub(tmp_path / "cut.epub")))

    assert [one.is_flaw for one in flawed.problems] == [True]
    assert not any(one.is_flaw for one in damaged.problems)


@pytest.mark.parametrize(
    ("encoding", "language", "title"),
    [
        ("cp1252", "fr", "Œuvres “complètes” à 5 €"),
        ("cp1251", "ru", "Пикник на обочине"),
        ("cp932", "ja", "吾輩は猫である"),
    ],
)
@pytest.mark.parametrize("is_declared", [True, False])
def test_read_decodes_what_is_not_utf_8(
    tmp_path: Path, encoding: str, language: str, title: str, *, is_declared: bool
) -> None:
    package = make_package(title=title, language=language)
    if is_declared:
        package = package.replace(
            'encoding="utf-8"', f'encoding="{encoding.replace("cp", "windows-")}"'
        )
        package = package.replace("windows-932", "shift_jis")

    path = make_epub(tmp_path / "book.epub", entries={PACKAGE: package.encode(encoding)})
    analysis = analyse(path)

    assert (analysis.metadata["title"], analysis.valid) == (title, is_declared)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_read_decodes_a_byte_order_mark(tmp_path: Path, encoding: str) -> None:
    package = make_package(title="Été").replace("utf-8", encoding.removesuffix("-sig"))

    analysis = analyse(make_epub(tmp_path / "a.epub", entries={PACKAGE: package.encode(encoding)}))

    assert (analysis.metadata["title"], analysis.valid) == ("Été", True)


def test_read_recovers_what_is_not_well_formed(tmp_path: Path) -> None:
    package = make_package(title="Salt").replace("</metadata>", "<dc:rights>R&D&nbsp;</metadata>")

    analysis = analyse(make_epub(tmp_path / "a.epub", entries={PACKAGE: package.encode()}))

    assert (analysis.metadata["title"], analysis.metadata["authors"]) == ("Salt", ["Ann Author"])
    assert not analysis.valid
    assert "not well-formed XML" in str(analysis.problems[0])


def test_read_recovers_letters_that_only_html_has_names_for(tmp_path: Path) -> None:
    package = make_package(title="TITLE").replace("TITLE", "Caf&eacute; & Co &lt;x&gt;")

    analysis = analyse(make_epub(tmp_path / "a.epub", entries={PACKAGE: package.encode()}))

    assert (analysis.metadata["title"], analysis.valid) == ("Café & Co <x>", False)


def test_read_finds_the_package_without_a_container(tmp_path: Path) -> None:
    analysis = analyse(make_epub(tmp_path / "a.epub", entries={"META-INF/container.xml": None}))

    assert analysis.metadata["title"] == "A Book"
    assert [*map(str, analysis.problems)] == ["META-INF/container.xml is missing from the archive."]


def test_read_finds_the_package_where_the_container_is_wrong(tmp_path: Path) -> None:
    entries = {"META-INF/container.xml": CONTAINER.format("gone.opf").encode()}

    analysis = analyse(make_epub(tmp_path / "a.epub", entries=entries))

    assert analysis.metadata["title"] == "A Book"
    assert "names no package document" in str(analysis.problems[0])


def test_read_says_that_there_is_no_package(tmp_path: Path) -> None:
    analysis = analyse(make_epub(tmp_path / "a.epub", entries={PACKAGE: None}))

    assert (analysis.metadata, analysis.valid, analysis.cover) == ({}, False, False)
    assert "no package document" in str(analysis.problems[-1])


@pytest.mark.parametrize("mimetype", [None, b"text/plain"])
def test_read_wants_the_mimetype(tmp_path: Path, mimetype: bytes | None) -> None:
    analysis = analyse(make_epub(tmp_path / "a.epub", entries={"mimetype": mimetype}))

    assert "mimetype" in str(analysis.problems[0])


def test_read_says_that_a_chapter_is_missing(tmp_path: Path) -> None:
    analysis = analyse(make_epub(tmp_path / "a.epub", entries={"OEBPS/c1.xhtml": None}))

    assert [*map(str, analysis.problems)] == ["1 files to read are missing, the first is c1.xhtml."]


def test_read_says_that_there_is_nothing_to_read(tmp_path: Path) -> None:
    package = make_package().replace('<itemref idref="c1"/>', "").encode()

    analysis = analyse(make_epub(tmp_path / "a.epub", entries={PACKAGE: package}))

    assert "no spine" in str(analysis.problems[0])


SHOWN = PAGE.replace(b"<body/>", b'<body><img src="../OEBPS/cover.png"/></body>')
DRAWN = PAGE.replace(b"<body/>", b'<body><svg xmlns="s"><image href="cover.png"/></svg></body>')
GUIDE = '</spine><guide><reference type="cover" href="cover.xhtml#top"/></guide>'


@pytest.mark.parametrize(
    ("meta", "entries", "is_found"),
    [
        ("", {}, False),
        ('<meta name="cover" content="cover"/>', {}, True),
        ('<meta name="cover" content="cover.png"/>', {}, True),
        ('<meta name="cover" content="gone"/>', {}, False),
        ('<meta name="cover" content="c1"/>', {}, False),
        ('<meta name="cover" content="cover"/>', {"OEBPS/cover.png": b"<html/>"}, False),
        ('<meta name="cover" content="cover"/>', {"OEBPS/cover.png": b"<svg/>"}, True),
    ],
)
def test_read_finds_the_cover_of_epub_2(
    tmp_path: Path, meta: str, entries: dict[str, bytes], *, is_found: bool
) -> None:
    analysis = analyse(make_epub2(tmp_path / "a.epub", REQUIRED + meta, entries))

    assert (analysis.cover, analysis.valid) == (is_found, True)


@pytest.mark.parametrize(("page", "is_found"), [(SHOWN, True), (DRAWN, True), (PAGE, False)])
def test_read_finds_the_cover_on_the_page_of_the_guide(
    tmp_path: Path, page: bytes, *, is_found: bool
) -> None:
    package = package_around(REQUIRED, version="2.0").replace("</spine>", GUIDE)
    package = package.replace(' properties="cover-image"', "")
    entries = {PACKAGE: package.encode(), "OEBPS/cover.xhtml": page}

    assert analyse(make_epub(tmp_path / "a.epub", entries=entries)).cover is is_found


def test_read_follows_encoded_links_inside_the_archive(tmp_path: Path) -> None:
    package = make_package().replace("cover.png", "art/my%20cover.png").encode()
    entries = {PACKAGE: package, "OEBPS/art/my cover.png": PICTURE, "OEBPS/cover.png": None}

    assert analyse(make_epub(tmp_path / "a.epub", entries=entries)).cover


@pytest.mark.parametrize(
    ("entries", "drm"),
    [
        ({"META-INF/encryption.xml": encryption(IDPF_FONT)}, ""),
        ({"META-INF/encryption.xml": encryption(ADOBE_FONT)}, ""),
        ({"META-INF/encryption.xml": encryption(AES)}, "encrypted content"),
        (
            {
                "META-INF/encryption.xml": encryption(
                    AES, '<resource xmlns="http://ns.adobe.com/adept"/>'
                )
            },
            "Adobe ADEPT",
        ),
        (
            {
                "META-INF/encryption.xml": encryption(
                    AES, '<x Type="http://readium.org/2014/01/lcp"/>'
                )
            },
            "Readium LCP",
        ),
        ({"META-INF/rights.xml": b"<rights/>"}, "Adobe ADEPT"),
        ({"META-INF/sinf.xml": b"<sinf/>"}, "Apple FairPlay"),
        ({"META-INF/license.lcpl": b"{}"}, "Readium LCP"),
        ({"rights.xml": b'<kdrm xmlns="http://kobobooks.com"/>'}, "Kobo"),
        ({"rights.xml": b"<rights>All reserved</rights>"}, ""),
    ],
)
def test_read_names_the_protection(tmp_path: Path, entries: dict[str, bytes], drm: str) -> None:
    analysis = analyse(make_epub(tmp_path / "a.epub", entries=entries))

    assert (analysis.drm, analysis.encrypted, analysis.valid) == (drm, bool(drm), True)
    assert analysis.metadata["title"] == "A Book"


def test_read_takes_content_encrypted_by_no_named_algorithm_for_protected(tmp_path: Path) -> None:
    silent = encryption(IDPF_FONT).replace(
        b'<enc:EncryptionMethod Algorithm="' + IDPF_FONT.encode() + b'"/>', b""
    )

    analysis = analyse(make_epub(tmp_path / "a.epub", entries={"META-INF/encryption.xml": silent}))

    assert analysis.drm == "encrypted content"


@pytest.mark.parametrize(
    "name", ["mimetype", "META-INF/container.xml", PACKAGE, "OEBPS/c1.xhtml", "OEBPS/cover.png"]
)
def test_read_sees_entries_that_need_a_password(tmp_path: Path, name: str) -> None:
    analysis = analyse(lock(make_epub(tmp_path / "a.epub"), name))

    assert (analysis.drm, analysis.encrypted) == ("encrypted entries", True)
    assert analysis.valid


def test_make_epub_fills_a_book_to_the_size_asked_for(tmp_path: Path) -> None:
    analysis = analyse(make_epub(tmp_path / "a.epub", size_bytes=1_234_567))

    assert (analysis.size, analysis.valid) == (1_234_567, True)
