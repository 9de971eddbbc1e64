"""Renders a spec as the text of a rule, as such texts are worded. The texts are ours."""

from collections.abc import Iterator

from rules.spec import Spec

TEMPLATES = {
    "EBOOK": "Author.Title.YEAR.[LANGUAGE].SOURCE.[TAGS].[CLASS].[FORMAT].eBook-GROUP",
    "DOCS": "Publisher.Title.YEAR.[LANGUAGE].SOURCE.[TAGS].eBook-GROUP",
}
TV_TEMPLATE = "Show.Name.SxxEyy.[Episode.Title].[TAGS].[LANGUAGE].720p.HDTV.x264-GROUP"
TITLES = {"EBOOK": "eBook", "DOCS": "Document", "TV": "TV"}
TELLABLE = {
    "released_on": "release date",
    "year": "publication date",
    "language": "language",
    "source": "source",
    "author|publisher": "author or publisher",
    "issue|volume": "issue or volume",
}
KINDS = {"nfo": "the corrected NFO", "sample": "the sample", "proof": "the proof"}
DIGITS = {1: "one", 2: "two", 3: "three"}


def written(spec: Spec) -> dict[str, str]:
    """Return the clauses that tell the fields of `spec`, by field."""
    return {name: clause for name, clause in clauses(spec) if clause}


def drawn(told: dict[str, str]) -> str:
    """Return the clauses as a text: numbered, wrapped and in a frame."""
    lines = [line for n, one in enumerate(told.values(), 1) for line in wrapped(f"1.{n}) {one}")]
    return "\n".join(["╔" + "═" * 66 + "╗", *(f"║ {line:64} ║" for line in lines), "╚═╝"])


def wrapped(clause: str) -> Iterator[str]:
    line = ""
    for word in clause.split():
        if line and len(line) + len(word) > 63:
            yield line
            line = "    "
        line = f"{line} {word}" if line.strip() else f"{line}{word}"
    yield line


def clauses(spec: Spec) -> Iterator[tuple[str, str]]:
    is_zip = spec.scheme == "zip"
    yield "release_type", f"The Example {TITLES[spec.release_type]} Releasing Rules 2031."
    yield "formats", f"Allowed formats are: {', '.join(spec.formats).upper()}."
    zipped = "Pack releases with RAR, and put each volume in a ZIP of its own."
    yield "scheme", zipped if is_zip else "Releases must be packed with RAR."
    yield from sizes(spec)
    yield "max_volumes", f"There must be no more than {spec.max_volumes} volumes."
    yield "name_pattern", f"Directory names: {TEMPLATES.get(spec.release_type, TV_TEMPLATE)}"
    yield "max_name_length", f"Directory names must not exceed {spec.max_name_length} characters."
    yield "name_characters", "Characters allowed in directory names: A-Z a-z 0-9 . _ -"
    yield from tags(spec)
    yield from files(spec)
    yield from archives(spec)
    yield from papers(spec)
    yield from (beside_zips(spec) if is_zip else beside_rars(spec))


def sizes(spec: Spec) -> Iterator[tuple[str, str]]:
    plain = [size for size in spec.volume_sizes if size != spec.volume_step]
    listed = ", ".join(f"{size:,}" for size in plain)
    if not spec.volume_step:
        yield "volume_sizes", f"Allowed volume sizes are {listed} bytes."
        return
    step = f"multiples of {spec.volume_step:,} bytes"
    yield "volume_step", f"Volume sizes are {listed + ' bytes or ' if plain else ''}{step}."
    least = spec.min_volumes_when_larger
    yield "min_volumes_when_larger", f"Larger sizes must still give at least {least} volumes."


def tags(spec: Spec) -> Iterator[tuple[str, str]]:
    others = ", ".join(spec.never_with_readnfo)
    yield "tags", f"Allowed tags: {', '.join(spec.tags)}." if spec.tags else ""
    yield "never_with_readnfo", f"READNFO must not be used with {others}." if others else ""
    refused = ", ".join(spec.refused_fixes)
    yield "refused_fixes", f"{refused} are not allowed."
    held = (
        f"A {tag} contains {' and '.join(KINDS[k] for k in kinds)} only."
        for tag, kinds in spec.fixes.items()
    )
    yield "fixes", " ".join(held)


def files(spec: Spec) -> Iterator[tuple[str, str]]:
    if spec.max_file_name_length < 255:
        most = spec.max_file_name_length
        yield "max_file_name_length", f"File names must not be longer than {most} characters."
    asked = "File names must be in lower case and hold the tag of the group."
    free = "File names may be in upper or lower case."
    yield "tagged_lower_case", asked if spec.tagged_lower_case else free
    yield "file_mode", f"All files have mode {spec.file_mode:04o}."
    extras = "Extras may be packed with the payload."
    yield "allows_extras", extras if spec.allows_extras else "Archives hold exactly one file."
    loose = ", ".join(f".{form}" for form in spec.loose_formats)
    yield "loose_formats", f"The directory may contain nothing but {loose} and the archives."


def archives(spec: Spec) -> Iterator[tuple[str, str]]:
    yield "rar_versions", f"Archives are RAR{spec.rar_versions[0]}."
    stored = "RAR volumes must be stored, without compression."
    yield "allows_compression", "Compression is optional." if spec.allows_compression else stored
    recovery = "optional" if spec.allows_recovery else "not allowed"
    yield "allows_recovery", f"Recovery records are {recovery}."


def papers(spec: Spec) -> Iterator[tuple[str, str]]:
    yield "nfo_columns", f"The NFO is at most {spec.nfo_columns} columns wide."
    yield "nfo_encodings", f"The NFO is written in {', '.join(spec.nfo_encodings)}."
    fields = ", ".join(TELLABLE[name] for name in spec.nfo_mandatory)
    yield "nfo_mandatory", f"The NFO must include: {fields}." if fields else ""
    generic = " or ".join(spec.generic_nfos)
    yield "generic_nfos", f"The NFO must not be called {generic}."
    yield "sfv", "One SFV is mandatory." if spec.sfv else "There must be no SFV."


def beside_zips(spec: Spec) -> Iterator[tuple[str, str]]:
    yield (
        "short_name",
        f"Names of volumes are in the format {spec.short_name[0]}.{spec.short_name[1]}.",
    )
    yield "disk_digits", f"ZIPs end in {DIGITS[spec.disk_digits]} digits that count the disks."
    yield "diz_columns", f"file_id.diz has at most {spec.diz_columns} columns."
    yield "diz_lines", f"file_id.diz has at most {spec.diz_lines} lines."
    for category, names in spec.nfo_mandatory_for.items():
        fields = ", ".join(TELLABLE[name] for name in names)
        yield "nfo_mandatory_for", f"The NFO of a {category} must state the {fields}."
    sources = ", ".join(spec.source_link_for)
    yield "source_link_for", f"{sources} releases must give a source link." if sources else ""


def beside_rars(spec: Spec) -> Iterator[tuple[str, str]]:
    least, most = spec.sample_s
    yield "sample_s", f"The sample lasts {least} to {most} seconds."
    wide, high = spec.proof_pixels
    yield "proof_pixels", f"A proof has at least {wide}x{high} pixels."
    yield "folders", f"Allowed folders: {', '.join(spec.folders)}."
    yield "subtitles_in_video", "Subtitles must be muxed into the video."
