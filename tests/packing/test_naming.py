import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from releases.packing import (
    NamingError,
    PackingError,
    file_stem,
    naming,
    volume_base,
    words,
)
from releases.packing.naming.spelling import GROUP


@pytest.mark.parametrize(
    ("text", "dotted"),
    [
        ("Emily Brontë: Wuthering Heights", "Emily.Bronte.Wuthering.Heights"),
        ("Die Straße", "Die.Strasse"),
        ("R.U.R.", "R.U.R"),
        ("Spider-Man \N{EN DASH} 2", "Spider-Man.2"),
        ("Don't; it\N{RIGHT SINGLE QUOTATION MARK}s Alice's", "Dont.its.Alices"),
        ("L'Étranger", "L.Etranger"),
        ("O'Reilly & Sons", "OReilly.and.Sons"),
        ("C++ and C#", "C.Plus.Plus.and.C.Sharp"),
        ("No. #1", "No.1"),
        ("Преступление и наказание", "Prestuplenie.i.nakazanie"),
        ("Οδύσσεια", "Odysseia"),
        ("夏目漱石", "XiaMuShuShi"),
        ("", ""),
    ],
)
def test_words_transliterates_every_script(text: str, dotted: str) -> None:
    assert words(text) == dotted


def test_volume_names_are_8_3_and_depend_on_group_and_release() -> None:
    base = volume_base("Author.Title.2020-GRP", "GRP")

    assert re.fullmatch(r"grp[a-z0-9]{3}", base)
    assert base == volume_base("Author.Title.2020-GRP", "GRP")
    assert base != volume_base("Author.Other.2020-GRP", "GRP")
    assert re.fullmatch(r"ab[a-z0-9]{4}", volume_base("x", "A_B"))


def test_a_taken_volume_name_gives_another() -> None:
    first = volume_base("release", "GRP")
    second = volume_base("release", "GRP", taken={first})

    assert first != second
    assert volume_base("release", "GRP", taken={first, second}) not in {first, second}


def test_thousands_of_releases_of_a_group_have_volume_names_of_their_own() -> None:
    taken: set[str] = set()

    for number in range(10_000):
        base = volume_base(f"Author.Title.{number}.2020.RETAiL.ePUB.eBook-GRP", "GRP", taken)
        assert base not in taken
        taken.add(base)

    assert all(re.fullmatch(r"grp[a-z0-9]{3}", base) for base in taken)


@given(st.from_regex(GROUP, fullmatch=True), st.text(max_size=20))
def test_every_group_has_8_3_names(group: str, name: str) -> None:
    volume = f"{volume_base(name, group)}01.zip"

    assert re.fullmatch(r"[a-z0-9]{8}\.[a-z0-9]{3}", volume)
    naming.check_plain(volume)


def test_volume_names_run_out() -> None:
    class Everything:
        def __contains__(self, base: object) -> bool:
            return True

    with pytest.raises(NamingError, match="No volume name is left"):
        volume_base("release", "GRP", taken=Everything())


def test_file_stem_carries_the_group_and_leaves_room_for_an_extension() -> None:
    assert file_stem("GRP", "L'Étranger") == "grp-l.etranger"
    assert len(file_stem("GRP", "word " * 60) + ".epub") <= 140
    assert re.fullmatch(r"[a-z0-9]+([.-][a-z0-9]+)*", file_stem("GRP", "word " * 60))


def test_file_stem_refuses_a_title_without_words() -> None:
    with pytest.raises(NamingError, match="has no letter and no digit"):
        file_stem("GRP", "…")


@pytest.mark.parametrize("name", ["a", "grp-title.nfo", "Author.Title_2-GRP"])
def test_a_plain_name_is_taken(name: str) -> None:
    naming.check_plain(name)


@pytest.mark.parametrize(
    "name", ["", ".", "..", "a/b", "a\\b", "a..b", "-a", "a b", "é", "nul", "COM1.txt", "a" * 244]
)
def test_a_name_that_is_not_plain_is_refused(name: str) -> None:
    with pytest.raises(PackingError, match="cannot name a file of a release"):
        naming.check_plain(name)


@pytest.mark.parametrize("name", ["book.epub", "Les Épées.pdf", "世界😀.cbz", "a" * 255])
def test_a_payload_name_every_system_takes_is_taken(name: str) -> None:
    naming.check_payload_name(name)


@pytest.mark.parametrize(
    "name",
    [
        *("", ".hidden", "..", "../a", "a/b", "a\\b", "C:a", "a\0b", "a\nb", "a.", "a ", " a"),
        *("con", "NUL.pdf", "lpt1.epub", "a?b", "\udcff", "a" * 256, "é" * 128, "a|b", 'a"b'),
    ],
)
def test_a_payload_name_some_system_cannot_take_is_refused(name: str) -> None:
    with pytest.raises(NamingError, match="rename it"):
        naming.check_payload_name(name)


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("", ()),
        ("PROPER", ("PROPER",)),
        ("internal, HDR10plus hdr", ("INTERNAL", "HDR10Plus", "HDR")),
        ("Source Sample / alternative.cut", ("SOURCE.SAMPLE", "ALTERNATIVE.CUT")),
    ],
)
def test_tags_are_read_in_any_case_and_written_as_the_rules_do(
    text: str, tags: tuple[str, ...]
) -> None:
    assert naming.read_tags(text, naming.TV_TAGS) == tags


def test_a_tag_that_the_rules_do_not_know_is_refused() -> None:
    with pytest.raises(NamingError, match=r"source, subfix is no tag .* iNTERNAL, PROPER"):
        naming.read_tags("source proper subfix", naming.EBOOK_TAGS)
