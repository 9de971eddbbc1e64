"""What keeps its right edge, whatever it holds, and large letters."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from releases.packing import nfo
from releases.templating import TemplateError, render
from releases.templating.banner import LARGE, SMALL, banner
from releases.templating.boxes import STYLES, box, box_bottom, box_top, divider, field, row
from rules.columns import width

VALUES = st.one_of(st.text(), st.text(st.sampled_from("世界é\u0301Ж█ \t\n\x1bﬃ½…")))
EDGES = (
    "{{ row('Label', value, 40) -}}"
    "{{ row(value, 'told', 40, style='round') -}}"
    "{{ box(value, 40, 'double', value) -}}"
    "{{ box([value, value], 40) -}}"
    "│{{ value|pad(38) }}│\n│{{ value|rjust(38) }}│\n│{{ value|upper|pad(38) }}│\n"
    "{% for line in value|columns(38) %}\n│{{ line|pad(38) }}│\n{% endfor %}\n"
    "{{ divider('─', 40, value) }}\n{{ box_top(value, 40) }}"
)


@given(VALUES, st.sampled_from(nfo.ENCODINGS))
def test_an_edge_stays_straight_in_the_bytes_whatever_stands_before_it(
    value: str, encoding: str
) -> None:
    text = render(EDGES, {"value": value}, nfo.carrier(encoding))

    read = nfo.encode(text, encoding).decode("cp437" if encoding == "cp437" else "utf-8")
    assert {width(line) for line in read.split("\r\n")} == {40}


@given(VALUES)
def test_no_letter_of_a_value_is_lost_when_it_is_wrapped(value: str) -> None:
    lines = render("{{ row('', value, 40, 0, dots='') }}", {"value": value}).splitlines()

    told = "".join(line[1:-1] for line in lines)
    assert "".join(told.split()) == "".join(value.split())


def test_a_row_tells_each_item_of_a_list_under_one_label() -> None:
    lines = row("Audio", ["one", "", "two"], 24, 9).splitlines()

    assert lines == ["│ Audio ..: one        │", "│           two        │"]


@pytest.mark.parametrize("nothing", ["", None, 0, [], [""]])
def test_a_row_and_a_field_tell_nothing_of_nothing(nothing: object) -> None:
    assert row("Label", nothing) == ""
    assert field("Label", nothing) == ""


def test_a_list_longer_than_any_page_is_refused() -> None:
    with pytest.raises(TemplateError, match="too many lines"):
        render("{{ box(lines) }}", {"lines": ["a"] * 1_001})


def test_a_label_without_room_for_dots_has_none() -> None:
    assert field("A label too long", "value", 40, 8) == "A label  value\n"
    assert field("Label", "value", 40, 8, dots="") == "Label    value\n"
    assert field("Label", "value", 40, 8, dots="·") == "Label ·: value\n"


@pytest.mark.parametrize("style", STYLES)
def test_every_style_makes_a_whole_box(style: str) -> None:
    lines = box(["text"], 12, style, "Title").splitlines()

    assert lines == [
        box_top("Title", 12, style),
        f"{STYLES[style][3]} text     {STYLES[style][4]}",
        box_bottom(12, style),
    ]
    assert {width(line) for line in lines} == {12}


def test_an_unknown_style_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(TemplateError, match="no style bold: choose one of single, double"):
        render("{{ box('a', 10, 'bold') }}", {})


def test_a_divider_has_its_title_near_its_beginning() -> None:
    assert divider("═", 20, "FILES") == "═══ FILES ══════════"
    assert divider(width=5) == "─────"


@pytest.mark.parametrize("font", [LARGE, SMALL], ids=["large", "small"])
def test_a_font_has_every_letter_that_a_group_may_have(font: dict[str, str]) -> None:
    for letter in string.ascii_uppercase + string.digits + "_":
        rows = font[letter].split("/")
        assert len(rows) == len(font["A"].split("/"))
        assert len({*map(len, rows)}) == 1
    assert len({*font.values()}) == len(font)


@pytest.mark.parametrize(
    ("name", "lines"),
    [("GRP", 4), ("grp_99", 4), ("ALONGERGROUP", 3), ("A_VERY_LONG_GROUP", 1), ("Gruppe ß…", 1)],
)
def test_a_banner_is_as_large_as_there_is_room(name: str, lines: int) -> None:
    found = banner(name)

    assert len(found) == lines
    assert len({*map(len, found)}) == 1
    assert len(found[0]) <= 76


def test_a_name_that_fits_in_no_letters_is_spaced_or_plain_or_cut() -> None:
    assert banner("Ünï", 76) == ["Ü N Ï"]
    assert banner("TOOLONG", 7) == ["TOOLONG"]
    assert banner("TOOLONG", 5) == ["TOOLO"]
    assert banner("AB", 76, "small") == ["▄▀▀▄ █▀▀▄", "█▀▀█ █▀▀▄", "▀  ▀ ▀▀▀ "]
