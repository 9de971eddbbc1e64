"""What a person sees of a long command while it runs: bars on a terminal, nothing in a pipe."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from releases.packing import Progress


@contextmanager
def watched(*, quiet: bool) -> Iterator[Progress]:
    """Give what hears of progress, and shows it meanwhile where a person looks."""
    if quiet or not sys.stderr.isatty():
        yield lambda stage, done, total: None
        return
    from cli.bars import shown  # noqa: PLC0415  # rich takes time that only a terminal repays

    with shown() as bars:
        yield bars
