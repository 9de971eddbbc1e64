"""Text documents of office programs, DOCX and ODT.

Source: docs/formats/office.md.
"""

from pathlib import Path
from zipfile import ZipFile

from releases.metadata import archive
from releases.metadata.archive import IMAGE_LIMIT, ArchiveError
from releases.metadata.candidate import PROBLEM_LIMIT, Analysis
from releases.metadata.office import ooxml, opendocument
from releases.metadata.office.properties import metadata
from releases.metadata.problem import Problem
from releases.metadata.sniff import OLE, ole_names, sniff

FAMILIES = {"docx": ooxml, "odt": opendocument}
RIGHTS = "DRMEncryptedTransform".encode("utf-16-le")
"""What a document holds whose readers have to ask a server."""
PICTURES = (b"\xff\xd8\xff", b"\x89PNG\r\n")


def read(path: Path) -> Analysis:
    kind, size = sniff(path), path.stat().st_size
    with path.open("rb") as file:
        if file.read(len(OLE)) == OLE:  # an open one is a ZIP
            return _locked(path, size)
    try:
        with archive.opened(path) as document:
            return _read(document, kind, size)
    except ArchiveError as error:
        facts = {"format": kind.upper(), "size": size}
        problems = (error.problem,)
        return Analysis(format=kind, size=size, valid=False, problems=problems, mediainfo=facts)


def cover(path: Path) -> bytes:
    """Return the small picture of its first page that a program left in it, or nothing."""
    family = FAMILIES.get(sniff(path))
    try:
        with archive.opened(path) as document:
            return _picture(document, family.read(document, []).picture) if family else b""
    except ArchiveError:
        return b""


def _read(document: ZipFile, kind: str, size: int) -> Analysis:
    problems: list[Problem] = [*archive.problems(document)]
    told = FAMILIES[kind].read(document, problems)
    drm = told.drm or _drm(document)
    fields, sources = metadata(told.properties)
    return Analysis(
        format=kind,
        size=size,
        valid=not problems,
        problems=tuple(problems[:PROBLEM_LIMIT]),
        drm=drm,
        encrypted=bool(drm),
        metadata=fields,
        sources=sources,
        mediainfo={"format": kind.upper(), "size": size} | told.facts,
        structure=archive.structure(document),
        cover=bool(_picture(document, told.picture)),
    )


def _drm(document: ZipFile) -> str:
    is_locked = any(archive.is_locked(entry) for entry in archive.files(document))
    return "encrypted entries" if is_locked else ""


def _picture(document: ZipFile, name: str) -> bytes:
    try:
        content = archive.read(document, name, IMAGE_LIMIT) if name else b""
    except ArchiveError:
        return b""
    return content if content.startswith(PICTURES) else b""


def _locked(path: Path, size: int) -> Analysis:
    """A document in the older container, which holds nothing but what is encrypted."""
    drm = "Microsoft IRM" if RIGHTS in ole_names(path) else "Office password"
    facts = {"format": "DOCX", "size": size}
    return Analysis(format="docx", size=size, valid=True, drm=drm, encrypted=True, mediainfo=facts)
