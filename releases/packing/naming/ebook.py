"""Names of eBooks and documents."""

import re
from dataclasses import dataclass

from releases.packing.naming.spelling import GROUP, NamingError, dirname, misread

EBOOK = re.compile(
    r"(?P<title>.+?)\.(?P<year>(?:1[4-9]|20)\d{2})(?:\.(?P<language>[A-Za-z]+))?"
    r"\.(?P<source>RETAiL|HYBRiD|SCAN)"
    r"(?P<tags>(?:\.(?:iNTERNAL|PROPER|REPACK|READNFO|NFOFiX|DiRFiX))*)"
    r"(?:\.(?P<category>MAGAZiNE|COMiC|MANGA))?"
    rf"(?:\.(?P<format>ePUB|CBZ|KF8|AZW|MOBI|PRC))?\.eBook-{GROUP}"
)


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
            raise misread(name)
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
