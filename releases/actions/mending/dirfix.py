"""What is wrong with the name and the files of a release, against its rule and its row."""

import stat
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import PurePosixPath
from typing import Any

from django.utils.translation import gettext_noop

from releases.actions.mending.aims import MOST_FILES, Aim, files_in, volumes_of
from releases.actions.mending.proposal import Change
from releases.actions.mending.rendering import made_name, renamed
from releases.actions.refusal import Refused, told
from releases.models import Release
from releases.packing import SCHEMES, naming
from releases.packing.verify.readings import FOLDER_KINDS

MOST_TOLD = 50
"""Files that are told one by one."""
EXTRAS = tuple(FOLDER_KINDS.values())


def aim(release: Release, options: Mapping[str, Any]) -> Aim:
    """Return the release as its folder should be called, with its own files and no others."""
    after = renamed(release, safe(options["name"]) if "name" in options else due_name(release))
    found = [*name_changes(release, after), *damage(release), *islice(strays(release), MOST_TOLD)]
    found += islice(other_names(release, after), MOST_TOLD)
    before, wanted = "\n".join(listed(release)), "\n".join(sorted(expected(after)))
    return Aim(release=after, changes=tuple(found), also=(("files", before, wanted),))


def safe(name: str) -> str:
    """Return `name` if a folder of a release may be called so.

    Raises:
        Refused: it may not.
    """
    try:
        naming.check_plain(name)
    except naming.NamingError as error:
        raise Refused(told(error)) from error
    return name


def due_name(release: Release) -> str:
    """Return the name that the metadata make; a correction keeps the tag that it has."""
    return release.name if release.corrects else made_name(release)


def name_changes(release: Release, after: Release) -> Iterator[Change]:
    if release.name != after.name:
        values = {"old": release.name, "new": after.name}
        yield Change(gettext_noop("The folder %(old)s becomes %(new)s."), values)
    if not release.folder.is_dir():
        yield Change(gettext_noop("The folder is missing: it is made again."))


def damage(release: Release) -> Iterator[Change]:
    if release.conformity.get("state") == "damaged":
        yield Change(gettext_noop("The latest check found damage: the package is built anew."))


def strays(release: Release) -> Iterator[Change]:
    """Yield what lies in the folder otherwise than the row says; only sizes and rights are read."""
    on_disk = dict(files_in(release.folder))
    known = {artifact.path: artifact.size for artifact in release.artifacts.all()}
    for path in sorted(on_disk.keys() - known.keys()):
        said = gettext_noop("%(file)s is no part of the release: it is left out.")
        yield Change(said, {"file": path})
    if release.folder.is_dir():
        for path in sorted(known.keys() - on_disk.keys()):
            said = gettext_noop("%(file)s is missing: it is written again.")
            yield Change(said, {"file": path})
    for path in sorted(known.keys() & on_disk.keys()):
        if known[path] != on_disk[path]:
            said = gettext_noop("%(file)s was changed: it is written again as it was packed.")
            yield Change(said, {"file": path})
    yield from empty_folders(release)
    yield from wrong_rights(release)


def empty_folders(release: Release) -> Iterator[Change]:
    known = {str(PurePosixPath(one.path).parent) for one in release.artifacts.all()}
    for path in sorted(release.folder.rglob("*"))[:MOST_FILES]:
        relative = path.relative_to(release.into)
        if path.is_dir() and not path.is_symlink() and str(relative) not in known:
            said = gettext_noop("The folder %(file)s is no part of the release: it is left out.")
            yield Change(said, {"file": str(relative)})


def wrong_rights(release: Release) -> Iterator[Change]:
    due = release.rule.spec.file_mode
    for artifact in release.artifacts.all():
        try:
            mode = stat.S_IMODE(artifact.file.lstat().st_mode)
        except OSError:
            continue
        if mode != due:
            said = gettext_noop("%(file)s has the rights %(mode)s: it gets %(due)s.")
            values = {"file": artifact.path, "mode": f"{mode:04o}", "due": f"{due:04o}"}
            yield Change(said, values)


def other_names(release: Release, after: Release) -> Iterator[Change]:
    """Yield the files that were packed under another name than they are due."""
    known = {
        str(PurePosixPath(*PurePosixPath(one.path).parts[1:])) or one.path
        for one in release.artifacts.all()
        if one.kind not in EXTRAS and "/" in one.path
    }
    due = {path.partition("/")[2] for path in expected(after) if "/" in path}
    for path in sorted(known - due):
        yield Change(gettext_noop("The file %(file)s gets another name."), {"file": path})


def listed(release: Release) -> list[str]:
    return sorted(path for path, _ in files_in(release.folder))


def expected(release: Release) -> set[str]:
    """Return the paths of what the release is to hold, and of the lists beside it."""
    plan = release.plan()
    scheme = SCHEMES[plan.scheme]
    slots = scheme.slots(plan, volumes_of(release))
    volumes = {f"{plan.name}/{slot.file_name}": 0 for slot in slots}
    lists = {f"{plan.name}.sha256"} if plan.manifest else set()
    return {*volumes, *scheme.papers(plan, volumes), *lists, *extras(release)}


def extras(release: Release) -> Iterator[str]:
    """Yield the samples and proofs, which are made again under the name of the release."""
    for artifact in release.artifacts.all():
        if artifact.kind in EXTRAS:
            folder, name = PurePosixPath(artifact.path).parts[-2:]
            yield f"{release.name}/{folder}/{name}"
