"""The XMP packet of a PDF, unpacked here: nobody else limits what it unpacks to."""

import zlib

import pikepdf

from releases.metadata import xmp
from releases.metadata.archive import XML_LIMIT
from releases.metadata.pdf.objects import member
from releases.metadata.problem import Problem, Unreadable

FILTER_LIMIT = 8
"""Compressions of one stream, one within the other."""
FLATE = ("/FlateDecode", "/Fl")


def read(document: pikepdf.Pdf) -> tuple[xmp.Packet, list[Problem]]:
    """Return the packet of the document, empty where there is none, and what is wrong with it.

    Raises:
        Unreadable: there is one, and it cannot be read.
    """
    stream = member(document.Root, "/Metadata")
    data = _content(stream) if isinstance(stream, pikepdf.Stream) else b""
    return xmp.parse(data) if data.strip() else (xmp.Packet({}), [])


def _content(stream: pikepdf.Stream) -> bytes:
    data = stream.read_raw_bytes()
    for name in _filters(stream):
        if name not in FLATE:
            raise Unreadable("The XMP metadata is packed by %(filter)s.", filter=name)
        data = _inflated(data)
    if len(data) > XML_LIMIT:
        raise _too_large()
    return data


def _filters(stream: pikepdf.Stream) -> list[str]:
    stated = member(stream, "/Filter")
    names = [*stated] if isinstance(stated, pikepdf.Array) else [stated]
    if len(names) > FILTER_LIMIT:
        raise Unreadable("The XMP metadata is packed %(count)s times.", count=len(names))
    return [str(name) for name in names if isinstance(name, pikepdf.Name)]


def _inflated(data: bytes) -> bytes:
    """Unpack `data`, or as much of it as is whole."""
    unpacking = zlib.decompressobj()
    try:
        unpacked = unpacking.decompress(data, XML_LIMIT + 1)
    except zlib.error as error:
        raise Unreadable("The XMP metadata is damaged.") from error
    if len(unpacked) > XML_LIMIT:
        raise _too_large()
    return unpacked


def _too_large() -> Unreadable:
    return Unreadable(
        "The XMP metadata unpacks to more than %(megabytes)s MiB: "
        "it looks like a decompression bomb.",
        megabytes=XML_LIMIT >> 20,
    )
