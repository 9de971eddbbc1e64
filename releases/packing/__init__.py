"""Turn a plan into a release folder on disk. No Django, no database, no network."""

from releases.packing.engine import SCHEMES, adopt, pack
from releases.packing.lint import Report, lint
from releases.packing.naming import (
    EbookName,
    NamingError,
    TvName,
    file_stem,
    fix_name,
    parse_ebook,
    parse_tv,
    volume_base,
    words,
)
from releases.packing.plan import Package, PackedFile, PackingError, Payload, Plan, Progress
from releases.packing.verify import Verdict, verify

__all__ = [
    "SCHEMES",
    "EbookName",
    "NamingError",
    "Package",
    "PackedFile",
    "PackingError",
    "Payload",
    "Plan",
    "Progress",
    "Report",
    "TvName",
    "Verdict",
    "adopt",
    "file_stem",
    "fix_name",
    "lint",
    "pack",
    "parse_ebook",
    "parse_tv",
    "verify",
    "volume_base",
    "words",
]
