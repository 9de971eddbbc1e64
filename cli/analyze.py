"""packer analyze FILE…: say what each file is, and what it says of itself."""

import os
import sys
from argparse import ArgumentParser, Namespace
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cli.exits import Exit
from cli.output import say, say_json, tell
from releases.metadata import Analysis, AnalysisError, analyse_all_apart
from releases.telling import told

EXAMPLE = "packer analyze book.epub film.mkv --json"
FIELDS = (
    *("title", "subtitle", "authors", "language", "isbn", "publisher", "year"),
    *("series", "series_index", "pages", "chapters"),
)
VIDEO = ("video", "audio", "subtitles", "duration")

Outcome = Analysis | AnalysisError
Fact = tuple[str, str]


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "files", nargs="+", type=Path, metavar="FILE", help=_("a file, or a folder of files")
    )


def run(options: Namespace) -> Exit:
    """Print what each file says of itself; one that fails keeps no other from being read."""
    paths = list(dict.fromkeys(walked(options.files)))
    read = zip(paths, analyse_all_apart(paths), strict=True)
    return print_document(read, names(paths)) if options.json else print_blocks(read)


def walked(paths: Iterable[Path]) -> Iterator[Path]:
    """Yield `paths`, and in the place of a folder the files below it that are not hidden."""
    for path in paths:
        yield from below(path) if path.is_dir() else [path]


def below(folder: Path) -> Iterator[Path]:
    for parent, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        found = (Path(parent, name) for name in sorted(files) if not name.startswith("."))
        yield from (path for path in found if path.is_file())


def names(paths: Iterable[Path]) -> dict[Path, str]:
    """Return what each file is called: its name, or its path where another is called the same."""
    counts = Counter(path.name for path in paths)
    return {path: path.name if counts[path.name] == 1 else str(path) for path in paths}


def print_document(read: Iterable[tuple[Path, Outcome]], called: Mapping[Path, str]) -> Exit:
    document, codes = {}, set()
    for path, outcome in read:
        codes.add(code := judged(path, outcome))
        if isinstance(outcome, Analysis):
            document[called[path]] = described(path, outcome)
        else:
            message = complaint(path, outcome)
            document[called[path]] = {"error": code.name.lower(), "message": message}
            tell(f"packer: {message}")
    say_json(document)
    return worst(codes)


def print_blocks(read: Iterable[tuple[Path, Outcome]]) -> Exit:
    codes = set()
    for path, outcome in read:
        codes.add(judged(path, outcome))
        if isinstance(outcome, Analysis):
            show(str(path), list(facts(path, outcome)))
        else:
            tell(f"packer: {complaint(path, outcome)}")
    return worst(codes)


def judged(path: Path, outcome: Outcome) -> Exit:
    if isinstance(outcome, Analysis):
        return Exit.DONE
    return Exit.FAILED if path.exists() else Exit.NOT_FOUND


def worst(codes: set[Exit]) -> Exit:
    return max(codes, default=Exit.DONE)


def complaint(path: Path, error: AnalysisError) -> str:
    return told(error) if path.exists() else _("%(path)s is not there.") % {"path": path}


def described(path: Path, analysis: Analysis) -> dict[str, Any]:
    """Return what `--json` says of a file; see docs/commands.md."""
    found, media = analysis.metadata, analysis.mediainfo
    return {
        "format": analysis.format,
        "extension": extension(path),
        **{name: found.get(name) for name in FIELDS},
        "authors": found.get("authors", []),
        **{name: found[name] for name in ("encoding",) if name in found},
        **{name: media[name] for name in VIDEO if "video" in media},
        "drm": analysis.drm,
        "encrypted": analysis.encrypted,
        "valid": analysis.valid,
        "problems": [told(problem) for problem in analysis.problems],
        "cover": analysis.cover,
        "structure": [entry["path"] for entry in analysis.structure],
        "sources": analysis.sources,
    }


def extension(path: Path) -> str:
    return path.suffix.removeprefix(".").lower()


def facts(path: Path, analysis: Analysis) -> Iterator[Fact]:
    """Yield what is known, each with its label."""
    yield _("Format"), analysis.format.upper()
    yield from stated(analysis.metadata)
    yield from tracks(analysis.mediainfo)
    if analysis.cover:
        yield _("Cover"), _("yes")
    if analysis.structure:
        count = len(analysis.structure)
        files = ngettext("%(count)d file", "%(count)d files", count) % {"count": count}
        yield _("Inside"), files
    if analysis.drm:
        yield _("Protection"), analysis.drm
    for problem in analysis.problems:
        yield _("Problem"), told(problem)


def stated(found: Mapping[str, Any]) -> Iterator[Fact]:
    labels = {
        "title": _("Title"),
        "subtitle": _("Subtitle"),
        "authors": _("Authors"),
        "series": _("Series"),
        "publisher": _("Publisher"),
        "year": _("Year"),
        "language": _("Language"),
        "isbn": "ISBN",
        "pages": _("Pages"),
        "chapters": _("Chapters"),
        "encoding": _("Encoding"),
    }
    values = dict(found)
    values["authors"] = " & ".join(found.get("authors", []))
    if "series" in found and "series_index" in found:
        values["series"] = f"{found['series']}, {found['series_index']:g}"
    for name, label in labels.items():
        if values.get(name):
            yield label, str(values[name])


def tracks(media: Mapping[str, Any]) -> Iterator[Fact]:
    if video := media.get("video"):
        size = f"{video.get('width')}x{video.get('height')}"
        yield _("Video"), joined(video.get("codec"), size, video.get("hdr"))
    for track in media.get("audio", ()):
        channels = track.get("channels")
        count = channels and ngettext("%(count)d channel", "%(count)d channels", channels) % {
            "count": channels
        }
        yield _("Audio"), joined(track.get("codec"), count, track.get("language"))
    for track in media.get("subtitles", ()):
        forced = _("forced") if track.get("forced") else ""
        yield _("Subtitles"), joined(track.get("codec"), track.get("language"), forced)
    if duration := media.get("duration"):
        yield _("Duration"), str(timedelta(seconds=round(duration)))


def joined(*parts: Any) -> str:
    return ", ".join(str(part) for part in parts if part)


def show(name: str, known: list[Fact]) -> None:
    """Print the block of a file: as a table where a person looks."""
    if sys.stdout.isatty():
        from cli.blocks import draw  # noqa: PLC0415  # rich takes time that only a terminal repays

        draw(name, known)
        return
    width = max(len(label) for label, _value in known)
    lines = [f"  {label:{width}}  {value}" for label, value in known]
    say("\n".join([name.replace("\n", "\\n"), *lines, ""]))
