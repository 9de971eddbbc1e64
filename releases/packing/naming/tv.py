"""Names of shows and films."""

import re
from dataclasses import dataclass
from typing import Any

from releases.packing.naming.dates import is_date
from releases.packing.naming.languages import languages
from releases.packing.naming.spelling import GROUP, NamingError, dirname, joined, misread
from releases.packing.naming.tags import one_of, refuse_repeated, refuse_unknown

TV_TAGS = (
    *("ALTERNATIVE.CUT", "BW", "CHRONO", "COLORIZED", "CONVERT", "DC", "DIRFIX", "DUBBED", "DV"),
    *("EXTENDED", "EXTRAS", "FS", "HDR", "HDR10Plus", "HR", "INTERNAL", "LINE", "NFOFIX", "OAR"),
    *("OM", "PROOFFIX", "PROPER", "PURE", "RATED", "READNFO", "REAL", "REMASTERED", "REPACK"),
    *("RERIP", "RESTORED", "SAMPLEFIX", "SOURCE.SAMPLE", "SUBBED", "THEATRICAL", "UNCENSORED"),
    *("UNCUT", "UNRATED", "WS"),
)
NEW_COPIES = ("PROPER", "REPACK", "RERIP")
"""Their NFO must be read anyway, so that READNFO never stands beside them."""
BROADCASTS = ("HDTV", "AHDTV", "PDTV", "APDTV", "DSR", "ADSR")
RESOLUTIONS = {
    **dict.fromkeys(("WEB.H264", "WEB.H265"), ("", "720p", "1080p", "2160p")),
    **dict.fromkeys(("WEBRip.x264", "WEBRip.x265"), ("", "720p", "1080p", "2160p")),
    **dict.fromkeys((f"{broadcast}.x264" for broadcast in BROADCASTS), ("", "720p")),
}
"""What goes with each format; none is standard definition."""
COUNTRIES = ("AU", "CA", "IE", "NZ", "UK", "US")
"""Those whose shows have namesakes in the language of these names."""

# In order of certainty: "Part.2" may belong to the title of a show that has seasons.
DAY = re.compile(r"(?:19|20)[0-9]{2}\.(?:0[1-9]|1[0-2])\.(?:0[1-9]|[12][0-9]|3[01])")
EPISODES = (
    r"S[0-9]{2,}E[0-9]{2,}(?:-?E[0-9]{2,})*[A-Z]?",
    DAY.pattern,
    r"E[0-9]{2,}",
    r"Part\.?[0-9]+",
)
EPISODE = "|".join(EPISODES)
YEAR = r"(?P<year>(?:19|20)[0-9]{2})"
END = (
    r"(?:\.(?P<rest>.+?))??\.(?:(?P<resolution>720p|1080p|2160p)\.)?"
    rf"(?P<format>{one_of(RESOLUTIONS)})-{GROUP}"
)
SHOWS = [re.compile(rf"(?P<title>.+?)\.(?P<episode>{episode}){END}") for episode in EPISODES]
FILM = re.compile(rf"(?P<title>.+)\.{YEAR}{END}")
SHOW_HEAD = re.compile(rf"(?P<title>.+?)(?:\.(?P<country>{one_of(COUNTRIES)}))?(?:\.{YEAR})?")
LAST_TAG = re.compile(rf"(?:^|\.)({one_of(TV_TAGS)})\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class TvName:
    title: str
    country: str = ""
    """Of a show, to tell it from its namesake: ``UK``."""
    year: int | None = None
    """Of a film, or of a show, likewise."""
    episode: str = ""
    """``S01E02``, ``S01E02-E03``, ``S01E02A``, ``2024.05.01``, ``Part.1``; nothing for a film."""
    episode_title: str = ""
    """Dotted; the guest of a daily show."""
    tags: tuple[str, ...] = ()
    """Some of `TV_TAGS`."""
    language: str = ""
    """Full name in capitals, e.g. FRENCH; nothing for English."""
    resolution: str = ""
    """``720p``, ``1080p``, ``2160p``; nothing for standard definition."""
    format: str
    """E.g. ``WEB.H264`` or ``HDTV.x264``."""
    group: str

    def __post_init__(self) -> None:
        refuse_unknown(self.tags, TV_TAGS)
        # "Show.2019" and S01E02 is the show of 2019, as any reader of the name will say.
        for field, value in (divided_head(self) | divided_rest(self.rest)).items():
            object.__setattr__(self, field, value)

    @property
    def head(self) -> str:
        return joined(self.title, self.country, "" if self.year is None else str(self.year))

    @property
    def rest(self) -> str:
        """What stands between the episode and the resolution."""
        return joined(self.episode_title, *self.tags, self.language)

    def build(self) -> str:
        """Return the release name.

        Raises:
            NamingError: it is not allowed, or would be read back as other fields.
        """
        refuse_bad_episode(self.episode)
        refuse_bad_tags(self.tags)
        refuse_bad_format(self.format, self.resolution)
        parts = (self.head, self.episode, self.rest, self.resolution, self.format)
        name = dirname(parts, self.group)
        if parse_tv(name) != self:
            raise misread(name)
        return name


def divided_head(name: TvName) -> dict[str, Any]:
    """Return what the head of `name` tells, field by field."""
    found = SHOW_HEAD.fullmatch(name.head)
    if not (name.episode and found):
        return {"title": joined(name.title, name.country), "country": "", "year": name.year}
    fields = found.groupdict(default="")
    return fields | {"year": int(fields["year"]) if fields["year"] else None}


def divided_rest(rest: str) -> dict[str, Any]:
    """Return what stands between episode and resolution, field by field."""
    title, _, last = rest.rpartition(".")
    is_language = last.isupper() and last not in TV_TAGS and last in languages()
    title = title if is_language else rest
    tags: list[str] = []
    while found := LAST_TAG.search(title):
        title = title[: found.start()]
        tags.insert(0, found[1])
    language = last if is_language else ""
    return {"episode_title": title, "tags": tuple(tags), "language": language}


def refuse_bad_episode(episode: str) -> None:
    """Refuse what names no episode.

    Raises:
        NamingError: it is not formed as one, or cannot be.
    """
    if episode and not is_episode(episode):
        raise NamingError(
            "%(episode)s is no episode: write S01E02, S01E02-E03, 2024.05.31, E05 or Part.1",
            episode=episode,
        )


def is_episode(text: str) -> bool:
    numbers = [int(number) for number in re.findall("E([0-9]+)", text)]
    is_formed = re.fullmatch(EPISODE, text) and numbers == sorted(set(numbers))
    return bool(is_formed) and (not DAY.fullmatch(text) or is_date(*map(int, text.split("."))))


def refuse_bad_tags(tags: tuple[str, ...]) -> None:
    """Refuse tags that cannot stand together.

    Raises:
        NamingError: one stands twice, or READNFO beside one that implies it.
    """
    refuse_repeated(tags)
    implying = [tag for tag in tags if tag in NEW_COPIES]
    if "READNFO" in tags and implying:
        raise NamingError("READNFO never stands with %(tag)s: leave it out", tag=implying[0])


def refuse_bad_format(video: str, resolution: str) -> None:
    """Refuse a video that the rules do not know.

    Raises:
        NamingError: its format is none, or is not made in this resolution.
    """
    if video not in RESOLUTIONS:
        raise NamingError(
            "%(format)s is no format of these releases: choose among %(formats)s",
            format=video,
            formats=", ".join(RESOLUTIONS),
        )
    if resolution not in RESOLUTIONS[video]:
        raise NamingError(
            "%(format)s is not made in %(resolution)s: choose %(resolutions)s, or none for "
            "standard definition",
            format=video,
            resolution=resolution,
            resolutions=", ".join(filter(None, RESOLUTIONS[video])),
        )


def parse_tv(name: str) -> TvName:
    """Return the fields of a TV or film release name.

    Raises:
        NamingError: it is not formed as one.
    """
    for form in (*SHOWS, FILM):
        if found := form.fullmatch(name):
            fields = found.groupdict(default="")
            return TvName(
                title=fields["title"],
                year=int(fields["year"]) if "year" in fields else None,
                episode=fields.get("episode", ""),
                episode_title=fields["rest"],
                resolution=fields["resolution"],
                format=fields["format"],
                group=fields["group"],
            )
    raise NamingError(
        "%(name)s is no TV name: Title.S01E02.FORMAT-GROUP or Title.YEAR.FORMAT-GROUP is expected",
        name=name,
    )
