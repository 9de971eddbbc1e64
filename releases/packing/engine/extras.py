"""What lies in folders of its own beside the volumes, unpacked: a sample, and proofs."""

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from releases.packing import proof, rar, sample
from releases.packing.crew import Stage
from releases.packing.engine.schemes import Scheme
from releases.packing.engine.workshops import make_folder
from releases.packing.plan import Note, PackingError, Plan, Progress

CUT = ".sample"
"""Where a sample is cut, outside the release: there may come nothing of it."""


@dataclass(frozen=True, slots=True)
class Extras:
    video: rar.Source | None
    """What the sample is cut of, where one is."""
    proofs: Mapping[str, int]
    """Path and size of each."""
    due: Set[str]
    """Paths of what may not be missing; a sample may, unless it is all that is made."""

    @property
    def bytes(self) -> int:
        """Return what they take at the most."""
        cut = min(self.video.member.size, sample.MAX_BYTES) if self.video else 0
        return cut + sum(self.proofs.values())


def draw_extras(plan: Plan, scheme: Scheme) -> Extras:
    """Return what `plan` adds to the volumes.

    Raises:
        PackingError: the scheme has no place for it, there is no video, or a proof is unfit.
    """
    if (plan.sample or plan.proofs) and not scheme.takes_extras:
        raise PackingError(
            "A release packed as %(scheme)s has neither sample nor proofs: leave them out",
            scheme=plan.scheme,
        )
    proofs = {path: len(data) for path, data in prepared_proofs(plan)}
    due = {*proofs, sample_path(plan)} if plan.sample and scheme.is_fix else {*proofs}
    return Extras(_video(plan) if plan.sample else None, proofs, due)


def _video(plan: Plan) -> rar.Source:
    for payload in plan.payloads:
        if payload.name.lower().endswith(sample.EXTENSION):
            return rar.Source.of(payload)
    raise PackingError("There is no video to cut a sample of: choose an .mkv file")


def prepared_proofs(plan: Plan) -> Iterator[tuple[str, bytes]]:
    """Yield path and bytes of each proof, one at a time."""
    for name, data in proof.prepare(plan.proofs, plan.volume_base):
        yield f"{plan.name}/{proof.FOLDER}/{name}", data


def sample_path(plan: Plan) -> str:
    name = f"{plan.volume_base.lower()}-sample{sample.EXTENSION}"
    return f"{plan.name}/{sample.FOLDER}/{name}"


def cut_sample(
    plan: Plan, extras: Extras, shop: Path, progress: Progress
) -> tuple[dict[str, int], tuple[Note, ...]]:
    """Write the sample, where one is asked for; return its path and CRC-32, or why there is none.

    Raises:
        PackingError: the video changed since it was looked at, or a fix has no sample.
    """
    if extras.video is None:
        return {}, ()
    tick = Stage(progress, "sample", 0)
    with extras.video.opened():
        note = sample.cut(extras.video.path, shop / CUT, lambda: tick(0))
    path = sample_path(plan)
    if note and path in extras.due:
        raise PackingError(note.template, **note.values)
    if note:
        return {}, (note,)
    return {path: _placed(shop / CUT, shop / path, plan.dated, tick)}, ()


def _placed(cut: Path, path: Path, dated: date, tick: Stage) -> int:
    """Move the sample to its place, date it like all files, and return its CRC-32."""
    make_folder(path.parent)
    with rar.writing(path):
        cut.rename(path)
    with rar.Output(path, is_new=False) as output:
        output.date(dated)
    with rar.Tape(path, path.name, lambda size: tick(0), with_sha256=False) as tape:
        return tape.skip(tape.left)


def lack_of_sample(plan: Plan, paths: Set[str]) -> tuple[Note, ...]:
    """Return what to say of a release that was found with these `paths`."""
    if plan.sample and sample_path(plan) not in paths:
        return (Note("No sample: none was cut when the release was packed"),)
    return ()
