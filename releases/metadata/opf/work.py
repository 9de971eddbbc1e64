"""What a package document says of the work.

Source: docs/formats/epub.md.
"""

from collections.abc import Callable, Iterator
from typing import Any

from releases.metadata import fields, isbns, people
from releases.metadata.markup import Element, attribute, local, text
from releases.metadata.opf.package import Package
from releases.metadata.problem import Problem, flaw

DESCRIPTION_LIMIT = 10_000
AUTHOR_LIMIT = 100
AUTHOR_ROLES = {"aut", "a01", "author"}
ISBN_TYPES = {"02", "15"}
"""The ONIX codes of ISBN-10 and ISBN-13."""
DATE_EVENTS = ("publication", "original-publication", "issued", "epub-publication", "", "creation")
"""Whose year is taken, best first; a modification or a conversion says nothing of the work."""

ALTERNATIVES = {"short", "expanded"}
"""Types of titles that are other names of the same work."""

Found = tuple[Any, str] | None
"""A value, and where it stood."""


def metadata(package: Package) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the fields the package document gives, and where each stood."""
    found = {name: read(package) for name, read in FIELDS.items()}
    given = {name: value for name, value in found.items() if value is not None}
    return (
        {name: value for name, (value, _) in given.items()},
        {name: source for name, (_, source) in given.items()},
    )


def flaws(package: Package) -> Iterator[Problem]:
    """Say which of the three required elements are missing."""
    for name in ("title", "language", "identifier"):
        if not any(fields.clean(text(element)) for element in package.stated(name)):
            yield flaw("The package document has no dc:%(name)s.", name=name)


def _title(package: Package) -> Found:
    titles = package.in_order("title")
    by_type = {kind: title for title in reversed(titles) for kind in _title_types(package, title)}
    chosen = by_type.get("main", by_type.get("", titles[0] if titles else None))
    return _text(chosen)


def _subtitle(package: Package) -> Found:
    titles = package.in_order("title")
    return _text(next((t for t in titles if "subtitle" in _title_types(package, t)), None))


def _alternative_title(package: Package) -> Found:
    """Another title the work goes by: said to be one, or refining the main one."""
    for element in [*package.stated("alternative"), *package.property("dcterms:alternative")]:
        if value := fields.known(text(element)):
            return value, "OPF dcterms:alternative"
    titles = package.in_order("title")
    for title in titles:
        if {*_title_types(package, title)} & ALTERNATIVES:
            return _text(title)
    for title in titles:
        for other in [*package.refined(title, "alternate-script"), attribute(title, "alt-rep")]:
            if fields.known(other):
                return fields.known(other), "OPF dc:title alternate-script"
    return None


def _title_types(package: Package, title: Element) -> list[str]:
    return package.refined(title, "title-type") or [""]


def _authors(package: Package) -> Found:
    """All creators who are authors or say no role; if none is, whoever made the work."""
    creators = package.in_order("creator")
    authors = [one for one in creators if _roles(package, one) & {*AUTHOR_ROLES, ""}]
    names = people.distinct(
        name for one in authors or creators for name in people.joined(text(one))
    )
    return (names[:AUTHOR_LIMIT], "OPF dc:creator") if names else None


def _contributors(role: str) -> Callable[[Package], Found]:
    """Return what finds who is given the MARC `role`, among creators as among contributors."""

    def reading(package: Package) -> Found:
        stated = [*package.in_order("creator"), *package.in_order("contributor")]
        names = dict.fromkeys(
            fields.known(text(one)) for one in stated if role in _roles(package, one)
        )
        return ([*names][:AUTHOR_LIMIT], f"OPF role {role}") if names else None

    return reading


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
            number = fields.isbn(text(element)) if _may_be_isbn(package, element) else ""
            number = number or isbns.among(text(element), is_marked=_says_isbn(package, element))
            if number:
                return number, f"OPF dc:{name}"
    return None


def _says_isbn(package: Package, element: Element) -> bool:
    marks = {
        *(attribute(element, name).strip().lower() for name in ("scheme", "id")),
        *(kind.lower() for kind in package.refined(element, "identifier-type")),
    }
    return bool(marks & ISBN_TYPES) or any(
        "isbn" in said for said in (*marks, text(element).lower())
    )


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
    for element in [*package.stated("issued"), *package.property("dcterms:issued")]:
        if year := fields.year(text(element)):
            return year, "OPF dcterms:issued"
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


def _pages(package: Package) -> Found:
    for element in package.property("schema:numberOfPages"):
        number = fields.index(text(element))
        if number:
            return int(number), "OPF schema:numberOfPages"
    return None


def _text(element: Element | None, limit: int = fields.TEXT_LIMIT) -> Found:
    if element is None:
        return None
    return fields.known(text(element), limit), f"OPF dc:{local(str(element.tag))}"


FIELDS: dict[str, Callable[[Package], Found]] = {
    "title": _title,
    "subtitle": _subtitle,
    "alternative_title": _alternative_title,
    "authors": _authors,
    "translators": _contributors("trl"),
    "illustrators": _contributors("ill"),
    "language": _language,
    "isbn": _isbn,
    "publisher": _publisher,
    "year": _year,
    "series": _series,
    "series_index": _series_index,
    "pages": _pages,
    "description": _description,
}
"""Every field read from a package document, and how."""
