"""Names of eBooks and documents."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from releases.packing.naming.dates import MONTHS, SHORT_MONTHS, is_date, month_number
from releases.packing.naming.spelling import GROUP, NamingError, dirname, joined, misread
from releases.packing.naming.tags import one_of, refuse_repeated

SOURCES = ("RETAiL", "HYBRiD", "SCAN")
EBOOK_TAGS = ("iNTERNAL", "PROPER", "REPACK", "READNFO", "NFOFiX", "DiRFiX")
CATEGORIES = ("MAGAZiNE", "COMiC", "MANGA")
FORMATS = ("ePUB", "CBZ", "KF8", "AZW", "MOBI", "PRC")
NAME = re.compile(
    r"(?P<title>.+?)\.(?P<year>(?:1[4-9]|20)[0-9]{2})(?:\.(?P<language>[A-Za-z]+))?"
    rf"\.(?P<source>{one_of(SOURCES)})(?P<tags>(?:\.(?:{one_of(EBOOK_TAGS)}))*)"
    rf"(?:\.(?P<category>{one_of(CATEGORIES)}))?(?:\.(?P<format>{one_of(FORMATS)}))?"
    rf"\.eBook-{GROUP}"
)
NUMBER = "[0-9]+(?:-[0-9]+)?[A-Za-z]?"
NUMBERED = rf"(?P<title>.+?)(?:\.Vol\.(?P<volume>{NUMBER}))?(?:\.No\.(?P<issue>{NUMBER}))?"
DAY = r"\.(?P<day>[0-9]{2})"


def month_of(names: Iterable[str]) -> str:
    return rf"\.(?P<month>{one_of(names)})"


ISSUE = re.compile(f"{NUMBERED}(?:(?:{DAY})?{month_of(MONTHS)})?")
HEADS = {
    "MAGAZiNE": ISSUE,
    "COMiC": re.compile(f"{NUMBERED}(?:(?:{DAY})?{month_of(SHORT_MONTHS)})?"),
    "MANGA": ISSUE,
    # Its date alone tells a newspaper from a book.
    "": re.compile(f"{NUMBERED}{DAY}{month_of(MONTHS)}"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class EbookName:
    title: str
    """Dotted: author and title, publisher and title, or the name of a periodical."""
    volume: str = ""
    """Of a periodical: ``23``, ``23-24``, ``23b``."""
    issue: str = ""
    """Likewise."""
    day: int = 0
    """Of the issue; 0: not said, as is the month."""
    month: int = 0
    year: int
    language: str = ""
    """Full name in capitals, e.g. FRENCH; nothing for English."""
    source: str
    """``RETAiL``, ``HYBRiD`` or ``SCAN``."""
    tags: tuple[str, ...] = ()
    category: str = ""
    """``MAGAZiNE``, ``COMiC``, ``MANGA``; nothing for a book or a newspaper."""
    format: str = ""
    """``ePUB``, ``CBZ``, ``KF8``, ``AZW``, ``MOBI``, ``PRC``; nothing for PDF."""
    group: str

    def __post_init__(self) -> None:
        refuse_impossible(self)
        # A title that ends like an issue is one, as any reader of the name will say.
        for field, value in divided(self).items():
            object.__setattr__(self, field, value)

    @property
    def head(self) -> str:
        """The title, with what tells this issue from the others."""
        names = SHORT_MONTHS if self.category == "COMiC" else MONTHS
        return joined(
            self.title,
            self.volume and f"Vol.{self.volume}",
            self.issue and f"No.{self.issue}",
            f"{self.day:02}" if self.day else "",
            names[self.month - 1] if self.month else "",
        )

    def build(self) -> str:
        """Return the release name.

        Raises:
            NamingError: it is not allowed, or would be read back as other fields.
        """
        refuse_repeated(self.tags)
        head = joined(self.head, str(self.year), self.language, self.source)
        name = dirname((head, *self.tags, self.category, self.format, "eBook"), self.group)
        if parse_ebook(name) != self:
            raise misread(name)
        return name


def refuse_impossible(name: EbookName) -> None:
    """Refuse an issue that cannot be.

    Raises:
        NamingError: its volume, its number or its date is none.
    """
    for number in filter(None, (name.volume, name.issue)):
        if not re.fullmatch(NUMBER, number):
            raise NamingError(
                "%(number)s is no number of an issue: write it like 22, 22-23 or 22b",
                number=number,
            )
    if (name.day or name.month) and not is_date(name.year, name.month, name.day or 1):
        raise NamingError(
            "%(year)s-%(month)s-%(day)s is no date: check the date of the issue",
            year=name.year,
            month=f"{name.month:02}",
            day=f"{name.day:02}",
        )


def divided(name: EbookName) -> dict[str, Any]:
    """Return what the head of `name` tells, field by field."""
    whole = {"title": name.head, "volume": "", "issue": "", "day": 0, "month": 0}
    found = HEADS[name.category].fullmatch(name.head) if name.category in HEADS else None
    if not found:
        return whole
    fields = found.groupdict(default="")
    day, month = int(fields["day"] or 0), month_number(fields["month"])
    if fields["day"] and not is_date(name.year, month, day):
        return whole
    return fields | {"day": day, "month": month}


def parse_ebook(name: str) -> EbookName:
    """Return the fields of an eBook release name.

    Raises:
        NamingError: it is not formed as one.
    """
    found = NAME.fullmatch(name)
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
