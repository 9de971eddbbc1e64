"""Names of releases and of their files, built from fields and parsed back.

Source: docs/formats/names.md.
"""

from releases.packing.naming.ebook import EbookName, parse_ebook
from releases.packing.naming.files import (
    check_payload_name,
    check_plain,
    file_stem,
    volume_base,
)
from releases.packing.naming.spelling import NamingError, words
from releases.packing.naming.tv import TvName, parse_tv

__all__ = [
    "EbookName",
    "NamingError",
    "TvName",
    "check_payload_name",
    "check_plain",
    "file_stem",
    "parse_ebook",
    "parse_tv",
    "volume_base",
    "words",
]
