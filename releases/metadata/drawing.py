"""Covers that are drawn: SVG as pixels, without anything that it refers to elsewhere."""

import re

from lxml import etree

from releases.metadata import markup
from releases.metadata.markup import local

WIDTH = 480
HEAD_BYTES = 4096
"""Within which a drawing begins, after its declarations."""

_REFERENCES = ("href", "src")
_HARMLESS = re.compile(r"\s*(#|data:image/(png|jpe?g|gif|webp)\b)", re.IGNORECASE)
"""A part of the drawing itself, or pixels. A drawing inside could refer elsewhere again."""


def is_drawing(picture: bytes) -> bool:
    return b"<svg" in picture[:HEAD_BYTES]


def drawn(picture: bytes) -> bytes:
    """Return the SVG `picture` as PNG, on white.

    Raises:
        MarkupError, ValueError: it cannot be drawn.
    """
    import resvg_py  # noqa: PLC0415  # few covers are drawings

    root, _ = markup.parse(picture, "The cover")
    for element in root.iter(etree.Element):
        for name, value in element.items():
            if local(str(name)) in _REFERENCES and not _HARMLESS.match(str(value)):
                del element.attrib[name]
    svg = etree.tostring(root, encoding="unicode")
    return bytes(resvg_py.svg_to_bytes(svg_string=svg, width=WIDTH, background="#ffffff"))
