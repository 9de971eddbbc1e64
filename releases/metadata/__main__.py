"""`python -m releases.metadata FILE`: print what FILE says of itself, as one JSON document."""

import json
import os
import sys
from argparse import ArgumentParser
from pathlib import Path

from releases.metadata import analyse
from releases.metadata.child import CPU_S, MEMORY_BYTES, OUT_OF_MEMORY, confine


def main() -> int:
    parser = ArgumentParser(prog="python -m releases.metadata", description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--memory-bytes", type=int, default=MEMORY_BYTES)
    parser.add_argument("--cpu-s", type=int, default=CPU_S)
    parser.add_argument("--parent", type=int, default=os.getppid())
    options = parser.parse_args()
    confine(options.memory_bytes, options.cpu_s, options.parent)
    try:
        document = json.dumps(analyse(options.file).as_json(), ensure_ascii=False)
    except MemoryError:
        return OUT_OF_MEMORY
    sys.stdout.buffer.write(document.encode())
    return 0


sys.exit(main())
