"""How long packing takes, as a share of a plain copy of the same file in the same run.

`make bench` prints a table and writes benchmarks/results.json; ARGS="--megabytes 1024" asks for
another size. Figures of one machine on one day: the ratios travel, the seconds do not.
"""

import json
import shutil
import statistics
import sys
import tempfile
import time
from argparse import ArgumentParser
from collections.abc import Callable
from datetime import date
from pathlib import Path

from releases.packing import Payload, Plan, pack

MEGABYTE = 1_000_000
RESULTS = Path(__file__).parent / "results.json"


def main() -> None:
    parser = ArgumentParser()
    parser.add_argument("--megabytes", type=int, default=256)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        measured = measure(Path(folder), options.megabytes * MEGABYTE, options.rounds)
    RESULTS.write_text(json.dumps(measured, indent=2) + "\n")
    show(measured)


def measure(folder: Path, size: int, rounds: int) -> dict[str, dict[str, float]]:
    """Return median seconds of each way, and its ratio to `cp`, the ways taking turns."""
    payload = folder / "payload.mkv"
    write_noise(payload, size)
    ways: dict[str, Callable[[Path], object]] = {
        "cp": lambda into: shutil.copyfile(payload, into / "copy"),
        "TV: RAR volumes, SFV, read back": lambda into: pack(plan("rar", payload), into),
        "EBOOK: RAR in ZIP, read back": lambda into: pack(plan("zip", payload), into),
    }
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            seconds[name].append(timed(way, folder / "out"))
    medians = {name: statistics.median(times) for name, times in seconds.items()}
    return {
        name: {"seconds": round(median, 3), "ratio": round(median / medians["cp"], 2)}
        for name, median in medians.items()
    }


def write_noise(path: Path, size: int) -> None:
    with path.open("wb") as file, Path("/dev/urandom").open("rb") as noise:
        for _ in range(size // MEGABYTE):
            file.write(noise.read(MEGABYTE))


def plan(scheme: str, payload: Path) -> Plan:
    return Plan(
        name="Bench.2026.RETAiL.eBook-GRP",
        scheme=scheme,
        payloads=(Payload(path=payload, name="grp-bench.mkv"),),
        volume_base="grpbch",
        volume_bytes=50 * MEGABYTE,
        nfo=b"bench\r\n",
        nfo_name="grp-bench.nfo",
        dated=date(2026, 1, 1),
        max_volumes=99,
        diz_lines=("Bench",),
    )


def timed(way: Callable[[Path], object], into: Path) -> float:
    """Return the seconds of one run into an empty folder, which is removed afterwards."""
    into.mkdir()
    began = time.perf_counter()
    way(into)
    taken = time.perf_counter() - began
    shutil.rmtree(into)
    return taken


def show(measured: dict[str, dict[str, float]]) -> None:
    for name, figures in measured.items():
        sys.stdout.write(f"{name:34} {figures['seconds']:8.3f} s {figures['ratio']:6.2f} of cp\n")


if __name__ == "__main__":
    main()
