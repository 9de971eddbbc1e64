"""Makers of PDFs and of the metadata within them, by code alone."""

import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pikepdf
from pikepdf import Dictionary, Name, String

SPACES = (
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:pdf="http://ns.adobe.com/pdf/1.3/"'
    ' xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:pdfx="http://ns.adobe.com/pdfx/1.3/"'
    ' xmlns:xmpidq="http://ns.adobe.com/xmp/Identifier/qual/1.0/"'
    ' xmlns:prism="http://prismstandard.org/namespaces/basic/2.0/"'
    ' xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/"'
    ' xmlns:calibre="http://calibre-ebook.com/xmp-namespace"'
    ' xmlns:calibreSI="http://calibre-ebook.com/xmp-namespace-series-index"'
)
CATALOG = b"<</Type/Catalog/Pages 2 0 R>>"
PAGES = b"<</Type/Pages/Kids[3 0 R]/Count 1>>"
PAGE = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 400]/Resources<<>>>>"
ROOT = b"/Root 1 0 R"


def make_pdf(
    path: Path,
    *,
    info: Mapping[str, Any] | None = None,
    xmp: str = "",
    pages: int = 1,
    **saved: Any,
) -> Path:
    """Write a PDF with `info` and the packet `xmp`; `saved` is told the writer."""
    with pikepdf.new() as document:
        for _ in range(pages):
            document.add_blank_page(page_size=(300, 400))
        for key, value in (info or {}).items():
            document.trailer.Info = document.trailer.get("/Info", Dictionary())
            document.trailer.Info[f"/{key}"] = value
        if xmp:
            document.Root.Metadata = document.make_stream(
                xmp.encode(), Type=Name.Metadata, Subtype=Name.XML
            )
        document.save(path, **{"fix_metadata_version": False, "static_id": True} | saved)
    return path


def write_packed(path: Path, xmp: str, *, times: int = 1, filters: bytes = b"") -> Path:
    """Write a PDF whose packet is compressed `times` over, and says so unless given `filters`."""
    data = xmp.encode()
    for _ in range(times):
        data = zlib.compress(data, 9)
    stated = filters or b"/FlateDecode" * times
    head = b"<</Type/Metadata/Subtype/XML/Filter[%s]/Length %d>>" % (stated, len(data))
    stream = b"%sstream\n%s\nendstream" % (head, data)
    catalog = CATALOG[:-2] + b"/Metadata 4 0 R>>"
    return write_objects(path, catalog, PAGES, PAGE, stream, trailer=ROOT)


def packet(statements: str, *, attributes: str = "") -> str:
    """Return an XMP packet with `statements` about the document."""
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        f'<rdf:Description rdf:about="" {SPACES} {attributes}>{statements}</rdf:Description>'
        f"</rdf:RDF></x:xmpmeta>{' ' * 200}<?xpacket end='w'?>"
    )


def titled(title: str) -> str:
    return f'<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>'


def by(*people: str) -> str:
    items = "".join(f"<rdf:li>{person}</rdf:li>" for person in people)
    return f"<dc:creator><rdf:Seq>{items}</rdf:Seq></dc:creator>"


def add_bookmarks(path: Path, titles: Mapping[str, Any]) -> Path:
    """Give the PDF bookmarks, each with those below it."""
    with pikepdf.open(path, allow_overwriting_input=True) as document:
        with document.open_outline() as outline:
            outline.root.extend(_bookmark(*one) for one in titles.items())
        document.save(path)
    return path


def _bookmark(title: str, below: Mapping[str, Any]) -> pikepdf.OutlineItem:
    item = pikepdf.OutlineItem(title, 0)
    item.children.extend(_bookmark(*one) for one in below.items())
    return item


def write_objects(path: Path, *objects: bytes, trailer: bytes) -> Path:
    """Write a PDF of these objects, numbered from 1, with a right table of their places."""
    content, places = b"%PDF-1.6\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(content))
        content += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(objects) + 1, table)
    size = b"trailer\n<</Size %d %s>>\n" % (len(objects) + 1, trailer)
    path.write_bytes(content + end + size + b"startxref\n%d\n%%%%EOF\n" % len(content))
    return path


def text_in(encoding: str, text: str) -> String:
    """A string as a program writes it that does not know how PDF encodes strings."""
    return String(text.encode(encoding))
