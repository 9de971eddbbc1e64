import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.parsing import LONGEST, Reading, parse
from rules.parsing.fields import FIELDS
from rules.shipped import NAMES, read_data
from rules.spec import CHECKS, Confidence, Spec
from tests.rules.texts import (
    BULLETS,
    FRAMED,
    FRENCH,
    LEADERS,
    LETTERED,
    PROSE,
    SECTIONS,
    SHOUTED,
    TOLD,
    WIDE,
)
from tests.rules.writing import drawn, written

UNREADABLE = {"shouted"}
"""The texts whose templates of names have a part that they do not explain."""


def needed(reading: Reading) -> list[str]:
    return [one["field"] for one in reading.unread if one["is_needed"]]


def sentences(reading: Reading) -> list[str]:
    return [one["template"] % one["values"] for one in reading.unread]


@pytest.mark.parametrize("name", TOLD)
def test_a_text_gives_what_it_tells_and_nothing_else(name: str) -> None:
    text, told = TOLD[name]
    reading = parse(text)

    read = dict(reading.spec_data)
    assert read.pop("checks").keys() <= CHECKS.keys()
    assert ("name_pattern" in read) == (name not in UNREADABLE)
    read.pop("name_pattern", None)
    assert read == told


@pytest.mark.parametrize("name", sorted(TOLD.keys() - UNREADABLE))
def test_a_text_that_tells_what_is_needed_gives_a_spec(name: str) -> None:
    reading = parse(TOLD[name][0])

    assert reading.is_complete
    assert Spec.from_dict(reading.spec_data).volume_sizes


@pytest.mark.parametrize("name", TOLD)
def test_every_field_is_read_or_unread_and_its_line_is_quoted(name: str) -> None:
    text = TOLD[name][0]
    reading = parse(text)
    scheme = reading.spec_data["scheme"]

    unread = {one["field"] for one in reading.unread}
    due = {one.name for one in FIELDS.values() if one.scheme in {"", scheme}}
    assert unread | reading.found.keys() >= due
    assert not unread & reading.found.keys()
    for field, place in reading.found.items():
        first = place["quote"].split()[0]
        assert first.strip("<") in text.splitlines()[place["line"] - 1], field


def numbers_of(text: str) -> Iterator[re.Match[str]]:
    """Find the numbers of `text`, but for those of clauses and names."""
    yield from re.finditer(r"(?<![\w.,-])\d[\d.,]*\d(?![\w.)\]-])", text)


@pytest.mark.parametrize("name", ["framed", "bullets", "leaders", "prose", "lettered", "wide"])
def test_another_number_in_a_clause_gives_another_spec(name: str) -> None:
    text = TOLD[name][0]
    kept = parse(text).spec_data
    clauses = re.compile(r"^\W*[\[(]?\d+(?:\.\d+)*[.)\]]?\s", re.MULTILINE)
    inert = [match.span() for match in clauses.finditer(text)]

    for number in numbers_of(text):
        if any(start <= number.start() < end for start, end in inert) or number[0].startswith("20"):
            continue
        other = f"{number[0][:-1]}{(int(number[0][-1]) + 1) % 10}"
        mutated = text[: number.start()] + other + text[number.end() :]
        assert parse(mutated).spec_data != kept, number[0]


@pytest.mark.parametrize("name", NAMES)
def test_a_spec_that_is_written_down_is_read_back(name: str) -> None:
    data = read_data(name)["spec"]
    told = written(Spec.from_dict(data))

    reading = parse(drawn(told))

    assert reading.is_complete
    read = {field: reading.spec_data.get(field) for field in told if field != "name_pattern"}
    assert read == {field: data[field] for field in told if field != "name_pattern"}


@pytest.mark.parametrize("name", NAMES)
def test_a_clause_that_is_taken_away_leaves_its_field_unread(name: str) -> None:
    told = written(Spec.from_dict(read_data(name)["spec"]))

    for field in told:
        reading = parse(drawn({other: clause for other, clause in told.items() if other != field}))

        assert field in {one["field"] for one in reading.unread}, field
        assert field not in reading.spec_data
        # a clause of multiples tells the sizes, too
        assert reading.is_complete == (not FIELDS[field].is_needed and field != "volume_step")


def test_of_an_empty_text_nothing_is_known() -> None:
    reading = parse("")

    assert reading.spec_data == {"checks": {}}
    assert [one["field"] for one in reading.unread] == list(FIELDS)
    assert "The text does not tell the sizes of the volumes." in sentences(reading)
    assert not reading.is_complete


def test_what_was_read_is_cited_and_nothing_else_is_asked() -> None:
    checks = parse(FRAMED).spec_data["checks"]

    assert checks["volume-size"]["section"] == "2.2"
    assert checks["name-length"]["section"] == "3.1"
    assert {cited["confidence"] for cited in checks.values()} == {Confidence.READ}
    assert not checks.keys() & {"file-mode", "sfv-none", "sample-count", "volume-short-name"}


@pytest.mark.parametrize(
    ("text", "added", "field"),
    [
        (FRAMED, "5) There must be no more than 98 disks.", "max_volumes"),
        (FRAMED, "5) Volume sizes: 7 MB.", "volume_sizes"),
        (BULLETS, "9) Directory names must not exceed 201 characters.", "max_name_length"),
        (PROSE, "\n9) The NFO is at most 71 columns wide.", "nfo_columns"),
        (PROSE, "\n9) There must be no SFV.", "sfv"),
        (FRENCH, "9. Les données de récupération sont autorisées.", "allows_recovery"),
    ],
)
def test_lines_that_do_not_agree_are_both_named(text: str, added: str, field: str) -> None:
    reading = parse(f"{text}\n{added}")

    assert field not in reading.spec_data
    assert needed(reading) == [field]
    (sentence,) = [one for one in reading.unread if one["field"] == field]
    values = sentence["values"]
    assert values["first"] < values["second"] == len(f"{text}\n{added}".splitlines())
    assert values["other"].rstrip(".") in added


def test_lines_that_say_the_same_agree() -> None:
    assert parse(f"{FRAMED}\n9) At most 99 volumes.").spec_data["max_volumes"] == 99


@pytest.mark.parametrize(
    ("text", "name", "parts"),
    [
        (
            FRAMED,
            "Ann.Author.Book.2020.FRENCH.RETAiL.ePUB.eBook-GRP",
            {"title": "Ann.Author.Book", "year": "2020", "language": "FRENCH"},
        ),
        (BULLETS, "Some.Show.S01E02.PROPER.720p.WEB.H264-GRP", {"extra": "PROPER"}),
        (LEADERS, "Press.Paper.2020.SCAN.eBook-GRP", {"source": "SCAN", "group": "GRP"}),
        (PROSE, "Some.Show.S01E02.1080p.WEB.H265-GRP", {"resolution": "1080p"}),
        (PROSE, "Some.Show.2024.05.01.720p.WEB.H265-GRP", {"episode": "2024.05.01"}),
        (LETTERED, "Ann.Book.1999.SCAN.eBook-GRP", {"title": "Ann.Book"}),
        (FRENCH, "Le.Port.S01E02.720p.HDTV.x264-GRP", {"title": "Le.Port"}),
        (SECTIONS, "A.Film.2020.PROPER.2160p.WEB.H264-GRP", {"year": "2020"}),
        (WIDE, "Show.S01E02E03.WEB.H264-GRP", {"episode": "S01E02E03"}),
    ],
)
def test_names_are_formed_as_the_templates_of_the_text(
    text: str, name: str, parts: dict[str, str]
) -> None:
    found = Spec.from_dict(parse(text).spec_data).name_parts(name)

    assert found is not None
    assert found.items() >= parts.items()


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (FRAMED, "Ann.Author.Book.2020.Retail.eBook-GRP"),
        (FRAMED, "Ann.Author.Book.RETAiL.eBook-GRP"),
        (BULLETS, "Some.Show.S01E02.1080p.WEB.H264-GRP"),
        (PROSE, "Some.Show.S01E02.WEB.H265-GRP"),
        (WIDE, "Show.WEB.H264-GRP"),
        (WIDE, "Show S01E02.WEB.H264-GRP"),
    ],
)
def test_other_names_are_not(text: str, name: str) -> None:
    assert Spec.from_dict(parse(text).spec_data).name_parts(name) is None


def test_a_part_of_a_name_that_is_not_explained_is_told() -> None:
    reading = parse(SHOUTED)

    assert needed(reading) == ["name_pattern"]
    assert any("the part “EBOOK” is not explained" in one for one in sentences(reading))


@pytest.mark.parametrize(
    "line",
    [
        "Wrong: Show.Name.S01E02.720p.WEB.H264-GROUP",
        "Do not use Show.Name.S01E02.720p.WEB.H264-GROUP",
        "Names are free.",
    ],
)
def test_without_a_template_no_pattern_is_made_up(line: str) -> None:
    reading = parse(line)

    assert "name_pattern" not in reading.spec_data
    assert "name_pattern" in needed(reading)


def test_the_type_that_a_person_names_wins() -> None:
    reading = parse(FRAMED, release_type="DOCS")

    assert reading.spec_data["release_type"] == "DOCS"
    assert "release_type" not in needed(parse("", release_type="TV"))


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        ("5.000.000, 15,000,000 or 50 MB", [5_000_000, 15_000_000, 50_000_000]),
        ("5, 10 and 20 MB", [5_000_000, 10_000_000, 20_000_000]),
        ("5 000 000 bytes", [5_000_000]),
        ("5'000'000 bytes", [5_000_000]),
        ("1 MiB or 2 MiB", [1_048_576, 2_097_152]),
        ("2.5 MB", [2_500_000]),
        ("15 000 000 octets ou 20 Mo", [15_000_000, 20_000_000]),
        ("1,44 MB", [1_440_000]),
    ],
)
def test_sizes_are_read_however_they_are_written(sizes: str, expected: list[int]) -> None:
    assert parse(f"Allowed volume sizes are {sizes}.").spec_data["volume_sizes"] == expected


def test_a_text_longer_than_any_rule_is_not_read_to_its_end_in_silence() -> None:
    reading = parse(FRAMED + "x " * LONGEST)

    assert needed(reading) == ["text"]
    assert not reading.is_complete


HOSTILE = [
    "a" * 10**6,
    "." * 10**6,
    " " * 10**6,
    "1" * 10**6,
    "1," * 500_000,
    "1.000" * 200_000,
    "a.b.c-GROUP " * 80_000,
    "each rar zip volume size 5 " * 37_000,
    "max 5 volumes " * 70_000,
    "Formats:\n" + "- pdf\n" * 150_000,
    "Tags: ABC not READNFO with " * 37_000,
    "\x00\x01\x1b[2J\x85\u2028" * 100_000,
    "\r" * 10**6,
    ". . . " * 160_000,
    "Show.[Show.[Show.[" * 50_000,
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_no_text_keeps_the_reader_busy(text: str) -> None:
    assert not parse(text).is_complete


PIECES = (
    *(
        "volumes",
        "RAR",
        "ZIP",
        "each",
        "5 MB",
        "50,000,000",
        "multiples of",
        "at most",
        "no",
        "not",
    ),
    *("NFO", "DIZ", "columns", "80", "sample", "50-70", "seconds", "Tags:", "PROPER", "READNFO"),
    *("with", "SFV", "mandatory", "A.Title.YEAR-GROUP", ":", ".", ";", "-", "1.1)", "║", "\n"),
)
WORDS = st.sampled_from(PIECES)


@settings(max_examples=150, deadline=None)
@given(st.text() | st.lists(WORDS, max_size=80).map(" ".join))
def test_any_text_can_be_read(text: str) -> None:
    reading = parse(text)

    for one in reading.unread:
        assert one["template"] % one["values"]
    if reading.is_complete:
        Spec.from_dict(reading.spec_data).name_parts(text[:200])


def test_no_name_keeps_a_pattern_of_a_text_busy() -> None:
    template = "Show.[TAGS].YEAR.[LANGUAGE].[SOURCE].[FORMAT].[CLASS].[RES].eBook-GROUP"
    data: dict[str, Any] = parse(f"{template}\n{BULLETS}").spec_data
    spec = Spec.from_dict(data)

    for name in ("A." * 121 + "x_", "2020." * 48 + "_", "a.S01E01" + "-E01" * 58 + "_"):
        assert spec.name_parts(name) is None
