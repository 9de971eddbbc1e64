"""What an author is told while writing."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from releases.packing import PackingError, nfo
from releases.preview import Mark, preview
from releases.seeds import TEMPLATES
from releases.templating import MARKS, render
from tests.specimens import BOOK

FACTS = {
    "title": "Some Book",
    "size": 3,
    "mediainfo": {"video": {"codec": "AVC"}},
    "russian": "Мир и 世界",
}


def marks(text: str, kind: str = "", encoding: str = "utf-8") -> list[tuple[int, int, str]]:
    """Return line, column and sentence of the marks of `kind`, or of all."""
    found = preview(text, FACTS, encoding=encoding).marks
    return [(one.line, one.column, str(one)) for one in found if not kind or one.kind == kind]


def named(name: str) -> str:
    return name.join(MARKS)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_are_counted_whatever_they_end_with(end: str) -> None:
    text = end.join(["a", "", "{{ titel }}", "{{ size.large }}"])

    assert [(line, column) for line, column, _said in marks(text)] == [(3, 4), (4, 9)]
    assert marks(end.join(["", "", "{% if %}"]))[0][0] == 3


def test_a_template_without_fault_has_no_marks() -> None:
    found = preview("{{ title }}\n{{ row('A', title, 40) }}", FACTS, encoding="cp437")

    assert found.marks == ()
    assert found.text == "Some Book\n│ A ............: Some Book            │\n"


@pytest.mark.parametrize("path", sorted(TEMPLATES.glob("*.nfo")), ids=lambda path: path.stem)
def test_a_preview_is_what_will_be_packed(path: Path) -> None:
    template = path.read_text("utf-8")
    facts = BOOK | {"title": FACTS["russian"]}

    found = preview(template, facts, encoding="cp437").text

    assert found == render(template, facts, nfo.carrier("cp437"))
    assert nfo.decode(nfo.encode(found, "cp437")).text == found


def test_every_unknown_name_is_marked_where_it_stands_with_what_may_be_meant() -> None:
    text = "{{ titel }} {{ zzz|upper }}\n{% if sise %}{{ zzz.more }}{% endif %}\n{{ titel }}"

    found = preview(text, FACTS, encoding="utf-8")

    assert marks(text) == [
        (1, 4, "Line 1 asks for titel, which does not exist. Is it title?"),
        (1, 16, "Line 1 asks for zzz, which does not exist."),
        (2, 7, "Line 2 asks for sise, which does not exist. Is it size?"),
        (2, 17, "Line 2 asks for zzz, which does not exist."),
        (3, 4, "Line 3 asks for titel, which does not exist. Is it title?"),
    ]
    assert {one.where for one in found.marks} == {"template"}
    assert found.text == f"{named('titel')} {named('ZZZ')}\n{named('titel')}"


def test_what_a_fact_lacks_is_marked_and_named_and_the_rest_is_shown() -> None:
    text = "a\n{{ mediainfo.video.codc }} b {{ title }}\n{% if mediainfo.audio %}c{% endif %}"

    assert marks(text) == [(2, 20, "Line 2 of the template cannot be rendered: there is no codc.")]
    assert preview(text, FACTS, encoding="utf-8").text == f"a\n{named('codc')} b Some Book\n"


def test_a_syntax_error_is_marked_and_the_other_lines_are_filled_in() -> None:
    text = "{{ title }}\n{{ title|uper }}\n{% for a in title %}\n{{ titel }}\n{% endfor %}\n"

    assert marks(text, "syntax") == [
        (2, 10, "Line 2 of the template cannot be used: there is no uper.")
    ]
    assert preview(text, FACTS, encoding="utf-8").text == (
        f"Some Book\n{{{{ title|uper }}}}\n{{% for a in title %}}\n{named('titel')}\n"
        "{% endfor %}\n"
    )


def test_every_value_that_cannot_be_made_is_marked_by_itself() -> None:
    text = "{{ 1 // 0 }}\n{{ title }} {{ title + 1 }}\n{{ mediainfo }}"

    assert [line for line, _, _ in marks(text, "syntax")] == [1, 2, 3]
    shown = preview(text, FACTS, encoding="utf-8").text
    assert shown == f"{named('?')}\nSome Book {named('?')}\n{named('?')}"


def test_lines_of_the_nfo_that_are_too_wide_are_marked_at_the_first_column_too_many() -> None:
    text = "{{ '-' * 80 }}\n{{ '-' * 81 }}\n{{ '世' * 41 }}"

    assert marks(text) == [
        (2, 81, "Line 2 has 81 columns: at most 80 are allowed."),
        (3, 81, "Line 3 has 82 columns: at most 80 are allowed."),
    ]


def test_what_the_encoding_cannot_carry_is_marked_with_what_it_becomes() -> None:
    text = "{{ title }} {{ russian }}\n{{ row('№', russian|upper, 34, 8) }}…"

    found = preview(text, FACTS, encoding="cp437")

    assert found.text.splitlines() == [
        "Some Book Mir i ShiJie",
        "│ No ....: MIR I SHIJIE          │",
        "...",
    ]
    assert [(one.line, one.column, one.values["lost"]) for one in found.marks] == [
        (1, 11, "Мир"),
        (1, 15, "и"),
        (1, 17, "世界"),
        (2, 3, "№"),
        (2, 12, "Мир"),
        (2, 16, "и"),
        (2, 18, "世界"),
        (3, 1, "…"),
    ]
    assert str(found.marks[2]) == (
        "Line 1, column 17: CP437 cannot carry 世界, which becomes ShiJie."
    )
    assert {(one.where, one.kind) for one in found.marks} == {("nfo", "encoding")}


def test_what_becomes_a_space_or_is_carried_once_composed_is_not_worth_a_mark() -> None:
    assert marks("a\u2009b e\u0301", "encoding", "cp437") == []


def test_parts_that_are_too_much_together_are_shown_as_far_as_a_page_may_go() -> None:
    found = preview("{{ '-' * 1000 }}\n" * 250, FACTS, encoding="cp437")

    assert [one.kind for one in found.marks][:2] == ["syntax", "wide"]
    assert "it gives too much text" in str(found.marks[0])
    assert 10_000 < len(found.text) <= 200_000  # less where its time is over first


def test_what_is_lost_in_ascii_is_carried_in_utf_8() -> None:
    assert len(marks("é│", "encoding", "ascii")) == 1
    assert marks("é│{{ russian }}", "encoding", "utf-8") == []


def test_a_mark_is_a_template_and_values_so_that_it_can_be_translated() -> None:
    (mark,) = preview("{{ zzz }}", FACTS, encoding="utf-8").marks

    assert mark == Mark(
        line=1,
        column=4,
        where="template",
        kind="unknown",
        template="Line %(line)d asks for %(name)s, which does not exist.",
        values={"line": 1, "name": "zzz"},
    )


def test_an_unknown_encoding_is_refused() -> None:
    with pytest.raises(PackingError, match="cannot be written in utf-16"):
        preview("a", FACTS, encoding="utf-16")


WORST = {
    "unknown names": "{{ zebra }}" * 9_000,
    "unknown names in lines": "{{ zebra }}\n" * 8_000,
    "many unknown names": "".join(f"{{{{ zebra{number} }}}}\n" for number in range(2_000)),
    "a long unknown name": "{{ " + "z" * 90_000 + " }}",
    "missing parts": "{{ mediainfo.zebra }}\n" * 1_400,
    "openings": "{{ " * 33_000,
    "lines that are no templates": "{{ title|uper }}\n" * 5_000,
    "endless loops": "{% for a in range(1000) %}{% for b in range(1000) %}"
    "{% endfor %}{% endfor %}" * 50,
    "much text": "{% for a in range(1000) %}{{ '-' * 1000 }}{% endfor %}",
    "much that is lost": "{% for a in range(1000) %}{{ russian }}\n{% endfor %}" * 15,
    "a text too long": "x\n" * 5_000_000,
}


@pytest.mark.parametrize("name", WORST)
def test_the_worst_template_is_told_of_soon_and_shortly(name: str) -> None:
    began = time.monotonic()

    found = preview(WORST[name], FACTS, encoding="cp437")

    assert time.monotonic() - began < 10  # it takes less than one second by itself
    assert len(found.text) <= 300_000
    assert len(found.marks) <= 400
    assert found.marks


def test_a_preview_needs_no_django() -> None:
    code = "import sys, releases.preview; print('django' in sys.modules)"

    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout == "False\n"


def test_a_thousand_names_that_stand_for_nothing_are_told_in_part_and_soon() -> None:
    text = "x " * 45_000 + "".join(f"{{{{a{number}}}}}" for number in range(1_200))
    began = time.thread_time()

    found = marks(text, "unknown")

    assert len(found) == 200
    assert found[0][:2] == (1, 90_003)
    assert time.thread_time() - began < 2  # looking for all of them took four
