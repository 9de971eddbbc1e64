"""Where the releases of a folder lie."""

import os
from collections.abc import Iterator
from itertools import islice
from pathlib import Path, PurePosixPath

from releases.packing import rar
from releases.packing.rar import Damaged
from releases.packing.verify.readings import FOLDER_KINDS, kind_of

SIGNS = {"volume", "nfo", "diz", "sfv"}
"""The kinds of files that only a release holds."""
BESIDE = (".sfv", ".sha256")
"""The ends of the lists that lie beside a release, called as it is."""
MAX_DEPTH = 8
MAX_RELEASES = 1000


def releases_in(folder: Path) -> list[Path]:
    """Return the releases that `folder` holds, by name; itself where it is one, or holds none.

    A folder that holds a volume, an NFO, a file_id.diz or an SFV is a release. Of any other one
    its folders are looked at; links, hidden folders, samples and proofs are passed over.

    Raises:
        Damaged: it may not be read, or holds more releases than are judged at once.
    """
    found = list(islice(_releases(folder, MAX_DEPTH), MAX_RELEASES + 1))
    if len(found) > MAX_RELEASES:
        raise Damaged(
            "%(folder)s holds more than %(most)s releases: choose a folder below it",
            folder=folder,
            most=MAX_RELEASES,
        )
    return found or [folder]


def _releases(folder: Path, depth: int) -> Iterator[Path]:
    with rar.reading(folder, Damaged), os.scandir(folder) as entries:
        inner = sorted(entries, key=lambda entry: entry.name)
    folders = [one.name for one in inner if one.is_dir(follow_symlinks=False)]
    files = {one.name for one in inner if not one.is_dir(follow_symlinks=False)}
    files -= {f"{name}{end}" for name in folders for end in BESIDE}
    if any(kind_of(PurePosixPath(name)) in SIGNS for name in files):
        yield folder
    elif depth:
        for name in folders:
            if not name.startswith(".") and name.lower() not in FOLDER_KINDS:
                yield from _releases(folder / name, depth - 1)
