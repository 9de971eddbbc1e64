"""The first page of a PDF as a picture."""

from io import BytesIO
from pathlib import Path

import pikepdf

from releases.metadata.pdf.objects import UNREADABLE

SIDE_PIXELS = 1_000
"""Of the longer side."""
QUALITY = 90


def first_page(path: Path) -> bytes:
    """Return a JPEG of the first page, or nothing.

    The page is taken out of its document first: so nothing else of it is looked at, neither
    its metadata, which PDFium unpacks without a limit, nor its other pages.
    """
    try:
        with pikepdf.open(path) as document:
            return _rendered(_alone(document))
    except (*UNREADABLE, OSError):
        return b""


def _alone(document: pikepdf.Pdf) -> bytes:
    target = BytesIO()
    with pikepdf.new() as single:
        single.pages.append(document.pages[0])
        single.remove_unreferenced_resources()
        single.save(target)
    return target.getvalue()


def _rendered(document: bytes) -> bytes:
    # It takes longer to import than a book to read.
    import pypdfium2  # type: ignore[import-untyped]  # noqa: PLC0415

    target = BytesIO()
    with pypdfium2.PdfDocument(document) as opened:
        page = opened[0]
        scale = SIDE_PIXELS / max(*page.get_size(), 1)
        page.render(scale=scale).to_pil().convert("RGB").save(target, "JPEG", quality=QUALITY)
    return target.getvalue()
