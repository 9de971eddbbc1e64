import random
from collections.abc import Callable
from pathlib import Path

import pytest

from releases.metadata import analyse, cover
from tests.books import cut, lock
from tests.metadata.offices import (
    PICTURE,
    THUMBNAIL,
    core_properties,
    make_docx,
    make_odt,
    manifest,
    relations,
)

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
PACKAGE = "EncryptedPackage".encode("utf-16-le")
RIGHTS = "DRMEncryptedTransform".encode("utf-16-le")

MAKERS = pytest.mark.parametrize("make", [make_docx, make_odt])
Maker = Callable[..., Path]


def test_a_docx_tells_every_field_and_where_it_stood(tmp_path: Path) -> None:
    path = make_docx(
        tmp_path / "a.docx",
        "<dc:title>Les Épées</dc:title><dc:creator>Élodie G.; Noël L.</dc:creator>"
        "<dc:language>fr-FR</dc:language><dc:description>Once.</dc:description>"
        "<dc:identifier>ISBN 978-2-07-036822-8</dc:identifier>"
        "<dcterms:created>2018-03-01T00:00:00Z</dcterms:created>",
        extended="<Pages>12</Pages><Words>3000</Words><Application>Word</Application>"
        "<AppVersion>16.0000</AppVersion><Company>A Firm</Company>",
        custom={"Publisher": "Phare", "Series": "A Cycle", "Series index": "2"},
        language="en-US",
    )

    analysis = analyse(path)

    assert analysis.metadata == {
        "title": "Les Épées",
        "authors": ["Élodie G.", "Noël L."],
        "language": "fr-FR",
        "isbn": "9782070368228",
        "publisher": "Phare",
        "series": "A Cycle",
        "series_index": 2.0,
        "description": "Once.",
        "pages": 12,
    }
    assert analysis.sources.keys() == analysis.metadata.keys()
    assert analysis.sources["title"] == "docProps/core.xml title"
    assert analysis.mediainfo == {
        "format": "DOCX",
        "size": analysis.size,
        "version": "16.0000",
        "program": "Word",
        "company": "A Firm",
        "created": "2018-03-01T00:00:00Z",
        "words": 3000,
    }
    assert (analysis.format, analysis.valid, analysis.problems) == ("docx", True, ())
    assert (analysis.drm, analysis.encrypted, analysis.cover) == ("", False, True)
    assert {"path": "[Content_Types].xml", "size": 8} in analysis.structure


def test_an_odt_tells_every_field_and_where_it_stood(tmp_path: Path) -> None:
    path = make_odt(
        tmp_path / "a.odt",
        "<dc:title>Les Épées</dc:title><dc:language>fr</dc:language>"
        "<meta:initial-creator>Ann Author</meta:initial-creator>"
        "<dc:creator>Ed Editor</dc:creator><dc:date>2020-01-01</dc:date>"
        "<meta:generator>Writer</meta:generator>"
        '<meta:document-statistic meta:page-count="12" meta:word-count="3000"/>'
        '<meta:user-defined meta:name="opf.isbn">207036822X</meta:user-defined>'
        '<meta:user-defined meta:name="opf.pubdate">2019-05-01</meta:user-defined>'
        '<meta:user-defined meta:name="opf.series">A Cycle</meta:user-defined>'
        '<meta:user-defined meta:name="opf.seriesindex">1.5</meta:user-defined>'
        '<meta:user-defined meta:name="Publisher">Phare</meta:user-defined>',
        language="en",
        country="US",
    )

    analysis = analyse(path)

    assert analysis.metadata == {
        "title": "Les Épées",
        "authors": ["Ann Author"],
        "language": "fr",
        "isbn": "9782070368228",
        "publisher": "Phare",
        "year": 2019,
        "series": "A Cycle",
        "series_index": 1.5,
        "pages": 12,
    }
    assert analysis.sources.keys() == analysis.metadata.keys()
    assert analysis.mediainfo == {
        "format": "ODT",
        "size": analysis.size,
        "version": "1.3",
        "program": "Writer",
        "modified": "2020-01-01",
        "words": 3000,
    }
    assert (analysis.format, analysis.valid, analysis.drm) == ("odt", True, "")


@MAKERS
def test_a_document_that_says_nothing_is_whole(tmp_path: Path, make: Maker) -> None:
    analysis = analyse(make(tmp_path / "a"))

    assert (analysis.metadata, analysis.problems) == ({}, ())


@MAKERS
def test_who_changed_a_file_last_wrote_it_if_nobody_else_did(tmp_path: Path, make: Maker) -> None:
    analysis = analyse(make(tmp_path / "a", "<dc:creator>Ann;Allison, T. B.</dc:creator>"))

    assert analysis.metadata["authors"] == ["Ann", "Allison, T. B."]


def test_the_language_is_at_last_that_of_the_style_of_all_text(tmp_path: Path) -> None:
    docx = analyse(make_docx(tmp_path / "a.docx", language="de-AT"))
    odt = analyse(make_odt(tmp_path / "a.odt", language="de", country="AT"))

    assert (docx.metadata, odt.metadata) == ({"language": "de-AT"}, {"language": "de-AT"})
    assert docx.sources["language"] == "word/styles.xml default"
    assert odt.sources["language"] == "styles.xml default"


def test_a_language_without_a_country_is_one(tmp_path: Path) -> None:
    assert analyse(make_odt(tmp_path / "a", language="eo")).metadata == {"language": "eo"}


def test_parts_are_found_by_their_relations(tmp_path: Path) -> None:
    core = "http://purl.oclc.org/ooxml/package/relationships/metadata/core-properties"
    text = "http://purl.oclc.org/ooxml/officeDocument/relationships/officeDocument"
    path = make_docx(
        tmp_path / "a.docx",
        entries={
            "_rels/.rels": relations({core: "/package/1a.psmdcp", text: "word\\text.xml"}),
            "docProps/core.xml": None,
            "package/1a.psmdcp": core_properties("<dc:title>Elsewhere</dc:title>"),
            "word/document.xml": None,
            "word/text.xml": b"<document/>",
        },
    )

    analysis = analyse(path)

    assert analysis.metadata == {"title": "Elsewhere"}
    assert (analysis.problems, analysis.cover) == ((), False)


@pytest.mark.parametrize(
    ("make", "missing"), [(make_docx, "word/document.xml"), (make_odt, "content.xml")]
)
def test_a_document_without_text_is_not_valid(tmp_path: Path, make: Maker, missing: str) -> None:
    entries = {missing: None, "word/styles.xml": b"<styles/>"}

    analysis = analyse(make(tmp_path / "a", "<dc:title>T</dc:title>", entries=entries))

    assert analysis.metadata == {"title": "T"}
    assert f"{missing} is missing" in str(analysis.problems[0])
    assert not analysis.valid


@pytest.mark.parametrize(
    ("make", "name"), [(make_docx, "docProps/core.xml"), (make_odt, "meta.xml")]
)
def test_properties_that_are_damaged_are_told(tmp_path: Path, make: Maker, name: str) -> None:
    broken = b"<meta xmlns:dc='dc'><dc:title>T</dc:title><dc:creator>"

    analysis = analyse(make(tmp_path / "a", entries={name: broken}))

    assert analysis.metadata["title"] == "T"
    assert f"{name} is not well-formed" in str(analysis.problems[0])
    assert not analysis.valid


@MAKERS
@pytest.mark.parametrize("share", [0.4, 0.7, 0.95])
def test_a_cut_document_is_not_valid(tmp_path: Path, make: Maker, share: float) -> None:
    path = cut(make(tmp_path / "a", "<dc:title>T</dc:title>"), share)

    analysis = analyse(path)

    assert analysis.format == {make_docx: "docx", make_odt: "odt"}[make]
    assert not analysis.valid


@MAKERS
def test_properties_read_no_other_file(tmp_path: Path, make: Maker) -> None:
    secret = tmp_path / "secret"
    secret.write_text("hunter2")
    hostile = (
        f'<!DOCTYPE x [<!ENTITY x SYSTEM "{secret.as_uri()}">]>'
        '<meta xmlns:dc="dc"><dc:title>Safe &x; Title</dc:title></meta>'
    ).encode()

    analysis = analyse(
        make(tmp_path / "a", entries={"docProps/core.xml": hostile, "meta.xml": hostile})
    )

    assert analysis.metadata["title"] == "Safe Title"
    assert "hunter2" not in str(analysis.as_json())
    assert "refers to entities" in str(analysis.problems[0])


@pytest.mark.parametrize(("name", "drm"), [(b"", "Office password"), (RIGHTS, "Microsoft IRM")])
def test_a_locked_docx_lies_in_the_older_container(tmp_path: Path, name: bytes, drm: str) -> None:
    path = tmp_path / "a.docx"
    path.write_bytes(OLE + bytes(504) + PACKAGE + name)

    analysis = analyse(path)

    assert (analysis.format, analysis.valid) == ("docx", True)
    assert (analysis.drm, analysis.encrypted, cover(path)) == (drm, True, b"")


def test_the_directory_of_the_older_container_may_lie_at_its_end(tmp_path: Path) -> None:
    path, sectors = tmp_path / "a.docx", 9 << 11
    head = (OLE + bytes(22) + (9).to_bytes(2, "little")).ljust(48, b"\0")
    content = (head + sectors.to_bytes(4, "little")).ljust(512 * (sectors + 1), b"\0")
    path.write_bytes(content + PACKAGE)

    assert analyse(path).drm == "Office password"


def test_a_locked_odt_says_so_in_its_manifest(tmp_path: Path) -> None:
    locked = manifest("content.xml", "meta.xml", "Thumbnails/thumbnail.png", is_locked=True)
    noise = random.Random(0).randbytes(100)
    entries = {"META-INF/manifest.xml": locked, "meta.xml": noise, "content.xml": noise}

    analysis = analyse(make_odt(tmp_path / "a.odt", entries=entries))

    assert (analysis.drm, analysis.encrypted, analysis.valid) == ("ODF password", True, True)
    assert (analysis.metadata, analysis.cover) == ({}, False)


def test_an_odt_locked_as_one_package_is_valid(tmp_path: Path) -> None:
    locked = manifest("encrypted-package", is_locked=True)
    kept = {"META-INF/manifest.xml": locked, "encrypted-package": b"noise"}
    left_out = dict.fromkeys(("meta.xml", "styles.xml", "content.xml", "Thumbnails/thumbnail.png"))

    analysis = analyse(make_odt(tmp_path / "a.odt", entries={**left_out, **kept}))

    assert (analysis.drm, analysis.valid) == ("ODF password", True)


@pytest.mark.parametrize(
    ("make", "name"), [(make_docx, "docProps/core.xml"), (make_odt, "meta.xml")]
)
def test_an_archive_with_a_password_is_locked(tmp_path: Path, make: Maker, name: str) -> None:
    analysis = analyse(lock(make(tmp_path / "a"), name))

    assert (analysis.drm, analysis.encrypted, analysis.valid) == ("encrypted entries", True, True)


@pytest.mark.parametrize(("make", "picture"), [(make_docx, THUMBNAIL), (make_odt, PICTURE)])
def test_the_cover_is_what_a_program_left_of_the_first_page(
    tmp_path: Path, make: Maker, picture: bytes
) -> None:
    assert cover(make(tmp_path / "a")) == picture


def test_a_drawing_is_no_cover(tmp_path: Path) -> None:
    path = make_docx(tmp_path / "a", entries={"docProps/thumbnail.jpeg": b"\x01\x00\x00\x00 EMF"})

    assert (analyse(path).cover, cover(path)) == (False, b"")


@pytest.mark.parametrize("pages", ["0", "-1", "many", "9" * 40, "²"])
def test_pages_that_nobody_counted_are_unknown(tmp_path: Path, pages: str) -> None:
    assert analyse(make_docx(tmp_path / "a", extended=f"<Pages>{pages}</Pages>")).metadata == {}


@MAKERS
def test_no_damage_stops_the_reader(tmp_path: Path, make: Maker) -> None:
    path = make(tmp_path / "a", "<dc:title>T</dc:title><dc:creator>Ann</dc:creator>")
    whole, dice = path.read_bytes(), random.Random(7)
    for turn in range(200):
        damaged = bytearray(whole[: dice.randrange(400, len(whole)) if turn % 2 else len(whole)])
        for _ in range(6):
            damaged[dice.randrange(300, len(damaged))] = dice.randrange(256)
        path.write_bytes(damaged)

        assert analyse(path).size == len(damaged)
        assert isinstance(cover(path), bytes)
