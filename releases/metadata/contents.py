"""The table of contents of an EPUB: how many chapters and pages it counts."""

from collections.abc import Callable, Iterator
from zipfile import ZipFile

from releases.metadata import archive, markup, opf
from releases.metadata.archive import XML_LIMIT, ArchiveError
from releases.metadata.markup import Element, MarkupError, attribute, local, named

NCX_TYPE = "application/x-dtbncx+xml"

Counts = dict[str, tuple[int, str]]
"""A number by its field, with where it was counted."""


def counts(book: ZipFile, package: opf.Package, base: str) -> Counts:
    """Return how many chapters, entries that stand highest, and how many pages there are."""
    for count, href in _documents(package):
        root = _root(book, archive.resolve(book, href, base))
        found = count(root) if root is not None else {}
        if found:
            return found
    return {}


def _documents(package: opf.Package) -> Iterator[tuple[Callable[[Element], Counts], str]]:
    """The navigation document of EPUB 3, then the NCX of EPUB 2."""
    for item in package.items.values():
        if "nav" in item.properties:
            yield _in_navigation, item.href
    for item in package.items.values():
        if item.media_type == NCX_TYPE or item.href.lower().endswith(".ncx"):
            yield _in_ncx, item.href


def _root(book: ZipFile, name: str) -> Element | None:
    try:
        return markup.parse(archive.read(book, name, XML_LIMIT), name)[0]
    except (ArchiveError, MarkupError):
        return None  # told already where it damages the book


def _in_navigation(root: Element) -> Counts:
    lists = {kind: one for one in named(root, "nav") for kind in attribute(one, "type").split()}
    found: Counts = {}
    for field, kind in (("chapters", "toc"), ("pages", "page-list")):
        listed = next(named(lists[kind], "ol"), None) if kind in lists else None
        if number := 0 if listed is None else _children(listed, "li"):
            found[field] = (number, f"EPUB nav {kind}")
    return found


def _in_ncx(root: Element) -> Counts:
    found: Counts = {}
    for field, place, name in (
        ("chapters", "navmap", "navpoint"),
        ("pages", "pagelist", "pagetarget"),
    ):
        listed = next(named(root, place), None)
        if number := 0 if listed is None else _children(listed, name):
            found[field] = (number, f"EPUB NCX {place}")
    return found


def _children(element: Element, name: str) -> int:
    return sum(local(str(child.tag)) == name for child in element.iterchildren("*"))
