"""A minute from the middle of a video, cut without encoding it again.

Source: docs/formats/sample.md.
"""

import shutil
from collections.abc import Callable
from pathlib import Path

from releases.packing.apart import Limits, run
from releases.packing.plan import Note

FOLDER = "Sample"
EXTENSION = ".mkv"
LEAST_S, LENGTH_S, MOST_S = 50, 60, 70
MAX_BYTES = 1 << 29
"""A minute at 70 Mbit/s, more than the video of any rule has."""
ATTEMPTS = 4
SEEK_MARGIN_S = 0.5
"""ffmpeg seeks to the key frame before a point that lies a little before the one asked for."""

STATISTICS = ("BPS", "DURATION", "NUMBER_OF_FRAMES", "NUMBER_OF_BYTES", "_STATISTICS_TAGS")
"""What mkvmerge notes of each whole track, in tags whose language is English."""
READING = ("-v", "error", "-protocol_whitelist", "file,pipe", "-f", "matroska")
"""Neither a playlist nor an address may lead anywhere else."""


def cut(video: Path, target: Path, tick: Callable[[], None]) -> Note | None:
    """Write a minute from the middle of `video` to `target`, or return why there is none.

    `tick` is called often; what it raises ends the cutting. What lies at `target` when there is
    no sample, or when something was raised, is of no use.

    Raises:
        PackingError: the system starts no process.
    """
    ffmpeg = shutil.which("ffmpeg")
    if ffmpeg is None or shutil.which("ffprobe") is None:
        return Note("No sample: ffmpeg is not installed. Install it, then pack again")
    length_s = duration_s(video, tick)
    if length_s is None:
        return Note("No sample: ffmpeg cannot read the video. Try another copy of it")
    if length_s < MOST_S:
        return Note("No sample: the video is shorter than %(least)s s", least=MOST_S)
    return _cut(ffmpeg, video, target, (length_s - LENGTH_S) / 2, tick)


def _cut(
    ffmpeg: str, video: Path, target: Path, start_s: float, tick: Callable[[], None]
) -> Note | None:
    """Cut near `start_s`: a cut begins at a key frame before, where there is one."""
    for _ in range(ATTEMPTS):
        command = _command(ffmpeg, video, target, start_s)
        if run(command, Limits(file_bytes=MAX_BYTES), tick) is None:
            return Note("No sample: ffmpeg cannot cut the video. Try another copy of it")
        cut_s = duration_s(target, tick) or 0
        if LEAST_S <= cut_s <= MOST_S:
            return None
        # Too long, it began so much too early; too short, the video ends so much before it says.
        start_s = max(0, start_s - abs(cut_s - LENGTH_S) + SEEK_MARGIN_S)
    return Note(
        "No sample: the video cannot be cut to %(least)s to %(most)s s where it has key frames",
        least=LEAST_S,
        most=MOST_S,
    )


def _command(ffmpeg: str, video: Path, target: Path, start_s: float) -> list[str]:
    # Of the whole video, not of the sample: chapters and statistics would say what is not so.
    untrue = [part for name in STATISTICS for part in ("-metadata:s", f"{name}-eng=")]
    return [
        *(ffmpeg, "-nostdin", *READING, "-ss", f"{start_s:.3f}", "-t", str(LENGTH_S)),
        *("-i", _address(video), "-map", "0", "-map_chapters", "-1", *untrue),
        *("-ignore_unknown", "-c", "copy", "-fflags", "+bitexact"),
        *("-f", "matroska", "-y", _address(target)),
    ]


def duration_s(video: Path, tick: Callable[[], None]) -> float | None:
    """Return how long `video` says it is; None where ffprobe is absent, or cannot tell."""
    ffprobe = shutil.which("ffprobe")
    if ffprobe is None:
        return None
    printing = ("-show_entries", "format=duration", "-of", "csv=p=0")
    printed = run([ffprobe, *READING, *printing, _address(video)], Limits(), tick)
    try:
        return float(printed or b"")
    except ValueError:  # N/A
        return None


def _address(path: Path) -> str:
    """Return the address of `path`, which is not taken for an option or for another protocol."""
    return f"file:{path.resolve()}"
