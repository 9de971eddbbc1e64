"""The one order in which a release is made.

The stages are archive, sample, describe, flush, verify, settle and publish: the disk is given all
before it is read back, and waited for after that. All is built in a hidden workshop beside the
place where the release will be: what can be seen there is complete. Volumes know nothing of each
other, so several are written or read at a time.
"""

import shutil
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import date
from itertools import chain
from pathlib import Path

from isal.isal_zlib import crc32

from releases.packing import manifest, rar
from releases.packing.crew import Stage
from releases.packing.engine.blueprint import Blueprint, draw
from releases.packing.engine.extras import cut_sample, lack_of_sample, prepared_proofs
from releases.packing.engine.schemes import SCHEMES, Slot, companions
from releases.packing.engine.workshops import beside, make_folder, publish, workshop
from releases.packing.plan import Note, Package, PackedFile, PackingError, Plan, Progress
from releases.packing.rar import Damaged
from releases.packing.verify import Found, Verdict, read_file, verify
from releases.packing.zip import deflated

__all__ = ["SCHEMES", "adopt", "pack"]

Placed = tuple[rar.Volume, Slot]
Verified = Callable[[Verdict], object]


def pack(
    plan: Plan,
    into: Path,
    progress: Progress = lambda stage, done, total: None,
    verified: Verified = lambda verdict: None,
) -> Package:
    """Build the package of `plan` as a folder of `into`, whole or not at all.

    `progress` hears of the stages in this thread; what it raises ends the packing, which then
    leaves nothing. `verified` hears what reading all back found.

    Raises:
        PackingError: the plan cannot be carried out; nothing is left of it.
    """
    blueprint = draw(plan)
    with workshop(plan.name, into) as shop:
        _check_absent(plan, into)
        _check_space(blueprint, into)
        written = _archive(blueprint, shop, progress)
        sampled, notes = cut_sample(plan, blueprint.extras, shop, progress)
        written |= _describe(blueprint, written, shop, progress) | sampled
        _flush(written, shop, progress)
        verdict = _verify(plan, written, shop, progress)
        files = verdict.files
        if plan.manifest:
            files += (_list(plan, files, shop),)
        _settle(files, shop, progress)
        Stage(progress, "publish", 0)
        publish(plan.name, shop, into, plan.dated)
    verified(verdict)
    return _package(blueprint, into, files, notes)


def adopt(
    plan: Plan,
    into: Path,
    progress: Progress = lambda stage, done, total: None,
    verified: Verified = lambda verdict: None,
) -> Package:
    """Take over what an earlier attempt at `plan` made visible before it died, after reading it.

    Raises:
        PackingError: it is not sound, or not what `plan` asks for.
    """
    blueprint = draw(plan)
    with workshop(plan.name, into):  # which sweeps what the earlier attempt left
        verdict = _verify(plan, {}, into, progress)
    verified(verdict)
    paths = {file.path for file in verdict.files}
    wanted = {f"{plan.name}/{slot.file_name}" for slot in blueprint.slots}
    if missing := (wanted | blueprint.extras.due) - paths:
        raise PackingError("%(path)s is missing: pack again", path=min(missing))
    notes = lack_of_sample(plan, paths)
    return _package(blueprint, into, verdict.files, notes)


def _package(
    blueprint: Blueprint, into: Path, files: tuple[PackedFile, ...], notes: tuple[Note, ...]
) -> Package:
    volumes = len(blueprint.slots)
    return Package(folder=into / blueprint.plan.name, files=files, volumes=volumes, notes=notes)


def _check_absent(plan: Plan, into: Path) -> None:
    for path in (into / plan.name, *beside(plan.name, into)):
        with rar.reading(path):
            is_taken = path.exists() or path.is_symlink()
        if is_taken:
            raise PackingError(
                "%(path)s exists already: move it away, or choose another name", path=path
            )


def _check_space(blueprint: Blueprint, into: Path) -> None:
    with rar.writing(into):
        have = shutil.disk_usage(into).free
    if blueprint.bytes > have:
        raise PackingError(
            "No space left in %(folder)s: %(need)s bytes are needed and %(have)s are free",
            folder=into,
            need=blueprint.bytes,
            have=have,
        )


def _archive(blueprint: Blueprint, shop: Path, progress: Progress) -> dict[str, int]:
    """Write what holds the payloads, and return path and CRC-32 of each file."""
    tick = Stage(progress, "archive", blueprint.payload_bytes)
    folder = shop / blueprint.plan.name
    make_folder(folder)
    write = _write_plain if blueprint.scheme.is_plain else _write_volumes
    return {f"{folder.name}/{name}": crc for name, crc in write(blueprint, folder, tick)}


def _write_plain(blueprint: Blueprint, folder: Path, tick: Stage) -> Iterator[tuple[str, int]]:
    plan = blueprint.plan
    for slot in blueprint.slots:
        with rar.Output(folder / slot.file_name) as output:
            held = companions(plan, 1, 1)
            crc = deflated.write(blueprint.sources, held, output, plan.dated, tick)
            output.date(plan.dated)
        yield slot.file_name, crc


def _write_volumes(blueprint: Blueprint, folder: Path, tick: Stage) -> Iterator[tuple[str, int]]:
    """First all data, then the headers that sum it: the last one of a file sums all of it."""

    def copy(placed: Placed) -> tuple[int, ...]:
        volume, slot = placed
        with rar.Output(folder / slot.file_name) as output:
            return rar.copy(volume, blueprint.sources, output, slot.wrap.head_bytes, tick)

    placed = list(zip(blueprint.volumes, blueprint.slots, strict=True))
    part_crcs = tick.each(copy, placed)
    members = rar.member_sums(blueprint.volumes, part_crcs)
    for (volume, slot), crcs in zip(placed, part_crcs, strict=True):
        sums = rar.Sums(crcs, members)
        yield slot.file_name, _seal(volume, slot, sums, folder, blueprint.plan.dated)
        tick(0)


def _seal(volume: rar.Volume, slot: Slot, sums: rar.Sums, folder: Path, dated: date) -> int:
    """Complete the file of `volume`, and return its CRC-32."""
    with rar.Output(folder / slot.file_name, is_new=False) as output:
        crc = rar.seal(volume, sums, output, slot.wrap.head_bytes, dated)
        crc = slot.wrap.close(output, volume.size, crc)
        output.date(dated)
        return crc


def _describe(
    blueprint: Blueprint, volumes: Mapping[str, int], shop: Path, progress: Progress
) -> dict[str, int]:
    """Write the small files, and return path and CRC-32 of each."""
    plan = blueprint.plan
    papers = blueprint.scheme.papers(plan, volumes)
    proofs = blueprint.extras.proofs
    tick = Stage(progress, "describe", sum(map(len, papers.values())) + sum(proofs.values()))
    for folder in {(shop / path).parent for path in proofs}:
        make_folder(folder)
    written = {}
    for path, data in chain(papers.items(), prepared_proofs(plan)):
        _write(shop / path, data, plan.dated)
        written[path] = crc32(data)
        tick(len(data))
    return written


def _write(path: Path, data: bytes, dated: date) -> None:
    with rar.Output(path) as output:
        output.write(data, 0)
        output.date(dated)


def _flush(written: Collection[str], shop: Path, progress: Progress) -> None:
    """Have the disk begin to write the files that are `written`."""
    with rar.reading(shop):
        sizes = [(shop / path).stat().st_size for path in written]
    tick = Stage(progress, "flush", sum(sizes))

    def hand_over(path: str) -> None:
        with rar.Output(shop / path, is_new=False) as output:
            output.hand_over(tick)

    tick.each(hand_over, list(written))


def _verify(plan: Plan, written: Mapping[str, int], shop: Path, progress: Progress) -> Verdict:
    """Read back all that was written.

    Raises:
        Damaged: a file is not what it should be.
    """
    verdict = verify(shop / plan.name, progress, written=written, with_sha256=plan.manifest)
    if verdict.faults:
        raise verdict.faults[0]
    return verdict


def _list(plan: Plan, files: Sequence[PackedFile], shop: Path) -> PackedFile:
    """Write the manifest of `files`, and return it as it was read back."""
    data = manifest.render((file.path, file.sha256) for file in files)
    path = shop / f"{plan.name}.sha256"
    _write(path, data, plan.dated)
    listed, faults = read_file(Found.of(path, shop), with_sha256=True)
    if listed is None or listed.crc != crc32(data):
        raise next(iter(faults), Damaged("%(file)s differs from what was written", file=path.name))
    return listed.packed()


def _settle(files: Sequence[PackedFile], shop: Path, progress: Progress) -> None:
    """Wait until the disk has `files`."""
    tick = Stage(progress, "settle", sum(file.size for file in files))

    def settle(file: PackedFile) -> None:
        with rar.Output(shop / file.path, is_new=False) as output:
            output.settle(tick)

    tick.each(settle, files)
