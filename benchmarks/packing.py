"""How long packing takes, as shares of what other programs take for the same file.

`make bench` prints tables and writes benchmarks/results.json; ARGS="--gibibytes 0.1 1 4" asks for
other sizes. Figures of one machine on one day: the ratios travel, the seconds do not.
"""

import os
import shutil
import sys
import tempfile
import time
from argparse import ArgumentParser
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from pathlib import Path

from isal.isal_zlib import crc32

from benchmarks import commands
from benchmarks.measuring import Clock, Row, keep, settled, shell, show, table
from releases.packing import Package, Payload, Plan, pack, verify
from releases.packing.rar import PIECE_BYTES

VOLUME_BYTES = 50_000_000
GIBIBYTE = 1 << 30
COPY, COPY_SYNCED = "cp", "cp, then sync"
ROWS = (
    Row("read once, summed, written once: the floor", COPY),
    Row(COPY, COPY),
    Row("TV: RAR volumes, SFV", COPY, 0.75),
    Row("EBOOK: RAR in ZIP, NFO, DIZ", COPY, 0.86),
    Row("TV, read back too", COPY),
    Row("EBOOK, read back too", COPY),
    Row(COPY_SYNCED, COPY_SYNCED),
    Row("TV, on the disk", COPY_SYNCED, 0.9),
    Row("EBOOK, on the disk", COPY_SYNCED, 1.03),
    Row("TV, all of it", COPY_SYNCED),
    Row("EBOOK, all of it", COPY_SYNCED),
    Row("sha256sum", "sha256sum"),
    Row("TV, read back, with SHA-256 manifest", "sha256sum", 1.1),
    Row("rhash --check of the SFV", "rhash --check of the SFV"),
    Row("verify", "rhash --check of the SFV", 1.2),
    Row("7z a -mx0 -v50m, then rhash --sfv", COPY),
    Row("zip -0", COPY),
)


def main() -> None:
    parser = ArgumentParser()
    parser.add_argument("--gibibytes", type=float, nargs="+", default=[1.0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--folder", type=Path, help="on the disk to measure")
    options = parser.parse_args()
    results: dict[str, object] = {}
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        for gibibytes in options.gibibytes:
            results[f"{gibibytes} GiB"] = lines = measured(Path(folder), gibibytes, options.rounds)
            show(f"{gibibytes} GiB, median of {options.rounds} rounds", lines)
        results["command"] = commands.measured(Path(folder), options.gibibytes, options.rounds)
    keep(results)


def measured(folder: Path, gibibytes: float, rounds: int) -> list[dict[str, object]]:
    payload = folder / "payload.mkv"
    write_noise(payload, int(gibibytes * GIBIBYTE))
    clock = Clock()
    for _ in range(rounds):
        one_round(clock, payload, folder / "out")
    shutil.rmtree(folder / "out")
    payload.unlink()
    return table(ROWS, clock)


def one_round(clock: Clock, payload: Path, out: Path) -> None:
    floor(payload, settled(out))  # not timed: who comes first pays for what was before
    into = settled(out)
    clock.time("read once, summed, written once: the floor", lambda: floor(payload, into))
    copied(clock, payload, settled(out))
    packed(clock, "TV", plan("rar", payload), settled(out))
    checked(clock, out / NAME)
    packed(clock, "EBOOK", plan("zip", payload), settled(out))
    clock.time("sha256sum", lambda: shell("sha256sum", payload))
    with_manifest = replace(plan("rar", payload), manifest=True)
    target = settled(out)
    clock.time("TV, read back, with SHA-256 manifest", lambda: pack(with_manifest, target))
    others(clock, payload, out)


def copied(clock: Clock, payload: Path, into: Path) -> None:
    began = time.perf_counter()
    shell("cp", payload, into / "copy")
    clock.add(COPY, time.perf_counter() - began)
    shell("sync", into / "copy")
    clock.add(COPY_SYNCED, time.perf_counter() - began)


def packed(clock: Clock, kind: str, plan: Plan, into: Path) -> Package:
    """Pack, and split the time by stages."""
    ends: dict[str, float] = {}
    began = time.perf_counter()

    def hear(stage: str, done: int, total: int) -> None:
        ends[stage] = time.perf_counter() - began

    package = pack(plan, into, hear)
    name = next(row.name for row in ROWS if row.name.startswith(f"{kind}: "))
    written_s = ends["describe"]
    read_back_s = ends["verify"] - ends["flush"]
    clock.add(name, written_s)
    clock.add(f"{kind}, read back too", written_s + read_back_s)
    clock.add(f"{kind}, on the disk", ends["settle"] - read_back_s)
    clock.add(f"{kind}, all of it", time.perf_counter() - began)
    return package


def checked(clock: Clock, folder: Path) -> None:
    clock.time("verify", lambda: verify(folder))
    if shutil.which("rhash"):
        sums = f"{plan('rar', folder).volume_base}.sfv"
        clock.time("rhash --check of the SFV", lambda: shell("rhash", "--check", sums, into=folder))
    else:
        sys.stderr.write("rhash is not installed: verify is not compared\n")


def others(clock: Clock, payload: Path, out: Path) -> None:
    """Time what people use instead, as far as it is installed."""
    if shutil.which("7z") and shutil.which("rhash"):
        into = settled(out)
        clock.time("7z a -mx0 -v50m, then rhash --sfv", lambda: seven_zip(payload, into))
    if shutil.which("zip"):
        archive = settled(out) / "copy.zip"
        clock.time("zip -0", lambda: shell("zip", "-q", "-0", archive, payload))


def seven_zip(payload: Path, into: Path) -> None:
    shell("7z", "a", "-mx0", "-v50m", "copy.7z", payload, into=into)
    shell("rhash", "--sfv", "-r", "-o", "copy.sfv", ".", into=into)


def floor(payload: Path, into: Path) -> None:
    """Read, sum and write each byte once, two halves at a time, and do nothing else."""
    size = payload.stat().st_size
    with ThreadPoolExecutor(2) as pool:
        halves = [(0, size // 2), (size // 2, size)]
        list(pool.map(lambda ends: half(payload, into / f"{ends[0]}", *ends), halves))


def half(payload: Path, copy: Path, begin: int, end: int) -> None:
    """Copy the bytes from `begin` to `end` to a file of their own."""
    buffer = memoryview(bytearray(PIECE_BYTES))
    crc, at = 0, begin
    with payload.open("rb") as source, copy.open("wb") as target:
        while at < end:
            got = os.preadv(source.fileno(), [buffer[: end - at]], at)
            crc = crc32(buffer[:got], crc)
            at += os.pwrite(target.fileno(), buffer[:got], at - begin)


def write_noise(path: Path, size: int) -> None:
    with path.open("wb") as file, Path("/dev/urandom").open("rb") as noise:
        while left := size - file.tell():
            file.write(noise.read(min(left, 1 << 20)))


NAME = "Bench.2026.RETAiL.eBook-GRP"


def plan(scheme: str, payload: Path) -> Plan:
    return Plan(
        name=NAME,
        scheme=scheme,
        payloads=(Payload(path=payload, name="grp-bench.mkv"),),
        volume_base="grpbch",
        volume_bytes=VOLUME_BYTES,
        nfo=b"bench\r\n",
        nfo_name="grp-bench.nfo",
        dated=date(2026, 1, 1),
        max_volumes=99,
        diz_lines=("Bench",),
    )


if __name__ == "__main__":
    main()
