"""Putting right what is wrong with the text of an NFO."""

from hypothesis import given
from hypothesis import strategies as st

from releases.nfo_mending import Mended, mended, with_field
from releases.packing import nfo
from rules.columns import width

BOX = (
    "┌──────────────────────────────────────┐\n"
    "│ Title ...: Some Book                 │\n"
    "└──────────────────────────────────────┘\n"
)


def mend(text: str, columns: int = 80, **facts: str) -> Mended:
    return mended(text, columns=columns, encoding="cp437", facts=facts)


def test_what_is_right_stays_as_it_is() -> None:
    assert mend(BOX) == Mended(BOX, ())


def test_a_row_of_a_box_keeps_its_right_edge() -> None:
    long = f"│ Notes ...: {'word ' * 12}│\n"

    lines = mend(BOX + long, columns=40).text.splitlines()[3:]

    assert lines == [
        "│ Notes ...: word word word word word  │",
        "│            word word word word word  │",
        "│            word word                 │",
    ]


def test_a_word_longer_than_a_line_is_cut() -> None:
    assert mend("x" * 200).text.splitlines() == ["x" * 80, "x" * 80, "x" * 40]


def test_a_rule_is_shortened_and_keeps_its_end() -> None:
    assert mend("─" * 99 + "┐").text == "─" * 79 + "┐\n"


def test_placeholders_are_filled_in_and_empty_lines_go() -> None:
    text = "Title ...: {{ title }}\nGenre ...: {{genre}}\n{% if x %}\nA {{ title | upper }}\n"

    assert mend(text, title="Some Book").text == "Title ...: Some Book\nA Some Book\n"


def test_many_placeholders_give_no_endless_text() -> None:
    assert len(mend("{{ title }} " * 5000, title="x" * 10_000).text) < 100


def test_controls_are_left_out() -> None:
    found = mend("\u202eSome\x1b[31m Book\x00\n")

    assert found.text == "Some[31m Book\n"
    assert found.changes[0][1] == {"count": 3}


def test_letters_that_are_not_carried_are_written_otherwise() -> None:
    found = mend("Łódź\n")

    assert found.text == "Lódz\n"
    assert found.changes[0][1] == {"encoding": "cp437", "letters": "Ł ź"}


def test_a_field_is_told_like_the_others() -> None:
    assert with_field(BOX, "Released", "2026-01-02").splitlines()[2] == (
        "│ Released:  2026-01-02                │"
    )
    assert with_field("Hello\n", "Year", "2020") == "Hello\nYear .........: 2020\n"


@given(st.text(max_size=600))
def test_whatever_it_is_no_line_is_too_wide_and_mending_ends(text: str) -> None:
    found = mend(text)

    assert nfo.losses(found.text, "cp437") == ()
    assert max(map(width, nfo.lines(found.text))) <= 80
    assert mend(found.text).text == found.text
