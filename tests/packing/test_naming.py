import re

import pytest

from releases.packing import (
    NamingError,
    PackingError,
    file_stem,
    naming,
    volume_base,
    words,
)


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
