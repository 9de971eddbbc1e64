"""How long the rows of many releases take to be backed up and restored, and in how much memory.

`make bench-backup` measures on SQLite, and with DATABASE_URL on that server, in databases made
for this and removed. There are rows alone: files take as long as the disk does.
"""

import sys
import time
from argparse import ArgumentParser
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.pages import Site
from tests.instance import own_database

COUNTS = (10_000, 100_000)
PROGRAM = (
    "import resource, subprocess, sys;"
    "code = subprocess.run([sys.executable, 'manage.py', 'packer', *sys.argv[2:]],"
    " stdout=subprocess.DEVNULL).returncode;"
    "peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss;"
    "open(sys.argv[1], 'w').write(str(peak));"
    "sys.exit(code)"
)
"""Runs a command, and writes down the most memory that it held, in KiB."""


@dataclass(frozen=True, slots=True)
class Cost:
    seconds: float
    peak_kib: int

    def __str__(self) -> str:
        return f"{self.seconds:7.1f} s {self.peak_kib / 1024:7.0f} MiB"


def main() -> None:
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, action="append", help="of releases")
    for count in parser.parse_args().count or COUNTS:
        with ExitStack() as ends:
            folder = Path(ends.enter_context(TemporaryDirectory()))
            measure(folder, count, ends)


def measure(folder: Path, count: int, ends: ExitStack) -> None:
    full = Site(made(folder / "full"), count, ends.enter_context(own_database()))
    full.fill()
    backup = folder / "backup.tar"
    told(count, "backup", cost(full, "backup", "--without-files", str(backup)))
    size = backup.stat().st_size / (1 << 20)
    sys.stdout.write(f"{count:8} the backup holds  {size:7.1f} MiB\n")
    empty = Site(made(folder / "empty"), count, ends.enter_context(own_database()))
    told(count, "restore", cost(empty, "restore", str(backup)))


def made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def cost(site: Site, *command: str) -> Cost:
    """Run a command, and return what it took."""
    peak = Path(site.environment["DATA_DIR"]) / "peak"
    began = time.perf_counter()
    site.run("-c", PROGRAM, str(peak), *command)
    return Cost(time.perf_counter() - began, int(peak.read_text()))


def told(count: int, name: str, cost: Cost) -> None:
    sys.stdout.write(f"{count:8} {name:14} {cost}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
