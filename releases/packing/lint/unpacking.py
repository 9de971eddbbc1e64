"""A ZIP that holds releases, whoever made it: unpacked within limits, aside, for a moment."""

import os
import shutil
import stat
import struct
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from zipfile import BadZipFile, ZipFile, ZipInfo

from releases.packing import rar
from releases.packing.crew import Stage
from releases.packing.plan import PackingError, Progress
from releases.packing.rar import Damaged
from releases.packing.zip import DEFLATED, STORED
from releases.packing.zip.directory import read_directory
from releases.packing.zip.headers import ENCRYPTED

UNIX = 3
NEVER_A_BOMB_BYTES = 64 << 20
"""What unpacks to no more fills no disk, however small it was."""
NAME_BYTES = 255
"""The longest name that file systems take."""
MARGIN_BYTES = 64 << 20
"""Room to leave on the disk."""
NO_NAME = "release"
UNSOUND = (BadZipFile, EOFError, NotImplementedError, ValueError, struct.error, zlib.error)
"""What Python's library raises of a ZIP that is not what it says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    entries: int = 10_000
    unpacked_bytes: int = 20 << 30
    depth: int = 16
    """Of folders in folders."""
    ratio: int = 100
    """How many times larger than the ZIP all may be that comes out of it; volumes hardly shrink."""


LIMITS = Limits()


@contextmanager
def unpacked(
    path: Path,
    into: Path,
    *,
    name: str = "",
    limits: Limits = LIMITS,
    progress: Progress = lambda stage, done, total: None,
) -> Iterator[Path]:
    """Unpack the ZIP at `path` below `into`, and give the folder; `into` is gone afterwards.

    That folder is called as the ZIP, `name` in its place: files at the root of a ZIP are those
    of a release of this name. `progress` hears, in this thread, of the stage unpack.

    Raises:
        Damaged: it is no sound ZIP, or one that could do harm, or larger than `limits`.
        PackingError: there is no room for it.
    """
    called = name or path.name
    shutil.rmtree(into, ignore_errors=True)  # what an attempt left that was killed
    try:
        folder = into / _stem(called)
        with rar.writing(folder):
            folder.mkdir(parents=True)
        _unpack(path, folder, called, limits, progress)
        yield folder
    finally:
        shutil.rmtree(into, ignore_errors=True)


def _stem(name: str) -> str:
    stem = PurePosixPath(name.replace("\\", "/")).stem.replace("\0", "").strip(". ")
    return stem.encode(errors="replace")[: NAME_BYTES - 10].decode(errors="ignore") or NO_NAME


def _unpack(path: Path, folder: Path, name: str, limits: Limits, progress: Progress) -> None:
    _check_directory(path, name)
    try:
        with rar.reading(path, Damaged), ZipFile(path) as archive:
            entries = archive.infolist()
            targets = _targets(entries, name, limits)
            _check_sizes(entries, path, name, limits)
            _check_room(entries, folder)
            tick = Stage(progress, "unpack", sum(entry.file_size for entry in entries))
            for entry, target in zip(entries, targets, strict=True):
                _place(archive, entry, folder / target, name, tick)
    except UNSOUND as fault:
        raise Damaged("%(file)s is damaged: get it again", file=name) from fault


def _check_directory(path: Path, name: str) -> None:
    """Have the directory read by who bounds it, before it is given to who does not."""
    with rar.Tape(path, name, with_sha256=False) as tape:
        read_directory(tape)


def _targets(entries: Sequence[ZipInfo], name: str, limits: Limits) -> list[PurePosixPath]:
    """Return where each entry goes, all of them inside."""
    if len(entries) > limits.entries:
        raise Damaged(
            "%(file)s holds %(count)s files: at most %(most)s are unpacked",
            file=name,
            count=len(entries),
            most=limits.entries,
        )
    targets = [_target(entry, name, limits) for entry in entries]
    placed = list(zip(entries, targets, strict=True))
    seen = {parent for target in targets for parent in target.parents}
    seen |= {target for entry, target in placed if entry.is_dir()}
    for target in (target for entry, target in placed if not entry.is_dir()):
        if target in seen:
            raise Damaged("%(file)s holds %(entry)s twice", file=name, entry=target)
        seen.add(target)
    return targets


def _target(entry: ZipInfo, name: str, limits: Limits) -> PurePosixPath:
    said = entry.filename.replace("\\", "/")
    target = PurePosixPath(said)
    trouble = _trouble_of_name(said, target, limits) or _trouble_of_kind(entry)
    if trouble:
        raise Damaged(trouble, file=name, entry=entry.filename[:NAME_BYTES], most=limits.depth)
    return target


def _trouble_of_name(said: str, target: PurePosixPath, limits: Limits) -> str:
    if target.is_absolute() or ".." in target.parts or said[1:2] == ":":
        return "%(entry)s in %(file)s points outside of it: such a ZIP is not unpacked"
    if len(target.parts) > limits.depth:
        return "%(entry)s in %(file)s lies in more than %(most)s folders: it is not unpacked"
    if any(len(os.fsencode(part)) > NAME_BYTES for part in target.parts):
        return "The name of %(entry)s in %(file)s is too long for a file"
    return ""


def _trouble_of_kind(entry: ZipInfo) -> str:
    mode = entry.external_attr >> 16 if entry.create_system == UNIX else 0
    if stat.S_IFMT(mode) not in {0, stat.S_IFREG, stat.S_IFDIR}:
        return "%(entry)s in %(file)s is a link or a device: such a ZIP is not unpacked"
    if entry.flag_bits & ENCRYPTED:
        return "%(entry)s in %(file)s is encrypted: make the ZIP without a password"
    if entry.compress_type not in {STORED, DEFLATED}:
        return "%(entry)s in %(file)s is packed in a way that is not read here: deflate it"
    return ""


def _check_sizes(entries: Sequence[ZipInfo], path: Path, name: str, limits: Limits) -> None:
    with rar.reading(path, Damaged):
        packed = path.stat().st_size
    size = sum(entry.file_size for entry in entries)
    if size > limits.unpacked_bytes:
        raise Damaged(
            "%(file)s unpacks to %(size)s bytes: at most %(most)s are unpacked",
            file=name,
            size=size,
            most=limits.unpacked_bytes,
        )
    if size > max(NEVER_A_BOMB_BYTES, packed * limits.ratio):
        raise Damaged(
            "%(file)s unpacks to %(ratio)s times its size: it looks like a decompression bomb",
            file=name,
            ratio=size // packed,
        )


def _check_room(entries: Sequence[ZipInfo], folder: Path) -> None:
    need = sum(entry.file_size for entry in entries)
    with rar.writing(folder):
        have = shutil.disk_usage(folder).free
    if need + min(MARGIN_BYTES, have // 10) > have:
        raise PackingError(
            "No space left to unpack a ZIP: %(need)s bytes are needed and %(have)s are free",
            need=need,
            have=have,
        )


def _place(archive: ZipFile, entry: ZipInfo, target: Path, name: str, tick: Stage) -> None:
    with rar.writing(target):
        (target if entry.is_dir() else target.parent).mkdir(parents=True, exist_ok=True)
    if entry.is_dir():
        return
    with archive.open(entry) as data, rar.writing(target), target.open("xb") as file:
        size = 0
        while piece := data.read(rar.PIECE_BYTES):
            file.write(piece)
            size += len(piece)
            tick(len(piece))
        os.fchmod(file.fileno(), _mode(entry))
    if size != entry.file_size:
        raise Damaged(
            "%(entry)s in %(file)s is not as large as it says", file=name, entry=entry.filename
        )


def _mode(entry: ZipInfo) -> int:
    """Return the rights that the ZIP gives a file; where it tells none, the usual ones.

    The owner may always read it: so must we.
    """
    told = stat.S_IMODE(entry.external_attr >> 16) if entry.create_system == UNIX else 0
    return (told & 0o777 or 0o644) | stat.S_IRUSR
