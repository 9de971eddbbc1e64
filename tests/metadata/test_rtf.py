import random
from pathlib import Path
from typing import Any

import pytest

from releases.metadata import Analysis, analyse, cover, rtf
from tests.books import cut

HEAD = rb"\rtf1\ansi\ansicpg1252\deff0\deflang1036{\fonttbl{\f0 Arial;}}"


def written(tmp_path: Path, info: bytes, *, head: bytes = HEAD, body: bytes = b"") -> Analysis:
    path = tmp_path / "a.rtf"
    path.write_bytes(b"{" + head + rb"{\info" + info + b"}" + rb"\pard Hello\par" + body + b"}\n")
    return analyse(path)


def test_read_tells_every_field_and_where_it_stood(tmp_path: Path) -> None:
    analysis = written(
        tmp_path,
        rb"{\title Les \'c9p\'e9es}{\author \'c9lodie G.; No\'ebl L.}{\operator Ed}"
        rb"{\doccomm Once.}{\*\company A Firm}{\creatim\yr2014\mo5\dy6\hr7}"
        rb"{\version3}{\nofpages12}{\nofwords3000}",
        body=rb"{\*\generator Riched20 10.0;}",
    )

    assert analysis.metadata == {
        "title": "Les Épées",
        "authors": ["Élodie G.", "Noël L."],
        "description": "Once.",
        "pages": 12,
        "language": "fr-FR",
    }
    assert analysis.sources.keys() == analysis.metadata.keys()
    assert analysis.sources["title"] == "RTF info title"
    assert analysis.mediainfo == {
        "format": "RTF",
        "size": analysis.size,
        "version": "1",
        "encoding": "cp1252",
        "program": "Riched20 10.0",
        "company": "A Firm",
        "created": "2014-05-06",
        "words": 3000,
    }
    assert (analysis.format, analysis.valid, analysis.problems) == ("rtf", True, ())
    assert (analysis.drm, analysis.cover, cover(tmp_path / "a.rtf")) == ("", False, b"")


@pytest.mark.parametrize(
    ("written_title", "title"),
    [
        (rb"Caf\u233?", "Café"),
        (rb"Caf\u233\'e9 noir", "Café noir"),
        (rb"\uc0 Caf\u233 noir", "Cafénoir"),
        (rb"\uc2 Caf\u233\'83\'e9s", "Cafés"),
        (rb"{\uc0\u26360}\u-26540?", "書\u9854"),
        (rb"\u-10179?\u-8704?", "\U0001f600"),
        (rb"One\emdash Two \ldblquote Three\rdblquote", "One\u2014Two \u201cThree\u201d"),
        (rb"\{A\} \\ B\~C", "{A} \\ B C"),
        (b"Broken\r\n Line", "Broken Line"),
        (rb"{\b Bold} and \i plain", "Bold and plain"),
        (rb"Seen{\*\unknown hidden} and seen", "Seen and seen"),
        (b"Raw caf\xe9", "Raw café"),
        (rb"untitled", None),
        (rb"", None),
    ],
)
def test_letters_are_read_however_they_are_written(
    tmp_path: Path, written_title: bytes, title: str | None
) -> None:
    info = rb"{\title " + written_title + b"}"

    assert written(tmp_path, info).metadata.get("title") == title


@pytest.mark.parametrize(
    ("head", "title", "expected"),
    [
        (rb"\rtf1\ansi\ansicpg1251", rb"\'d1\'eb\'ee\'e2\'ee", "Слово"),
        (rb"\rtf1\ansi\ansicpg932", rb"\'93\'fa\'96\'7b", "日本"),
        (rb"\rtf1\ansi\ansicpg936", rb"\'d6\'d0", "中"),
        (rb"\rtf1\ansi\ansicpg65001", rb"\'c3\'a9", "é"),
        (rb"\rtf1\ansi\ansicpg0", rb"\'e9", "é"),
        (rb"\rtf1\mac", rb"\'8e", "é"),
        (rb"\rtf1\pc", rb"\'82", "é"),
        (rb"\rtf1\pca", rb"\'82", "é"),
        (rb"\rtf1", rb"\'e9", "é"),
    ],
)
def test_bytes_are_read_in_the_character_set_of_the_file(
    tmp_path: Path, head: bytes, title: bytes, expected: str
) -> None:
    assert written(tmp_path, rb"{\title " + title + b"}", head=head).metadata["title"] == expected


def test_the_same_in_unicode_is_taken_instead(tmp_path: Path) -> None:
    both = rb"{\upr{\title Slovo?}{\*\ud{\title \u1057?\u1083?}}}{\author Ann}"

    assert written(tmp_path, both).metadata == {
        "title": "Сл",
        "authors": ["Ann"],
        "language": "fr-FR",
    }


@pytest.mark.parametrize(
    ("head", "metadata"),
    [
        (rb"\rtf1\deflang1031{\stylesheet{\s0\lang1033 Normal;}}", {"language": "de-DE"}),
        (rb"\rtf1{\stylesheet{\s0\lang1040\langfe1041 Normal;}}", {"language": "it-IT"}),
        (rb"\rtf1\deflang1024", {}),
        (rb"\rtf1", {}),
    ],
)
def test_the_language_is_the_default(tmp_path: Path, head: bytes, metadata: dict[str, Any]) -> None:
    assert written(tmp_path, b"", head=head).metadata == metadata


def test_a_document_without_information_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.rtf"
    path.write_bytes(rb"{\rtf1 Hello}")

    assert (analyse(path).valid, analyse(path).metadata) == (True, {})


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9])
def test_a_cut_file_is_not_valid(tmp_path: Path, share: float) -> None:
    written(tmp_path, rb"{\title A}", body=rb"{\b Some \{ more}" * 100)

    analysis = analyse(cut(tmp_path / "a.rtf", share))

    assert "cut short" in str(analysis.problems[0])
    assert not analysis.valid


@pytest.mark.parametrize(
    "body", [rb"\{ \\{\b x}\\\} \\\\", b"\\\\" * rtf._PIECE, b"{\\pict\\bin3 {{{}", b"\\'7b"]
)
def test_braces_that_are_text_open_nothing(tmp_path: Path, body: bytes) -> None:
    assert written(tmp_path, rb"{\title A}", body=body).valid


def test_a_cut_file_with_binary_pictures_is_not_valid(tmp_path: Path) -> None:
    written(tmp_path, b"", body=b"{\\pict\\bin3 {{{} and so on")

    assert not analyse(cut(tmp_path / "a.rtf", 0.95)).valid


@pytest.mark.parametrize("tail", [b"\0", b"\r\n\x00\x00", b"junk"])
def test_what_follows_the_last_brace_does_no_harm(tmp_path: Path, tail: bytes) -> None:
    written(tmp_path, rb"{\title A}")
    path = tmp_path / "a.rtf"
    path.write_bytes(path.read_bytes() + tail)

    assert analyse(path).valid


def test_groups_without_depth_do_no_harm(tmp_path: Path) -> None:
    analysis = written(tmp_path, rb"{\title A" + b"{" * 400_000 + b"}" * 400_000 + b"}")

    assert (analysis.valid, analysis.metadata["title"]) == (True, "A")


def test_no_damage_stops_the_reader(tmp_path: Path) -> None:
    info = rb"{\title \uc1 Caf\u233?}{\author Ann; Bob}{\creatim\yr2014\mo5}{\upr{\title a}}"
    written(tmp_path, info)
    path, dice = tmp_path / "a.rtf", random.Random(7)
    whole, letters = path.read_bytes(), b"\\{}'u*-19 \x00\xff"
    for _ in range(500):
        damaged = bytearray(whole)
        for _ in range(8):
            damaged[dice.randrange(6, len(damaged))] = dice.choice(letters)
        path.write_bytes(damaged[: dice.randrange(10, len(damaged))])

        assert analyse(path).format == "rtf"
