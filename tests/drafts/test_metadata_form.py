from typing import Any

import pytest

from drafts.forms import Enrichment
from drafts.forms.metadata import CATEGORIES
from drafts.known import file_matches
from releases import description
from releases.description import release_name
from releases.models import Source
from tests.factories import METADATA, make_draft

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded")]
ISSUE = METADATA | {"title": "Name", "author": "", "publisher": "Press", "year": ""}
SHOW = {"title": "Show", "episode": "S01E02", "tv_format": "WEB.H264"}


def enrichment(data: dict[str, Any], release_type: str = "EBOOK") -> Enrichment:
    return Enrichment(data, draft=make_draft(type={"release_type": release_type}))


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        (
            {"category": "magazine", "issue": "1", "year": 2012},
            "Name.No.1.2012.RETAiL.MAGAZiNE.ePUB.eBook-GRP",
        ),
        (
            {"category": "COMiC", "volume": "23", "issue": "22", "issue_date": "2007-12"},
            "Name.Vol.23.No.22.Dec.2007.RETAiL.COMiC.ePUB.eBook-GRP",
        ),
        (
            {"category": "manga", "volume": "23", "year": 2001, "issue_date": "2007"},
            "Name.Vol.23.2007.RETAiL.MANGA.ePUB.eBook-GRP",
        ),
        (
            {"category": "Newspaper", "issue_date": "2012-12-23"},
            "Name.23.December.2012.RETAiL.ePUB.eBook-GRP",
        ),
        (
            {"category": "technical", "author": "Ann", "year": 2012, "edition": "2nd"},
            "Press.Name.2nd.2012.RETAiL.ePUB.eBook-GRP",
        ),
        (
            {"author": "Ann", "year": 2012, "tags": "repack, Internal"},
            "Ann.Name.2012.RETAiL.REPACK.iNTERNAL.ePUB.eBook-GRP",
        ),
    ],
)
def test_what_a_form_takes_makes_the_name(fields: dict[str, Any], name: str) -> None:
    form = enrichment(ISSUE | fields)

    assert form.is_valid(), form.errors
    assert release_name("EBOOK", form.answers(), form="epub", group="GRP") == name
    assert form.answers()["year"] == int(name.partition(".RETAiL")[0][-4:])


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"year": 2012}, "author"),
        ({"category": "MAGAZiNE", "publisher": "", "year": 2012}, "author"),
        ({"category": "MAGAZiNE"}, "year"),
        ({"category": "MAGAZiNE", "year": "soon"}, "year"),
        ({"category": "MAGAZiNE", "issue": "one", "year": 2012}, "issue"),
        ({"category": "MANGA", "volume": "2.5", "year": 2012}, "volume"),
        ({"category": "MAGAZiNE", "issue_date": "May 2012", "year": 2012}, "issue_date"),
        ({"category": "MAGAZiNE", "issue_date": "2012-02-30", "year": 2012}, "issue_date"),
        ({"category": "MAGAZiNE", "issue_date": "1066-10-14", "year": 2012}, "issue_date"),
        ({"category": "NEWSPAPER", "issue_date": "2012-05", "year": 2012}, "issue_date"),
        ({"category": "NEWSPAPER", "year": 2012}, "issue_date"),
        ({"category": "NOVEL", "year": 2012, "author": "Ann"}, "category"),
        ({"author": "Ann", "year": 2012, "tags": "SUBFIX"}, "tags"),
    ],
)
def test_what_makes_no_name_is_refused_at_its_field(fields: dict[str, Any], field: str) -> None:
    assert list(enrichment(ISSUE | fields).errors) == [field]


def test_a_book_has_no_issue() -> None:
    issue = {"volume": "two", "issue": "one", "issue_date": "May"}

    form = enrichment(METADATA | issue)

    assert form.is_valid(), form.errors
    assert {form.answers()[name] for name in issue} == {""}


def test_each_type_asks_what_its_names_need() -> None:
    book, document, show = (enrichment({}, name) for name in ("EBOOK", "DOCS", "TV"))

    assert {"category", "volume", "issue", "issue_date", "tags"} <= set(book.fields)
    assert {"category", "tags"} == {"category", "tags", "issue", "episode"} & set(document.fields)
    assert {"episode", "tags"} == {"category", "tags", "issue", "episode"} & set(show.fields)


def test_a_document_is_a_book_or_technical() -> None:
    assert enrichment(METADATA | {"category": "TECHNICAL"}, "DOCS").is_valid()
    assert list(enrichment(METADATA | {"category": "COMiC"}, "DOCS").errors) == ["category"]


def test_every_category_is_offered() -> None:
    assert [value for value, _label in CATEGORIES] == ["", *description.CATEGORIES]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"episode": "2024.13.01"}, "episode"),
        ({"episode": "S1E2"}, "episode"),
        ({"tags": "iNTERNAL RARFIX"}, "tags"),
    ],
)
def test_a_show_that_cannot_be_is_refused_at_its_field(fields: dict[str, Any], field: str) -> None:
    assert list(enrichment(SHOW | fields, "TV").errors) == [field]


def test_the_tags_of_a_show_are_written_as_the_rules_do() -> None:
    form = enrichment(SHOW | {"tags": "internal, hdr10plus"}, "TV")

    assert form.is_valid(), form.errors
    assert form.answers()["tags"] == "INTERNAL HDR10Plus"


@pytest.mark.parametrize(
    ("form", "found", "mediainfo", "proposed"),
    [
        (
            "cbz",
            {"title": "The End", "series": "Captain", "issue": "7", "issue_date": "1950-11"},
            {},
            {"title": "Captain", "category": "COMiC", "issue": "7", "issue_date": "1950-11"},
        ),
        (
            "cbr",
            {"title": "第一話", "series": "星の道", "issue": "1", "volume": 3},
            {"reading_direction": "rtl"},
            {"title": "星の道", "category": "MANGA", "issue": "1", "volume": 3},
        ),
        (
            "cb7",
            {"title": "An Album", "series": "Captain", "issue": "1½", "issue_date": "in May"},
            {},
            {"title": "An Album", "category": "COMiC", "issue": None, "issue_date": None},
        ),
        (
            "epub",
            {"title": "A Novel", "series": "Saga", "issue": "1"},
            {},
            {"title": "A Novel", "category": None, "issue": "1"},
        ),
    ],
)
def test_a_comic_is_proposed_as_names_of_comics_need_it(
    form: str, found: dict[str, Any], mediainfo: dict[str, Any], proposed: dict[str, Any]
) -> None:
    source = Source(analysis={"format": form, "metadata": found, "mediainfo": mediainfo})

    (match,) = file_matches(source)

    assert {name: match.values.get(name) for name in proposed} == proposed
