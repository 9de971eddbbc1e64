"""The XMP packet of a document: what it says of the work.

Source: docs/formats/pdf.md.
"""

import codecs
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from releases.metadata import fields, isbns, markup, people
from releases.metadata.markup import Element, local
from releases.metadata.problem import Problem

DESCRIPTION_LIMIT = 10_000
VALUE_LIMIT = 1_000
"""Values kept of one property."""

FAMILIES = {
    "http://purl.org/dc/elements/1.": "dc",
    "http://purl.org/dc/terms/": "dcterms",
    "http://prismstandard.org/namespaces/": "prism",
    "http://ns.adobe.com/pdfx/": "pdfx",
    "http://ns.adobe.com/pdf/": "pdf",
    "http://www.aiim.org/pdfa/ns/id": "pdfaid",
    "http://calibre-ebook.com/xmp-namespace": "calibre",
}
"""The prefix of each family of properties, by how its namespaces begin: they have versions."""
XMP = "http://ns.adobe.com/xap/1.0/"
"""The namespace of XMP itself, which other ones begin with."""

ESCAPED = r"\376\377"
"""What Ghostscript once wrote where a text was in UTF-16: its bytes, in octal."""

Found = tuple[Any, str] | None
"""A value, and where it stood."""
Property = tuple[str, str]
"""Family and local name, in lower case."""


class Value(NamedTuple):
    text: str
    qualifiers: dict[str, str]
    """What is said of the value, by local name: `lang`, `scheme`, `series_index`."""


@dataclass(frozen=True)
class Packet:
    properties: dict[Property, list[Value]]

    def texts(self, *names: Property) -> Iterator[tuple[str, str]]:
        """Every value of these properties, with where it stood."""
        for family, name in names:
            for value in self.properties.get((family, name), ()):
                yield value.text, f"XMP {family}:{name}"

    def first(self, *names: Property) -> str:
        return next((fields.clean(text) for text, _ in self.texts(*names)), "")


def parse(data: bytes) -> tuple[Packet, list[Problem]]:
    """Return the packet in `data`, and what is wrong with its XML.

    Raises:
        MarkupError: there is nothing to read.
    """
    root, problems = markup.parse(_unpadded(data), "XMP")
    found: dict[Property, list[Value]] = {}
    for description in _descriptions(root):
        for name, value in _stated(description):
            values = found.setdefault(name, [])
            if len(values) < VALUE_LIMIT:
                values.append(value)
    return Packet(found), problems


def _unpadded(data: bytes) -> bytes:
    """The packet without the room around it that was left for changes, or to an even length."""
    is_wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\0" in data[:4]
    return data if is_wide else data.strip(b"\0 \t\r\n")


def metadata(packet: Packet) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the fields the packet gives, and where each stood."""
    found = {name: read(packet) for name, read in FIELDS.items()}
    given = {name: value for name, value in found.items() if value is not None}
    return (
        {name: value for name, (value, _) in given.items()},
        {name: source for name, (_, source) in given.items()},
    )


def _descriptions(root: Element) -> Iterator[Element]:
    """The statements about the document itself: deeper ones are about its parts or history."""
    for rdf in markup.named(root, "rdf"):
        yield from (child for child in rdf.iterchildren("*") if local(child.tag) == "description")


def _stated(description: Element) -> Iterator[tuple[Property, Value]]:
    for key, text in description.items():
        yield _property(str(key)), Value(str(text), {})
    for element in description.iterchildren("*"):
        for value in _values(element):
            yield _property(element.tag), value


def _property(tag: str) -> Property:
    """The family and name of `{uri}Title`, or of `dc:Title` where the prefix was not declared."""
    uri, _, name = tag.strip("{").rpartition("}")
    if not uri:
        family, _, name = tag.rpartition(":")
        return family.lower(), name.lower()
    begun = (family for start, family in FAMILIES.items() if uri.startswith(start))
    return "xmp" if uri == XMP else next(begun, ""), name.lower()


def _values(element: Element) -> list[Value]:
    """The value of a property, or each of its list; alternatives begin with the default."""
    container = next(element.iterchildren("*"), None)
    if container is None or local(container.tag) not in ("alt", "bag", "seq"):
        return [_value(element)]
    values = [_value(item) for item in container.iterchildren("*")]
    if local(container.tag) == "alt":
        values.sort(key=lambda value: value.qualifiers.get("lang") != "x-default")
    return values


def _value(element: Element) -> Value:
    """A value, plain or with what is said of it."""
    said = element
    nested = next(element.iterchildren("*"), None)
    if nested is not None and local(nested.tag) == "description":
        said = nested
    qualifiers = {local(str(key)): str(text) for key, text in [*element.items(), *said.items()]}
    qualifiers |= {local(one.tag): markup.text(one) for one in said.iterchildren("*")}
    plain = "" if len(said) else markup.text(said)
    text = plain or qualifiers.get("value", "") or qualifiers.get("resource", "")
    return Value("" if text.startswith(ESCAPED) else text, qualifiers)


def _first_known(packet: Packet, *names: Property, limit: int = fields.TEXT_LIMIT) -> Found:
    found = ((fields.known(text, limit), source) for text, source in packet.texts(*names))
    return next((one for one in found if one[0]), None)


def _title(packet: Packet) -> Found:
    return _first_known(packet, ("dc", "title"), ("pdf", "title"), ("xmp", "title"))


def _authors(packet: Packet) -> Found:
    """A list has one person an item; programs without a list write all into its one item."""
    for name in (("dc", "creator"), ("pdf", "author"), ("xmp", "author")):
        stated = [text for text, _ in packet.texts(name)]
        read = people.listed if len(stated) == 1 else people.parted
        names = people.distinct(person for text in stated for person in read(text))
        if names:
            return names, f"XMP {':'.join(name)}"
    return None


def _language(packet: Packet) -> Found:
    found = ((fields.language(text), source) for text, source in packet.texts(("dc", "language")))
    return next((one for one in found if one[0]), None)


def _isbn(packet: Packet) -> Found:
    for name in (*ISBN_PROPERTIES, *_named_isbn(packet)):
        for value in packet.properties.get(name, ()):
            schemes = f"{name[1]} {value.qualifiers.get('scheme', '')}".lower()
            number = isbns.among(value.text, is_marked="isbn" in schemes)
            if number:
                return number, f"XMP {':'.join(name)}"
    return None


def _named_isbn(packet: Packet) -> list[Property]:
    return [name for name in packet.properties if "isbn" in name[1]]


def _publisher(packet: Packet) -> Found:
    return _first_known(
        packet, ("dc", "publisher"), ("pdfx", "publisher"), ("pdfx", "ebx_publisher")
    )


def _year(packet: Packet) -> Found:
    """The year of a date of publication; a time at which the file was made is none."""
    made = {text for text, _ in packet.texts(*FILE_DATES) if "T" in text}
    for text, source in packet.texts(*PUBLICATION_DATES):
        year = fields.year(text)
        if year and text not in made:
            return year, source
    return None


def _series(packet: Packet) -> Found:
    return _first_known(packet, ("calibre", "series"), ("prism", "seriestitle"))


def _series_index(packet: Packet) -> Found:
    said = packet.properties.get(("calibre", "series"))
    written = said[0].qualifiers.get("series_index", "") if said else ""
    source = "XMP calibre:series_index"
    if not said and _series(packet):
        written, source = packet.first(("prism", "seriesnumber")), "XMP prism:seriesnumber"
    index = fields.index(written)
    return None if index is None else (index, source)


def _description(packet: Packet) -> Found:
    return _first_known(packet, ("dc", "description"), limit=DESCRIPTION_LIMIT)


def _subtitle(packet: Packet) -> Found:
    return _first_known(packet, ("prism", "subtitle"))


def _alternative_title(packet: Packet) -> Found:
    return _first_known(packet, ("prism", "alternatetitle"))


ISBN_PROPERTIES = (
    ("prism", "isbn"),
    ("prism", "eisbn"),
    ("dc", "identifier"),
    ("xmp", "identifier"),
    ("dc", "source"),
)
PUBLICATION_DATES = (
    ("prism", "publicationdate"),
    ("prism", "coverdate"),
    ("dcterms", "issued"),
    ("dc", "date"),
)
FILE_DATES = (("xmp", "createdate"), ("xmp", "modifydate"), ("xmp", "metadatadate"))
FIELDS: dict[str, Callable[[Packet], Found]] = {
    "title": _title,
    "subtitle": _subtitle,
    "alternative_title": _alternative_title,
    "authors": _authors,
    "language": _language,
    "isbn": _isbn,
    "publisher": _publisher,
    "year": _year,
    "series": _series,
    "series_index": _series_index,
    "description": _description,
}
"""Every field read from a packet, and how."""
