import datetime as dt
from typing import Any

import pytest
from babel import Locale

from releases import description
from releases.description import language_name, language_tag, release_name, tv_metadata
from releases.packing import NamingError, diz, naming

BOOK = {"title": "Some Book", "author": "Ann Author", "year": 2020}
SHOW = {"title": "Some Show", "episode": "S01E02", "tv_format": "WEB.H264"}


def book_name(form: str = "epub", **fields: Any) -> str:
    return release_name("EBOOK", BOOK | fields, form=form, group="GRP")


def show_name(**fields: Any) -> str:
    return release_name("TV", SHOW | fields, form="mkv", group="GRP")


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({}, "Ann.Author.Some.Book.2020.RETAiL.ePUB.eBook-GRP"),
        ({"language": "en"}, "Ann.Author.Some.Book.2020.RETAiL.ePUB.eBook-GRP"),
        ({"language": "fr-CA"}, "Ann.Author.Some.Book.2020.FRENCH.RETAiL.ePUB.eBook-GRP"),
        ({"source": "SCAN"}, "Ann.Author.Some.Book.2020.SCAN.ePUB.eBook-GRP"),
        ({"year": "2020"}, "Ann.Author.Some.Book.2020.RETAiL.ePUB.eBook-GRP"),
        ({"edition": "2nd Edition"}, "Ann.Author.Some.Book.2nd.Edition.2020.RETAiL.ePUB.eBook-GRP"),
        ({"author": ""}, "Some.Book.2020.RETAiL.ePUB.eBook-GRP"),
        ({"author": None, "publisher": "Press"}, "Press.Some.Book.2020.RETAiL.ePUB.eBook-GRP"),
        ({"publisher": "Press"}, "Ann.Author.Some.Book.2020.RETAiL.ePUB.eBook-GRP"),
        ({"title": "1984", "year": 1949}, "Ann.Author.1984.1949.RETAiL.ePUB.eBook-GRP"),
        ({"title": "L'Été, à Straße"}, "Ann.Author.L.Ete.a.Strasse.2020.RETAiL.ePUB.eBook-GRP"),
        (
            {"tags": "internal repack"},
            "Ann.Author.Some.Book.2020.RETAiL.iNTERNAL.REPACK.ePUB.eBook-GRP",
        ),
        ({"volume": "2", "issue": "3"}, "Ann.Author.Some.Book.2020.RETAiL.ePUB.eBook-GRP"),
        (
            {"publisher": "Press", "category": "TECHNICAL"},
            "Press.Some.Book.2020.RETAiL.ePUB.eBook-GRP",
        ),
        ({"category": "TECHNICAL"}, "Ann.Author.Some.Book.2020.RETAiL.ePUB.eBook-GRP"),
        (
            {"author": "", "title": "Name Vol.23 No.22 Dec", "category": "COMiC"},
            "Name.Vol.23.No.22.Dec.2020.RETAiL.COMiC.ePUB.eBook-GRP",
        ),
    ],
)
def test_a_book_is_named_by_its_fields(fields: dict[str, Any], name: str) -> None:
    assert book_name(**fields) == name


@pytest.mark.parametrize(
    ("fields", "head"),
    [
        ({"category": "MAGAZiNE", "issue": "1"}, "Name.No.1.2012.RETAiL.MAGAZiNE"),
        (
            {"category": "MAGAZiNE", "issue_date": "2012-05", "year": None},
            "Name.May.2012.RETAiL.MAGAZiNE",
        ),
        ({"category": "MAGAZiNE", "issue_date": "2011"}, "Name.2011.RETAiL.MAGAZiNE"),
        (
            {"category": "COMiC", "volume": "23", "issue": "22", "issue_date": "2007-12"},
            "Name.Vol.23.No.22.Dec.2007.RETAiL.COMiC",
        ),
        ({"category": "MANGA", "volume": "23"}, "Name.Vol.23.2012.RETAiL.MANGA"),
        ({"category": "NEWSPAPER", "issue_date": "2012-12-03"}, "Name.03.December.2012.RETAiL"),
        (
            {"category": "NEWSPAPER", "issue_date": "2012-12-23", "issue": "4711", "edition": "US"},
            "Name.US.No.4711.23.December.2012.RETAiL",
        ),
    ],
)
def test_an_issue_is_named_by_what_tells_it_from_others(fields: dict[str, Any], head: str) -> None:
    periodical = {"title": "Name", "author": "Ann Author", "publisher": "Press", "year": 2012}

    name = release_name("EBOOK", periodical | fields, form="pdf", group="GRP")

    assert name == f"{head}.eBook-GRP"


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"issue_date": "May 2012"}, "May 2012 is no date of an issue"),
        ({"issue_date": "2012-13"}, "2012-13 is no date of an issue"),
        ({"issue_date": "2012-02-30"}, "2012-02-30 is no date"),
        ({"issue": "one"}, "one is no number of an issue"),
        ({"category": "NEWSPAPER", "issue_date": "2012-05"}, "named by its day"),
        ({"category": "NEWSPAPER"}, "named by its day"),
        ({"tags": "SAMPLEFIX"}, "SAMPLEFIX is no tag"),
        ({"title": "…"}, "has no letter and no digit"),
    ],
)
def test_an_issue_that_cannot_be_named_is_refused(fields: dict[str, Any], reason: str) -> None:
    with pytest.raises(NamingError, match=reason):
        book_name(**{"category": "MAGAZiNE"} | fields)


def test_an_issue_needs_a_year_or_a_date() -> None:
    with pytest.raises(NamingError, match="needs: year"):
        book_name(category="MANGA", volume="2", year=None)


@pytest.mark.parametrize(
    ("form", "tag"),
    [
        ("epub", ".ePUB"),
        ("pdf", ""),
        ("cbz", ".CBZ"),
        ("azw", ".AZW"),
        ("azw3", ".KF8"),
        ("mobi", ".MOBI"),
        ("prc", ".PRC"),
    ],
)
def test_a_name_says_every_format_but_pdf(form: str, tag: str) -> None:
    assert book_name(form) == f"Ann.Author.Some.Book.2020.RETAiL{tag}.eBook-GRP"


@pytest.mark.parametrize("category", naming.CATEGORIES)
@pytest.mark.parametrize("source", description.SOURCES)
def test_what_a_name_says_is_read_back(category: str, source: str) -> None:
    parsed = naming.parse_ebook(book_name(category=category, source=source, language="de"))

    assert (parsed.category, parsed.source, parsed.language) == (category, source, "GERMAN")


def test_a_technical_document_is_named_after_its_publisher() -> None:
    fields = BOOK | {"publisher": "Press", "category": "TECHNICAL"}

    name = release_name("DOCS", fields, form="docx", group="GRP")

    assert name == "Press.Some.Book.2020.RETAiL.eBook-GRP"


def test_a_document_is_named_without_category_and_format() -> None:
    fields = BOOK | {"publisher": "Press", "author": "", "category": "COMiC", "language": "fr"}

    name = release_name("DOCS", fields, form="docx", group="GRP")

    assert name == "Press.Some.Book.2020.FRENCH.RETAiL.eBook-GRP"


@pytest.mark.parametrize(
    ("release_type", "fields", "missing"),
    [
        ("EBOOK", {}, "title, year"),
        ("EBOOK", {"title": "", "year": 2020}, "title"),
        ("DOCS", {"title": "Some Book"}, "year"),
        ("TV", {"title": "Some Show"}, "episode, tv_format"),
    ],
)
def test_what_a_name_lacks_is_told(release_type: str, fields: dict[str, Any], missing: str) -> None:
    with pytest.raises(NamingError, match=f"needs: {missing}") as raised:
        release_name(release_type, fields, form="epub", group="GRP")

    assert raised.value.values == {"fields": missing}


@pytest.mark.parametrize(
    "fields",
    [{"title": "x" * 250}, {"year": 999}, {"source": "WEB"}, {"category": "NOVEL"}],
)
def test_a_book_that_has_no_name_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(NamingError):
        book_name(**fields)


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({}, "Some.Show.S01E02.WEB.H264-GRP"),
        ({"episode_title": "The End?"}, "Some.Show.S01E02.The.End.WEB.H264-GRP"),
        ({"resolution": "1080p"}, "Some.Show.S01E02.1080p.WEB.H264-GRP"),
        ({"tags": "PROPER", "language": "fr"}, "Some.Show.S01E02.PROPER.FRENCH.WEB.H264-GRP"),
        (
            {"tags": "internal, hdr10plus source.sample"},
            "Some.Show.S01E02.INTERNAL.HDR10Plus.SOURCE.SAMPLE.WEB.H264-GRP",
        ),
        ({"title": "Some Show 2019"}, "Some.Show.2019.S01E02.WEB.H264-GRP"),
        ({"episode": "2024.05.01"}, "Some.Show.2024.05.01.WEB.H264-GRP"),
        ({"episode": "2020", "title": "Some Film"}, "Some.Film.2020.WEB.H264-GRP"),
    ],
)
def test_a_show_or_film_is_named_by_its_fields(fields: dict[str, Any], name: str) -> None:
    assert show_name(**fields) == name


@pytest.mark.parametrize(
    "fields",
    [
        *({"episode": "s1e2"}, {"episode": "5"}, {"tv_format": "DVD"}, {"tags": "SFVFIX"}),
        *({"title": "…"}, {"tv_format": "HDTV.x264", "resolution": "1080p"}),
    ],
)
def test_a_show_that_has_no_name_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(NamingError):
        show_name(**fields)


@pytest.mark.parametrize(
    "name",
    [
        "Some.Show.S01E02.WEB.H264-GRP",
        "Some.Show.2019.S01E02.The.End.720p.WEB.H264-GRP",
        "Some.Show.S01E02-E03.FRENCH.1080p.WEBRip.x265-GRP",
        "Some.Show.UK.2019.S01E02A.The.End.PROPER.ALTERNATIVE.CUT.GERMAN.WEB.H264-GRP",
        "Some.Show.2024.05.01.Guest.HDTV.x264-GRP",
        "Some.Film.2020.720p.WEB.H264-GRP",
    ],
)
def test_a_file_named_like_a_release_gives_the_same_name(name: str) -> None:
    assert release_name("TV", tv_metadata(name), form="mkv", group="GRP") == name


def test_a_file_named_like_a_release_tells_its_fields() -> None:
    name = "Some.Show.UK.S01E02.The.End.PROPER.GERMAN.720p.WEB.H264-GRP"

    assert tv_metadata(name) == {
        "title": "Some Show UK",
        "episode": "S01E02",
        "episode_title": "The End",
        "tags": "PROPER",
        "language": "de",
        "resolution": "720p",
        "tv_format": "WEB.H264",
    }


def test_a_file_named_otherwise_tells_nothing() -> None:
    assert tv_metadata("holidays 2020") == {}


@pytest.mark.parametrize(
    ("tag", "name"),
    [
        ("fr", "French"),
        ("fr-CA", "French"),
        ("fr_CA", "French"),
        ("FR", "French"),
        ("fre", "French"),
        ("fra", "French"),
        ("French", "French"),
        ("zh-Hant", "Chinese"),
        ("qqq-unknown", "qqq-unknown"),
        ("", ""),
    ],
)
def test_a_language_has_an_english_name(tag: str, name: str) -> None:
    assert language_name(tag) == name


def test_a_language_has_a_french_name_too() -> None:
    assert language_name("de", "fr") == "allemand"


@pytest.mark.parametrize("tag", ["", "en", "en-GB", "eng", "English", "english"])
def test_english_stands_in_no_name(tag: str) -> None:
    assert language_tag(tag) == ""


def test_every_language_can_stand_in_a_name() -> None:
    tags = {str(tag): language_tag(str(tag)) for tag in Locale("en").languages}

    unfit = {tag for tag, name in tags.items() if name and not (name.isascii() and name.isalpha())}
    assert unfit == set()
    assert tags["lu"] == "LUBAKATANGA"


def test_a_diz_tells_title_author_year_date_and_group() -> None:
    fields = BOOK | {"source": "RETAiL"}

    lines = description.diz_lines(fields, "Some.Book-GRP", dt.date(2026, 1, 2))

    assert lines == ("Some Book", "by Ann Author", "2020 RETAiL", "2026-01-02", "GRP")


def test_a_diz_tells_which_issue_it_is() -> None:
    fields = {"title": "Name", "volume": "23", "issue": "22", "issue_date": "2007-12"}

    lines = description.diz_lines(fields, "Name-GRP", dt.date(2026, 1, 2))

    assert lines == ("Name", "Vol. 23 No. 22 2007-12", "2026-01-02", "GRP")


def test_a_diz_of_nothing_known_still_tells_the_name() -> None:
    lines = description.diz_lines({}, "Some.Book-GRP", dt.date(2026, 1, 2))

    assert lines == ("Some.Book-GRP", "2026-01-02", "GRP")


def test_long_fields_fit_a_diz() -> None:
    fields = {"title": "Très long " * 40, "author": "Ann Author " * 30, "year": 2020}
    lines = description.diz_lines(fields, "Some.Book-GRP", dt.date(2026, 1, 2))

    text = diz.render(lines, disk=1, disks=99).decode("ascii")

    assert max(map(len, text.splitlines())) <= 44
    assert len(text.splitlines()) <= 30


def test_a_year_that_is_no_number_makes_no_name() -> None:
    metadata = {"title": "Book", "author": "Ann", "year": "soon"}

    with pytest.raises(NamingError, match="soon"):
        release_name("EBOOK", metadata, form="epub", group="GRP")


@pytest.mark.parametrize(
    ("form", "extension"),
    [
        *(("epub", "epub"), ("cbr", "cbr"), ("djvu", "djvu"), ("djvu", "djv"), ("fb2", "fb2")),
        *(("azw3", "azw"), ("html", "htm"), ("lit", "lit"), ("m2ts", "mts"), ("chm", "chm")),
    ],
)
def test_an_extension_goes_with_its_type(form: str, extension: str) -> None:
    assert extension in description.extensions(form)


def test_the_usual_extension_of_a_type_is_its_name() -> None:
    assert [
        form for form in description.EXTENSIONS if description.extensions(form)[0] != form
    ] == []
