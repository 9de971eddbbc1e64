"""The package document of an EPUB: what it says of the work, and which files it names.

Source: docs/formats/epub.md.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from releases.metadata import fields
from releases.metadata.markup import Element, attribute, local, named, text

DESCRIPTION_LIMIT = 10_000
AUTHOR_LIMIT = 100
AUTHOR_ROLES = {"aut", "a01", "author"}
ISBN_TYPES = {"isbn", "02", "15"}
"""How an identifier is marked: the scheme of EPUB 2, or the ONIX codes of ISBN-10 and ISBN-13."""
DATE_EVENTS = ("publication", "original-publication", "issued", "", "creation")
"""Whose year is taken, best first; a modification or a conversion says nothing of the work."""

Found = tuple[Any, str] | None
"""A value, and where it stood."""


class Item(NamedTuple):
    """A file of the manifest."""

    id: str
    href: str
    media_type: str
    properties: frozenset[str]


@dataclass(frozen=True)
class Package:
    root: Element

    @property
    def version(self) -> str:
        return fields.clean(attribute(self.root, "version"))

    @cached_property
    def statements(self) -> list[Element]:
        """Everything stated of the work itself: nested collections have their own metadata."""
        about = next(named(self.root, "metadata"), None)
        return [] if about is None else list(about.iter("*"))

    @cached_property
    def metas(self) -> list[Element]:
        return self.stated("meta")

    @cached_property
    def refinements(self) -> dict[tuple[str, str], list[str]]:
        """Values by the id they refine and the property they give it."""
        found: dict[tuple[str, str], list[str]] = {}
        for meta in self.metas:
            target = attribute(meta, "refines").strip().removeprefix("#")
            if target:
                key = (target, attribute(meta, "property").strip())
                found.setdefault(key, []).append(fields.clean(text(meta)))
        return found

    @cached_property
    def items(self) -> dict[str, Item]:
        items = (_item(element) for element in named(self.root, "item"))
        return {item.id: item for item in items}

    @property
    def spine(self) -> list[str]:
        """Ids of the items in reading order."""
        return [attribute(reference, "idref") for reference in named(self.root, "itemref")]

    def stated(self, name: str) -> list[Element]:
        return [element for element in self.statements if local(str(element.tag)) == name]

    def refined(self, element: Element, name: str) -> list[str]:
        return self.refinements.get((attribute(element, "id"), name), [])

    def property(self, name: str) -> list[Element]:
        """The statements of an EPUB 3 property about the whole work."""
        return [
            meta
            for meta in self.metas
            if attribute(meta, "property").strip() == name and not attribute(meta, "refines")
        ]

    def meta(self, name: str) -> str:
        """The content of an EPUB 2 meta."""
        contents = (attribute(meta, "content") for meta in self.metas if _is_named(meta, name))
        return next(contents, "")

    def in_order(self, name: str) -> list[Element]:
        """The elements called `name` that hold a value, by the sequence they are given."""
        valued = [element for element in self.stated(name) if fields.known(text(element))]
        return sorted(valued, key=self._sequence)

    def _sequence(self, element: Element) -> float:
        given = fields.index("".join(self.refined(element, "display-seq")[:1]))
        return float("inf") if given is None else given


def metadata(package: Package) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the fields the package document gives, and where each stood."""
    found = {name: read(package) for name, read in FIELDS.items()}
    given = {name: value for name, value in found.items() if value is not None}
    return (
        {name: value for name, (value, _) in given.items()},
        {name: source for name, (_, source) in given.items()},
    )


def problems(package: Package) -> Iterator[str]:
    """Say which of the three required elements are missing."""
    for name in ("title", "language", "identifier"):
        if not any(fields.clean(text(element)) for element in package.stated(name)):
            yield f"The package document has no dc:{name}."


def _item(element: Element) -> Item:
    return Item(
        id=attribute(element, "id"),
        href=attribute(element, "href").strip(),
        media_type=attribute(element, "media-type").strip().lower(),
        properties=frozenset(attribute(element, "properties").split()),
    )


def _is_named(meta: Element, name: str) -> bool:
    return attribute(meta, "name").strip().lower() == name


def _title(package: Package) -> Found:
    titles = package.in_order("title")
    by_type = {kind: title for title in reversed(titles) for kind in _title_types(package, title)}
    chosen = by_type.get("main", by_type.get("", titles[0] if titles else None))
    return _text(chosen)


def _subtitle(package: Package) -> Found:
    titles = package.in_order("title")
    return _text(next((t for t in titles if "subtitle" in _title_types(package, t)), None))


def _title_types(package: Package, title: Element) -> list[str]:
    return package.refined(title, "title-type") or [""]


def _authors(package: Package) -> Found:
    """All creators who are authors or say no role; if none is, whoever made the work."""
    creators = package.in_order("creator")
    authors = [one for one in creators if _roles(package, one) & {*AUTHOR_ROLES, ""}]
    names = {fields.known(text(one)).casefold(): one for one in reversed(authors or creators)}
    ordered = [fields.known(text(one)) for one in reversed(names.values())]
    return (ordered[:AUTHOR_LIMIT], "OPF dc:creator") if ordered else None


def _roles(package: Package, creator: Element) -> set[str]:
    roles = [*package.refined(creator, "role"), attribute(creator, "role")]
    return {role.strip().lower() for role in roles if role.strip()} or {""}


def _language(package: Package) -> Found:
    tags = (fields.language(text(element)) for element in package.stated("language"))
    return next(((tag, "OPF dc:language") for tag in tags if tag), None)


def _isbn(package: Package) -> Found:
    for name in ("identifier", "source"):
        elements = sorted(package.stated(name), key=lambda one: not _says_isbn(package, one))
        for element in elements:
            number = fields.isbn(text(element))
            if number and _may_be_isbn(package, element):
                return number, f"OPF dc:{name}"
    return None


def _says_isbn(package: Package, element: Element) -> bool:
    marks = {attribute(element, "scheme").lower(), *package.refined(element, "identifier-type")}
    return bool(marks & ISBN_TYPES) or "isbn" in text(element).lower()


def _may_be_isbn(package: Package, element: Element) -> bool:
    """Ten bare digits are as often a number of another kind; thirteen with a prefix are not."""
    digits = [letter for letter in text(element) if letter.isdigit()]
    return _says_isbn(package, element) or len(digits) == len("9780000000000")


def _publisher(package: Package) -> Found:
    return _text(next(iter(package.in_order("publisher")), None))


def _description(package: Package) -> Found:
    return _text(next(iter(package.in_order("description")), None), DESCRIPTION_LIMIT)


def _year(package: Package) -> Found:
    dates = [(attribute(date, "event").strip().lower(), date) for date in package.stated("date")]
    for event in DATE_EVENTS:
        years = (fields.year(text(date)) for given, date in dates if given == event)
        year = next(filter(None, years), None)
        if year:
            return year, "OPF dc:date"
    return None


def _series(package: Package) -> Found:
    collection = _collection(package)
    if collection is not None:
        return fields.known(text(collection)), "OPF belongs-to-collection"
    name = fields.known(package.meta("calibre:series"))
    return (name, "OPF meta calibre:series") if name else None


def _series_index(package: Package) -> Found:
    collection = _collection(package)
    if collection is not None:
        positions = package.refined(collection, "group-position")
        index = fields.index("".join(positions[:1]))
        return None if index is None else (index, "OPF group-position")
    index = fields.index(package.meta("calibre:series_index"))
    named = fields.known(package.meta("calibre:series"))
    return (index, "OPF meta calibre:series_index") if named and index is not None else None


def _collection(package: Package) -> Element | None:
    """The series the work belongs to: said to be one, or at least not said to be a set."""
    named = [one for one in package.property("belongs-to-collection") if fields.known(text(one))]
    for kinds in (["series"], []):
        for one in named:
            if package.refined(one, "collection-type") == kinds:
                return one
    return None


def _text(element: Element | None, limit: int = fields.TEXT_LIMIT) -> Found:
    if element is None:
        return None
    return fields.known(text(element), limit), f"OPF dc:{local(str(element.tag))}"


FIELDS: dict[str, Callable[[Package], Found]] = {
    "title": _title,
    "subtitle": _subtitle,
    "authors": _authors,
    "language": _language,
    "isbn": _isbn,
    "publisher": _publisher,
    "year": _year,
    "series": _series,
    "series_index": _series_index,
    "description": _description,
}
"""Every field read from a package document, and how."""
