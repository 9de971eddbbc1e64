"""How long the command takes from the shell to its answer, and how much memory it holds."""

import os
import shutil
import sys
from collections.abc import Sequence
from itertools import count
from pathlib import Path

from benchmarks.measuring import Clock, Row, peak_bytes, settled, shell, show, table

PACKER = Path(sys.executable).parent / "packer"
RAW_FRAME_BYTES, FRAMES_A_SECOND = 160 * 120 * 3 // 2, 14
"""What makes a video of a gibibyte last three quarters of an hour, as an episode does."""
runs = count(1)

COPY_SYNCED, SAME = "cp, then sync", "the same: it ends on the disk"
COPY, START, COMMAND = "cp", "packer pack of a short video: start-up", "packer pack, less start-up"
ROWS = (
    Row(COPY, COPY),
    Row(COPY_SYNCED, COPY_SYNCED),
    Row(START, COPY),
    Row(COMMAND, COPY, 1.5),
    Row(SAME, COPY_SYNCED, 1.5),
    Row("packer pack, with SHA-256 manifest", "sha256sum", 1.1),
    Row("sha256sum", "sha256sum"),
)


def measured(folder: Path, sizes: Sequence[float], rounds: int) -> dict[str, object]:
    """Return a table and the peak memory in bytes for each of `sizes` in gibibytes."""
    if not shutil.which("ffmpeg"):
        sys.stderr.write("ffmpeg is not installed: the command is not measured\n")
        return {}
    os.environ["DATA_DIR"] = str(folder / "data")
    shell(PACKER, "setup")
    return {f"{gibibytes} GiB": measured_size(folder, gibibytes, rounds) for gibibytes in sizes}


def measured_size(folder: Path, gibibytes: float, rounds: int) -> dict[str, object]:
    short = make_video(folder / "Bench.2025.WEB.H264-GRP.mkv", 1 << 16)
    video = make_video(folder / "Bench.2026.WEB.H264-GRP.mkv", int(gibibytes * (1 << 30)))
    clock, out = Clock(), folder / "out"
    for _ in range(rounds):
        one_round(clock, short, video, out)
    peak = peak_bytes(*packing(video, settled(out)))
    lines = table(ROWS, clock)
    show(f"The command, {gibibytes} GiB, at most {peak >> 20} MiB of memory", lines)
    shutil.rmtree(out)
    video.unlink()
    return {"table": lines, "peak_bytes": peak}


def one_round(clock: Clock, short: Path, video: Path, out: Path) -> None:
    into = settled(out)
    clock.time(COPY, lambda: shell("cp", video, into / "copy"))
    clock.time(COPY_SYNCED, lambda: shell("sync", into / "copy"))
    clock.seconds[COPY_SYNCED][-1] += clock.seconds[COPY][-1]
    into = settled(out)
    clock.time(START, lambda: shell(*packing(short, into)))
    clock.time(COMMAND, lambda: shell(*packing(video, into)))
    clock.seconds[COMMAND][-1] -= clock.seconds[START][-1]
    clock.add(SAME, clock.seconds[COMMAND][-1])
    clock.time("sha256sum", lambda: shell("sha256sum", video))
    into = settled(out)
    clock.time(
        "packer pack, with SHA-256 manifest", lambda: shell(*packing(video, into, manifest=True))
    )


def packing(video: Path, out: Path, *, manifest: bool = False) -> list[str | Path]:
    """Return the command; a release is made once in a folder, so each has its own."""
    into = out / str(next(runs))
    command: list[str | Path] = [
        PACKER,
        "pack",
        video,
        "--group",
        "GRP",
        "--type",
        "TV",
        "--output",
        into,
    ]
    if not manifest:
        command.append("--no-sfv")
    return command


def make_video(path: Path, size: int) -> Path:
    """Write an uncompressed video of about `size` bytes, and return its path."""
    picture = f"testsrc=s=160x120:r={FRAMES_A_SECOND}"
    shell(
        *("ffmpeg", "-v", "error", "-nostdin", "-y", "-f", "lavfi", "-i", picture),
        *("-frames:v", str(max(1, size // RAW_FRAME_BYTES))),
        *("-pix_fmt", "yuv420p", "-c:v", "rawvideo", path),
    )
    return path
