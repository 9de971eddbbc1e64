"""The templates that ship: what they tell, and how they look in the bytes of an NFO."""

from dataclasses import replace
from typing import Any

import pytest

from releases import actions
from releases.actions.making import METADATA_FIELDS, nfo_facts
from releases.packing import nfo
from releases.packing.lint.facts import SIGNS
from releases.seeds import SHIPPED, TEMPLATES
from releases.templating import render, unknown_names
from rules.columns import width
from rules.shipped import NAMES, read_rule
from tests import specimens
from tests.factories import make_new, make_user

BY_TEMPLATE = {
    "ebook": specimens.BOOK,
    "docs": specimens.DOCUMENT,
    "tv": specimens.EPISODE,
    "minimal": specimens.BOOK | {"type": ""},
}
TRACKS = ["French, E-AC-3 5.1, 640 kb/s, " + "a very long title " * 9] * 20
LONG = {
    "group": "G" * 100,
    "name": "N" * 239 + "-GRP",
    "size": 21_474_836_480,
    "volumes": 99,
    "volume_bytes": 250_000_000,
    "audio": TRACKS,
    "subtitles": TRACKS,
    "video": "H.265, " * 30,
    "duration": 360_000,
    "rule": "r" * 200,
    "pages": 123_456,
    "structure": [{"path": "x"}] * 5_000,
}
SCRIPTS = {
    "nothing": "",
    "a number": 2020,
    "French": "Une très longue désignation d'ouvrage, œuvre — « inachevée » : " * 8,
    "Russian": "Преступление и наказание, роман в шести частях. " * 5,
    "Chinese": "此開卷第一回也作者自云曾歷過一番夢幻之後" * 12,
    "Japanese": "吾輩は猫である。ﾊﾝｶｸ も。" * 12,
    "Arabic": "ألف ليلة وليلة " * 20,
    "Hindi": "गोदान प्रेमचंद " * 20,
    "Vietnamese": "Truye\u0302\u0323n Kie\u0302\u0300u " * 20,
    "signs": "…\u2013“”\u2018\u2019•™€№½ﬃ🎉👩\u200d🚀\u00ad\u00a0",
    "controls": "a\x00b\x1b[31mc\x07\td\r\ne\u2028f\x85",
    "one long word": "x" * 500,
}
LEFT_EDGES, RIGHT_EDGES = "│└╒▐", "│┐┘╕▌"


def template(name: str) -> str:
    return (TEMPLATES / f"{name}.nfo").read_text(encoding="utf-8")


def read_back(name: str, facts: dict[str, Any], encoding: str = "cp437") -> list[str]:
    """Return the lines of the NFO as a viewer shows its bytes."""
    text = render(template(name), facts, nfo.carrier(encoding))
    data = nfo.encode(text, encoding)
    return (
        data.decode("cp437").translate(nfo.GLYPHS).split("\r\n")
        if encoding == "cp437"
        else (data.decode(encoding).split("\r\n"))
    )


def facts_of(name: str, value: Any) -> dict[str, Any]:
    told = dict.fromkeys((*METADATA_FIELDS, "language_name"), value)
    return BY_TEMPLATE[name] | told | (LONG if value else {})


def test_every_template_that_ships_is_looked_at_here() -> None:
    assert {path.stem for path in TEMPLATES.iterdir()} == {*SHIPPED} == {*BY_TEMPLATE}


@pytest.mark.parametrize("encoding", nfo.ENCODINGS)
@pytest.mark.parametrize("script", SCRIPTS)
@pytest.mark.parametrize("name", SHIPPED)
def test_a_template_fits_its_page_and_keeps_its_edges(
    name: str, script: str, encoding: str
) -> None:
    lines = read_back(name, facts_of(name, SCRIPTS[script]), encoding)

    assert max(map(width, lines)) <= 78
    if encoding != "ascii":
        framed = [line for line in lines if line and line[0] in LEFT_EDGES]
        assert {width(line) for line in framed} <= {78}
        assert {line[-1] for line in framed} <= {*RIGHT_EDGES}


@pytest.mark.parametrize("name", SHIPPED)
def test_a_template_asks_for_what_there_is_and_needs_no_more_than_its_encoding(name: str) -> None:
    assert unknown_names(template(name), specimens.BLANK) == []
    assert nfo.losses(template(name), "cp437") == ()
    assert render(template(name), specimens.BLANK)


@pytest.mark.parametrize("name", SHIPPED)
def test_a_template_tells_its_name_and_title_whole(name: str) -> None:
    facts = facts_of(name, "x" * 500)

    lines = read_back(name, facts)

    assert facts["name"] in "".join(line.strip() for line in lines)
    assert "".join(lines).count("x") >= 1_000  # of the title and of one more field


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        (name, rule)
        for name, release_type in SHIPPED.items()
        for rule in NAMES
        if release_type in ("", read_rule(rule).spec.release_type)
    ],
)
def test_a_template_tells_what_the_rule_asks_for(name: str, rule: str) -> None:
    spec = read_rule(rule).spec
    facts = specimens.SPECIMENS[spec.release_type]

    text = "\n".join(read_back(name, facts))

    for names in (*spec.nfo_mandatory, "released_on", "language", "url"):
        assert any(is_told(field, text, facts) for field in names.split("|")), names


def is_told(field: str, text: str, facts: dict[str, Any]) -> bool:
    value = facts["language_name"] if field == "language" else facts[field]
    return str(value) in text and (field not in SIGNS or SIGNS[field].search(text) is not None)


def test_tracks_of_a_video_are_told_one_by_one() -> None:
    text = "\n".join(read_back("tv", specimens.EPISODE))

    for told in ("42 min 18 s", "H.264, 1920 x 1080", "English, E-AC-3 5.1", "French, SRT, forced"):
        assert told in text


@pytest.mark.parametrize("name", SHIPPED)
def test_what_is_not_known_is_not_mentioned(name: str) -> None:
    text = render(template(name), specimens.BLANK | {"group": "GRP", "name": "A.Name-GRP"})

    labels = {line.strip("│ ").partition(" .")[0] for line in text.splitlines() if " .." in line}
    assert labels == {"Size"}


@pytest.mark.django_db
@pytest.mark.usefixtures("seeded")
def test_the_specimens_know_what_a_release_knows() -> None:
    known = nfo_facts(make_new(owner=make_user()))

    for specimen in (specimens.BLANK, *specimens.SPECIMENS.values()):
        assert specimen.keys() == known.keys()
        for name, value in specimen.items():
            assert isinstance(value, type(known[name])) or not (value and known[name]), name


@pytest.mark.django_db
@pytest.mark.usefixtures("seeded")
def test_the_nfo_of_a_release_is_kept_as_its_encoding_carries_it() -> None:
    new = make_new(owner=make_user())

    text = actions.rendered_nfo(replace(new, metadata={**new.metadata, "author": "Jan Šíma"}))

    assert "Author .......: Jan Síma" in text
    assert nfo.losses(text, "cp437") == ()
