"""A backup: rows of one moment, and every file as those rows know it."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from django.apps import apps
from django.conf import settings
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.system import said
from jobs.models import Job
from releases.models import Revision
from releases.packing import Progress
from releases.packing.exchange import Held, held, sync
from upkeep.checking import rows_pointing_nowhere
from upkeep.earlier import Earlier
from upkeep.holdings import holdings
from upkeep.ledger import AT_ONCE, CHANGED, MISSING, Ledger, Taken
from upkeep.manifest import LISTING, NAME, ROWS, Manifest, own_fingerprints
from upkeep.marks import refuse_half_restored
from upkeep.places import SET_BY, Places, present_places
from upkeep.rows import Digest, Model, columns_of, lines, numbers, tables
from upkeep.sentences import Unable, asking_the_store, reading_or_writing
from upkeep.snapshot import refuse_outdated, snapshot
from upkeep.stored import fetched
from upkeep.wanted import Wanted
from upkeep.writing import FolderWriter, TarWriter

ROUNDS, PAUSE_S = 10, 0.5
"""How often, and after which pause, files are taken again that changed under our feet."""
COMPRESSION = 1
"""The rows are few beside the files, and are not to wait."""
BEGUN = ".packer-*.part"
FETCHED = "fetched"


@dataclass(frozen=True, kw_only=True)
class Made:
    path: Path
    rows: int
    files: int
    bytes: int
    lacking: list[str]
    """Files that are missing, or are not what the rows say."""
    nowhere: list[str]
    """What is wrong with rows that name others which are not there: no database takes them."""


def make_backup(target: Path, *, with_files: bool, heard: Progress) -> Made:
    """Back the instance up, into a new folder in `target` or, where that ends in .tar, as a file.

    Raises:
        Unable: something lies there, the disk does not let it, or it was outrun too often.
    """
    refuse_half_restored()
    refuse_outdated()
    places = present_places()
    target = target.absolute()
    refuse_own(target, places)
    is_tar = target.suffix == ".tar"
    final = target if is_tar else target / f"packer-{timezone.now():%Y%m%dT%H%M%SZ}"
    if os.path.lexists(final):
        raise Unable(_("%(path)s exists already: choose another name.") % {"path": final})
    with reading_or_writing(target), asking_the_store(), begun(final) as part:
        whole = part / "whole"
        writer = TarWriter(whole) if is_tar else FolderWriter(made_folder(whole), earlier(part))
        with closing(writer), closing(Ledger(part / "ledger")) as ledger:
            own = Begun(part, writer, ledger, places, with_files, heard)
            manifest, lacking = (
                own.fill(),
                [str(places.at(one.place, one.path)) for one in ledger.lacking()],
            )
            said = part / NAME
            said.write_bytes(manifest.to_json())
            writer.put(NAME, said)
        settle(whole, final)
    number, size = manifest.files.get("count", 0), manifest.files.get("bytes", 0)
    return Made(
        path=final,
        rows=manifest.rows,
        files=number,
        bytes=size,
        lacking=lacking,
        nowhere=own.nowhere,
    )


def refuse_own(target: Path, places: Places) -> None:
    """Make sure that no backup is put among the files that it backs up."""
    place, _inner = places.of(target.resolve())
    if place in SET_BY:
        raise Unable(
            _("%(path)s lies among the files that are backed up: choose another folder.")
            % {"path": target}
        )


def made_folder(folder: Path) -> Path:
    folder.mkdir()
    return folder


@contextmanager
def begun(final: Path) -> Iterator[Path]:
    """Make a hidden folder to write in beside `final`, gone at the end whatever happens.

    Those that killed ones have left are removed: what lives is held.
    """
    final.parent.mkdir(parents=True, exist_ok=True)
    for left in final.parent.glob(BEGUN):
        with suppress(Held), held(left):
            shutil.rmtree(left, ignore_errors=True)
    part = final.with_name(f".packer-{final.name}-{os.getpid()}.part")
    with held(part):
        try:
            yield part
        finally:
            shutil.rmtree(part, ignore_errors=True)


def earlier(part: Path) -> Earlier | None:
    """Open the newest whole backup beside the one that is begun in `part`."""
    found = latest(part.parent)
    return Earlier(found, part / "earlier") if found else None


def latest(folder: Path) -> Path | None:
    """Return the newest whole backup in `folder`."""
    found = sorted(path.parent for path in folder.glob(f"packer-*/{NAME}"))
    return found[-1] if found else None


@dataclass(frozen=True, slots=True)
class Begun:
    """A backup that is being made."""

    part: Path
    writer: FolderWriter | TarWriter
    ledger: Ledger
    places: Places
    with_files: bool
    heard: Progress
    nowhere: list[str] = field(default_factory=list)
    """What is wrong with rows, once they are written."""

    def fill(self) -> Manifest:
        """Write all of it; of the rows, one moment.

        Most files are taken first, since a snapshot is not to last as long as they do. What was
        changed meanwhile is found by its sums, and taken again within a newer snapshot.

        Raises:
            Unable: files change faster than they can be taken.
        """
        if self.with_files:
            with snapshot():
                self.ledger.begin(holdings(), self.places)
            self.take_files()
        before: list[str] | None = None
        for _round in range(ROUNDS):
            with snapshot():
                lacking = self.retake()
                if not lacking or (lacking == before and not is_at_work(self.ledger.lacking())):
                    return self.write_rows()
            before = lacking
            time.sleep(PAUSE_S)
        raise Unable(_("Files change all the time: try again when less is going on."))

    def retake(self) -> list[str]:
        """Take what was changed since, and return the names of what is not as the rows say."""
        if not self.with_files:
            return []
        self.ledger.begin(holdings(), self.places)
        self.take_files()
        return [f"{one.place}/{one.path}" for one in self.ledger.lacking()]

    def take_files(self) -> None:
        done, total = 0, self.ledger.bytes_wanted()
        for wanted in self.ledger.wanted():
            known = self.ledger.copy_of(wanted)
            if known and is_still(known, wanted):
                self.ledger.keep(known)
            else:
                self.take(wanted)
            done += wanted.size or wanted.least or 0
            self.heard("copy", done, total)

    def take(self, wanted: Wanted) -> None:
        """Take one file; one that is missing, or is another, or cannot all be read, is noted."""
        self.ledger.drop(wanted)
        if wanted.key and (copied := self.writer.again(wanted)):
            self.ledger.add(wanted, copied, "")
            return
        file = self.opened(wanted)
        if file is None:
            if wanted.is_due:
                self.ledger.add(wanted, None, MISSING)
            return
        with file:
            copied = self.writer.take(wanted, file, os.fstat(file.fileno()))
        fits = copied.is_whole and wanted.fits(copied.size, copied.crc32, copied.sha256)
        self.ledger.add(wanted, copied, "" if fits else CHANGED)

    def opened(self, wanted: Wanted) -> BinaryIO | None:
        """Open what is wanted where it lies: here, or in the store."""
        return fetched(wanted, self.part / FETCHED) if wanted.key else opened(Path(wanted.file))

    def write_rows(self) -> Manifest:
        kept = tables(apps)
        about = {}
        self.nowhere.extend(fault.message for fault in rows_pointing_nowhere())
        for name, model in kept.items():
            about[name] = self.write_table(name, model)
        return Manifest(
            made_at=timezone.now().isoformat(),
            program=str(settings.SPECTACULAR_SETTINGS["VERSION"]),
            database=connection.vendor,
            migrations=sorted(map(list, MigrationRecorder(connection).applied_migrations())),
            keys=own_fingerprints(),
            places=self.places.told(),
            chosen={key: value for key, value in said().items() if key in SET_BY.values()},
            tables=about,
            numbers={name: last for name, last in numbers().items() if name in kept},
            files=self.write_listing() if self.with_files else {},
        )

    def write_table(self, name: str, model: Model) -> dict[str, Any]:
        digest = Digest()
        path = self.part / f"{name}.jsonl.gz"
        with gzip.open(path, "wb", COMPRESSION) as file:
            for line in lines(model):
                digest.add(line)
                file.write(line + b"\n")
        sha256 = sum_of_file(path)
        self.writer.put(f"{ROWS}/{path.name}", path)
        return {"columns": columns_of(model), **digest.told(), "sha256": sha256}

    def write_listing(self) -> dict[str, Any]:
        """Write which files there are, in the order that they were written."""
        self.ledger.settle()
        if isinstance(self.writer, FolderWriter):
            self.writer.forget(self.ledger.given_up())
        path = self.part / LISTING
        with gzip.open(path, "wb", COMPRESSION) as file:
            for one in self.ledger.taken():
                if one.is_written and self.writer.keeps(one.state):
                    told = (one.place, one.path, one.size, one.sha256, one.mtime_ns, one.mode)
                    file.write(json.dumps((*told, one.state)).encode() + b"\n")
        sha256 = sum_of_file(path)
        self.writer.put(LISTING, path)
        number, size = self.ledger.totals()
        return {"count": number, "bytes": size, "sha256": sha256}


def opened(path: Path) -> BinaryIO | None:
    """Open a plain file; None where there is none, or none that can be opened."""
    try:
        return path.open("rb") if path.is_file() else None
    except OSError:
        return None


def is_still(known: Taken, wanted: Wanted) -> bool:
    """Tell whether the copy that was taken is what is wanted by now."""
    if not wanted.fits(known.size, known.crc32, known.sha256):
        return False
    if wanted.is_summed:
        return True
    try:
        now = Path(wanted.file).stat()
    except OSError:
        return False
    return (now.st_size, now.st_mtime_ns) == (known.size, known.mtime_ns)


def is_at_work(lacking: Sequence[Taken]) -> bool:
    """Tell whether somebody may just be changing what is not as it should be."""
    subjects = {one.subject for one in lacking[:AT_ONCE]}
    named = [one.partition(":") for one in subjects]
    keys = [int(number) for kind, _sign, number in named if kind == "release"]
    at_it = Job.objects.active().filter(subject__in=subjects)
    return at_it.exists() or Revision.objects.unfinished().filter(release__in=keys).exists()


def sum_of_file(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def settle(whole: Path, final: Path) -> None:
    """Show a finished backup, once all of it is on the disk."""
    whole.chmod(0o700 if whole.is_dir() else 0o600)  # password hashes are among the rows
    os.sync()
    whole.rename(final)
    sync(final.parent)
