"""What a release is to become: computed from its row and its folder, and changing neither."""

import json
from collections.abc import Iterator, Mapping
from copy import copy
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.db.models import prefetch_related_objects
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from releases import template_files
from releases.actions.making import NewRelease
from releases.actions.mending.proposal import Change
from releases.actions.refusal import Refused
from releases.models import NfoTemplate, Release
from releases.packing import PackingError, rar
from releases.packing.exchange import BESIDE
from releases.packing.lint.facts import told_fields
from rules.spec import Facts, Severity, Violation

ANSWERS = (
    *("name", "title", "metadata", "metadata_sources", "rights_note", "nfo", "nfo_encoding"),
    *("nfo_template_id", "nfo_template_name", "nfo_template_version", "nfo_is_own", "format"),
    *("volume_bytes", "volume_base", "rar_version", "generate_sfv"),
)
"""The columns that an operation may change."""
RESULTS = (
    *("size", "volumes", "packed_at", "conformity", "checked_at", "rule_version"),
    "package_key",
)
"""The columns that follow from packing."""
FIELDS = (*ANSWERS, *RESULTS)
COLUMNS = [name.removesuffix("_id") for name in FIELDS]
"""How Django calls them where it saves."""
MOST_NFO_BYTES = 1 << 18
"""No NFO that a person wrote is longer; what is, is another file."""
MOST_FILES = 5000
"""Of a folder that are looked at for a proposal."""


@dataclass(frozen=True, kw_only=True)
class Aim:
    release: Release
    """As it is to be; not saved."""
    changes: tuple[Change, ...]
    remarks: tuple[Change, ...] = ()
    also: tuple[tuple[str, str, str], ...] = field(default=())
    """Texts to compare besides the row: what they are, before and after."""


def changed(release: Release, **fields: Any) -> Release:
    """Return a copy of the row `release` with other `fields`."""
    other = copy(release)
    for name, value in fields.items():
        setattr(other, name, value)
    return other


def looked_at(release: Release) -> Release:
    """Return a copy of the row `release` that asks for its files but once."""
    seen = copy(release)
    known = getattr(release, "_prefetched_objects_cache", {})
    seen._prefetched_objects_cache = dict(known)  # type: ignore[attr-defined]  # not the same one
    prefetch_related_objects([seen], "artifacts")
    return seen


def kept_fields(release: Release) -> dict[str, Any]:
    """Return the columns of `release`, and its files, as a revision keeps them."""
    told = {name: plain(getattr(release, name)) for name in FIELDS}
    files = release.artifacts.values_list("path", "kind", "size", "crc32", "sha256")
    return told | {"edits": release.edits, "artifacts": [list(file) for file in files]}


def plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def take_fields(release: Release, kept: Mapping[str, Any]) -> None:
    """Give `release` the columns that a revision keeps; it is not saved."""
    for name in FIELDS:
        value = kept.get(name, "") if name == "package_key" else kept[name]  # it is younger
        is_moment = name.endswith("_at") and value
        setattr(release, name, parse_datetime(value) if is_moment else value)


def as_new(release: Release, *, template_text: str = "") -> NewRelease:
    """Return the answers that `release` was, or would be, made from.

    Raises:
        Refused: its template is gone.
    """
    template = release.nfo_template or NfoTemplate.objects.filter(name="minimal").first()
    if template is None:
        raise Refused(_("The template of its NFO is gone: choose one."))
    return NewRelease(
        type=release.type,
        group=release.group.tag,
        rule=release.rule,
        source=release.source,
        metadata=release.metadata,
        metadata_sources=release.metadata_sources,
        rights=release.rights,
        rights_note=release.rights_note,
        template=template,
        template_text=template_text,
        format=release.format,
        volume_bytes=release.volume_bytes,
        rar_version=release.rar_version,
        generate_sfv=release.generate_sfv,
        released_on=release.released_on,
        root=release.root,
        name=release.name,
    )


def violations(release: Release) -> list[Violation]:
    """Return the clauses of its rule that the row `release` breaks, whatever lies on the disk."""
    spec = release.rule.spec
    given = {"released_on", *(name for name, value in release.metadata.items() if value)}
    facts = Facts(
        name=release.name,
        format=release.source.format,
        volume_bytes=release.volume_bytes,
        volumes=volumes_of(release),
        nfo=release.nfo,
        known=told_fields(given, parts=spec.name_parts(release.name), text=release.nfo),
        source=str(release.metadata.get("source") or ""),
    )
    return list(spec.violations(facts))


def volumes_of(release: Release) -> int:
    """Return how many volumes its file takes; 0 where it cannot be packed so."""
    payload = release.plan().payloads
    members = [rar.Member(one.name, release.source.size) for one in payload]
    try:
        return rar.count(members, release.volume_bytes, release.rar_version) if members else 0
    except PackingError:
        return 0


def worse(before: Release, after: Release) -> list[Violation]:
    """Return what `after` breaks of the structure of its rule, and `before` does not."""
    broken = {(one.id, one.template) for one in violations(before)}
    return [
        one
        for one in violations(after)
        if one.severity == Severity.STRUCTURE and (one.id, one.template) not in broken
    ]


def files_in(folder: Path) -> Iterator[tuple[str, int]]:
    """Yield path and size of what a release holds, and of the lists beside it, as far as found."""
    beside = [folder.with_name(f"{folder.name}{end}") for end in BESIDE]
    inside = sorted(folder.rglob("*"))[:MOST_FILES] if folder.is_dir() else []
    for path in (*inside, *beside):
        if path.is_file() or path.is_symlink():
            yield str(path.relative_to(folder.parent)), path.lstat().st_size


def token_of(operation: str, options: Mapping[str, Any], release: Release) -> str:
    """Return what tells this state, and what is asked of it, from any other."""
    state = {name: plain(getattr(release, name)) for name in (*ANSWERS, "packed_at", "trashed_at")}
    state |= {"edits": release.edits} if operation == "repack" else {}
    known = [operation, dict(options), state, list(files_in(release.folder)), nfo_sum(release)]
    return sha256(json.dumps(known, sort_keys=True, default=str).encode()).hexdigest()[:32]


def nfo_sum(release: Release) -> str:
    """Return the sum of the NFO in its folder; nothing where none can be read."""
    data = nfo_bytes(release)
    return sha256(data).hexdigest() if data is not None else ""


def nfo_bytes(release: Release) -> bytes | None:
    """Return the NFO in its folder; None where there is none, or none that can be one."""
    try:
        data = template_files.read(nfo_path(release))
    except OSError:
        return None
    return data if len(data) <= MOST_NFO_BYTES else None


def nfo_path(release: Release) -> Path:
    artifact = next((one for one in release.artifacts.all() if one.kind == "nfo"), None)
    return artifact.file if artifact else release.folder / release.plan().nfo_name
