"""Names of releases and of their files, built from fields and parsed back.

Source: docs/formats/names.md.
"""

import re
from collections.abc import Container
from dataclasses import dataclass
from hashlib import sha256

from anyascii import anyascii

from releases.packing.plan import PackingError

MAX_DIRNAME = 243
MAX_FILE_NAME = 140
MAX_NAME_BYTES = 255
"""What file systems take."""
BASE_CHARACTERS = 6
BASE_ATTEMPTS = 10_000
BASE36 = "0123456789abcdefghijklmnopqrstuvwxyz"
LONGEST_EXTENSION = len(".epub")

GROUP = r"(?P<group>[A-Za-z0-9]{2,}(?:_[A-Za-z0-9]+)*)"
PLAIN = re.compile(r"[A-Za-z0-9]+(?:[._-][A-Za-z0-9]+)*")
EBOOK = re.compile(
    r"(?P<title>.+?)\.(?P<year>(?:1[4-9]|20)\d{2})(?:\.(?P<language>[A-Za-z]+))?"
    r"\.(?P<source>RETAiL|HYBRiD|SCAN)"
    r"(?P<tags>(?:\.(?:iNTERNAL|PROPER|REPACK|READNFO|NFOFiX|DiRFiX))*)"
    r"(?:\.(?P<category>MAGAZiNE|COMiC|MANGA))?"
    rf"(?:\.(?P<format>ePUB|CBZ|KF8|AZW|MOBI|PRC))?\.eBook-{GROUP}"
)
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

# What is read aloud, or unheard, though it is no letter.
SPOKEN = (
    (re.compile(r"(?<=\bO)['\u2019]|['\u2019](?=(?:s|t|d|m|ll|re|ve)\b)", re.IGNORECASE), ""),
    (re.compile(r"&"), " and "),
    (re.compile(r"\+"), " Plus "),
    (re.compile(r"(?<=[A-Za-z])#"), " Sharp "),
)

RESERVED = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?", re.IGNORECASE)
UNSAFE = re.compile(r'[\x00-\x1f\x7f-\x9f\ud800-\udfff\\/:*?"<>|]|^\.|^ |[. ]$')


class NamingError(PackingError, ValueError):
    """A name cannot be built, read or used."""


def words(text: str) -> str:
    """Return `text` as words of ASCII letters and digits joined by dots.

    Every script is transliterated; hyphens inside words stay.
    """
    for sign, sound in SPOKEN:
        text = sign.sub(sound, text)
    return ".".join(re.findall(r"[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*", anyascii(text)))


def dirname(parts: tuple[str, ...], group: str) -> str:
    """Return the non-empty `parts` joined by dots, and `group` after the last dash.

    Raises:
        NamingError: a character is not allowed, or the name is too long.
    """
    name = ".".join(part for part in parts if part) + f"-{group}"
    if not PLAIN.fullmatch(name):
        raise NamingError(
            "%(name)s is no release name: use letters and digits, "
            "with single dots, dashes or underscores between them",
            name=name,
        )
    if len(name) > MAX_DIRNAME:
        raise NamingError(
            "The name has %(length)s characters and %(most)s are allowed: "
            "shorten the title of %(name)s",
            length=len(name),
            most=MAX_DIRNAME,
            name=name,
        )
    return name


@dataclass(frozen=True, slots=True, kw_only=True)
class EbookName:
    title: str
    """The dotted head: author and title, publisher and title, or name and issue."""
    year: int
    language: str = ""
    """Full name in capitals, e.g. FRENCH; nothing for English."""
    source: str
    """``RETAiL``, ``HYBRiD`` or ``SCAN``."""
    tags: tuple[str, ...] = ()
    category: str = ""
    """``MAGAZiNE``, ``COMiC``, ``MANGA`` or nothing."""
    format: str = ""
    """``ePUB``, ``CBZ``, ``KF8``, ``AZW``, ``MOBI``, ``PRC``; nothing for PDF."""
    group: str

    def build(self) -> str:
        """Return the release name.

        Raises:
            NamingError: it is not allowed, or would be read back as other fields.
        """
        head = (self.title, str(self.year), self.language, self.source)
        name = dirname((*head, *self.tags, self.category, self.format, "eBook"), self.group)
        if parse_ebook(name) != self:
            raise _misread(name)
        return name


def parse_ebook(name: str) -> EbookName:
    """Return the fields of an eBook release name.

    Raises:
        NamingError: it is not formed as one.
    """
    found = EBOOK.fullmatch(name)
    if not found:
        raise NamingError(
            "%(name)s is no eBook name: Title.YEAR.SOURCE.eBook-GROUP is expected", name=name
        )
    fields = found.groupdict(default="")
    return EbookName(
        title=fields["title"],
        year=int(fields["year"]),
        language=fields["language"].upper(),
        source=fields["source"],
        tags=tuple(fields["tags"].split(".")[1:]),
        category=fields["category"],
        format=fields["format"],
        group=fields["group"],
    )


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
            raise _misread(name)
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


def _misread(name: str) -> NamingError:
    return NamingError(
        "%(name)s would be read back as other fields: check the title, the tags and the format",
        name=name,
    )


def volume_base(name: str, group: str, taken: Container[str] = ()) -> str:
    """Return six characters for the 8.3 names of the volumes of release `name`.

    Up to three of `group`, then a hash of `name`; another one when it is in `taken`.

    Raises:
        NamingError: all that were tried are taken.
    """
    tag = re.sub(r"[^a-z0-9]", "", group.lower())[:3]
    for attempt in range(BASE_ATTEMPTS):
        base = (tag + _base36(f"{attempt}:{name}"))[:BASE_CHARACTERS]
        if base not in taken:
            return base
    raise NamingError("No volume name is left for %(group)s: free some", group=group)


def _base36(text: str) -> str:
    """Return six characters a-z and 0-9 that depend on `text` alone."""
    number = int.from_bytes(sha256(text.encode()).digest())
    return "".join(BASE36[number // 36**place % 36] for place in range(BASE_CHARACTERS))


def file_stem(group: str, title: str) -> str:
    """Return ``grp-the.title`` in lower case, short enough to take an extension.

    Raises:
        NamingError: the title has no letter and no digit.
    """
    spoken = words(title)
    if not spoken:
        raise NamingError("%(title)s has no letter and no digit: give a title", title=repr(title))
    stem = f"{group}-{spoken}".lower()
    return stem[: MAX_FILE_NAME - LONGEST_EXTENSION].rstrip(".-")


def check_plain(name: str) -> None:
    """Refuse what is no safe name for a file or folder of a release.

    Raises:
        NamingError: another character than letters, digits and single ``. - _`` between them.
    """
    if not PLAIN.fullmatch(name) or len(name) > MAX_DIRNAME or RESERVED.fullmatch(name):
        raise NamingError(
            "%(name)s cannot name a file of a release: use up to %(most)s letters and digits, "
            "with single dots, dashes or underscores between them",
            name=repr(name),
            most=MAX_DIRNAME,
        )


def check_payload_name(name: str) -> None:
    """Refuse what no system could extract, or what would land outside its folder.

    Raises:
        NamingError: the name is empty, too long, reserved, or holds a forbidden character.
    """
    length = len(name.encode("utf-8", "replace"))
    if UNSAFE.search(name) or RESERVED.fullmatch(name) or not 0 < length <= MAX_NAME_BYTES:
        raise NamingError(
            "%(name)s cannot name a file of an archive on every system: rename it", name=repr(name)
        )
