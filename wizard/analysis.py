"""What step 5 shows of a file: what it is, what it says of itself, what lies in it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from html import unescape
from typing import Any

from django.utils.html import strip_tags
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from drafts.models import Draft
from releases import copies, description
from releases.actions import told
from releases.labels import Label, label
from releases.models import Source
from releases.templating import format_size

TABS: dict[str, Label] = {
    "summary": _("Summary"),
    "metadata": _("Metadata"),
    "mediainfo": "MediaInfo",
    "structure": _("Structure"),
}
FILES_SHOWN = 2_000
FOLDERS_DEEP = 10
"""Folders shown one inside the other; what lies deeper keeps the rest of its path in its name."""
CHARACTERS_SHOWN = 500


@dataclass(frozen=True, slots=True)
class Tab:
    key: str
    title: Label
    is_shown: bool


def tabs(asked: str) -> list[Tab]:
    """Return the tabs, that called `asked` being shown: the first, where there is none."""
    shown = asked if asked in TABS else next(iter(TABS))
    return [Tab(key, title, key == shown) for key, title in TABS.items()]


def panel(draft: Draft, form: object = None) -> dict[str, Any]:
    source = draft.source
    if source is None:
        return {}
    mediainfo = source.analysis.get("mediainfo", {})
    structure = source.analysis.get("structure", [])
    return {
        "source": source,
        "has_cover": copies.has_cover(source),
        "job": source.latest_analysis(),
        "summary": summary(source),
        "found": statements(source),
        "facts": facts(mediainfo),
        "tables": [table for name, value in mediainfo.items() if (table := tracks(name, value))],
        "lists": lists(mediainfo),
        "tree": tree(structure[:FILES_SHOWN]),
        "files": len(structure),
        "hidden_files": max(0, len(structure) - FILES_SHOWN),
    }


def summary(source: Source) -> dict[str, Any]:
    """Return what the file is, whether it can be packed, and what to do where it cannot."""
    analysis, problems = source.analysis, source.problems()
    proposed = source.proposed()
    return {
        "title": proposed.get("title"),
        "author": proposed.get("author"),
        "format": source.format.upper(),
        "extension": source.extension,
        "expected": description.extensions(source.format),
        "drm": analysis.get("drm", ""),
        "is_encrypted": analysis.get("encrypted", False),
        "damage": [told(one) for one in problems if not one.is_flaw],
        "flaws": [told(one) for one in problems if one.is_flaw],
    }


def statements(source: Source) -> list[dict[str, str]]:
    """Return what the file says of the work: field, value, and where in the file it stands."""
    analysis = source.analysis
    places = analysis.get("sources", {})
    return [
        {"label": label(name), "value": readable(name, value), "place": places.get(name, "")}
        for name, value in analysis.get("metadata", {}).items()
        if value not in (None, "", [])
    ]


def facts(mediainfo: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return what is known of the container: each fact with its label."""
    return [
        (label(name), readable(name, value))
        for name, value in mediainfo.items()
        if not isinstance(value, dict | list) and value not in (None, "")
    ]


@dataclass(frozen=True, slots=True)
class Table:
    """The tracks of one kind, a row each."""

    title: str
    rows: list[list[tuple[str, str]]]
    """The cells of each, every one with the label of its column."""


def tracks(name: str, value: Any) -> Table | None:
    """Return the table of what mediainfo tells as a track, or as several."""
    rows = [value] if isinstance(value, dict) else value
    if not (isinstance(rows, list) and rows and all(isinstance(row, dict) for row in rows)):
        return None
    names = dict.fromkeys(key for row in rows for key in row if row[key] not in (None, ""))
    if not names:
        return None
    cells = [[(label(key), readable(key, row.get(key))) for key in names] for row in rows]
    return Table(label(name), cells)


def lists(mediainfo: Mapping[str, Any]) -> list[tuple[str, list[str]]]:
    """Return the plain lists of mediainfo, e.g. the bookmarks of a PDF."""
    return [
        (label(name), [readable(name, one) for one in value])
        for name, value in mediainfo.items()
        if isinstance(value, list) and value and not any(isinstance(one, dict) for one in value)
    ]


def readable(name: str, value: Any) -> str:
    """Return `value` of the field `name` as people write it."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, list):
        return (" & " if name == "authors" else ", ").join(map(str, value))
    if isinstance(value, float):
        value = round(value, 3)
    write = UNITS.get(name)
    return write(value) if write else str(value)


def _language(tag: Any) -> str:
    return f"{description.language_name(str(tag), get_language() or 'en')} ({tag})"


def _kilobits(rate: Any) -> str:
    return gettext("%(rate)s kb/s") % {"rate": round(float(rate) / 1000)}


UNITS: dict[str, Callable[[Any], str]] = {
    "size": format_size,
    "duration": lambda seconds: str(timedelta(seconds=round(seconds))),
    "bit_rate": _kilobits,
    "text_bytes": format_size,
    "page_width_mm": "{} mm".format,
    "page_height_mm": "{} mm".format,
    "cover_width": "{} px".format,
    "cover_height": "{} px".format,
    "sampling_rate": "{} Hz".format,
    "language": _language,
    "description": lambda text: shortened(unescape(strip_tags(str(text)))),
}
"""How a value is written whose field says its unit."""


def shortened(text: str) -> str:
    return text if len(text) <= CHARACTERS_SHOWN else f"{text[:CHARACTERS_SHOWN]}…"


@dataclass(slots=True)
class Folder:
    """A folder of an archive; its size and count are those of all that lies in it."""

    name: str = ""
    folders: dict[str, Folder] = field(default_factory=dict)
    files: list[tuple[str, int]] = field(default_factory=list)
    size: int = 0
    count: int = 0

    @property
    def inside(self) -> Iterable[Folder]:
        return self.folders.values()

    def put(self, parents: list[str], name: str, size: int) -> None:
        self.size += size
        self.count += 1
        if not parents:
            self.files.append((name, size))
            return
        first, *rest = parents
        self.folders.setdefault(first, Folder(first)).put(rest, name, size)


def tree(entries: Iterable[Mapping[str, Any]]) -> Folder:
    """Return the folders and files that `entries` name by their paths."""
    root = Folder()
    for entry in entries:
        path = str(entry["path"])
        *parents, name = [part for part in path.split("/") if part] or [path]
        deeper = [*parents[FOLDERS_DEEP:], name]
        root.put(parents[:FOLDERS_DEEP], "/".join(deeper), int(entry.get("size") or 0))
    return root
