"""Comics: pictures in an archive (CBZ, CBR, CB7, CBT), and the documents that describe them.

Source: docs/formats/comics.md.
"""

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from releases.metadata import box, comicdata, markup, raster
from releases.metadata.archive import (
    IMAGE_LIMIT,
    PATH_LIMIT,
    STRUCTURE_LIMIT,
    XML_LIMIT,
    ArchiveError,
    Locked,
)
from releases.metadata.box import Box, Entry, Findings
from releases.metadata.candidate import PROBLEM_LIMIT, Analysis
from releases.metadata.comicdata.statement import Statement
from releases.metadata.fields import clean
from releases.metadata.markup import MarkupError
from releases.metadata.problem import Problem, flaw, problem
from releases.metadata.sniff import IMAGE_SUFFIXES, sniff

DOCUMENTS = ("comicinfo.xml", "metroninfo.xml", "comet.xml", "comic-book-info.json")
"""Names of documents; those of CoMet and ACBF may have any."""
DOCUMENT_SUFFIXES = (".xml", ".acbf")
DOCUMENTS_READ = 8
COVER_TRIES = 3
RESOURCE_FORKS = "__MACOSX"
LOCK = "encrypted entries"

_DIGITS = re.compile(r"(\d+)")


def read(path: Path) -> Analysis:
    kind, size = sniff(path), path.stat().st_size
    facts = {"format": kind.upper(), "size": size}
    try:
        with box.opened(path, kind) as opened:
            return _read(opened, kind, facts)
    except Locked:
        return Analysis(
            format=kind, size=size, valid=True, drm=LOCK, encrypted=True, mediainfo=facts
        )
    except ArchiveError as error:
        problems = (error.problem,)
        return Analysis(format=kind, size=size, valid=False, problems=problems, mediainfo=facts)


def cover(path: Path) -> bytes:
    """Return the picture of the cover as it stands in the archive, or nothing."""
    try:
        with box.opened(path, sniff(path)) as opened:
            documents = _documents(opened.entries)
            found = Findings(opened.contents(dict.fromkeys(documents, XML_LIMIT)))
            said = _covers(_statements(opened, documents, found))
            return _cover(opened, _pages(opened.entries), said, {})
    except ArchiveError:
        return b""


def _read(opened: Box, kind: str, facts: dict[str, Any]) -> Analysis:
    pages, documents = _pages(opened.entries), _documents(opened.entries)
    wanted = dict.fromkeys(documents, XML_LIMIT) | dict.fromkeys(pages[:1], IMAGE_LIMIT)
    found = opened.examined(wanted)
    is_locked = any(entry.is_locked for entry in opened.entries)
    statements = _statements(opened, documents, found)
    picture = _cover(opened, pages, _covers(statements), found.contents)
    problems = [*found.problems, *_page_problems(pages, found)]
    if not (problems or is_locked):
        problems += _unread(documents, found)
    metadata, sources = comicdata.told(statements)
    if pages:
        metadata["pages"], sources["pages"] = len(pages), "pictures of the archive"
    return Analysis(
        format=kind,
        size=facts["size"],
        valid=all(one.is_flaw for one in problems),
        problems=tuple(problems[:PROBLEM_LIMIT]),
        drm=LOCK if is_locked else "",
        encrypted=is_locked,
        metadata=metadata,
        sources=sources,
        mediainfo=facts | _facts(opened, statements, picture),
        structure=[
            {"path": clean(entry.name, PATH_LIMIT), "size": entry.size}
            for entry in opened.entries[:STRUCTURE_LIMIT]
        ],
        cover=bool(picture),
    )


def _pages(entries: Iterable[Entry]) -> list[str]:
    """The names of the pictures, as readers put them in order; what systems hide is none."""
    return sorted({entry.name for entry in entries if is_page(entry.name)}, key=_natural)


def is_page(name: str) -> bool:
    parts = name.replace("\\", "/").split("/")
    is_picture = posixpath.splitext(parts[-1])[1].lower() in IMAGE_SUFFIXES
    return is_picture and not any(map(_is_hidden, parts))


def _is_hidden(part: str) -> bool:
    """Whether systems hide what has this part in its path."""
    return part == RESOURCE_FORKS or (part.startswith(".") and part != ".")


def _natural(name: str) -> list[tuple[int, str]]:
    """Sort `2.jpg` before `10.jpg`: numbers by their length first, words as they are."""
    parts = _DIGITS.split(name.casefold())
    return [
        (len(digits), digits) if at % 2 else (0, part)
        for at, part in enumerate(parts)
        for digits in [part.lstrip("0")]
    ]


def _documents(entries: Iterable[Entry]) -> list[str]:
    """The names of what may describe the comic, likeliest first: by name, then by depth."""
    names = {entry.name for entry in entries if _is_document(entry.name)}
    return sorted(names, key=_unlikeliness)[:DOCUMENTS_READ]


def _is_document(name: str) -> bool:
    is_one = name.lower().endswith(DOCUMENT_SUFFIXES) or _is_named(name)
    return is_one and not any(map(_is_hidden, name.split("/")))


def _unlikeliness(name: str) -> tuple[bool, int, str]:
    return not _is_named(name), name.count("/"), name


def _is_named(name: str) -> bool:
    """Whether the name alone says that this is a document about the comic."""
    return posixpath.basename(name).lower() in DOCUMENTS


def _statements(opened: Box, documents: list[str], found: Findings) -> list[Statement]:
    """What documents and comment say, best first; of several of a kind the first is heard."""
    said: dict[str, Statement] = {}
    for name in documents:
        content = found.contents.get(name)
        statement = _statement(name, content, found.problems) if content else None
        if statement:
            said.setdefault(statement.kind, statement)
    remark = comicdata.remarked(opened.comment)
    if remark:
        said.setdefault(remark.kind, remark)
    return sorted(said.values(), key=lambda one: comicdata.KINDS.index(one.kind))


def _statement(name: str, content: bytes, problems: list[Problem]) -> Statement | None:
    if name.lower().endswith(".json"):
        return comicdata.remarked(content)
    try:
        root, wrong = markup.parse(content, name)
    except MarkupError as error:
        root, wrong = None, [error.problem]
    statement = comicdata.stated(root) if root is not None else None
    if statement or _is_named(name):  # of other documents nobody asks whether they are right
        problems += wrong
    return statement


def _cover(
    opened: Box, pages: Sequence[str], said: Iterable[str | int], contents: Mapping[str, bytes]
) -> bytes:
    names = [*islice(_cover_names(pages, said), COVER_TRIES)]
    if names and not _is_cover(contents.get(names[0], b"")):
        contents = opened.contents(dict.fromkeys(names, IMAGE_LIMIT))
    pictures = (contents.get(name, b"") for name in names)
    return next(filter(_is_cover, pictures), b"")


def _covers(statements: Iterable[Statement]) -> list[str | int]:
    return [one.cover for one in statements if one.cover is not None]


def _is_cover(content: bytes) -> bool:
    return raster.is_picture(content) and not raster.is_bomb(content)


def _cover_names(pages: Sequence[str], said: Iterable[str | int]) -> Iterator[str]:
    """Pages said to be the cover, by name or place, then the first ones."""
    for one in said:
        match one:
            case int() if one < len(pages):
                yield pages[one]
            case str():
                name = posixpath.basename(one)
                yield from (page for page in pages if posixpath.basename(page) == name)
    yield from pages


def _page_problems(pages: Sequence[str], found: Findings) -> Iterator[Problem]:
    if not pages:
        yield problem("The archive holds no pictures: there is nothing to read.")
    for name in pages[:1]:
        content = found.contents.get(name, b"")
        if raster.is_bomb(content):
            width, height = raster.size(content)
            yield problem(
                "%(name)s says to be %(width)s by %(height)s pixels large: "
                "it looks like a decompression bomb.",
                name=clean(name, PATH_LIMIT),
                width=width,
                height=height,
            )


def _unread(documents: Iterable[str], found: Findings) -> Iterator[Problem]:
    """Say what could not be read for another reason than damage."""
    for name in documents:
        if name not in found.contents:
            yield flaw("%(name)s in the archive could not be read.", name=clean(name, PATH_LIMIT))


def _facts(opened: Box, statements: Iterable[Statement], picture: bytes) -> dict[str, Any]:
    facts: dict[str, Any] = {"version": opened.version} if opened.version else {}
    width, height = raster.size(picture)
    if width and height:
        facts |= {"cover_width": width, "cover_height": height}
    for statement in statements:
        facts = {**statement.facets, **facts}
    return facts
