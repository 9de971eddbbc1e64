"""`python -m releases.metadata FILE…`: print a line for each, of what it says of itself.

This process reads no file and has no threads. It forks a child for each, as many at once as
there are processors, and keeps their time: see `parallel`. A line holds, parted by tabs, what the
reading came to and took, the analysis, and the cover.
"""

import gc
import os
import sys
from argparse import ArgumentParser, Namespace
from collections import Counter
from collections.abc import Iterable, Mapping
from importlib import import_module
from pathlib import Path

from releases.metadata import READERS, child, reader
from releases.metadata.apart import CPU_S, MEMORY_BYTES
from releases.metadata.parallel import readings

WARM_FROM = 3
"""Files of a kind for which it pays to load what reads them before the first."""
LATE: Mapping[str, tuple[str, ...]] = {
    "cb7": ("releases.metadata.box.seven",),
    "cbr": ("releases.metadata.box.rar",),
    "cbt": ("releases.metadata.box.tar",),
    "cbz": ("releases.metadata.box.zip",),
}
"""What the reader of a format imports when it first needs it."""
EVERYWHERE = ("stdnum.isbn",)


def main() -> int:
    options = arguments()
    child.die_with(options.parent)
    warm(options.files)
    gc.freeze()  # so that no collection in a child touches, and copies, what they share
    for line in readings(options.files, options):
        sys.stdout.buffer.write(line)
        sys.stdout.buffer.flush()
    return 0


def arguments() -> Namespace:
    parser = ArgumentParser(prog="python -m releases.metadata", description=__doc__)
    parser.add_argument("files", type=Path, nargs="+", metavar="FILE")
    parser.add_argument("--memory-bytes", type=int, default=MEMORY_BYTES)
    parser.add_argument("--timeout-s", type=float, default=CPU_S)
    parser.add_argument("--covers", action="store_true", help="small JPEGs, in base 64")
    parser.add_argument("--parent", type=int, default=os.getppid())
    return parser.parse_args()


def warm(paths: Iterable[Path]) -> None:
    """Load what reads several of `paths`, as far as their names tell what they are."""
    counts = Counter(path.suffix.removeprefix(".").lower() for path in paths)
    kinds = [kind for kind, count in counts.items() if kind in READERS and count >= WARM_FROM]
    for kind in kinds:
        reader(kind)
        for name in (*EVERYWHERE, *LATE.get(kind, ())):
            import_module(name)
    for name in FIRST_USES.keys() & {READERS[kind] for kind in kinds}:
        FIRST_USES[name]()


def detect_encoding() -> None:
    import chardet  # noqa: PLC0415  # as readers do

    chardet.detect(b"\xe9t\xe9")


def find_mediainfo() -> None:
    from pymediainfo import MediaInfo  # noqa: PLC0415  # as readers do

    MediaInfo.can_parse()


FIRST_USES = {"plain": detect_encoding, "video": find_mediainfo}
"""What loads more than its import does, by the reader that uses it."""


if __name__ == "__main__":
    sys.exit(main())
