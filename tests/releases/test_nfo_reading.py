"""What the text of an NFO tells of the work."""

import pytest

from releases.nfo_reading import read_fields


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Title ....: The Time Machine", {"title": "The Time Machine"}),
        ("│ Title ......: The Time Machine │", {"title": "The Time Machine"}),
        ("Titre : La Machine", {"title": "La Machine"}),
        ("Auteur...: H. G. Wells\nAnnée....: 1895", {"author": "H. G. Wells", "year": 1895}),
        ("Language: French", {"language": "fr"}),
        ("Language: French (subtitled)", {"language": "fr"}),
        ("ISBN ....: 978-2-07-036822-8", {"isbn": "9782070368228"}),
        ("ISBN ....: 978-2-07-036822-1", {}),
        ("Source ..: retail", {"source": "RETAiL"}),
        ("Source link : https://example.org/x", {"url": "https://example.org/x"}),
        ("Source link : javascript:alert(1)", {}),
        ("Episode .: S01E02", {"episode": "S01E02"}),
        ("Episode .: the second", {}),
        ("Title ...: One\nTitle ...: Two", {"title": "One"}),
        ("Title ...: Unknown", {}),
        ("Title ...:", {}),
        ("see https://example.org/title: it is there", {}),
        ("Year .....: soon", {}),
        ("", {}),
    ],
)
def test_labelled_lines_are_read(text: str, told: dict[str, object]) -> None:
    assert read_fields(text) == told


def test_a_value_goes_on_below_where_it_began() -> None:
    text = (
        "│ Title ......: A title that is too long for its box, and that goes │\n"
        "│               on in the next line                                │\n"
        "│ Author .....: Ann                                                │\n"
    )

    assert read_fields(text) == {
        "title": "A title that is too long for its box, and that goes on in the next line",
        "author": "Ann",
    }


def test_controls_and_turned_letters_are_no_part_of_a_value() -> None:
    assert read_fields("Title ...: \u202eevil\x07\u2066 twin") == {"title": "evil twin"}


def test_a_line_that_nobody_wrote_is_passed_over() -> None:
    assert read_fields("Title ...: " + "x" * 1000) == {}
