import re

import pytest

from releases.packing import (
    NamingError,
    PackingError,
    TvName,
    file_stem,
    naming,
    parse_tv,
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


TV = {
    "Show.S01E02.Episode.Title.720p.WEB.H264-GRP": TvName(
        title="Show",
        episode="S01E02",
        extra="Episode.Title",
        resolution="720p",
        format="WEB.H264",
        group="GRP",
    ),
    "Show.US.2019.S01E02-E03.PROPER.GERMAN.HDTV.x264-GRP": TvName(
        title="Show.US",
        year=2019,
        episode="S01E02-E03",
        extra="PROPER.GERMAN",
        format="HDTV.x264",
        group="GRP",
    ),
    "Show.2024.05.01.Guest.Name.1080p.WEB.H265-GRP": TvName(
        title="Show",
        episode="2024.05.01",
        extra="Guest.Name",
        resolution="1080p",
        format="WEB.H265",
        group="GRP",
    ),
    "Show.Part.1.HR.PDTV.x264-GRP": TvName(
        title="Show", episode="Part.1", format="HR.PDTV.x264", group="GRP"
    ),
    "Show.Part.2.S03E100.WEBRip.x264-GRP": TvName(
        title="Show.Part.2", episode="S03E100", format="WEBRip.x264", group="GRP"
    ),
    "Show.E05.WEB.H264-GRP": TvName(title="Show", episode="E05", format="WEB.H264", group="GRP"),
    "Show.Special.S01E00.Making.Of.AHDTV.x264-GRP": TvName(
        title="Show.Special", episode="S01E00", extra="Making.Of", format="AHDTV.x264", group="GRP"
    ),
    "Blade.Runner.2049.2017.EXTENDED.2160p.WEBRip.x265-GRP": TvName(
        title="Blade.Runner.2049",
        year=2017,
        extra="EXTENDED",
        resolution="2160p",
        format="WEBRip.x265",
        group="GRP",
    ),
    "1917.2019.WEB.H264-GRP": TvName(title="1917", year=2019, format="WEB.H264", group="GRP"),
    "1923.S01E01.WEB.H264-GRP": TvName(
        title="1923", episode="S01E01", format="WEB.H264", group="GRP"
    ),
}


@pytest.mark.parametrize("name", TV)
def test_a_tv_name_is_built_and_parsed_back(name: str) -> None:
    assert TV[name].build() == name
    assert parse_tv(name) == TV[name]


def test_a_year_at_the_end_of_a_show_is_its_year() -> None:
    name = TvName(title="Space.1999", episode="S01E01", format="WEB.H264", group="GRP")

    assert (name.title, name.year) == ("Space", 1999)
    assert parse_tv(name.build()) == name


@pytest.mark.parametrize("name", ["Show.S01E02-GRP", "Film.WEB.H264-GRP", "Show.S01E02.WEB.H264"])
def test_what_is_no_tv_name_is_refused(name: str) -> None:
    with pytest.raises(NamingError, match="is no TV name"):
        parse_tv(name)


def test_a_tv_name_that_would_be_misread_is_refused() -> None:
    name = TvName(title="Show.S01E01", episode="S02E02", format="WEB.H264", group="GRP")

    with pytest.raises(NamingError, match="would be read back as other fields"):
        name.build()


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
