import subprocess
import sys
from pathlib import Path

import pytest
from langcodes import standardize_tag, tag_is_valid

from releases.metadata import fields

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("  Two\r\n\twords\u00a0here ", "Two words here"),
        ("e\u0301te\u0301", "été"),
        ("evil\u202eexe.txt\u202c", "evilexe.txt"),
        ("nul\x00 bell\x07 \ud800", "nul bell"),
        ("न\u200dी", "न\u200dी"),
        ("<b>&amp;</b>", "<b>&amp;</b>"),
    ],
)
def test_clean_keeps_the_text_and_drops_the_tricks(text: str, value: str) -> None:
    assert fields.clean(text) == value


def test_clean_ends_a_text_that_has_no_end() -> None:
    assert len(fields.clean("a" * 1_000_000)) == fields.TEXT_LIMIT


@pytest.mark.parametrize(
    "text", ["Unknown", "[unknown]", " UNTITLED ", "Inconnu", "", " \n", "n/a"]
)
def test_known_drops_what_only_holds_a_place(text: str) -> None:
    assert fields.known(text) == ""


@pytest.mark.parametrize("text", ["The Unknown", "None of the Above", "[Untitled] Story", "1984"])
def test_known_keeps_titles_that_look_like_placeholders(text: str) -> None:
    assert fields.known(text) == text


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("en", "en"),
        ("EN_us", "en-US"),
        ("fre", "fr"),
        ("deu", "de"),
        ("iw", "he"),
        ("zh-hans", "zh-Hans"),
        ("English", "en"),
        ("Français", "fr"),
        ("jp", ""),
        ("und", ""),
        ("mul", ""),
        ("x-none", ""),
        ("not a language", ""),
        ("", ""),
    ],
)
def test_language_is_a_standard_tag_or_nothing(text: str, tag: str) -> None:
    assert fields.language(text) == tag


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("9782070368228", "9782070368228"),
        ("urn:isbn:978-2-07-036822-8", "9782070368228"),
        ("ISBN 0-306-40615-2", "9780306406157"),
        ("ISBN-13: 978 0 306 40615 7", "9780306406157"),
        ("isbn:080442957X", "9780804429573"),
        ("9780306406158", ""),
        ("0000000000", ""),
        ("urn:uuid:0306406152", ""),
        ("4006381333931", ""),
        ("", ""),
    ],
)
def test_isbn_is_thirteen_digits_that_check_or_nothing(text: str, number: str) -> None:
    assert fields.isbn(text) == number


@pytest.mark.parametrize(
    ("text", "year"),
    [
        ("2019", 2019),
        ("2019-05-14T00:00:00Z", 2019),
        ("14/05/2019", 2019),
        ("May 14, 1895", 1895),
        ("20190514", 2019),
        ("c1987", 1987),
        ("0101-01-01T00:00:00+00:00", None),
        ("2999", None),
        ("19000000000", None),
        ("soon", None),
    ],
)
def test_year_is_found_in_any_notation(text: str, year: int | None) -> None:
    assert fields.year(text) == year


@pytest.mark.parametrize(
    ("text", "index"),
    [
        ("2", 2.0),
        ("1.5", 1.5),
        ("1,5", 1.5),
        ("0", 0.0),
        ("7/10", 7.0),
        ("", None),
        ("nan", None),
        ("two", None),
        ("-1", None),
        ("9999999", None),
    ],
)
def test_index_is_a_number_or_nothing(text: str, index: float | None) -> None:
    assert fields.index(text) == index


def test_tags_known_by_heart_are_those_of_the_library() -> None:
    found = {tag: standardize_tag(tag) for tag in fields.COMMON_TAGS}

    assert found == fields.COMMON_TAGS
    assert all(map(tag_is_valid, found.values()))


def test_what_takes_long_to_load_is_loaded_for_what_needs_it() -> None:
    program = (
        "import sys; from releases.metadata import fields;"
        "fields.language('en-us'); fields.isbn('urn:uuid:1');"
        "assert not {'langcodes', 'stdnum'} & set(sys.modules);"
        "assert fields.language('eng') == 'en'; assert fields.isbn('0306406152')"
    )

    subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True)
