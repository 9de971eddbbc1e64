"""How a section packs: which file each volume goes to, and which small files lie around them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from releases.packing import diz, rar, sfv
from releases.packing.plan import Plan
from releases.packing.zip import MAX_BYTES, Envelope

MAX_ZIPS = 99
"""What two digits can count: with a base of six they make a name of 8.3."""


class Bare:
    """No envelope: the file is the RAR volume."""

    head_bytes = 0
    added_bytes = 0

    def close(self, output: rar.Output, size: int, crc: int) -> int:
        return crc


@dataclass(frozen=True, slots=True)
class Slot:
    """Where a volume goes."""

    file_name: str
    wrap: Envelope | Bare
    """What surrounds the volume in that file."""


@dataclass(frozen=True, slots=True)
class Scheme:
    max_volumes: int
    """0: no payload is archived."""
    max_file_bytes: int
    base: str
    """The form `Plan.volume_base` must have, a regular expression."""
    slots: Callable[[Plan, int], list[Slot]]
    """Takes the number of volumes."""
    papers: Callable[[Plan, Mapping[str, int]], dict[str, bytes]]
    """Takes path and CRC-32 of the files that hold volumes; gives path and bytes of the others."""
    is_plain: bool = False
    """Whether the payloads are deflated in one ZIP, without RAR volumes."""
    takes_extras: bool = True
    """Whether a sample and proofs may lie beside the volumes."""
    rar_versions: tuple[int, ...] = (4,)
    """Those whose volume names it can take."""

    @property
    def is_fix(self) -> bool:
        return self.max_volumes == 0


def zip_slots(plan: Plan, volumes: int) -> list[Slot]:
    """Put each RAR volume in a ZIP of its own, with the NFO and a description that counts it."""
    slots = []
    for disk, name in enumerate(rar.volume_names(f"{plan.volume_base}01", volumes), 1):
        envelope = Envelope(name, companions(plan, disk, volumes), plan.dated)
        slots.append(Slot(f"{plan.volume_base}{disk:02}.zip", envelope))
    return slots


def companions(plan: Plan, disk: int, disks: int) -> tuple[tuple[str, bytes], ...]:
    """Return name and bytes of the small files that go into a ZIP."""
    return ((diz.NAME, diz.render(plan.diz_lines, disk, disks)), (plan.nfo_name, plan.nfo))


def zip_papers(plan: Plan, written: Mapping[str, int]) -> dict[str, bytes]:
    papers = {
        f"{plan.name}/{plan.nfo_name}": plan.nfo,
        f"{plan.name}/{diz.NAME}": diz.render(plan.diz_lines, 1, len(written)),
    }
    return papers | ({f"{plan.name}.sfv": sfv.render(written.items())} if plan.sfv else {})


def rar_slots(plan: Plan, volumes: int) -> list[Slot]:
    names = rar.volume_names(plan.volume_base, volumes, plan.rar_version)
    return [Slot(name, Bare()) for name in names]


def rar_papers(plan: Plan, written: Mapping[str, int]) -> dict[str, bytes]:
    sums = [(PurePosixPath(path).name, crc) for path, crc in written.items()]
    return {
        f"{plan.name}/{plan.nfo_name}": plan.nfo,
        f"{plan.name}/{plan.volume_base}.sfv": sfv.render(sums),
    }


def plain_slots(plan: Plan, volumes: int) -> list[Slot]:
    return [Slot(f"{plan.volume_base}.zip", Bare())]


def fix_slots(plan: Plan, volumes: int) -> list[Slot]:
    return []


def fix_papers(plan: Plan, written: Mapping[str, int]) -> dict[str, bytes]:
    return {f"{plan.name}/{plan.nfo_name}": plan.nfo}


SCHEMES = {
    "zip": Scheme(
        MAX_ZIPS, MAX_BYTES, "[A-Za-z0-9]{1,6}", zip_slots, zip_papers, takes_extras=False
    ),
    "rar": Scheme(
        rar.dialect(5).MAX_VOLUMES,
        (1 << 63) - 1,
        "[A-Za-z0-9._-]+",
        rar_slots,
        rar_papers,
        rar_versions=(4, 5),
    ),
    "plain": Scheme(
        1,
        (1 << 63) - 1,
        "[A-Za-z0-9._-]+",
        plain_slots,
        zip_papers,
        is_plain=True,
        takes_extras=False,
        rar_versions=(4, 5),
    ),
    "fix": Scheme(0, 0, "[A-Za-z0-9._-]+", fix_slots, fix_papers, rar_versions=(4, 5)),
}
