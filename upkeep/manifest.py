"""What a backup says of itself, and how that is read back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from upkeep.places import ELSEWHERE, SET_BY
from upkeep.sentences import Unsound
from upkeep.shape import is_manifest

FORMAT, VERSION = "release-packer-backup", 1
NAME, LISTING, ROWS = "manifest.json", "files.jsonl.gz", "rows"
PLACES = {*SET_BY, "data", ELSEWHERE}
MOST_BYTES = 16 << 20
PRINT = 16


@dataclass(frozen=True, kw_only=True)
class Manifest:
    made_at: str
    program: str
    """The version that made it."""
    database: str
    """The kind of database; another may take it."""
    migrations: list[list[str]]
    keys: list[str]
    """Fingerprints of CREDENTIAL_KEYS, the first of which encrypts."""
    places: dict[str, str]
    chosen: dict[str, Any]
    """What administrators set of the places."""
    tables: dict[str, dict[str, Any]]
    """By name: columns, rows, digest, and the SHA-256 of the part."""
    numbers: dict[str, int]
    """The last number that each table gave."""
    files: dict[str, Any]
    """Count, bytes, and the SHA-256 of the listing; empty where none were asked for."""
    format: str = FORMAT
    version: int = VERSION

    def to_json(self) -> bytes:
        known = asdict(self)
        return json.dumps(known | {"sum": sum_of(known)}, indent=1, sort_keys=True).encode()

    @property
    def rows(self) -> int:
        return sum(int(table["rows"]) for table in self.tables.values())


def read_manifest(data: bytes) -> Manifest:
    """Return the manifest of a backup.

    Raises:
        Unsound: it is none, damaged, or of a later version.
    """
    try:
        known = json.loads(data)
        said = known.pop("sum")
        if known["format"] != FORMAT:
            raise KeyError
        if known["version"] > VERSION:
            raise Unsound(_("This backup was made by a later version: use that version."))
        if sum_of(known) != said:
            raise Unsound(_("The manifest of the backup is damaged: use another backup."))
        if not is_manifest(known, PLACES):
            raise ValueError
        return Manifest(**known)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise Unsound(
            _("This is no backup of Release Packer, or its manifest is cut short.")
        ) from error


def sum_of(known: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(known, sort_keys=True).encode()).hexdigest()


def fingerprints(keys: Iterable[str]) -> list[str]:
    """Return what tells keys apart, and opens nothing."""
    return [hashlib.sha256(f"print of {key}".encode()).hexdigest()[:PRINT] for key in keys]


def own_fingerprints() -> list[str]:
    return fingerprints(settings.CREDENTIAL_KEYS)
