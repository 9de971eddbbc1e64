from contextlib import suppress
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from releases.packing import NamingError, TvName, parse_tv
from releases.packing.naming import tv
from releases.packing.naming.languages import languages

SHOW = TvName(title="Show", episode="S01E02", format="WEB.H264", group="GRP")
TV = {
    "Show.S01E02.Episode.Title.720p.WEB.H264-GRP": TvName(
        title="Show",
        episode="S01E02",
        episode_title="Episode.Title",
        resolution="720p",
        format="WEB.H264",
        group="GRP",
    ),
    "Show.US.2019.S01E02-E03.PROPER.GERMAN.HDTV.x264-GRP": TvName(
        title="Show",
        country="US",
        year=2019,
        episode="S01E02-E03",
        tags=("PROPER",),
        language="GERMAN",
        format="HDTV.x264",
        group="GRP",
    ),
    "Show.2024.05.01.Guest.Name.1080p.WEB.H265-GRP": TvName(
        title="Show",
        episode="2024.05.01",
        episode_title="Guest.Name",
        resolution="1080p",
        format="WEB.H265",
        group="GRP",
    ),
    "Show.Part.1.HR.PDTV.x264-GRP": TvName(
        title="Show", episode="Part.1", tags=("HR",), format="PDTV.x264", group="GRP"
    ),
    "Show.Part.2.S03E100.WEBRip.x264-GRP": TvName(
        title="Show.Part.2", episode="S03E100", format="WEBRip.x264", group="GRP"
    ),
    "Show.E05.WEB.H264-GRP": TvName(title="Show", episode="E05", format="WEB.H264", group="GRP"),
    "Show.Special.S01E00.Making.Of.AHDTV.x264-GRP": TvName(
        title="Show.Special",
        episode="S01E00",
        episode_title="Making.Of",
        format="AHDTV.x264",
        group="GRP",
    ),
    "Blade.Runner.2049.2017.EXTENDED.2160p.WEBRip.x265-GRP": TvName(
        title="Blade.Runner.2049",
        year=2017,
        tags=("EXTENDED",),
        resolution="2160p",
        format="WEBRip.x265",
        group="GRP",
    ),
    "Show.UK.S01E02A.SOURCE.SAMPLE.ALTERNATIVE.CUT.720p.HDTV.x264-GRP": TvName(
        title="Show",
        country="UK",
        episode="S01E02A",
        tags=("SOURCE.SAMPLE", "ALTERNATIVE.CUT"),
        resolution="720p",
        format="HDTV.x264",
        group="GRP",
    ),
    "Show.S01E02E03.The.End.HDR10Plus.HDR.BRAZILIAN.2160p.WEB.H265-GRP": TvName(
        title="Show",
        episode="S01E02E03",
        episode_title="The.End.HDR10Plus.HDR.BRAZILIAN",
        resolution="2160p",
        format="WEB.H265",
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


def test_a_country_at_the_end_of_a_show_is_its_country() -> None:
    name = TvName(title="Show.UK.1999", episode="S01E01", format="WEB.H264", group="GRP")

    assert (name.title, name.country, name.year) == ("Show", "UK", 1999)
    assert parse_tv(name.build()) == name


def test_the_title_of_a_film_keeps_its_last_word() -> None:
    name = TvName(title="Made.in", country="US", year=1987, format="WEB.H264", group="GRP")

    assert (name.title, name.country) == ("Made.in.US", "")
    assert parse_tv(name.build()) == name


def test_tags_at_the_end_of_an_episode_title_are_tags() -> None:
    name = replace(SHOW, episode_title="Learn.FRENCH.PROPER", tags=("DV",), language="GERMAN")

    assert (name.episode_title, name.tags) == ("Learn.FRENCH", ("PROPER", "DV"))
    assert parse_tv(name.build()) == name


def test_an_unknown_language_is_part_of_the_title() -> None:
    name = replace(SHOW, language="KLINGONISH")

    assert (name.episode_title, name.language) == ("KLINGONISH", "")


def test_no_language_is_a_tag() -> None:
    assert set(languages()) & {tag for tags in tv.TV_TAGS for tag in tags.split(".")} == set()


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"episode": "s1e2"}, "s1e2 is no episode"),
        ({"episode": "S01E03-E02"}, "is no episode"),
        ({"episode": "S01E02-E02"}, "is no episode"),
        ({"episode": "2023.02.29"}, "is no episode"),
        ({"episode": "2023.13.01"}, "is no episode"),
        ({"tags": ("PROPER", "PROPER")}, "stands twice"),
        ({"tags": ("READNFO", "REPACK")}, "READNFO never stands with REPACK"),
        ({"tags": ("DV", "PROPER", "READNFO")}, "READNFO never stands with PROPER"),
        ({"tags": ("READNFO", "RERIP")}, "READNFO never stands with RERIP"),
        ({"format": "DVDRip.XviD"}, "is no format of these releases: choose among WEB.H264"),
        ({"format": "HDTV.x264", "resolution": "1080p"}, "is not made in 1080p: choose 720p"),
        ({"format": "DSR.x264", "resolution": "2160p"}, "is not made in 2160p"),
        ({"resolution": "480p"}, "is not made in 480p: choose 720p, 1080p, 2160p"),
    ],
)
def test_what_the_rules_do_not_know_is_refused(fields: dict[str, Any], reason: str) -> None:
    name = replace(SHOW, **fields)

    with pytest.raises(NamingError, match=reason):
        name.build()


def test_an_unknown_tag_is_refused() -> None:
    with pytest.raises(NamingError, match="SFVFIX is no tag of these releases: choose among"):
        replace(SHOW, tags=("PROPER", "SFVFIX"))


def test_a_tv_name_that_would_be_misread_is_refused() -> None:
    name = TvName(title="Show.S01E01", episode="S02E02", format="WEB.H264", group="GRP")

    with pytest.raises(NamingError, match="would be read back as other fields"):
        name.build()


PLAIN_WORDS = st.from_regex("[A-Z][a-z]{1,7}|[A-Z][a-z]+-[A-Z][a-z]+|[A-Z]{2,5}", fullmatch=True)
TRAPS = st.sampled_from(
    [
        *("S01E01", "E05", "Part.1", "Part", "1", "2019", "2024.05.01", "720p", "WEB", "H264"),
        *("WEB.H264", "HDTV", "US", "UK", "PROPER", "REAL", "FRENCH", "HR", "SOURCE", "SAMPLE"),
    ]
)
PLAIN_TITLES = st.lists(PLAIN_WORDS, min_size=1, max_size=5).map(".".join)
TRICKY_TITLES = st.lists(TRAPS | PLAIN_WORDS, min_size=1, max_size=5).map(".".join)
NUMBERS = st.integers(0, 120)
WEEKLY = st.builds("S{:02}E{:02}{}".format, NUMBERS, NUMBERS, st.sampled_from(["", "A", "B"]))
MULTIPLE = st.builds(
    lambda season, first, more, sign: f"S{season:02}E{first:02}{sign}E{first + more:02}",
    *(NUMBERS, NUMBERS, st.integers(1, 9), st.sampled_from(["", "-"])),
)
DAILY = st.dates(min_value=date(1900, 1, 1), max_value=date(2099, 12, 31)).map("{:%Y.%m.%d}".format)
PARTS = st.builds("{}{}".format, st.sampled_from(["E0", "Part.", "Part"]), st.integers(1, 12))
YEARS = st.integers(1900, 2099)
VIDEOS = st.sampled_from(
    [(video, resolution) for video, fitting in tv.RESOLUTIONS.items() for resolution in fitting]
)
TAGS = st.lists(
    st.sampled_from([tag for tag in tv.TV_TAGS if tag != "READNFO"]), unique=True, max_size=4
).map(tuple)


def names(
    titles: st.SearchStrategy[str],
    episodes: st.SearchStrategy[str],
    years: st.SearchStrategy[int | None],
) -> st.SearchStrategy[TvName]:
    return st.builds(
        lambda video, **fields: TvName(**fields, format=video[0], resolution=video[1]),
        title=titles,
        episode=episodes,
        year=years,
        country=st.sampled_from(["", *tv.COUNTRIES]),
        episode_title=st.just("") | titles,
        tags=TAGS | st.just(("READNFO",)),
        language=st.sampled_from(["", *sorted(languages())[::9]]),
        video=VIDEOS,
        group=st.from_regex(r"[A-Za-z0-9]{2,6}(_[A-Za-z0-9]{1,3})?", fullmatch=True),
    )


SHOWS = names(PLAIN_TITLES, WEEKLY | MULTIPLE | DAILY | PARTS, YEARS | st.none())
FILMS = names(PLAIN_TITLES, st.just(""), YEARS)
TRICKY = names(TRICKY_TITLES, st.just("") | WEEKLY | MULTIPLE | DAILY | PARTS, YEARS | st.none())


@given(SHOWS | FILMS)
def test_the_name_of_every_kind_is_built_and_parsed_back(name: TvName) -> None:
    assume(len(name.head + name.rest) < 200)

    assert parse_tv(name.build()) == name


@given(TRICKY)
def test_what_is_built_of_tricky_words_is_parsed_back_too(name: TvName) -> None:
    with suppress(NamingError):
        assert parse_tv(name.build()) == name
