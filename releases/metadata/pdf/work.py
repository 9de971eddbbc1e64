"""What a PDF says of the work, where its two sets of metadata say different things."""

import re
from datetime import UTC, datetime
from typing import Any

from releases.metadata import fields, xmp
from releases.metadata.pdf import info
from releases.metadata.pdf.info import Info
from releases.metadata.xmp import Packet

Stated = tuple[dict[str, Any], dict[str, str]]
"""Fields, and where each stood."""

_PRINTED = re.compile(r"Microsoft (?:Office )?(?:Word|PowerPoint|Excel|Publisher) ?- ?", re.I)
"""What Windows writes before the name of a file that is printed into a PDF."""
_SUFFIX = re.compile(
    r"\.(?:docx?|dotx?|odt|ott|rtf|txt|wpd|wps|pub|pptx?|odp|xlsx?|ods|html?|tex|dvi|ps|eps|pdf"
    r"|indd|qxd|qxp|pmd|p65|fm|book|cdr|ai|tiff?|jpe?g|png|gif|bmp)$",
    re.I,
)
_UNTITLED = re.compile(
    r"(?:untitled(?: document)?|document|dokument|slide|layout)[ -]?\d*"
    r"|powerpoint presentation|présentation powerpoint|powerpoint-präsentation",
    re.I,
)
"""What programs call a work that nobody named."""


def metadata(packet: Packet, stated: Info) -> Stated:
    """Return the fields of both sets, and where each stood.

    XMP is the newer one and is to be believed, unless a program that does not know it has
    changed the older one later.
    """
    sides = [_titled(xmp.metadata(packet)), _titled(info.metadata(stated))]
    if _is_newer(stated, packet):
        sides.reverse()
    metadata = sides[1][0] | sides[0][0]
    sources = {name: (sides[0] if name in sides[0][0] else sides[1])[1][name] for name in metadata}
    for name, is_better in (("title", _is_better_title), ("authors", _is_fuller)):
        first, second = (side[0].get(name) for side in sides)
        if first and second and is_better(second, first):
            metadata[name], sources[name] = second, sides[1][1][name]
    return metadata, sources


def _titled(side: Stated) -> Stated:
    """The same fields, without a title that is none."""
    given, sources = side
    title = _named(given.pop("title", ""))
    return given | ({"title": title} if title else {}), sources


def _named(title: str) -> str:
    """Return the title, or the name of the file that was printed, if it has one."""
    printed = _PRINTED.match(title)
    if printed:
        title = _SUFFIX.sub("", title[printed.end() :])
    return "" if _UNTITLED.fullmatch(title) else fields.known(title)


def _is_better_title(title: str, other: str) -> bool:
    return bool(_SUFFIX.search(other)) and not _SUFFIX.search(title)


def _is_fuller(authors: list[str], others: list[str]) -> bool:
    """Whether `authors` are all the `others` and more, or the same better told apart."""
    return len(authors) > len(others) and _words(others) <= _words(authors)


def _words(names: list[str]) -> set[str]:
    return {word.casefold() for name in names for word in re.findall(r"\w+", name)}


def _is_newer(stated: Info, packet: Packet) -> bool:
    changed = info.moment(stated.get("moddate", ""))
    described = _moment(packet.first(("xmp", "metadatadate"), ("xmp", "modifydate")))
    return changed is not None and described is not None and changed > described


def _moment(date: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(date)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
