"""TV names as guessit reads them, field by field.

Where it is wrong, or knows less than the rules:

- It knows no part letter: all of ``Show.S01E02A`` is a title to it.
- It takes a number that stands alone, as in *1923*, for a year.
- It takes CA for a common word, never for a country.
- It takes a daily show that has a year besides for a film, and a year before E05 for a season.
- It takes a mini-series for a film, and passes over the title of a part.
- It does not know analog PDTV and DSR, and takes the tags in `UNKNOWN` for words of the title, as
  it does LINE where there is a title. REAL counts twice unless it stands first.
- It gives a language that stands beside SUBBED to the subtitles, and the absent one of DUBBED and
  SUBBED as undetermined.
- It reads few languages and countries unless told which to expect.
"""

import re
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from guessit import guessit
from hypothesis import given, settings
from hypothesis import strategies as st

from releases.packing import TvName
from releases.packing.naming import RESOLUTIONS, TV_TAGS, languages
from rules.shipped import read_rule

LANGUAGES = (
    *("CZECH", "DANISH", "DUTCH", "FINNISH", "FRENCH", "GERMAN", "HEBREW", "HUNGARIAN"),
    *("ITALIAN", "JAPANESE", "NORWEGIAN", "POLISH", "RUSSIAN", "SPANISH", "SWEDISH", "TURKISH"),
)
COUNTRIES = {"AU": "AU", "IE": "IE", "NZ": "NZ", "UK": "GB", "US": "US"}
EXPECTED = {
    "allowed_countries": [code.lower() for code in COUNTRIES.values()],
    "allowed_languages": ["und", *(languages()[name] for name in LANGUAGES)],
}
SOURCES = {
    "WEB": "Web",
    "WEBRip": "Web",
    "HDTV": "HDTV",
    "AHDTV": "Analog HDTV",
    "PDTV": "Digital TV",
    "DSR": "Satellite",
}
CODECS = {"H264": "H.264", "x264": "H.264", "H265": "H.265", "x265": "H.265"}
EDITIONS = {
    **{tag: tag.capitalize() for tag in ("EXTENDED", "REMASTERED", "RESTORED", "THEATRICAL")},
    **{tag: tag.capitalize() for tag in ("UNCENSORED", "UNCUT", "UNRATED")},
    "ALTERNATIVE.CUT": "Alternative Cut",
    "DC": "Director's Cut",
}
OTHERS = {
    **{tag: tag.capitalize() for tag in ("COLORIZED", "EXTRAS", "INTERNAL")},
    **dict.fromkeys(("DIRFIX", "NFOFIX", "PROOFFIX", "SAMPLEFIX"), "Fix"),
    **dict.fromkeys(("PROPER", "REAL", "REPACK", "RERIP"), "Proper"),
    "CONVERT": "Converted",
    "DV": "Dolby Vision",
    "HDR": "HDR10",
    "HR": "High Resolution",
    "LINE": "Line Audio",
    "OAR": "Original Aspect Ratio",
    "OM": "Open Matte",
    "READNFO": "Read NFO",
    "WS": "Widescreen",
}
LANGUAGE_TAGS = {"DUBBED": "language", "SUBBED": "subtitle_language"}
UNKNOWN = ("BW", "CHRONO", "FS", "HDR10Plus", "PURE", "RATED", "SOURCE.SAMPLE")
UNKNOWN_FORMATS = ("APDTV.x264", "ADSR.x264")


def guessed(name: TvName) -> dict[str, Any]:
    """Return what guessit reads, with plain values in place of its own, alone or in sets."""
    found = dict(guessit(name.build(), EXPECTED))
    for field in ("country", "language", "subtitle_language"):
        if field in found:
            found[field] = getattr(found[field], "alpha2", None) or str(found[field])
    for field in ("edition", "other"):
        if field in found:
            found[field] = {found[field]} if isinstance(found[field], str) else {*found[field]}
    return found


def expected(name: TvName) -> dict[str, Any]:
    """Return what guessit should read: our fields by its names, those that are there."""
    source, _, codec = name.format.partition(".")
    others = {OTHERS[tag] for tag in name.tags if tag in OTHERS}
    told = {
        "title": spaced(name.title),
        "country": COUNTRIES.get(name.country),
        "year": name.year,
        **numbers(name.episode),
        "episode_title": spaced(name.episode_title),
        "edition": {EDITIONS[tag] for tag in name.tags if tag in EDITIONS},
        "other": others | ({"Rip"} if source == "WEBRip" else set()),
        "proper_count": propers(name.tags) or None,
        "language": languages().get(name.language),
        "screen_size": name.resolution,
        "source": SOURCES[source],
        "video_codec": CODECS[codec],
        "release_group": name.group,
        "type": "episode" if name.episode else "movie",
    }
    return {field: value for field, value in told.items() if value or value == 0}


def spaced(dotted: str) -> str:
    return dotted.replace(".", " ")


def numbers(episode: str) -> dict[str, Any]:
    if re.fullmatch(r"\d{4}\.\d{2}\.\d{2}", episode):
        return {"date": date.fromisoformat(episode.replace(".", "-"))}
    seasons = [int(number) for number in re.findall(r"S(\d+)", episode)]
    episodes = [int(number) for number in re.findall(r"E(\d+)", episode)]
    if "-" in episode:
        episodes = [*range(episodes[0], episodes[-1] + 1)]
    return {"season": alone(seasons), "episode": alone(episodes)}


def alone(values: list[int]) -> Any:
    return values[0] if len(values) == 1 else values or None


def propers(tags: tuple[str, ...]) -> int:
    """Return how many times it was made anew, as guessit counts; REAL is one more."""
    new = sum(tag in ("PROPER", "REPACK", "RERIP") for tag in tags)
    return max(new, 1) + 1 if "REAL" in tags else new


SHOW = TvName(
    title="Harbour.Lights", episode="S01E02", format="WEB.H264", resolution="720p", group="GRP"
)
FILM = replace(SHOW, title="Blade.Runner.2049", episode="", year=2017)


@pytest.mark.parametrize(
    "name",
    [
        SHOW,
        replace(SHOW, year=2019),
        *(replace(SHOW, country=country, year=2019) for country in COUNTRIES),
        *(replace(SHOW, country=country) for country in COUNTRIES),
        replace(SHOW, title="Harbour.Lights.Special", episode="S01E00", episode_title="Making.Of"),
        replace(SHOW, title="Spider-Man"),
        replace(SHOW, title="Show.24"),
        *(replace(SHOW, episode=episode) for episode in ("S10E100", "S00E01", "S123E1234", "E05")),
        *(replace(SHOW, episode=episode) for episode in ("S01E02-E03", "S01E02-E05", "S01E02E04")),
        replace(SHOW, episode="S01E02E03E04", episode_title="The.Long.Night"),
        replace(SHOW, episode="2024.05.31", episode_title="Ann.Guest"),
        replace(SHOW, episode="2024.02.29", country="UK"),
        FILM,
        replace(FILM, title="1917", year=2019),
        replace(FILM, title="Harbour", tags=("EXTENDED", "INTERNAL"), language="FRENCH"),
        *(replace(SHOW, language=language, episode_title="The.End") for language in LANGUAGES),
        *(replace(SHOW, language=language, tags=("PROPER",)) for language in LANGUAGES),
        replace(SHOW, tags=("REAL", "PROPER")),
        replace(SHOW, tags=("REAL", "REPACK"), language="GERMAN"),
        replace(SHOW, tags=("PROPER", "REPACK")),
        replace(SHOW, tags=("HR",), format="PDTV.x264", resolution=""),
        *(replace(SHOW, group=group) for group in ("GRP_x", "a1_b2", "G2P", "0day")),
    ],
    ids=TvName.build,
)
def test_guessit_reads_what_we_mean(name: TvName) -> None:
    assert guessed(name) == expected(name)


VIDEOS = [
    (video, resolution)
    for video, resolutions in RESOLUTIONS.items()
    for resolution in resolutions
    if video not in UNKNOWN_FORMATS
]


@pytest.mark.parametrize(("video", "resolution"), VIDEOS)
def test_guessit_reads_every_format_and_resolution(video: str, resolution: str) -> None:
    name = replace(SHOW, format=video, resolution=resolution)

    assert guessed(name) == expected(name)


@pytest.mark.parametrize("rule", ["2020_WDX", "tvx2642k16", "sdtvx2642k16"])
def test_guessit_reads_every_name_that_a_rule_of_television_takes(rule: str) -> None:
    spec = read_rule(rule).spec
    made = [replace(SHOW, format=video, resolution=resolution) for video, resolution in VIDEOS]
    taken = [name for name in made if spec.name_parts(name.build())]

    assert len(taken) > 1
    for name in taken:
        tagged = replace(name, tags=("PROPER",), language="FRENCH", episode_title="The.End")
        assert spec.name_parts(tagged.build()) is not None
        assert guessed(tagged) == expected(tagged)


@pytest.mark.parametrize("tag", [*EDITIONS, *OTHERS])
@pytest.mark.parametrize("name", [SHOW, FILM], ids=["show", "film"])
def test_guessit_reads_every_tag_it_knows(name: TvName, tag: str) -> None:
    tagged = replace(name, tags=(tag,))

    assert guessed(tagged) == expected(tagged)


@pytest.mark.parametrize(("tag", "field"), LANGUAGE_TAGS.items())
def test_guessit_takes_dubbed_and_subbed_for_an_unknown_language(tag: str, field: str) -> None:
    tagged = replace(SHOW, tags=(tag,))

    assert guessed(tagged) == expected(tagged) | {field: "und"}


@pytest.mark.parametrize("tag", UNKNOWN)
def test_guessit_takes_a_tag_it_does_not_know_for_a_title(tag: str) -> None:
    tagged = replace(SHOW, tags=(tag,))

    assert guessed(tagged) == expected(tagged) | {"episode_title": spaced(tag)}


def test_every_tag_has_been_tried() -> None:
    assert sorted([*EDITIONS, *OTHERS, *LANGUAGE_TAGS, *UNKNOWN]) == sorted(TV_TAGS)


@pytest.mark.parametrize("video", UNKNOWN_FORMATS)
def test_guessit_passes_over_a_source_it_does_not_know(video: str) -> None:
    read = guessed(replace(SHOW, format=video))

    assert read == {field: read[field] for field in expected(SHOW) if field != "source"}


@pytest.mark.parametrize("episode", ["Part.1", "Part2"])
def test_guessit_takes_a_mini_series_for_a_film(episode: str) -> None:
    name = replace(SHOW, episode=episode)

    assert guessed(name) == expected(name) | {"type": "movie", "part": int(episode[-1])}


SYLLABLES = st.builds("{}{}".format, st.sampled_from("klmnrstvz"), st.sampled_from("aeiou"))
WORDS = st.lists(SYLLABLES, min_size=3, max_size=4).map(lambda parts: "".join(parts).capitalize())
TITLES = st.lists(WORDS, min_size=1, max_size=4).map(".".join)
NUMBERS = st.integers(1, 99)
YEARS = st.integers(1950, 2029)
SEASONED = (
    st.builds("S{:02}E{:02}".format, NUMBERS, NUMBERS)
    | st.builds(lambda season, n: f"S{season:02}E{n:02}-E{n + 2:02}", NUMBERS, NUMBERS)
    | st.builds(lambda season, n: f"S{season:02}E{n:02}E{n + 1:02}", NUMBERS, NUMBERS)
)
NUMBERED = NUMBERS.map("E{:02}".format)
DAILY = st.dates(date(1950, 1, 1), date(2030, 12, 31)).map("{:%Y.%m.%d}".format)
WHEN = st.tuples(SEASONED, st.none() | YEARS) | st.tuples(NUMBERED | DAILY, st.none())
UNFIT = {"READNFO", "LINE", "REAL"}
"""The first goes with few others; the rest is read by where it stands."""
TAGS = st.lists(st.sampled_from(sorted({*EDITIONS, *OTHERS} - UNFIT)), unique=True, max_size=3).map(
    tuple
)


COMMON = {
    "title": TITLES,
    "tags": TAGS,
    "language": st.sampled_from(["", *LANGUAGES]),
    "video": st.sampled_from(VIDEOS),
    "group": st.from_regex("[BCDFGKLNPRSTVZ]{3,6}[0-9]?", fullmatch=True),
}


@settings(max_examples=50)
@given(
    st.builds(
        lambda when, video, **fields: TvName(
            **fields, episode=when[0], year=when[1], format=video[0], resolution=video[1]
        ),
        when=WHEN,
        country=st.sampled_from(["", *COUNTRIES]),
        episode_title=st.just("") | TITLES,
        **COMMON,
    )
)
def test_guessit_reads_any_show_as_we_mean_it(name: TvName) -> None:
    assert guessed(name) == expected(name)


@settings(max_examples=50)
@given(
    st.builds(
        lambda video, **fields: TvName(**fields, format=video[0], resolution=video[1]),
        year=YEARS,
        **COMMON,
    )
)
def test_guessit_reads_any_film_as_we_mean_it(name: TvName) -> None:
    assert guessed(name) == expected(name)
