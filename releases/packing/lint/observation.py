"""What lies in a release directory, as facts that checks can ask for."""

import codecs
import os
import shutil
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from releases.packing import diz, nfo, rar, sample, sfv
from releases.packing.plan import Note, PackingError, Progress
from releases.packing.rar import Damaged
from releases.packing.verify import Reading, Verdict, verify
from releases.packing.zip import STORED
from rules.facts import (
    Archive,
    Directory,
    Diz,
    Entry,
    File,
    Nfo,
    Payload,
    Proof,
    Sample,
    Sfv,
    Volume,
)

BYTE_ORDER_MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@dataclass(frozen=True, slots=True)
class Observation:
    """A release directory as it was read, once, for whichever rule."""

    name: str
    directory: Directory
    faults: tuple[Damaged, ...]
    notes: tuple[Note, ...]


def observe(folder: Path, progress: Progress = lambda stage, done, total: None) -> Observation:
    """Read the release `folder` to its end.

    Raises:
        Damaged: the folder may not be read.
    """
    return observation_of(folder, verify(folder, progress))


def observation_of(folder: Path, verdict: Verdict) -> Observation:
    """Return what the `verdict` on a release says of it; samples and proofs are looked at."""
    inside = [one for one in verdict.readings if len(one.path.parts) > 1]
    samples = [inner_path(one) for one in inside if one.kind == "sample"]
    directory = Directory(
        files=tuple(File(inner_path(one), one.size, one.mode, one.kind) for one in inside),
        folders=tuple(_folders(folder)),
        nfos=tuple(_nfo(one) for one in inside if one.kind == "nfo"),
        dizzes=tuple(_dizzes(inside)),
        sfvs=tuple(_sfv(one) for one in inside if one.kind == "sfv"),
        archives=tuple(_archives(inside)),
        volumes=tuple(_volumes(inside)),
        payloads=tuple(_payloads(inside)),
        samples=tuple(_sample(folder, one) for one in samples),
        proofs=tuple(_proof(folder, inner_path(one)) for one in inside if one.kind == "proof"),
    )
    notes = (*verdict.notes, *_unmeasured(directory))
    return Observation(folder.name, directory, verdict.faults, notes)


def inner_path(reading: Reading) -> str:
    """Return the path of a file from the release directory."""
    return "/".join(reading.path.parts[1:])


def _folders(folder: Path) -> list[str]:
    with rar.reading(folder, Damaged), os.scandir(folder) as entries:
        return sorted(entry.name for entry in entries if entry.is_dir(follow_symlinks=False))


def _nfo(reading: Reading) -> Nfo:
    data = reading.contents.text
    decoded = nfo.decode(data)
    return Nfo(
        inner_path(reading), decoded.text, decoded.encoding, data.startswith(BYTE_ORDER_MARKS)
    )


def _dizzes(readings: list[Reading]) -> Iterator[Diz]:
    yield from (_diz(one, one.contents.text) for one in readings if one.kind == "diz")
    for one in readings:
        if one.contents.archive and one.contents.archive.diz:
            yield _diz(one, one.contents.archive.diz)


def _diz(reading: Reading, data: bytes) -> Diz:
    found = diz.COUNTER.search(data)
    if not found:
        return Diz(inner_path(reading), data)
    line = data.count(b"\n", 0, found.start()) + 1
    return Diz(inner_path(reading), data, disks=int(found[2]), counter_line=line)


def _sfv(reading: Reading) -> Sfv:
    try:
        names = [name for name, _ in sfv.parse(reading.contents.text)]
    except PackingError:  # of which verify tells
        names = []
    return Sfv(inner_path(reading), tuple(name for name in names if not rar.is_volume_name(name)))


def _archives(readings: list[Reading]) -> Iterator[Archive]:
    for one in readings:
        if one.contents.archive:
            entries = one.contents.archive.entries
            yield Archive(
                inner_path(one),
                tuple(Entry(e.name, e.method == STORED, e.is_encrypted) for e in entries),
            )


def _volumes(readings: list[Reading]) -> Iterator[Volume]:
    for one in readings:
        if one.contents.volume:
            name, size = _place(one)
            yield _volume(inner_path(one), name, size, one.contents.volume)


def _place(reading: Reading) -> tuple[str, int]:
    """Return name and size of the RAR volume that `reading` is or holds."""
    archive = reading.contents.archive
    entries = archive.entries if archive else []
    held = ((entry.name, entry.size) for entry in entries if rar.is_volume_name(entry.name))
    return next(held, (reading.path.name, reading.size))


def _volume(path: str, name: str, size: int, contents: rar.Contents) -> Volume:
    parts = contents.parts
    return Volume(
        path=path,
        name=name,
        size=size,
        version=contents.version,
        is_stored=all(part.is_stored for part in parts),
        is_encrypted=contents.is_encrypted,
        has_recovery=contents.has_recovery,
        ends_file=bool(parts) and parts[-1].is_last,
    )


def _payloads(readings: list[Reading]) -> Iterator[Payload]:
    for one in readings:
        for part in one.contents.volume.parts if one.contents.volume else ():
            if part.is_first and not part.is_folder:
                yield Payload(part.name, inner_path(one))


def _sample(folder: Path, name: str) -> Sample:
    if shutil.which("ffprobe") is None:
        return Sample(name, is_video=True, duration_s=None)
    duration_s = sample.duration_s(folder / name, lambda: None)
    return Sample(name, is_video=duration_s is not None, duration_s=duration_s)


def _unmeasured(directory: Directory) -> Iterator[Note]:
    for one in directory.samples:
        if one.is_video and one.duration_s is None:
            yield Note(
                "The length of %(file)s was not measured: ffmpeg is not installed", file=one.path
            )


def _proof(folder: Path, name: str) -> Proof:
    """Look at the head of a picture; its pixels, which may be a trap, are not decoded."""
    from PIL import Image  # noqa: PLC0415 - few releases have proofs

    try:
        with (
            warnings.catch_warnings(action="ignore"),
            Image.open(folder / name, formats=("JPEG", "PNG")) as image,
        ):
            width, height = image.size
            has_metadata = "exif" in image.info
            return Proof(
                name, is_picture=True, width=width, height=height, has_metadata=has_metadata
            )
    except Exception:  # what a hostile picture makes Pillow raise is not told
        return Proof(name, is_picture=False)
