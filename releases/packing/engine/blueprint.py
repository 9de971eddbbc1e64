"""All that is known of a package before a byte is read, and what the plan may not say."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from releases.packing import naming, rar
from releases.packing.engine.corrections import check_correction
from releases.packing.engine.extras import Extras, draw_extras
from releases.packing.engine.schemes import SCHEMES, Scheme, Slot, companions
from releases.packing.engine.trees import gather
from releases.packing.plan import PackingError, Plan


@dataclass(frozen=True, slots=True)
class Blueprint:
    plan: Plan
    scheme: Scheme
    sources: list[rar.Source]
    volumes: list[rar.Volume]
    slots: list[Slot]
    """The places of the volumes, in their order."""
    extras: Extras

    @property
    def payload_bytes(self) -> int:
        return sum(source.member.size for source in self.sources)

    @property
    def bytes(self) -> int:
        """Return the size of archives and extras, which is nearly all there is, or a bit more."""
        volumes = sum(volume.size for volume in self.volumes)
        archived = self.payload_bytes if self.scheme.is_plain else volumes
        return archived + sum(slot.wrap.added_bytes for slot in self.slots) + self.extras.bytes


def draw(plan: Plan) -> Blueprint:
    """Lay out what `plan` asks for.

    Raises:
        PackingError: something in it is missing, unsafe, too small or too large.
    """
    scheme = _scheme(plan)
    dialect = rar.dialect(plan.rar_version)
    _check_version(plan, scheme)
    _check_names(plan, scheme)
    dialect.timestamp(plan.dated)
    if not plan.nfo:
        raise PackingError("The NFO %(name)s is empty: write it first", name=plan.nfo_name)
    check_correction(plan, scheme)
    extras = draw_extras(plan, scheme)
    sources = [] if scheme.is_fix else gather(plan.payloads)
    if scheme.is_plain:
        _check_distinct(plan, sources)
        return Blueprint(plan, scheme, sources, [], scheme.slots(plan, 0), extras)
    volumes = _volumes(plan, scheme, [source.member for source in sources])
    slots = scheme.slots(plan, len(volumes))
    blueprint = Blueprint(plan, scheme, sources, volumes, slots, extras)
    _check_file_bytes(blueprint)
    return blueprint


def _volumes(plan: Plan, scheme: Scheme, members: Sequence[rar.Member]) -> list[rar.Volume]:
    count = rar.count(members, plan.volume_bytes, plan.rar_version)
    _check_count(plan, count, min(scheme.max_volumes, rar.dialect(plan.rar_version).MAX_VOLUMES))
    return rar.layout(members, plan.volume_bytes, plan.rar_version)


def _check_distinct(plan: Plan, sources: Sequence[rar.Source]) -> None:
    """Refuse payloads that are named like what lies beside them in a plain ZIP."""
    taken = {name.lower() for name, _ in companions(plan, 1, 1)}
    for source in sources:
        if source.member.name.lower() in taken:
            raise PackingError(
                "Two files would both be %(name)s in the archive: rename one",
                name=source.member.name,
            )


def _scheme(plan: Plan) -> Scheme:
    if plan.scheme not in SCHEMES:
        raise PackingError(
            "%(scheme)s is no way to pack: choose one of %(schemes)s",
            scheme=plan.scheme,
            schemes=", ".join(SCHEMES),
        )
    return SCHEMES[plan.scheme]


def _check_version(plan: Plan, scheme: Scheme) -> None:
    if plan.rar_version not in scheme.rar_versions:
        raise PackingError(
            "The %(scheme)s scheme has names of 8.3, and those of RAR %(version)s volumes are "
            "longer: choose RAR 4",
            scheme=plan.scheme,
            version=plan.rar_version,
        )


def _check_names(plan: Plan, scheme: Scheme) -> None:
    for name in (plan.name, plan.nfo_name, plan.volume_base):
        naming.check_plain(name)
    if not plan.nfo_name.lower().endswith(".nfo"):
        raise PackingError("%(name)s cannot name the NFO: end it with .nfo", name=plan.nfo_name)
    if not re.fullmatch(scheme.base, plan.volume_base):
        raise PackingError(
            "Volume names cannot begin with %(base)s: use one to six letters and digits",
            base=plan.volume_base,
        )
    if not scheme.is_fix:
        _check_payload_names(plan)


def _check_payload_names(plan: Plan) -> None:
    if not plan.payloads:
        raise PackingError("There is nothing to pack: choose a file")
    for payload in plan.payloads:
        naming.check_payload_name(payload.name)


def _check_count(plan: Plan, count: int, most: int) -> None:
    most = min(plan.max_volumes, most)
    if count > most:
        raise PackingError(
            "%(count)s volumes of %(volume_bytes)s bytes would be needed "
            "and %(most)s are allowed: choose larger volumes",
            count=count,
            volume_bytes=plan.volume_bytes,
            most=most,
        )


def _check_file_bytes(blueprint: Blueprint) -> None:
    most = blueprint.scheme.max_file_bytes
    for volume, slot in zip(blueprint.volumes, blueprint.slots, strict=True):
        if volume.size + slot.wrap.added_bytes > most:
            raise PackingError(
                "A volume of %(volume_bytes)s bytes does not fit in a file of %(most)s bytes, "
                "the most this way to pack allows: choose smaller volumes",
                volume_bytes=blueprint.plan.volume_bytes,
                most=most,
            )
