"""From a backup to an instance that is as it was: into empty places, or not at all."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _

from releases import bucket
from releases.packing import Progress
from upkeep import loading, marks, stored
from upkeep.manifest import Manifest, own_fingerprints
from upkeep.places import Places, new_places, told_places
from upkeep.reading import Backup, Entry, damaged, sum_of
from upkeep.sentences import Unable, asking_the_store, reading_or_writing
from upkeep.settling import settle
from upkeep.writing import PIECE_BYTES

ASIDE = ".restoring-"
PRIVATE = ".revisions"
"""Folders that only the instance may read."""


@dataclass(frozen=True, kw_only=True)
class Restored:
    rows: int
    files: int
    made_at: str
    program: str


def restore_backup(path: Path, *, heard: Progress) -> Restored:
    """Make this instance, which is empty, that of the backup.

    A restore that was cut off is begun anew by the next one of the same backup.

    Raises:
        Unable: the backup is damaged, does not fit, or something lies here already.
    """
    path = path.absolute()
    settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
    with reading_or_writing(path), asking_the_store(), closing(Backup(path)) as backup:
        manifest = backup.manifest
        loading.refuse_later(manifest)
        places = new_places(manifest.places, manifest.chosen)
        refuse_occupied(manifest, places)
        backup.verify(heard)
        loading.refuse_other_keys(backup, own_fingerprints())
        refuse_overwriting(backup, places)
        begin(manifest)
        for entry, file in backup.files():
            put(entry, file, places)
        os.sync()
        loading.load(backup)
        settle(told_places(manifest.places), places)
        settle_store(manifest, heard)
        marks.unmark()
    files = int(manifest.files.get("count", 0))
    return Restored(
        rows=manifest.rows, files=files, made_at=manifest.made_at, program=manifest.program
    )


def name_of(manifest: Manifest) -> str:
    return hashlib.sha256(manifest.to_json()).hexdigest()


def refuse_occupied(manifest: Manifest, places: Places) -> None:
    """Raise Unable where something lies that is not of an earlier try with the same backup."""
    own = name_of(manifest)
    has_tables = bool(connection.introspection.table_names())
    if has_tables and marks.marked_rows() != own:
        raise Unable(
            _("The database is not empty: a backup is restored into an empty one, without setup.")
        )
    if marks.marked_files() == own:
        return
    for folder in occupied(places):
        raise Unable(
            _("Something lies in %(folder)s already: a backup is restored into empty folders.")
            % {"folder": folder}
        )
    if manifest.files:
        refuse_occupied_store()


def refuse_occupied_store() -> None:
    """Make sure that no two instances share a store, each removing what the other needs."""
    if not stored.is_empty():
        raise Unable(
            _(
                "The store of files holds something already: set S3_BUCKET or S3_PREFIX to an "
                "empty place, or restore a backup that was made --without-files."
            )
        )


def settle_store(manifest: Manifest, heard: Progress) -> None:
    """Have the store, if one is set, hold what the rows say; rows alone leave it as it is."""
    if not manifest.files:
        return
    if bucket.is_set():
        stored.fill(heard)
    else:
        stored.forget()


def occupied(places: Places) -> Iterator[Path]:
    """Yield the folders that hold something; that of all data may hold other things."""
    if marks.mark_file().exists():
        yield marks.mark_file()
    for name, folder in places.folders.items():
        if name != "data" and folder.is_dir() and any(folder.iterdir()):
            yield folder


def refuse_overwriting(backup: Backup, places: Places) -> None:
    """Make sure that no file of others is replaced: the folder of all data may hold some."""
    if marks.marked_files() == name_of(backup.manifest):
        return
    for entry in backup.entries():
        path = places.at(entry.place, entry.path)
        if entry.counts and os.path.lexists(path):
            raise Unable(
                _("%(path)s is there already, and would be replaced: move it, then try again.")
                % {"path": path}
            )


def begin(manifest: Manifest) -> None:
    loading.drop_all()  # of an earlier try, as was made sure
    marks.mark(name_of(manifest))


def put(entry: Entry, file: BinaryIO, places: Places) -> None:
    """Write one file, whole, with its time and its rights; what is there already stays."""
    path = places.at(entry.place, entry.path)
    if is_there(path, entry):
        return
    make_folders(path.parent)
    aside = path.with_name(f"{ASIDE}{hashlib.sha256(path.name.encode()).hexdigest()[:16]}")
    digest = hashlib.sha256()
    with aside.open("wb") as target:
        while piece := file.read(PIECE_BYTES):
            digest.update(piece)
            target.write(piece)
    if digest.hexdigest() != entry.sha256:
        raise damaged(entry.name)
    aside.chmod(entry.mode & 0o777)
    os.utime(aside, ns=(entry.mtime_ns, entry.mtime_ns))
    aside.replace(path)


def is_there(path: Path, entry: Entry) -> bool:
    if not path.is_file():
        return False
    state = path.stat()
    if (state.st_size, state.st_mtime_ns) != (entry.size, entry.mtime_ns):
        return False
    with path.open("rb") as file:
        return sum_of(file) == entry.sha256


def make_folders(folder: Path) -> None:
    if folder.is_dir():
        return
    make_folders(folder.parent)
    folder.mkdir(exist_ok=True)
    if folder.name == PRIVATE:
        folder.chmod(0o700)
