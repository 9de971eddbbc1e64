"""The files of a release as a person is shown them: by folder, with what became of them since."""

import stat
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import PurePosixPath

from django.core.paginator import Page, Paginator
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from releases import copies
from releases.models import Artifact, Release

PER_PAGE = 200
MISSING, CHANGED, NEWER = "missing", "changed", "newer"
TOLERANCE = timedelta(seconds=5)
"""Between the clock of the machine that packed and that of where the files lie."""
BESIDE = ".."
"""What lies beside the folder of a release."""
KINDS: dict[str, str | Promise] = {
    "volume": _("Volume"),
    "nfo": "NFO",
    "diz": "DIZ",
    "sfv": "SFV",
    "manifest": _("SHA-256 list"),
    "sample": _("Sample"),
    "proof": _("Proof"),
    "other": _("Other"),
}


@dataclass(frozen=True, slots=True)
class Listed:
    """A file, and what is wrong with it on the disk: nothing, or one of the words above."""

    artifact: Artifact
    trouble: str

    @property
    def kind(self) -> str | Promise:
        return KINDS.get(self.artifact.kind, self.artifact.kind)

    @property
    def name(self) -> str:
        return self.artifact.name


@dataclass(slots=True)
class Folder:
    path: str
    """From the folder of the release; empty: that itself."""
    count: int = 0
    size: int = 0
    files: list[Listed] = field(default_factory=list)
    """Those of the page."""

    @property
    def depth(self) -> int:
        return self.path.count("/") + 1 if self.path else 0


@dataclass(frozen=True, slots=True)
class Listing:
    page: Page[int]
    folders: list[Folder]
    """Those of the page, in their order."""
    count: int
    size: int
    is_gone: bool
    """Whether the whole folder is."""

    @property
    def troubles(self) -> list[Listed]:
        return [one for folder in self.folders for one in folder.files if one.trouble]


def listing(release: Release, number: str | None = None) -> Listing:
    """Return one page of the files; only those of the page are looked for on the disk."""
    rows = release.artifacts.values_list("pk", "path", "size")
    totals: dict[str, Folder] = {}
    placed: list[tuple[str, int]] = []
    for pk, path, size in rows:
        folder = totals.setdefault(place := folder_of(path), Folder(place))
        folder.count, folder.size = folder.count + 1, folder.size + size
        placed.append((place, pk))
    in_order = [pk for _place, pk in sorted(placed, key=lambda one: (one[0] == BESIDE, *one))]
    page = Paginator(in_order, PER_PAGE).get_page(number)
    shown = filled(totals, present(release, list(page.object_list)))
    sizes = sum(folder.size for folder in totals.values())
    return Listing(page, shown, len(in_order), sizes, copies.is_gone(release))


def folder_of(path: str) -> str:
    """Return the folder that the file at `path` from the releases folder lies in."""
    _name, *inside = PurePosixPath(path).parts
    return "/".join(inside[:-1]) if inside else BESIDE


def present(release: Release, keys: list[int]) -> Iterator[Listed]:
    """Yield the files of these `keys` in their order, as they lie on the disk."""
    found: Mapping[int, Artifact] = release.artifacts.in_bulk(keys)
    since = last_written(release)
    for key in keys:
        if key in found:  # else the release was packed anew in between
            yield Listed(found[key], trouble(found[key], since))


def last_written(release: Release) -> datetime | None:
    """Return when the files were last written by us, as far as is known."""
    changed = release.revisions.values_list("at", flat=True).first()
    return max(filter(None, [release.packed_at, changed]), default=None)


def trouble(artifact: Artifact, since: datetime | None) -> str:
    """Say what is wrong with a file as far as it can be seen without reading it."""
    try:
        found = artifact.file.lstat()
    except OSError:
        return "" if copies.is_elsewhere(artifact.release) else MISSING
    if not stat.S_ISREG(found.st_mode) or found.st_size != artifact.size:
        return CHANGED
    is_newer = since is not None and found.st_mtime > (since + TOLERANCE).timestamp()
    return NEWER if is_newer else ""


def filled(totals: Mapping[str, Folder], files: Iterable[Listed]) -> list[Folder]:
    """Return the folders that hold `files`, with them."""
    shown: dict[str, Folder] = {}
    for one in files:
        place = folder_of(one.artifact.path)
        shown.setdefault(place, totals[place]).files.append(one)
    return list(shown.values())
