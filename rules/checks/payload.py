"""The files inside the archives, and how files are called."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from rules.violation import Breach, Breaches, Check, gettext_noop, on_disk

if TYPE_CHECKING:
    from rules.facts import Directory, Facts
    from rules.spec import Spec


def check_format(spec: Spec, facts: Facts) -> Breaches:
    others = dict.fromkeys(form for form in facts.formats if form not in spec.formats)
    if spec.allows_extras and len(others) < len(set(facts.formats)):
        return
    for form in others:
        template = gettext_noop("A %(format)s file is not allowed here, only: %(formats)s.")
        values = {"format": form.upper() or "?", "formats": ", ".join(spec.formats).upper()}
        yield Breach(template, values)


@on_disk
def check_count(spec: Spec, facts: Facts, directory: Directory) -> Breaches:
    payloads = directory.payloads
    if not spec.allows_extras and len(payloads) > 1:
        template = gettext_noop("The archives hold %(count)d files where one is due: %(names)s.")
        names = ", ".join(payload.name for payload in payloads)
        yield Breach(template, {"count": len(payloads), "names": names}, payloads[1].path)


@on_disk
def check_file_length(spec: Spec, facts: Facts, directory: Directory) -> Breaches:
    for name, path in _names(directory):
        if len(name) > spec.max_file_name_length:
            template = gettext_noop(
                "The file name %(name)s has %(length)d characters, at most %(most)d are allowed."
            )
            values = {"name": name, "length": len(name), "most": spec.max_file_name_length}
            yield Breach(template, values, path)


@on_disk
def check_case(spec: Spec, facts: Facts, directory: Directory) -> Breaches:
    for name, path in _one_of_each_stem(directory):
        if spec.tagged_lower_case and name != name.lower():
            template = gettext_noop("The file name %(name)s has capital letters.")
            yield Breach(template, {"name": name}, path)


@on_disk
def check_group(spec: Spec, facts: Facts, directory: Directory) -> Breaches:
    group = facts.name.rpartition("-")[2]
    for name, path in _one_of_each_stem(directory):
        if spec.tagged_lower_case and group.lower() not in name.lower():
            template = gettext_noop("The file name %(name)s does not hold the group, %(group)s.")
            yield Breach(template, {"name": name, "group": group}, path)


def _names(directory: Directory) -> list[tuple[str, str]]:
    """Return each file's name, and the path of the file that has it or holds it."""
    packed = [(PurePosixPath(one.name).name, one.path) for one in directory.payloads]
    return [*((file.name, file.path) for file in directory.files), *packed]


def _one_of_each_stem(directory: Directory) -> list[tuple[str, str]]:
    """Return the names that differ by more than their extension: volumes count as one."""
    stems: dict[str, tuple[str, str]] = {}
    for name, path in _names(directory):
        stems.setdefault(PurePosixPath(name).stem, (name, path))
    return list(stems.values())


CHECKS = {
    "format": Check(
        check_format,
        gettext_noop("The payload is of a format that the rule names."),
        gettext_noop("Choose a file of an allowed format, or a rule that allows this one."),
    ),
    "payload-count": Check(
        check_count,
        gettext_noop("The archives hold one file."),
        gettext_noop("Pack the one file alone."),
    ),
    "file-name-length": Check(
        check_file_length,
        gettext_noop("File names are no longer than allowed."),
        gettext_noop("Shorten the name of the file."),
    ),
    "file-name-case": Check(
        check_case,
        gettext_noop("File names are in lower case."),
        gettext_noop("Write the file name in lower case, in the SFV too."),
    ),
    "file-name-group": Check(
        check_group,
        gettext_noop("File names hold the tag of the group."),
        gettext_noop("Put the tag of the group in the file name."),
    ),
}
