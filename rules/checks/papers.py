"""NFO, DIZ and SFV."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rules.columns import width
from rules.violation import Breach, Breaches, Check, Severity, gettext_noop, on_disk

if TYPE_CHECKING:
    from rules.facts import Directory, Diz, Facts
    from rules.spec import Spec

WORD = re.compile(r"[A-Za-z0-9._-]+")
CORRECTIONS = {"PROPER", "REPACK", "RERIP"}
MUST_TELL = {
    "released_on": gettext_noop("The NFO must tell the date of the release, as YYYY-MM-DD."),
    "year": gettext_noop("The NFO must tell the year of the work."),
    "language": gettext_noop("The NFO must tell the language of the work."),
    "source": gettext_noop("The NFO must tell the source: RETAiL, HYBRiD or SCAN."),
    "author": gettext_noop("The NFO must tell the author."),
    "publisher": gettext_noop("The NFO must tell the publisher."),
    "author|publisher": gettext_noop("The NFO must tell the author or the publisher."),
    "issue|volume": gettext_noop("The NFO must tell the issue or the volume."),
    "isbn": gettext_noop("The NFO must tell the ISBN."),
    "title": gettext_noop("The NFO must tell the title."),
}
MUST_TELL_FIELD = gettext_noop("The NFO must tell the field %(field)s.")


@on_disk
def check_one_nfo(spec: Spec, facts: Facts, directory: Directory) -> Breaches:
    paths = [file.path for file in directory.loose if file.kind == "nfo"]
    if len(paths) != 1:
        template = gettext_noop("The directory holds %(count)d NFOs, where one is due.")
        yield Breach(template, {"count": len(paths)}, paths[1] if paths else "")


@on_disk
def check_nfo_name(spec: Spec, facts: Facts, directory: Directory) -> Breaches:
    for nfo in directory.nfos:
        if nfo.path.lower() in spec.generic_nfos:
            template = gettext_noop("An NFO called %(name)s is deleted by zipscripts.")
            yield Breach(template, {"name": nfo.path}, nfo.path)


@on_disk
def check_nfo_group(spec: Spec, facts: Facts, directory: Directory) -> Breaches:
    group = facts.name.rpartition("-")[2]
    for nfo in directory.nfos:
        is_told_already = spec.tagged_lower_case or nfo.path.lower() in spec.generic_nfos
        if not is_told_already and group.lower() not in nfo.path.lower():
            template = gettext_noop("The name of the NFO does not hold the group, %(group)s.")
            yield Breach(template, {"group": group}, nfo.path)


@on_disk
def check_nfo_encoding(spec: Spec, facts: Facts, directory: Directory) -> Breaches:
    for nfo in directory.nfos:
        if nfo.encoding not in spec.nfo_encodings:
            template = gettext_noop("The NFO is written in %(encoding)s, not in: %(encodings)s.")
            values = {"encoding": nfo.encoding, "encodings": ", ".join(spec.nfo_encodings)}
            yield Breach(template, values, nfo.path)
        elif nfo.has_mark:
            yield Breach(gettext_noop("The NFO begins with a byte order mark."), {}, nfo.path)


def check_nfo_width(spec: Spec, facts: Facts) -> Breaches:
    for number, line in enumerate(facts.nfo.splitlines(), 1):
        if width(line) > spec.nfo_columns:
            template = gettext_noop(
                "Line %(number)d of the NFO has %(length)d columns, at most %(most)d are allowed."
            )
            values = {"number": number, "length": width(line), "most": spec.nfo_columns}
            yield Breach(template, values, facts.nfo_path)


def check_nfo_fields(spec: Spec, facts: Facts) -> Breaches:
    for names in spec.must_tell(facts.name):
        if not facts.known.intersection(names.split("|")):
            yield Breach(MUST_TELL.get(names, MUST_TELL_FIELD), {"field": names}, facts.nfo_path)


@on_disk
def check_nfo_corrects(spec: Spec, facts: Facts, directory: Directory) -> Breaches:
    words = re.split(r"[._-]", facts.name.upper())
    is_correction = spec.fix_contents(facts.name) or CORRECTIONS.intersection(words)
    if is_correction and facts.nfo and not _names_another(facts.nfo, facts.name):
        template = gettext_noop("The NFO does not name the release that this one corrects.")
        yield Breach(template, {}, facts.nfo_path)


def _names_another(text: str, name: str) -> bool:
    """Say whether `text` holds the name of another release, perhaps broken over lines."""
    unbroken = "".join(line.strip() for line in text.splitlines())
    found = (word.strip("._-") for word in WORD.findall(f"{text} {unbroken}"))
    return any(is_release_name(word) and word not in name for word in found)


def is_release_name(word: str) -> bool:
    return word.count(".") > 1 and "-" in word


def check_source_link(spec: Spec, facts: Facts) -> Breaches:
    if facts.source in spec.source_link_for and "url" not in facts.known:
        template = gettext_noop("The NFO of a %(source)s release should give the source link.")
        yield Breach(template, {"source": facts.source}, facts.nfo_path)


@on_disk
def check_one_diz(spec: Spec, facts: Facts, directory: Directory) -> Breaches:
    count = sum(file.kind == "diz" for file in directory.loose)
    if spec.scheme == "zip" and count != 1 and not spec.fix_contents(facts.name):
        template = gettext_noop("The directory holds %(count)d file_id.diz, where one is due.")
        yield Breach(template, {"count": count})


def _dizzes(spec: Spec, directory: Directory) -> tuple[Diz, ...]:
    return directory.dizzes if spec.scheme == "zip" else ()


@on_disk
def check_diz_size(spec: Spec, facts: Facts, directory: Directory) -> Breaches:
    for diz in _dizzes(spec, directory):
        lines = diz.data.splitlines()
        widest = max(map(len, lines), default=0)
        if widest > spec.diz_columns or len(lines) > spec.diz_lines:
            template = gettext_noop(
                "file_id.diz has %(columns)d columns and %(lines)d lines, "
                "at most %(most_columns)d and %(most_lines)d are allowed."
            )
            values = {"columns": widest, "lines": len(lines)}
            most = {"most_columns": spec.diz_columns, "most_lines": spec.diz_lines}
            yield Breach(template, values | most, diz.path)


@on_disk
def check_diz_ascii(spec: Spec, facts: Facts, directory: Directory) -> Breaches:
    for diz in _dizzes(spec, directory):
        if not diz.data.isascii():
            yield Breach(gettext_noop("file_id.diz holds more than plain ASCII."), {}, diz.path)


@on_disk
def check_diz_counter(spec: Spec, facts: Facts, directory: Directory) -> Breaches:
    for diz in _dizzes(spec, directory):
        if diz.counter_line > 1:
            template = gettext_noop("The disk counter stands in line %(line)d of file_id.diz.")
            yield Breach(template, {"line": diz.counter_line}, diz.path)


@on_disk
def check_no_sfv(spec: Spec, facts: Facts, directory: Directory) -> Breaches:
    for file in directory.of_kind("sfv"):
        if not spec.sfv:
            yield Breach(gettext_noop("An SFV lies inside the release."), {}, file.path)


@on_disk
def check_one_sfv(spec: Spec, facts: Facts, directory: Directory) -> Breaches:
    paths = [file.path for file in directory.of_kind("sfv")]
    if spec.sfv and len(paths) != 1 and not spec.fix_contents(facts.name):
        template = gettext_noop("The directory holds %(count)d SFVs, where one is due.")
        yield Breach(template, {"count": len(paths)}, paths[1] if paths else "")


@on_disk
def check_sfv_entries(spec: Spec, facts: Facts, directory: Directory) -> Breaches:
    for sfv in directory.sfvs if spec.sfv else ():
        for name in sfv.foreign_names:
            template = gettext_noop("The SFV lists %(name)s, which is no RAR volume.")
            yield Breach(template, {"name": name}, sfv.path)


CHECKS = {
    "nfo-count": Check(
        check_one_nfo,
        gettext_noop("The directory holds exactly one NFO."),
        gettext_noop("Put one NFO in the directory."),
    ),
    "nfo-name": Check(
        check_nfo_name,
        gettext_noop("The NFO has a name of its own."),
        gettext_noop("Call it as the group and the title."),
    ),
    "nfo-group": Check(
        check_nfo_group,
        gettext_noop("The name of the NFO holds the tag of the group."),
        gettext_noop("Begin the name of the NFO with the group."),
    ),
    "nfo-encoding": Check(
        check_nfo_encoding,
        gettext_noop("The NFO is in an encoding that viewers expect, without a byte order mark."),
        gettext_noop("Write the NFO again in code page 437."),
    ),
    "nfo-width": Check(
        check_nfo_width,
        gettext_noop("The lines of the NFO are no wider than allowed."),
        gettext_noop("Break the long lines of the NFO."),
    ),
    "nfo-fields": Check(
        check_nfo_fields,
        gettext_noop("The NFO tells what the rule asks for, where the name does not."),
        gettext_noop("Add the field to the metadata or to the NFO."),
    ),
    "nfo-corrects": Check(
        check_nfo_corrects,
        gettext_noop("The NFO of a release that corrects another names it."),
        gettext_noop("Write the name of the faulty release in the NFO."),
    ),
    "source-link": Check(
        check_source_link,
        gettext_noop("The NFO gives the link to the source."),
        gettext_noop("Add the address where the source is offered."),
        Severity.ELIGIBILITY,
    ),
    "diz-count": Check(
        check_one_diz,
        gettext_noop("The directory holds exactly one file_id.diz."),
        gettext_noop("Put the file_id.diz of the first ZIP in the directory, and no other."),
    ),
    "diz-size": Check(
        check_diz_size,
        gettext_noop("file_id.diz is no wider and no longer than allowed."),
        gettext_noop("Shorten file_id.diz, in the ZIPs too."),
    ),
    "diz-ascii": Check(
        check_diz_ascii,
        gettext_noop("file_id.diz is plain ASCII."),
        gettext_noop("Write file_id.diz in plain letters, in the ZIPs too."),
    ),
    "diz-counter": Check(
        check_diz_counter,
        gettext_noop("The disk counter stands in the first line of file_id.diz."),
        gettext_noop("Move the counter to the first line, in the ZIPs too."),
    ),
    "sfv-none": Check(
        check_no_sfv,
        gettext_noop("No SFV lies inside the release."),
        gettext_noop("Move the SFV beside the directory, or delete it."),
    ),
    "sfv-count": Check(
        check_one_sfv,
        gettext_noop("The directory holds exactly one SFV."),
        gettext_noop("Put one SFV of all RAR volumes in the directory."),
    ),
    "sfv-entries": Check(
        check_sfv_entries,
        gettext_noop("The SFV lists the RAR volumes and nothing else."),
        gettext_noop("Write the SFV again from the RAR volumes alone."),
    ),
}
