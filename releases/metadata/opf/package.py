"""The package document: its statements of the work, its files, their order."""

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from releases.metadata import fields
from releases.metadata.markup import Element, attribute, local, named, text


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


def _item(element: Element) -> Item:
    return Item(
        id=attribute(element, "id"),
        href=attribute(element, "href").strip(),
        media_type=attribute(element, "media-type").strip().lower(),
        properties=frozenset(attribute(element, "properties").split()),
    )


def _is_named(meta: Element, name: str) -> bool:
    return attribute(meta, "name").strip().lower() == name
