from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from releases.packing import EbookName, NamingError, parse_ebook
from releases.packing.naming import ebook

EBOOK = EbookName(title="A", year=2020, source="SCAN", group="GRP")
EBOOKS = {
    "Author.Title.2020.RETAiL.ePUB.eBook-GRP": EbookName(
        title="Author.Title", year=2020, source="RETAiL", format="ePUB", group="GRP"
    ),
    "Author.Title.Second.Edition.1984.FRENCH.SCAN.iNTERNAL.PROPER.eBook-GRP_x": EbookName(
        title="Author.Title.Second.Edition",
        year=1984,
        language="FRENCH",
        source="SCAN",
        tags=("iNTERNAL", "PROPER"),
        group="GRP_x",
    ),
    "George.Orwell.1984.2020.HYBRiD.MOBI.eBook-GRP": EbookName(
        title="George.Orwell.1984", year=2020, source="HYBRiD", format="MOBI", group="GRP"
    ),
    "Name.No.1.2012.RETAiL.MAGAZiNE.eBook-GRP": EbookName(
        title="Name", issue="1", year=2012, source="RETAiL", category="MAGAZiNE", group="GRP"
    ),
    "Name.Vol.23.No.22.Dec.2007.SCAN.COMiC.CBZ.eBook-GRP": EbookName(
        title="Name",
        volume="23",
        issue="22",
        month=12,
        year=2007,
        source="SCAN",
        category="COMiC",
        format="CBZ",
        group="GRP",
    ),
    "Name.Vol.23.2001.GERMAN.RETAiL.READNFO.MANGA.KF8.eBook-GRP": EbookName(
        title="Name",
        volume="23",
        year=2001,
        language="GERMAN",
        source="RETAiL",
        tags=("READNFO",),
        category="MANGA",
        format="KF8",
        group="GRP",
    ),
    "Name.May.2012.RETAiL.MAGAZiNE.eBook-GRP": EbookName(
        title="Name", month=5, year=2012, source="RETAiL", category="MAGAZiNE", group="GRP"
    ),
    "Name.No.7-8.01.June.2012.RETAiL.MAGAZiNE.eBook-GRP": EbookName(
        title="Name",
        issue="7-8",
        day=1,
        month=6,
        year=2012,
        source="RETAiL",
        category="MAGAZiNE",
        group="GRP",
    ),
    "Name.No.4711.23.December.2012.RETAiL.eBook-GRP": EbookName(
        title="Name", issue="4711", day=23, month=12, year=2012, source="RETAiL", group="GRP"
    ),
    "Name.23.December.2012.RETAiL.eBook-GRP": EbookName(
        title="Name", day=23, month=12, year=2012, source="RETAiL", group="GRP"
    ),
}


@pytest.mark.parametrize("name", EBOOKS)
def test_an_ebook_name_is_built_and_parsed_back(name: str) -> None:
    assert EBOOKS[name].build() == name
    assert parse_ebook(name) == EBOOKS[name]


@pytest.mark.parametrize("name", ["Title-GRP", "Title.2020.eBook-GRP", "A.2020.RETAiL.eBook", ""])
def test_what_is_no_ebook_name_is_refused(name: str) -> None:
    with pytest.raises(NamingError, match="is no eBook name"):
        parse_ebook(name)


@pytest.mark.parametrize(
    ("field", "value"),
    [("title", "Café"), ("title", "A..B"), ("title", ".A"), ("group", "A B"), ("title", "a/b")],
)
def test_a_character_no_release_name_has_is_refused(field: str, value: Any) -> None:
    name = replace(EBOOK, **{field: value})

    with pytest.raises(NamingError, match="is no release name"):
        name.build()


@pytest.mark.parametrize(
    ("field", "value"),
    [("source", "Web"), ("format", "PDF"), ("language", "french"), ("year", 20), ("group", "A")],
)
def test_fields_no_reader_would_find_again_are_refused(field: str, value: Any) -> None:
    name = replace(EBOOK, **{field: value})

    with pytest.raises(NamingError):
        name.build()


def test_a_name_may_have_243_characters() -> None:
    rest = len(".2020.SCAN.eBook-GRP")
    longest = EbookName(title="a" * (243 - rest), year=2020, source="SCAN", group="GRP")

    assert len(longest.build()) == 243
    with pytest.raises(NamingError, match="244 characters and 243 are allowed"):
        EbookName(title=longest.title + "a", year=2020, source="SCAN", group="GRP").build()


@pytest.mark.parametrize(
    ("title", "category", "told"),
    [
        ("Name.Vol.2", "COMiC", {"title": "Name", "volume": "2"}),
        ("Name.Vol.2.No.1b.Dec", "COMiC", {"volume": "2", "issue": "1b", "month": 12}),
        ("Name.December", "MAGAZiNE", {"title": "Name", "month": 12}),
        ("The.Times.01.May", "", {"title": "The.Times", "day": 1, "month": 5}),
    ],
)
def test_a_title_that_ends_like_an_issue_is_one(
    title: str, category: str, told: dict[str, Any]
) -> None:
    name = replace(EBOOK, title=title, category=category)

    assert {field: getattr(name, field) for field in told} == told
    assert parse_ebook(name.build()) == name


@pytest.mark.parametrize(
    ("title", "category"),
    [
        ("Name.December", ""),
        ("Name.Vol.2.No.3", ""),
        ("Name.December", "COMiC"),
        ("Born.on.the.31.June", ""),
        ("Name.00.June", "MAGAZiNE"),
        ("Vol.2", "MANGA"),
        ("23.December", ""),
    ],
)
def test_a_title_that_is_no_issue_stays_whole(title: str, category: str) -> None:
    name = replace(EBOOK, title=title, category=category)

    assert name.title == title
    assert parse_ebook(name.build()) == name


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"volume": "two"}, "two is no number of an issue"),
        ({"issue": "2.5"}, "2.5 is no number of an issue"),
        ({"day": 30, "month": 2}, "2020-02-30 is no date"),
        ({"day": 3}, "2020-00-03 is no date"),
        ({"month": 13}, "2020-13-00 is no date"),
        ({"month": -1}, "is no date"),
    ],
)
def test_an_issue_that_cannot_be_is_refused(fields: dict[str, Any], reason: str) -> None:
    with pytest.raises(NamingError, match=reason):
        replace(EBOOK, category="MAGAZiNE", **fields)


def test_a_tag_that_stands_twice_is_refused() -> None:
    name = replace(EBOOK, tags=("PROPER", "READNFO", "PROPER"))

    with pytest.raises(NamingError, match="The tag PROPER stands twice"):
        name.build()


PLAIN_WORDS = st.from_regex(r"[A-Za-z]{1,8}|[A-Z][a-z]+-[A-Z][a-z]+", fullmatch=True)
TRAPS = st.sampled_from(
    [
        *("1984", "SCAN", "2001", "eBook", "Vol", "2", "No", "RETAiL", "X-Y", "MANGA", "Dec"),
        *("May", "23", "01", "December", "FRENCH", "ePUB", "PROPER", "Vol.3", "No.4b", "GRP"),
    ]
)
PLAIN_TITLES = st.lists(PLAIN_WORDS, min_size=1, max_size=6).map(".".join)
TRICKY_TITLES = st.lists(TRAPS | PLAIN_WORDS, min_size=1, max_size=6).map(".".join)
NUMBERS = st.just("") | st.from_regex(ebook.NUMBER, fullmatch=True)
MONTHS = st.integers(1, 12).map(lambda month: {"month": month})
DAYS = st.dates().map(lambda day: {"month": day.month, "day": min(day.day, 28)})


def names(
    titles: st.SearchStrategy[str],
    categories: list[str],
    numbers: st.SearchStrategy[str],
    dates: st.SearchStrategy[dict[str, int]],
) -> st.SearchStrategy[EbookName]:
    return st.builds(
        lambda issued, **fields: EbookName(**fields, **issued),
        title=titles,
        volume=numbers,
        issue=numbers,
        issued=dates,
        year=st.integers(1400, 2099),
        language=st.sampled_from(["", "FRENCH", "SCAN", "MANGA"]),
        source=st.sampled_from(ebook.SOURCES),
        tags=st.lists(st.sampled_from(ebook.EBOOK_TAGS), unique=True).map(tuple),
        category=st.sampled_from(categories),
        format=st.sampled_from(["", *ebook.FORMATS]),
        group=st.from_regex(r"[A-Za-z0-9]{2,6}(_[A-Za-z0-9]{1,3})?", fullmatch=True),
    )


BOOKS = names(PLAIN_TITLES, [""], st.just(""), st.just({}))
NEWSPAPERS = names(PLAIN_TITLES, [""], NUMBERS, DAYS)
PERIODICALS = names(PLAIN_TITLES, [*ebook.CATEGORIES], NUMBERS, st.just({}) | MONTHS | DAYS)


@given(BOOKS | NEWSPAPERS | PERIODICALS)
def test_the_name_of_every_class_is_built_and_parsed_back(name: EbookName) -> None:
    assume(len(name.head) < 150)

    assert parse_ebook(name.build()) == name


@given(names(TRICKY_TITLES, ["", *ebook.CATEGORIES], NUMBERS, st.just({}) | MONTHS | DAYS))
def test_what_is_built_of_tricky_words_is_parsed_back_too(name: EbookName) -> None:
    with suppress(NamingError):
        assert parse_ebook(name.build()) == name


@given(names(PLAIN_TITLES, ["", *ebook.CATEGORIES], NUMBERS, st.just({}) | MONTHS | DAYS))
def test_a_name_that_is_read_is_written_the_same(name: EbookName) -> None:
    assume(len(name.head) < 150)
    built = name.build()

    assert parse_ebook(built).build() == built
