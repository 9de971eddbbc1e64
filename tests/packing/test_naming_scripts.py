"""Titles of every script that Unicode knows."""

import re
import unicodedata
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from releases.packing import EbookName, NamingError, file_stem, parse_ebook, words
from releases.packing.naming.spelling import spelled

LETTERS = st.characters(categories=["Lu", "Ll", "Lt", "Lo", "Nd", "Nl", "No"])
TITLES = st.builds("".join, st.tuples(st.text(max_size=20), LETTERS, st.text(max_size=20)))


@pytest.mark.parametrize(
    ("title", "dotted"),
    [
        ("Ελλάδα", "Ellada"),
        ("Україна", "Ukraina"),
        ("Հայաստան", "Hayastan"),
        ("საქართველო", "sakartvelo"),
        ("ספר הזהר", "sfr.hzhr"),
        ("كتاب", "ktb"),
        ("हिन्दी", "hindi"),
        ("বাংলা", "bamla"),
        ("ราชา", "racha"),
        ("ລາວ", "lav"),
        ("ខ្មែរ", "khmaer"),
        ("བོད་ཡིག", "bod-yig"),
        ("ሰላም", "selam"),
        ("ᏣᎳᎩ", "TsaLaGi"),
        ("ᠮᠣᠩᠭᠣᠯ", "monggol"),
        ("한국어", "HanGugEo"),
        ("ひらがな カタカナ", "hiragana.katakana"),
        ("佐々木", "ZuoZuoMu"),
        ("𠮷野家", "KichiYeJia"),
        ("𐌲𐌿𐍄", "gut"),
        ("\N{FULLWIDTH DIGIT TWO} Ⅳ ½", "2.IV.1.2"),
        ("😀", "grinning"),
        ("\N{MODIFIER LETTER TURNED COMMA}Okina", "Okina"),
    ],
)
def test_a_title_of_any_script_is_written_in_latin_letters(title: str, dotted: str) -> None:
    assert words(title) == dotted


def test_a_title_reads_the_same_however_its_accents_are_stored() -> None:
    for title in ("Café", "한국어", "Đà Nẵng"):
        assert words(unicodedata.normalize("NFD", title)) == words(title)


@pytest.mark.parametrize(
    ("title", "lost"), [("Die 𒀀𒁀", "𒀀, 𒁀"), ("כרך א", "א"), ("\U00031400山", "\U00031400")]
)
def test_a_word_that_nobody_can_read_is_not_dropped_in_silence(title: str, lost: str) -> None:
    with pytest.raises(NamingError) as refused:
        words(title)

    assert refused.value.values["lost"] == lost


@pytest.mark.parametrize("title", ["…", "ー", "'", "\udcff", "    "])
def test_a_title_without_letters_is_refused(title: str) -> None:
    with pytest.raises(NamingError, match="has no letter and no digit"):
        spelled(title)


@given(TITLES)
def test_whatever_has_a_letter_makes_a_name_or_is_refused(title: str) -> None:
    with suppress(NamingError):
        name = EbookName(title=spelled(title), year=2020, source="SCAN", group="GRP")
        assert parse_ebook(name.build()) == name
        assert re.fullmatch(r"[a-z0-9]+([.-][a-z0-9]+)*", file_stem("GRP", title))


@given(LETTERS)
def test_a_letter_is_never_dropped_in_silence(letter: str) -> None:
    with suppress(NamingError):
        assert words(f"A {letter}") != "A"
