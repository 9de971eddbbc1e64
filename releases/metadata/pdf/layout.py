"""How a PDF is laid out: its pages, its bookmarks, its structure."""

from collections import Counter, deque
from collections.abc import Iterator
from itertools import islice

import pikepdf

from releases.metadata import fields
from releases.metadata.pdf.objects import UNREADABLE, member, text

BOOKMARK_LIMIT = 10_000
ELEMENT_LIMIT = 500
"""Elements of the structure that are asked for their language."""
MM_PER_POINT = 25.4 / 72


def bookmarks(document: pikepdf.Pdf) -> list[str]:
    """Return the titles of the highest bookmarks: of those below, where one holds them all."""
    try:
        highest = [*_siblings(member(member(document.Root, "/Outlines"), "/First"))]
        below = [*_siblings(member(highest[0], "/First"))] if len(highest) == 1 else []
        titles = [
            [fields.known(text(member(one, "/Title"))) for one in row] for row in (below, highest)
        ]
    except UNREADABLE:
        return []
    return next(([title for title in row if title] for row in titles if any(row)), [])


def _siblings(bookmark: pikepdf.Object | None) -> Iterator[pikepdf.Object]:
    seen: set[tuple[int, int]] = set()
    while bookmark is not None and len(seen) < BOOKMARK_LIMIT and bookmark.objgen not in seen:
        seen.add(bookmark.objgen)
        yield bookmark
        bookmark = member(bookmark, "/Next")


def language(document: pikepdf.Pdf) -> str:
    """Return the language the catalog gives the document, or nothing."""
    return fields.language(text(member(document.Root, "/Lang")))


def language_of_parts(document: pikepdf.Pdf) -> str:
    """Return the language that most elements of the structure give themselves."""
    try:
        parts = Counter(_languages(member(document.Root, "/StructTreeRoot")))
    except UNREADABLE:
        return ""
    return parts.most_common(1)[0][0] if parts else ""


def _languages(root: pikepdf.Object | None) -> Iterator[str]:
    waiting = deque([root])
    for _ in range(ELEMENT_LIMIT):
        if not waiting:
            return
        element = waiting.popleft()
        if isinstance(element, pikepdf.Array):
            waiting.extend(islice(element, ELEMENT_LIMIT))
            continue
        stated = fields.language(text(member(element, "/Lang")))
        if stated:
            yield stated
        waiting.append(member(element, "/K"))


def page_size(document: pikepdf.Pdf) -> dict[str, int]:
    """Return the size of the first page in whole millimetres."""
    try:
        page = document.pages[0]
        left, bottom, right, top = (float(edge) for edge in page.mediabox)
        unit = float(page.obj.get("/UserUnit", 1)) * MM_PER_POINT
        width, height = abs(right - left) * unit, abs(top - bottom) * unit
        sides = (height, width) if int(page.obj.get("/Rotate", 0)) % 180 else (width, height)
        return {"page_width_mm": round(sides[0]), "page_height_mm": round(sides[1])}
    except UNREADABLE:
        return {}
