"""The package document of an EPUB: what it says of the work, and which files it names.

Source: docs/formats/epub.md.
"""

from releases.metadata.opf.package import Item, Package
from releases.metadata.opf.work import flaws, metadata

__all__ = ["Item", "Package", "flaws", "metadata"]
