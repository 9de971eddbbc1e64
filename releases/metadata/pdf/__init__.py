"""PDF: its two sets of metadata, its pages, its bookmarks and its protection.

Source: docs/formats/pdf.md.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pikepdf

from releases.metadata import fields
from releases.metadata.candidate import PROBLEM_LIMIT, Analysis
from releases.metadata.markup import MarkupError
from releases.metadata.pdf import info, layout, packet, picture, protection, work
from releases.metadata.pdf.info import Info
from releases.metadata.pdf.objects import UNREADABLE
from releases.metadata.problem import Problem, Unreadable, flaw, problem
from releases.metadata.xmp import Packet

OUTLINE_LIMIT = 200
"""Bookmarks listed of one file."""
DATES = (("created", "creationdate"), ("modified", "moddate"))

REPAIRS = (
    "Resources is missing",
    "MediaBox is undefined",
    "/Type key should be",
    "appears more than once in the pages tree",
    "is direct; converting to indirect",
)
"""What QPDF mends in a tree of pages that every viewer shows all the same."""


def read(path: Path) -> Analysis:
    size = path.stat().st_size
    try:
        with pikepdf.open(path, inherit_page_attributes=False) as document:
            return _read(document, size)
    except pikepdf.PasswordError:
        return _locked("PDF password", size)
    except UNREADABLE as error:
        return _unopened(path, size, str(error).lower())


def cover(path: Path) -> bytes:
    """Return a picture of the first page, or nothing."""
    return picture.first_page(path)


def _read(document: pikepdf.Pdf, size: int) -> Analysis:
    problems: list[Problem] = []
    xmp, stated = _packet(document, problems), info.read(document)
    metadata, sources = work.metadata(xmp, stated)
    pages = _pages(document, problems)
    bookmarks = layout.bookmarks(document)
    for name, value, source in _laid_out(document, pages, bookmarks, metadata):
        metadata[name], sources[name] = value, source
    problems += _damage(document)
    return Analysis(
        format="pdf",
        size=size,
        valid=all(one.is_flaw for one in problems),
        problems=tuple(problems[:PROBLEM_LIMIT]),
        encrypted=document.is_encrypted,
        metadata=metadata,
        sources=sources,
        mediainfo={
            "format": "PDF",
            "version": document.pdf_version,
            "size": size,
            **_history(xmp, stated),
            **_conformance(xmp),
            **layout.page_size(document),
            **protection.facts(document),
            "outline": bookmarks[:OUTLINE_LIMIT],
        },
        cover=pages > 0,
    )


def _laid_out(
    document: pikepdf.Pdf, pages: int, bookmarks: list[str], metadata: Mapping[str, Any]
) -> Iterator[tuple[str, Any, str]]:
    """What is known from the document itself, and from where."""
    if language := layout.language(document):
        yield "language", language, "PDF catalog Lang"
    elif "language" not in metadata and (language := layout.language_of_parts(document)):
        yield "language", language, "PDF structure Lang"
    if pages:
        yield "pages", pages, "PDF page tree"
    if bookmarks:
        yield "chapters", len(bookmarks), "PDF bookmarks"


def _packet(document: pikepdf.Pdf, problems: list[Problem]) -> Packet:
    """The XMP packet; one that is no XML leaves the document whole."""
    try:
        found, wrong = packet.read(document)
    except MarkupError as error:
        problems.append(replace(error.problem, is_flaw=True))
    except Unreadable as error:
        problems.append(error.problem)
    except UNREADABLE:
        pass  # QPDF tells of the damage
    else:
        problems += [replace(one, is_flaw=True) for one in wrong]
        return found
    return Packet({})


def _pages(document: pikepdf.Pdf, problems: list[Problem]) -> int:
    try:
        pages = len(document.pages)
    except UNREADABLE:
        problems.append(problem("The tree of pages is damaged, or leads back into itself."))
        return 0
    if not pages:
        problems.append(problem("The document has no pages."))
    return pages


def _damage(document: pikepdf.Pdf) -> Iterator[Problem]:
    """What QPDF met so far: it mends what it can, and tells so."""
    said = [text.removeprefix(document.filename) for text in document.get_warnings()]
    mended = [text for text in said if any(repair in text for repair in REPAIRS)]
    harmed = [text for text in said if text not in mended]
    harmed.sort(key=lambda text: text.endswith("file is damaged"))  # the others say how
    for found, tell, sentence in (
        (harmed, problem, "The file is damaged or cut short (%(reason)s): try another copy."),
        (mended, flaw, "The pages are not described as they should be (%(reason)s)."),
    ):
        if found:
            yield tell(sentence, reason=fields.clean(found[0]).strip(" :,"))


def _history(xmp: Packet, stated: Info) -> dict[str, str]:
    """By what the file was made, and when."""
    dates = {name: info.moment(stated.get(key, "")) for name, key in DATES}
    told = {
        "program": fields.clean(stated.get("creator", "")) or xmp.first(("xmp", "creatortool")),
        "producer": fields.clean(stated.get("producer", "")) or xmp.first(("pdf", "producer")),
        **{name: date.isoformat() for name, date in dates.items() if date},
    }
    return {name: value for name, value in told.items() if value}


def _conformance(xmp: Packet) -> dict[str, str]:
    part = xmp.first(("pdfaid", "part"))
    return (
        {"conformance": f"PDF/A-{part}{xmp.first(('pdfaid', 'conformance')).lower()}"}
        if part
        else {}
    )


def _unopened(path: Path, size: int, reason: str) -> Analysis:
    """A PDF that does not open is locked by more than a password, or damaged."""
    drm = protection.handler(path)
    if not drm and "unsupported" in reason and "encryption" in reason:
        drm = "encryption of an unknown kind"
    if drm:
        return _locked(drm, size)
    unread = problem("The file is damaged or cut short: nothing in it can be read.")
    facts = {"format": "PDF", "size": size}
    return Analysis(format="pdf", size=size, valid=False, problems=(unread,), mediainfo=facts)


def _locked(drm: str, size: int) -> Analysis:
    facts = {"format": "PDF", "size": size}
    return Analysis(format="pdf", size=size, valid=True, drm=drm, encrypted=True, mediainfo=facts)
