"""`python -m chaos [R1 R5 …]`: do what must not hurt, and print what it cost."""

import signal
import sys
import time
import traceback
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import FrameType
from typing import NoReturn

from chaos.ground import prepared
from chaos.report import Row, as_json, as_markdown, show

MODULES = {
    f"R{int(path.name[1:3])}": f"chaos.{path.stem}"
    for path in sorted(Path(__file__).parent.glob("r[0-9][0-9]_*.py"))
}


def main() -> int:
    signal.signal(signal.SIGTERM, leave)
    options = asked()
    rows = [row for fault in options.faults or MODULES for row in rows_of(fault, options)]
    if options.json:
        sys.stdout.write(f"{as_json(rows)}\n")
    elif options.markdown:
        sys.stdout.write(f"{as_markdown(rows)}\n")
    else:
        show(rows)
    return int(any(row.state == "missed" for row in rows))


def leave(number: int, frame: FrameType | None) -> NoReturn:
    """End what was started here, as at the end."""
    sys.exit(128 + number)


def asked() -> Namespace:
    parser = ArgumentParser("chaos", description=__doc__)
    parser.add_argument("faults", nargs="*", metavar="ID", help=f"of {', '.join(MODULES)} (all)")
    parser.add_argument("--quick", action="store_true", help="a few of each, in minutes")
    parser.add_argument("--hours", type=float, default=1 / 6, help="of the soak, R16")
    parser.add_argument("--seed", type=int, default=1, help="of what is left to chance")
    shape = parser.add_mutually_exclusive_group()
    shape.add_argument("--markdown", action="store_true")
    shape.add_argument("--json", action="store_true")
    options = parser.parse_args()
    options.faults = [fault.upper() for fault in options.faults]
    if unknown := sorted(set(options.faults) - set(MODULES)):
        parser.error(f"there is no {', '.join(unknown)}; there are {', '.join(MODULES)}")
    return options


def rows_of(fault: str, options: Namespace) -> Iterator[Row]:
    """Yield the rows of one fault; a harness that breaks is a figure missed."""
    module, began = import_module(MODULES[fault]), time.monotonic()
    tell(f"{fault} {module.TITLE} …")
    try:
        with prepared(options) as ground:
            for row in module.run(ground):
                tell(f"{fault} {row.state}: {row.done}: {row.passed}/{row.count} {row.figures}")
                yield row
    except Exception as error:  # the others are to be shown all the same
        traceback.print_exc()
        yield Row(fault, module.TITLE, 1, 0, f"the harness broke: {error!r}"[:200])
    tell(f"{fault} took {time.monotonic() - began:.0f} s")


def tell(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
