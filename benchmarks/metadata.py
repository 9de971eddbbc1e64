"""How long files take to read, and how much memory.

`make bench-metadata` prints a table. The files are those of the corpus beside the clone, or,
without it, made by code; calibre's times are those recorded there. Figures of one machine on one
day: the ratios travel, the seconds do not.
"""

import json
import statistics
import sys
import tempfile
import time
from argparse import ArgumentParser
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.measuring import peak_bytes, shell
from releases.metadata import analyse, read_apart
from tests.books import make_epub, make_mobi, make_video
from tests.packing.videos import ffmpeg

SHARED = Path(__file__).parents[2] / "shared"
CORPUS = SHARED / "corpus" / "dev"
CALIBRE = SHARED / "judges" / "calibre_dev.json"
PACKER = Path(sys.executable).parent / "packer"
MADE = 20
"""Files of each kind, where there is no corpus."""


def main() -> None:
    parser = ArgumentParser()
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--gibibytes", type=int, default=4, help="of the large video")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        files = corpus() or made(Path(folder))
        line("", "files", "median ms", "p95 ms", "max ms")
        show("in a warm process", in_this_process(files, options.rounds))
        show("in a child of its own", apart(files, options.rounds))
        show("the same, with its cover", apart(files, options.rounds, wants_covers=True))
        show("packer analyze, a command each", commands_each(files))
        show("packer analyze, one command for all", command_for_all(files, options.rounds))
        show("calibre's ebook-meta, a command each, as recorded", recorded(files))
        show_large(make_large(Path(folder), options.gibibytes << 30), options.gibibytes)


def corpus() -> list[Path]:
    if not CORPUS.exists():
        return []
    listed = json.loads((CORPUS / "expected.json").read_text())["files"]
    return [CORPUS / one["file"] for one in listed if one["format"] != "nfo"]


def made(folder: Path) -> list[Path]:
    makers = {"epub": make_epub, "mobi": make_mobi, "mkv": make_video}
    return [
        make(folder / f"{number}.{suffix}")
        for suffix, make in makers.items()
        for number in range(MADE)
    ]


def in_this_process(files: Sequence[Path], rounds: int) -> list[float]:
    """Return the seconds of each file, its median of all rounds but the first."""

    def seconds(path: Path) -> float:
        began = time.perf_counter()
        analyse(path)
        return time.perf_counter() - began

    times = [[seconds(path) for path in files] for _ in range(rounds + 1)]
    return medians(times[1:])


def apart(files: Sequence[Path], rounds: int, *, wants_covers: bool = False) -> list[float]:
    times = [
        [reading.seconds for reading in read_apart(files, wants_covers=wants_covers)]
        for _ in range(rounds)
    ]
    return medians(times)


def commands_each(files: Sequence[Path]) -> list[float]:
    return [command_s(path) for path in files]


def command_for_all(files: Sequence[Path], rounds: int) -> list[float]:
    """Return the share of each file in the time of the one command."""
    median = statistics.median(command_s(*files) for _ in range(rounds))
    return [median / len(files)] * len(files)


def command_s(*files: Path) -> float:
    began = time.perf_counter()
    shell(PACKER, "analyze", "--json", *files)
    return time.perf_counter() - began


def recorded(files: Sequence[Path]) -> list[float]:
    if not CALIBRE.exists():
        return []
    peers: Mapping[str, Mapping[str, float]] = json.loads(CALIBRE.read_text())
    return [peers[path.name]["_seconds"] for path in files if path.name in peers]


def medians(rounds: Sequence[Sequence[float]]) -> list[float]:
    return [statistics.median(times) for times in zip(*rounds, strict=True)]


def make_large(folder: Path, size: int) -> Path:
    """Write a film of noise, as long as it takes to reach `size`, and return its path."""
    noise = ["-f", "lavfi", "-i", "testsrc2=s=1280x720:r=25,noise=alls=60:allf=t", "-t", "10"]
    seed = ffmpeg(folder / "seed.mkv", *noise, "-c:v", "mpeg4", "-q:v", "2")
    times = str(size // seed.stat().st_size)
    return ffmpeg(folder / "large.mkv", "-stream_loop", times, "-i", str(seed), "-c", "copy")


def show(name: str, seconds: Sequence[float]) -> None:
    if not seconds:
        return
    ordered = sorted(seconds)
    figures = (statistics.median(ordered), ordered[int(len(ordered) * 0.95)], ordered[-1])
    line(name, str(len(ordered)), *(f"{figure * 1000:.1f}" for figure in figures))


def show_large(video: Path, gibibytes: int) -> None:
    (reading,) = read_apart([video])
    peak = peak_bytes(PACKER, "analyze", video)
    sys.stdout.write(
        f"\na video of {gibibytes} GiB: {reading.seconds:.2f} s, "
        f"{reading.rss_bytes >> 20} MiB in its child, {peak >> 20} MiB in all of packer analyze\n"
    )


def line(name: str, *cells: str) -> None:
    sys.stdout.write(f"{name:50}" + "".join(f"{cell:>12}" for cell in cells) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
