"""The archives: sizes, counts, names, and how they are made."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from rules.violation import Breach, Breaches, Check, gettext_noop, on_disk

if TYPE_CHECKING:
    from rules.facts import Archive, Directory, Facts, File, Volume
    from rules.spec import Spec

SHORT_NAME = r"[A-Za-z0-9_-]{1,%d}(\.[A-Za-z0-9_-]{1,%d})?"
RAR_5 = 5


def check_size(spec: Spec, facts: Facts) -> Breaches:
    is_known = facts.directory is None or facts.directory.volumes
    if is_known and not spec.allows_volume_bytes(facts.volume_bytes):
        template = gettext_noop("Volumes of %(size)d bytes are not allowed, only: %(sizes)s.")
        sizes = ", ".join(f"{size:,}" for size in spec.volume_sizes)
        yield Breach(template, {"size": facts.volume_bytes, "sizes": sizes})


def check_most(spec: Spec, facts: Facts) -> Breaches:
    if facts.volumes > spec.max_volumes:
        template = gettext_noop("%(count)d volumes are too many, at most %(most)d are allowed.")
        yield Breach(template, {"count": facts.volumes, "most": spec.max_volumes})


def check_least(spec: Spec, facts: Facts) -> Breaches:
    step = spec.volume_step
    larger = step and facts.volume_bytes > step and facts.volume_bytes % step == 0
    fits_smaller = (
        facts.volumes * facts.volume_bytes <= (facts.volume_bytes - step) * spec.max_volumes
    )
    if larger and fits_smaller and facts.volumes < spec.min_volumes_when_larger:
        template = gettext_noop("%(count)d volumes are too few for this size, at least %(least)d.")
        yield Breach(template, {"count": facts.volumes, "least": spec.min_volumes_when_larger})


@on_disk
def check_any(spec: Spec, facts: Facts, directory: Directory) -> Breaches:
    if not spec.fix_contents(facts.name) and not directory.of_kind("volume"):
        yield Breach(gettext_noop("There is no volume of an archive."))


@on_disk
def check_equal(spec: Spec, facts: Facts, directory: Directory) -> Breaches:
    for volume in directory.volumes:
        is_last = volume is directory.volumes[-1]
        if not _is_full(volume, facts.volume_bytes, may_be_smaller=is_last):
            template = gettext_noop("The RAR volume has %(size)d bytes where %(usual)d are due.")
            yield Breach(template, {"size": volume.size, "usual": facts.volume_bytes}, volume.path)


def _is_full(volume: Volume, volume_bytes: int, *, may_be_smaller: bool) -> bool:
    is_smaller = volume.size < volume_bytes and (may_be_smaller or volume.ends_file)
    return is_smaller or volume.size == volume_bytes


@on_disk
def check_nesting(spec: Spec, facts: Facts, directory: Directory) -> Breaches:
    volumes = directory.of_kind("volume")
    wrong = [file for file in volumes if (file.extension == "zip") != (spec.scheme == "zip")]
    if wrong:
        bare = gettext_noop("A RAR volume lies in the directory, not in a ZIP of its own.")
        wrapped = gettext_noop("A ZIP lies where only RAR volumes may be.")
        yield Breach(bare if spec.scheme == "zip" else wrapped, {}, wrong[0].path)


@on_disk
def check_short_names(spec: Spec, facts: Facts, directory: Directory) -> Breaches:
    if spec.scheme != "zip":
        return
    names = [(file.name, file.path) for file in directory.of_kind("volume")]
    names += [(volume.name, volume.path) for volume in directory.volumes]
    for name, path in dict.fromkeys(names):
        if not re.fullmatch(SHORT_NAME % spec.short_name, name):
            template = gettext_noop(
                "The name %(name)s is not one of %(stem)d characters and %(extension)d."
            )
            stem, extension = spec.short_name
            yield Breach(template, {"name": name, "stem": stem, "extension": extension}, path)
            return


def _zip_files(spec: Spec, directory: Directory) -> list[File]:
    is_due = spec.scheme == "zip"
    return [file for file in directory.of_kind("volume") if is_due and file.extension == "zip"]


@on_disk
def check_zip_numbers(spec: Spec, facts: Facts, directory: Directory) -> Breaches:
    """Ask the names of the ZIPs to count the disks; where one is missing there is no telling."""
    zips = _zip_files(spec, directory)
    is_whole = {diz.disks for diz in directory.dizzes} == {len(zips)}
    for disk, file in enumerate(zips, 1):
        number = f"{disk:0{spec.disk_digits}}"
        if is_whole and not file.name[:-4].endswith(number):
            template = gettext_noop("The name %(name)s does not end in %(disk)s, its disk.")
            yield Breach(template, {"name": file.name, "disk": number}, file.path)
            return


@on_disk
def check_base(spec: Spec, facts: Facts, directory: Directory) -> Breaches:
    yield from _differing({volume.base.lower(): volume.path for volume in directory.volumes})
    zips = _zip_files(spec, directory)
    yield from _differing({file.name.lower()[: -4 - spec.disk_digits]: file.path for file in zips})


def _differing(paths: dict[str, str]) -> Breaches:
    """Find more than one base; `paths` gives for each the path of a volume that has it."""
    if len(paths) > 1:
        template = gettext_noop("The names of the volumes begin differently: %(bases)s.")
        yield Breach(template, {"bases": ", ".join(paths)}, next(reversed(paths.values())))


@on_disk
def check_naming(spec: Spec, facts: Facts, directory: Directory) -> Breaches:
    template = gettext_noop("The volume is called %(name)s, in the way of RAR 5.")
    may_be_new = RAR_5 in spec.rar_versions
    wrong = [volume for volume in directory.volumes if volume.has_new_name and not may_be_new]
    yield from _first(wrong, template)


@on_disk
def check_version(spec: Spec, facts: Facts, directory: Directory) -> Breaches:
    template = gettext_noop("The archive is RAR %(version)d.")
    yield from _first(
        (v for v in directory.volumes if v.version not in spec.rar_versions), template
    )


@on_disk
def check_stored(spec: Spec, facts: Facts, directory: Directory) -> Breaches:
    if not spec.allows_compression:
        template = gettext_noop("The archive is compressed.")
        yield from _first((v for v in directory.volumes if not v.is_stored), template)


@on_disk
def check_encryption(spec: Spec, facts: Facts, directory: Directory) -> Breaches:
    template = gettext_noop("The archive is encrypted.")
    yield from _first((v for v in directory.volumes if v.is_encrypted), template)
    for archive in directory.archives:
        if any(entry.is_encrypted for entry in archive.entries):
            yield Breach(gettext_noop("The ZIP is encrypted."), {}, archive.path)


@on_disk
def check_recovery(spec: Spec, facts: Facts, directory: Directory) -> Breaches:
    if not spec.allows_recovery:
        template = gettext_noop("The archive has a recovery record.")
        yield from _first((v for v in directory.volumes if v.has_recovery), template)


def _first(volumes: Iterable[Volume], template: str) -> Breaches:
    """Find in the first of `volumes` what holds for their whole set."""
    for volume in volumes:
        yield Breach(template, {"name": volume.name, "version": volume.version}, volume.path)
        return


def _zips(spec: Spec, directory: Directory) -> tuple[Archive, ...]:
    return directory.archives if spec.scheme == "zip" else ()


@on_disk
def check_zip_stored(spec: Spec, facts: Facts, directory: Directory) -> Breaches:
    for archive in _zips(spec, directory):
        names = [entry.name for entry in archive.entries if not entry.is_stored]
        if names:
            template = gettext_noop("The ZIP compresses %(names)s.")
            yield Breach(template, {"names": ", ".join(names)}, archive.path)


@on_disk
def check_zip_contents(spec: Spec, facts: Facts, directory: Directory) -> Breaches:
    volumes = {volume.path: volume.name for volume in directory.volumes}
    for archive in _zips(spec, directory):
        names = sorted(entry.name for entry in archive.entries)
        kinds = ["volume" if name == volumes.get(archive.path) else _kind(name) for name in names]
        if sorted(kinds) != ["diz", "nfo", "volume"]:
            template = gettext_noop(
                "The ZIP holds %(names)s, where a RAR volume, an NFO and file_id.diz are due."
            )
            yield Breach(template, {"names": ", ".join(names)}, archive.path)


def _kind(name: str) -> str:
    return name.lower().removeprefix("file_id.").rpartition(".")[2]


CHECKS = {
    "volume-size": Check(
        check_size,
        gettext_noop("Volumes have a size that the rule names."),
        gettext_noop("Choose an allowed size, and pack with it."),
    ),
    "volume-count": Check(
        check_most,
        gettext_noop("There are no more volumes than allowed."),
        gettext_noop("Choose larger volumes."),
    ),
    "volume-minimum": Check(
        check_least,
        gettext_noop("Volumes larger than needed are still many enough."),
        gettext_noop("Choose smaller volumes."),
    ),
    "volume-none": Check(
        check_any,
        gettext_noop("The release holds its archive."),
        gettext_noop("Pack the file, or check the path."),
    ),
    "volume-equal": Check(
        check_equal,
        gettext_noop("All volumes but the last have the same size, and the last is no larger."),
        gettext_noop("Pack again: cut all volumes to one size."),
    ),
    "volume-nesting": Check(
        check_nesting,
        gettext_noop("RAR volumes lie each in a ZIP, or in the directory, as the rule says."),
        gettext_noop("Pack again by the scheme of the rule."),
    ),
    "volume-short-name": Check(
        check_short_names,
        gettext_noop("Names of ZIPs and of the volumes in them are 8.3."),
        gettext_noop("Pack again with a base of six letters and digits."),
    ),
    "zip-number": Check(
        check_zip_numbers,
        gettext_noop("The names of the ZIPs end in digits that count the disks."),
        gettext_noop("Number the ZIPs 01, 02 and so on."),
    ),
    "volume-base": Check(
        check_base,
        gettext_noop("The names of all volumes begin alike."),
        gettext_noop("Give all volumes of the set one base name."),
    ),
    "volume-naming": Check(
        check_naming,
        gettext_noop("RAR volumes have the old names .rar, .r00, .r01."),
        gettext_noop("Pack again with old volume names."),
    ),
    "rar-version": Check(
        check_version,
        gettext_noop("The archive is of a RAR version that the rule names."),
        gettext_noop("Pack again as RAR 4."),
    ),
    "rar-stored": Check(
        check_stored,
        gettext_noop("The archive is stored, not compressed."),
        gettext_noop("Pack again without compression."),
    ),
    "archive-encrypted": Check(
        check_encryption,
        gettext_noop("No archive is encrypted."),
        gettext_noop("Pack again without a password."),
    ),
    "rar-recovery": Check(
        check_recovery,
        gettext_noop("The archive has no recovery record."),
        gettext_noop("Pack again without a recovery record."),
    ),
    "zip-stored": Check(
        check_zip_stored,
        gettext_noop("ZIPs store what they hold, without compressing it."),
        gettext_noop("Pack again: store, do not deflate."),
    ),
    "zip-contents": Check(
        check_zip_contents,
        gettext_noop("Each ZIP holds one RAR volume, the NFO and file_id.diz."),
        gettext_noop("Pack again: nothing else goes in a ZIP."),
    ),
}
