"""What lies around the archives: samples, proofs, folders, and the files as such."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rules.facts import extension
from rules.violation import Breach, Breaches, Check, gettext_noop, on_disk

if TYPE_CHECKING:
    from rules.facts import Directory, Facts
    from rules.spec import Spec

JUDGED_APART = {"volume", "sfv"}
"""Kinds of files that have clauses of their own."""
SUBTITLES = {"subs", "subtitles"}


@on_disk
def check_loose(spec: Spec, facts: Facts, directory: Directory) -> Breaches:
    is_fix = spec.fix_contents(facts.name)
    for file in directory.loose:
        is_judged_apart = is_fix or file.kind in JUDGED_APART
        if not is_judged_apart and file.extension not in spec.loose_formats:
            yield Breach(gettext_noop("The file does not belong in a release."), {}, file.path)


@on_disk
def check_folders(spec: Spec, facts: Facts, directory: Directory) -> Breaches:
    allowed = {folder.lower() for folder in spec.folders}
    for folder in directory.folders:
        if folder.lower() not in allowed and not _is_of_subtitles(folder, spec):
            yield Breach(gettext_noop("The folder does not belong in a release."), {}, folder)


@on_disk
def check_subtitles(spec: Spec, facts: Facts, directory: Directory) -> Breaches:
    for folder in directory.folders:
        if _is_of_subtitles(folder, spec):
            yield Breach(gettext_noop("Subtitles lie in a folder of their own."), {}, folder)


def _is_of_subtitles(folder: str, spec: Spec) -> bool:
    return spec.subtitles_in_video and folder.lower() in SUBTITLES


@on_disk
def check_one_sample(spec: Spec, facts: Facts, directory: Directory) -> Breaches:
    count = len(directory.samples)
    if spec.sample_s and count != 1 and not spec.fix_contents(facts.name):
        template = gettext_noop("There are %(count)d samples, where one is due.")
        yield Breach(template, {"count": count}, "Sample")


@on_disk
def check_sample_format(spec: Spec, facts: Facts, directory: Directory) -> Breaches:
    for sample in directory.samples if spec.sample_s else ():
        if not sample.is_video or extension(sample.path) not in spec.formats:
            template = gettext_noop("The sample is no %(formats)s video that can be read.")
            yield Breach(template, {"formats": ", ".join(spec.formats).upper()}, sample.path)


@on_disk
def check_sample_length(spec: Spec, facts: Facts, directory: Directory) -> Breaches:
    for sample in directory.samples if spec.sample_s else ():
        least, most = spec.sample_s
        if sample.duration_s is not None and not least <= sample.duration_s <= most:
            template = gettext_noop(
                "The sample lasts %(seconds).1f s, %(least)d to %(most)d are due."
            )
            values = {"seconds": sample.duration_s, "least": least, "most": most}
            yield Breach(template, values, sample.path)


@on_disk
def check_proof_format(spec: Spec, facts: Facts, directory: Directory) -> Breaches:
    for proof in directory.proofs if spec.proof_pixels else ():
        if not proof.is_picture:
            yield Breach(gettext_noop("The proof is no JPG or PNG picture."), {}, proof.path)


@on_disk
def check_proof_size(spec: Spec, facts: Facts, directory: Directory) -> Breaches:
    for proof in directory.proofs if spec.proof_pixels else ():
        sides = sorted((proof.width, proof.height), reverse=True)
        wide, high = spec.proof_pixels
        if proof.is_picture and (sides[0] < wide or sides[1] < high):
            template = gettext_noop(
                "The proof has %(width)d x %(height)d pixels, at least %(wide)d x %(high)d are due."
            )
            size = {"width": proof.width, "height": proof.height}
            yield Breach(template, size | {"wide": wide, "high": high}, proof.path)


@on_disk
def check_proof_metadata(spec: Spec, facts: Facts, directory: Directory) -> Breaches:
    for proof in directory.proofs if spec.proof_pixels else ():
        if proof.has_metadata:
            yield Breach(gettext_noop("The proof carries EXIF data."), {}, proof.path)


@on_disk
def check_mode(spec: Spec, facts: Facts, directory: Directory) -> Breaches:
    for file in directory.files:
        if file.mode != spec.file_mode:
            template = gettext_noop("The file has mode %(mode)s, where %(due)s is due.")
            values = {"mode": f"{file.mode:04o}", "due": f"{spec.file_mode:04o}"}
            yield Breach(template, values, file.path)


@on_disk
def check_empty(spec: Spec, facts: Facts, directory: Directory) -> Breaches:
    for file in directory.files:
        if not file.size and file.kind != "volume":  # of which reading it back tells
            yield Breach(gettext_noop("The file is empty."), {}, file.path)


@on_disk
def check_fix_contents(spec: Spec, facts: Facts, directory: Directory) -> Breaches:
    due = spec.fix_contents(facts.name)
    kinds = {file.kind for file in directory.files}
    surplus = [file.path for file in directory.files if file.kind not in due]
    if due and surplus:
        template = gettext_noop("%(count)d of the files do not belong in a fix of this kind.")
        yield Breach(template, {"count": len(surplus)}, surplus[0])
    for kind in due:
        if kind not in kinds and kind != "nfo":
            yield Breach(gettext_noop("There is no %(kind)s, which is corrected."), {"kind": kind})


CHECKS = {
    "file-loose": Check(
        check_loose,
        gettext_noop("Nothing but the files of the rule lies in the directory."),
        gettext_noop("Move the file out of the release."),
    ),
    "folder": Check(
        check_folders,
        gettext_noop("Nothing but the folders of the rule lies in the directory."),
        gettext_noop("Move the folder out of the release."),
    ),
    "folder-subtitles": Check(
        check_subtitles,
        gettext_noop("There is no folder of subtitles."),
        gettext_noop("Put the subtitles in the video file."),
    ),
    "sample-count": Check(
        check_one_sample,
        gettext_noop("One sample lies in the folder Sample."),
        gettext_noop("Cut one sample from the video, without encoding it again."),
    ),
    "sample-format": Check(
        check_sample_format,
        gettext_noop("The sample is a video of the format of the payload."),
        gettext_noop("Cut the sample again from the video."),
    ),
    "sample-length": Check(
        check_sample_length,
        gettext_noop("The sample is as long as the rule says."),
        gettext_noop("Cut the sample again: a minute from the video."),
    ),
    "proof-format": Check(
        check_proof_format,
        gettext_noop("Proofs are JPG or PNG pictures."),
        gettext_noop("Save the picture as JPG or PNG."),
    ),
    "proof-size": Check(
        check_proof_size,
        gettext_noop("Proofs are large enough to be read."),
        gettext_noop("Take the picture again, larger."),
    ),
    "proof-metadata": Check(
        check_proof_metadata,
        gettext_noop("Proofs carry no EXIF data: it may tell who took them, and where."),
        gettext_noop("Strip the picture of its EXIF data."),
    ),
    "file-mode": Check(
        check_mode,
        gettext_noop("Files have mode 0644."),
        gettext_noop("Set the mode with chmod 644."),
    ),
    "file-empty": Check(
        check_empty,
        gettext_noop("No file is empty."),
        gettext_noop("Delete the file, or put back what it held."),
    ),
    "fix-contents": Check(
        check_fix_contents,
        gettext_noop("A fix holds what it corrects, its NFO, and nothing else."),
        gettext_noop("Make the fix again, with what it corrects and an NFO alone."),
    ),
}
