"""Names of shows and films."""

import re
from dataclasses import dataclass

from releases.packing.naming.spelling import GROUP, NamingError, dirname, misread

# In order of certainty: "Part.2" may belong to the title of a show that has seasons.
EPISODES = (
    r"S\d{2,}E\d{2,}(?:-?E\d{2,})*[A-Z]?",
    r"\d{4}\.\d{2}\.\d{2}",
    r"E\d{2,}",
    r"Part\.?\d+",
)
YEAR = r"(?P<year>(?:19|20)\d{2})"
TV_END = (
    r"(?:\.(?P<extra>.+?))??\.(?:(?P<resolution>720p|1080p|2160p)\.)?"
    r"(?P<format>WEB\.H26[45]|WEBRip\.x26[45]|(?:A?HDTV|A?PDTV|A?DSR|HR\.PDTV)\.x264)"
    rf"-{GROUP}"
)
TV = (
    *(re.compile(rf"(?P<title>.+?)\.(?P<episode>{episode}){TV_END}") for episode in EPISODES),
    re.compile(rf"(?P<title>.+)\.{YEAR}(?P<episode>){TV_END}"),
)
TITLE_WITH_YEAR = re.compile(rf"(?P<title>.+)\.{YEAR}")


@dataclass(frozen=True, slots=True, kw_only=True)
class TvName:
    title: str
    episode: str = ""
    """``S01E02``, ``S01E02-E03``, ``2024.05.01``, ``Part.1``; nothing for a film."""
    year: int | None = None
    """Of a film, or of a show to tell it from its namesake."""
    extra: str = ""
    """Episode title, tags and language, dotted."""
    resolution: str = ""
    """``720p``, ``1080p``, ``2160p``; nothing for standard definition."""
    format: str
    """E.g. ``WEB.H264`` or ``HDTV.x264``."""
    group: str

    def __post_init__(self) -> None:
        # "Show.2019" and S01E02 is the show of 2019, as any reader of the name will say.
        found = TITLE_WITH_YEAR.fullmatch(self.title)
        if found and self.episode and self.year is None:
            object.__setattr__(self, "title", found["title"])
            object.__setattr__(self, "year", int(found["year"]))

    def build(self) -> str:
        """Return the release name.

        Raises:
            NamingError: it is not allowed, or would be read back as other fields.
        """
        year = "" if self.year is None else str(self.year)
        parts = (self.title, year, self.episode, self.extra, self.resolution, self.format)
        name = dirname(parts, self.group)
        if parse_tv(name) != self:
            raise misread(name)
        return name


def parse_tv(name: str) -> TvName:
    """Return the fields of a TV or film release name.

    Raises:
        NamingError: it is not formed as one.
    """
    for form in TV:
        if found := form.fullmatch(name):
            fields = found.groupdict(default="")
            year = fields.pop("year", "")
            return TvName(**fields, year=int(year) if year else None)
    raise NamingError(
        "%(name)s is no TV name: Title.S01E02.FORMAT-GROUP or Title.YEAR.FORMAT-GROUP is expected",
        name=name,
    )
