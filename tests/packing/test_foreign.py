"""NFOs that others made: drawn with escape sequences, in other encodings, or none at all."""

import struct
import time
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from releases.packing import PackingError, ansi, foreign, nfo

SHARED = Path(__file__).parents[3] / "shared" / "corpus" / "dev" / "nfo"


def sauce(width: int = 80, *, data_type: int = 1, file_type: int = 1, comments: int = 0) -> bytes:
    return struct.pack(
        "<5s2s35s20s20s8sIBBHHHHBB22s",
        *(b"SAUCE", b"00", "Épée".encode("cp437").ljust(35), b"Ann Drawer".ljust(20), b"GRP"),
        *(b"20260102", 0, data_type, file_type, width, 25, 0, 0, comments, 0, b"IBM VGA"),
    )


def drawn(text: str, width: int = 80) -> list[str]:
    return ansi.flattened(text, width).split("\n")


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("\x1b[0;1;37;44mred\x1b[m", ["red"]),
        ("a\x1b[3Cb", ["a   b"]),
        ("abc\x1b[2Dx", ["axc"]),
        ("a\x1b[2Bb\x1b[Ac", ["a", "  c", " b"]),
        ("\x1b[2;3Hx\x1b[1;1fy\x1b[Hz", ["z", "  x"]),
        ("\x1b[3Hx", ["", "", "x"]),
        ("ab\x1b[s\r\ncd\x1b[ue", ["abe", "cd"]),
        ("abcdef\x1b[3D\x1b[K", ["abc"]),
        ("abcdef\x1b[4D\x1b[1K", ["   def"]),
        ("abcdef\x1b[2K!", ["      !"]),
        ("gone\r\n\x1b[2Jhere", ["here"]),
        ("a\x1b[Jb", ["ab"]),
        ("a\tb", ["a       b"]),
        ("a\x1b[99C\x1b[99Db\x1b[99A", ["b"]),
        ("a\x1b[?7h\x1b[=3hb\x1b[5nc", ["abc"]),
        ("a\x1b[;;mb\x1b[0Cc\x1b[Cd", ["ab c d"]),
        ("a\x1b", ["a"]),
        ("up to here\x1anot this", ["up to here"]),
    ],
)
def test_the_cursor_goes_where_it_is_sent(text: str, lines: list[str]) -> None:
    assert drawn(text) == [*lines, ""]


def test_lines_go_on_below_at_the_width_of_the_screen() -> None:
    assert drawn("x" * 81) == ["x" * 80, "x", ""]
    assert drawn("abcdef", 4) == ["abcd", "ef", ""]
    assert drawn("abcd\r\nef", 4) == ["abcd", "", "ef", ""]  # as DOS does, not as UNIX


@pytest.mark.parametrize("jump", ["\n", "\x1b[B", "\x1b[999999B", "\x1b[999999999999999999;1Hx"])
def test_a_drawing_without_end_is_refused(jump: str) -> None:
    with pytest.raises(PackingError, match="more than 10000 lines"):
        ansi.flattened(jump * 10_001, 80)


def test_a_drawing_is_imported_as_its_record_says() -> None:
    art = b"\x1b[1;31m\xdb\xdb\x1b[40C\xb3\r\n" + b"\xb0" * 45

    found = foreign.imported(art + b"\x1a" + sauce(44))

    assert found.text.split("\n") == ["██" + " " * 40 + "│", "░" * 44, "░", ""]
    assert (found.encoding, found.fitting_encoding, found.width) == ("cp437", "cp437", 44)
    assert (found.title, found.author) == ("Épée", "Ann Drawer")
    assert [str(note) for note in found.notes] == ["It was drawn in colours: they are left out."]


@pytest.mark.parametrize(
    "ending",
    [
        b"\x1a" + sauce(),
        sauce(),
        b"\x1aCOMNT" + b"a comment".ljust(64) + sauce(comments=1),
        b"COMNT" + b"a comment".ljust(64) + sauce(comments=1),
        b"\x1aleft over by an editor",
        b"",
    ],
)
def test_what_stands_behind_the_end_is_no_part_of_the_text(ending: bytes) -> None:
    assert foreign.imported(b"text\r\n" + ending).text == "text\n"


@pytest.mark.parametrize(
    ("data", "text", "encoding"),
    [
        (b"plain\r\n\r\n\r\n", "plain\n", "ascii"),
        ("│ é │\n".encode("cp437"), "│ é │\n", "cp437"),
        ("│ 世 │\n".encode(), "│ 世 │\n", "utf-8"),
        ("é\r\n".encode("utf-16"), "é\n", "utf-16"),
        ("Déjà rencontré".encode("cp1252"), "Déjà rencontré\n", "cp1252"),
        (b"a\tb  \r\n", "a       b\n", "ascii"),
        ("\x1b[2C世\x1b[0m".encode(), "  世\n", "utf-8"),
        (b"", "\n", "ascii"),
    ],
)
def test_every_encoding_is_imported(data: bytes, text: str, encoding: str) -> None:
    found = foreign.imported(data)

    assert (found.text, found.encoding) == (text, encoding)
    assert nfo.losses(found.text, found.fitting_encoding) == ()


def test_what_became_of_it_is_told() -> None:
    wide = foreign.imported("é".encode("utf-16") + ("-" * 90).encode("utf-16-le"))

    assert wide.width == 91
    assert [str(note) for note in wide.notes] == [
        "It was in utf-16, which no NFO is written in.",
        "It is 91 columns wide: an NFO has 80 at most.",
    ]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "no text"),
        (b"MZ\x90\0\3\0", "no text"),
        (b"%PDF-1.4\n1 0 obj\n<< >>\nendobj", "no text"),
        (rb"{\rtf1 A text}", "no text"),
        (bytes(range(1, 32)) * 40, "no text"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "no text"),
        (b"A\x1fB\x1f" + b"\x1a" + sauce(data_type=5), "no text"),
        (b"x" * ((1 << 20) + 1), "has 1\xa0048\xa0577 bytes, an NFO has at most 1\xa0048\xa0576"),
    ],
)
def test_what_is_no_text_is_refused(data: bytes, said: str) -> None:
    with pytest.raises(PackingError, match=said):
        foreign.imported(data)


BITS = st.sampled_from([b"\x1b[", b"9", b";", b"H", b"C", b"J", b"\x1a", b"\r\n", b"\xdb", b"x"])


@given(st.one_of(st.binary(), st.lists(BITS).map(b"".join)), st.booleans())
def test_whatever_bytes_it_is_given_it_gives_a_text_or_a_reason(data: bytes, signed: bool) -> None:
    with suppress(PackingError):
        found = foreign.imported(data + (sauce() if signed else b""))
        assert nfo.losses(found.text, "utf-8") == ()
        assert found.text.endswith("\n")


@pytest.mark.slow
def test_a_hostile_drawing_takes_neither_long_nor_much_room() -> None:
    began = time.monotonic()

    for part in (b"\x1b[", b"\x1b[1;1H" + b"x", b"\x1b[9999C", b"\x1b[2J", b"x\x1b[2K", b"\x1a"):
        text = foreign.imported((part * (1 << 18))[: 1 << 18]).text
        assert len(text) <= 1 << 19

    assert time.monotonic() - began < 60  # it takes two seconds


@pytest.mark.skipif(not SHARED.exists(), reason="the corpus lies outside the clone")
def test_the_samples_are_imported_in_lines_that_an_nfo_may_have() -> None:
    for path in sorted(SHARED.iterdir()):
        found = foreign.imported(path.read_bytes())

        assert "\x1b" not in found.text
        assert nfo.too_wide(found.text) == ()
        assert found.fitting_encoding == "cp437"
