"""What is the same, however it is spelled."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from releases.identity import edition, episode_key, normal, people, work_key

LATIN = st.characters(categories=["L", "N"], max_codepoint=0x24F)
WORDS = st.lists(st.text(LATIN, min_size=2, max_size=9), min_size=2, max_size=5)


@pytest.mark.parametrize(
    ("one", "other", "language"),
    [
        ("The Time Machine", "time machine", "en"),
        ("THE TIME MACHINE", "The.Time.Machine", "en"),
        ("Pride & Prejudice", "Pride and Prejudice", "en"),
        ("Guerre & Paix", "guerre et paix", "fr"),
        ("L\u2019\u00c9tranger", "Etranger", "fr"),
        ("L'\u00c9tranger", "L\u2018etranger", "fr"),
        ("Die Verwandlung", "Verwandlung", "de"),
        ("Spider-Man", "Spiderman", "en"),
        ("U.S.A. Today", "USA Today", "en"),
        ("Don't Panic!", "Dont Panic", "en"),
        ("Stra\u00dfe", "STRASSE", "de"),
        ("Caf\u00e9", "Cafe\u0301", "en"),
        ("\uff26\uff35\uff2c\uff2c", "full", "en"),
        ("Anna", "\u0410\u043d\u043d\u0430", "ru"),
    ],
)  # fmt: skip
def test_spellings_of_one_title_are_equal(one: str, other: str, language: str) -> None:
    assert normal(one, language) == normal(other, language)


@pytest.mark.parametrize(
    ("one", "other", "language"),
    [
        ("Catch 22", "Catch 2 2", "en"),
        ("Die Hard", "Hard", "en"),
        ("Volume 1", "Volume 11", "en"),
        ("Some Book", "Some Books", "en"),
        ("A", "The", "en"),
        ("\u65b0", "\u65e7", "zh"),
    ],
)
def test_other_titles_stay_others(one: str, other: str, language: str) -> None:
    assert normal(one, language) != normal(other, language)


@given(WORDS)
def test_case_dots_and_diacritics_make_no_difference(words: list[str]) -> None:
    title = " ".join(words)
    marked = "".join(char + "\u0301" for char in unicodedata.normalize("NFD", title) if char != " ")

    assert normal(title.casefold()) == normal(title)
    assert normal(".".join(words)) == normal(title) == normal("  -  ".join(words))
    assert normal(marked) == normal(title.replace(" ", "")) or any(map(str.isnumeric, title))


@given(WORDS.flatmap(lambda names: st.tuples(st.just(names), st.permutations(names))))
def test_the_order_of_names_makes_no_difference(orders: tuple[list[str], list[str]]) -> None:
    names, mixed = orders

    assert people(", ".join(mixed)) == people(" & ".join(names))


@given(st.text(max_size=60))
def test_what_is_normal_stays_so(text: str) -> None:
    once = normal(text)

    assert normal(once) == once


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("H. G. Wells", "Wells, H.G."),
        ("HG Wells", "H.G. Wells"),
        ("Ann Author & Bob Writer", "Bob Writer, Ann Author"),
        ("Flann O'Brien", "FLANN OBRIEN"),
    ],
)
def test_people_are_the_same_in_any_order(one: str, other: str) -> None:
    assert people(one) == people(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("", "1st edition"), ("Second Edition", "2nd ed."), ("2e \u00e9dition", "2"), ("3rd", "3")],
)
def test_editions_are_counted(one: str, other: str) -> None:
    assert edition(one) == edition(other)


def test_issues_are_told_by_number_and_year_or_by_date() -> None:
    magazine = {"title": "The Magazine", "category": "MAGAZiNE", "volume": "3"}

    numbered = magazine | {"issue": "007", "issue_date": "2012-03"}
    assert work_key(numbered) == work_key(numbered | {"issue": "7", "issue_date": "2012"})
    assert work_key(numbered) != work_key(numbered | {"issue_date": "2013"})
    dated = magazine | {"issue_date": "2012-03"}
    assert work_key(dated) != work_key(magazine | {"issue_date": "2012-04"})


def test_what_has_no_title_is_nothing_to_compare() -> None:
    assert work_key({"author": "Ann Author"}) == ""
    assert episode_key({"title": "Show"}) == episode_key({"episode": "S01E01"}) == ""


def test_episodes_are_told_by_their_numbers() -> None:
    show = {"title": "Some Show"}

    assert episode_key(show | {"episode": "S01E02"}) == episode_key(show | {"episode": "s1e2"})
    assert episode_key(show | {"episode": "S01E02-E03"}) == episode_key(
        show | {"episode": "S01E02E03"}
    )
    assert episode_key(show | {"episode": "S01E02"}) != episode_key(show | {"episode": "S01E12"})
