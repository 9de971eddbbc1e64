"""Names of releases and of their files, built from fields and parsed back.

Source: docs/formats/names.md.
"""

from releases.packing.naming.dates import is_date
from releases.packing.naming.ebook import (
    CATEGORIES,
    EBOOK_TAGS,
    NUMBER,
    SOURCES,
    EbookName,
    parse_ebook,
)
from releases.packing.naming.files import (
    check_payload_name,
    check_plain,
    file_stem,
    no_base_left,
    volume_base,
    volume_bases,
)
from releases.packing.naming.fixes import fix_name, is_workless, parse
from releases.packing.naming.languages import languages, spelled_language
from releases.packing.naming.spelling import NamingError, joined, spelled, words
from releases.packing.naming.tags import read_tags
from releases.packing.naming.tv import EPISODE, RESOLUTIONS, TV_TAGS, TvName, parse_tv

__all__ = [
    "CATEGORIES",
    "EBOOK_TAGS",
    "EPISODE",
    "NUMBER",
    "RESOLUTIONS",
    "SOURCES",
    "TV_TAGS",
    "EbookName",
    "NamingError",
    "TvName",
    "check_payload_name",
    "check_plain",
    "file_stem",
    "fix_name",
    "is_date",
    "is_workless",
    "joined",
    "languages",
    "no_base_left",
    "parse",
    "parse_ebook",
    "parse_tv",
    "read_tags",
    "spelled",
    "spelled_language",
    "volume_base",
    "volume_bases",
    "words",
]
