from typing import Any

import pytest

from releases.metadata import xmp
from releases.metadata.markup import MarkupError
from tests.metadata.pdfs import by, packet, titled

RESOURCE = '<{0} rdf:parseType="Resource">{1}</{0}>'


def read(statements: str, *, attributes: str = "") -> dict[str, Any]:
    found, problems = xmp.parse(packet(statements, attributes=attributes).encode())
    assert problems == []
    return xmp.metadata(found)[0]


def test_simple_statements_may_be_attributes() -> None:
    found = read("", attributes='dc:title="Short" dc:publisher="Phare" prism:isbn="207036822X"')

    assert found == {"title": "Short", "publisher": "Phare", "isbn": "9782070368228"}


def test_the_default_of_several_titles_is_taken() -> None:
    titles = '<rdf:li xml:lang="fr">Un</rdf:li><rdf:li xml:lang="x-default">One</rdf:li>'

    assert read(f"<dc:title><rdf:Alt>{titles}</rdf:Alt></dc:title>") == {"title": "One"}


def test_older_programs_have_other_names_for_title_and_author() -> None:
    found = read("<pdf:Title>Old</pdf:Title><xmp:Author>Ann Author; Bob B.</xmp:Author>")

    assert found == {"title": "Old", "authors": ["Ann Author", "Bob B."]}


def test_a_list_of_authors_is_not_parted_at_its_commas() -> None:
    assert read(by("Ann Author, Bob Writer"))["authors"] == ["Ann Author", "Bob Writer"]
    assert read(by("García Márquez, Gabriel José", "Ann"))["authors"] == [
        "García Márquez, Gabriel José",
        "Ann",
    ]


def test_what_calibre_says_is_read() -> None:
    series = RESOURCE.format(
        "calibre:series",
        "<rdf:value>A Cycle</rdf:value><calibreSI:series_index>2.50</calibreSI:series_index>",
    )
    scheme = "<xmpidq:Scheme>isbn</xmpidq:Scheme><rdf:value>207036822X</rdf:value>"
    item = f'<rdf:li rdf:parseType="Resource">{scheme}</rdf:li>'
    date = "<dc:date><rdf:Seq><rdf:li>2003-01-31T22:00:00+00:00</rdf:li></rdf:Seq></dc:date>"

    found = read(f"{series}<xmp:Identifier><rdf:Bag>{item}</rdf:Bag></xmp:Identifier>{date}")

    assert found == {
        "series": "A Cycle",
        "series_index": 2.5,
        "isbn": "9782070368228",
        "year": 2003,
    }


def test_what_is_said_of_a_value_may_be_a_description() -> None:
    said = "<rdf:value>A Cycle</rdf:value><calibreSI:series_index>3</calibreSI:series_index>"

    found = read(f"<calibre:series><rdf:Description>{said}</rdf:Description></calibre:series>")

    assert (found["series"], found["series_index"]) == ("A Cycle", 3.0)


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("<dc:identifier>ISBN 978-2-07-036822-8</dc:identifier>", {"isbn": "9782070368228"}),
        ("<dc:identifier>207036822X</dc:identifier>", {}),
        ("<pdfx:ISBN>207036822X</pdfx:ISBN>", {"isbn": "9782070368228"}),
        ("<prism:coverDate>May 1999</prism:coverDate>", {"year": 1999}),
        ("<dc:date>0101-01-01</dc:date>", {}),
        (
            "<prism:seriesTitle>S</prism:seriesTitle><prism:seriesNumber>4</prism:seriesNumber>",
            {"series": "S", "series_index": 4.0},
        ),
        ("<prism:seriesNumber>4</prism:seriesNumber>", {}),
        ("<prism:subtitle>More</prism:subtitle>", {"subtitle": "More"}),
        ("<prism:alternateTitle>Or</prism:alternateTitle>", {"alternative_title": "Or"}),
        ("<dc:language>x-unknown</dc:language>", {}),
    ],
)
def test_statements_of_publishers_are_read(statement: str, expected: dict[str, Any]) -> None:
    assert read(statement) == expected


def test_statements_about_parts_are_not_about_the_work() -> None:
    part = RESOURCE.format("xmp:Thumbnails", "<dc:title>A Part</dc:title>")

    assert read(part + titled("The Work")) == {"title": "The Work"}


def test_prefixes_that_nobody_declared_are_understood() -> None:
    undeclared = packet("<dc:title>Bare</dc:title>").replace("xmlns:dc=", "other=")

    found, problems = xmp.parse(undeclared.encode())

    assert xmp.metadata(found)[0] == {"title": "Bare"}
    assert "prefix that it does not declare" in str(problems[0])


def test_bytes_in_octal_are_no_title() -> None:
    assert read(titled(r"\376\377\000B\000o\000o\000k")) == {}


def test_only_so_many_values_are_kept() -> None:
    found, _ = xmp.parse(packet(by(*map(str, range(xmp.VALUE_LIMIT + 10)))).encode())

    assert len(found.properties[("dc", "creator")]) == xmp.VALUE_LIMIT


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_packet_may_be_in_any_unicode(encoding: str) -> None:
    found, problems = xmp.parse(packet(titled("Été")).encode(encoding))

    assert (xmp.metadata(found)[0], problems) == ({"title": "Été"}, [])


def test_what_is_no_xml_is_told() -> None:
    with pytest.raises(MarkupError, match="XMP is not XML"):
        xmp.parse(b"\x00\x01")
