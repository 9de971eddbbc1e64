"""Runs many commands in one process, as `packer` runs one, and prints what became of each.

Reads a JSON list of `[environment, arguments]` from standard input. One process serves them all,
since each start takes a second.
"""

import io
import json
import os
import sys
from contextlib import redirect_stderr, redirect_stdout

from packer_site.commands import run


def ran(environment: dict[str, str], arguments: list[str]) -> dict[str, object]:
    os.environ.update(environment)
    content, told = io.BytesIO(), io.StringIO()
    said = io.TextIOWrapper(content, "utf-8", write_through=True)
    with redirect_stdout(said), redirect_stderr(told):
        try:
            code = run(arguments)
        except SystemExit as ended:  # of the parser
            code = int(str(ended.code or 0))
    return {"code": code, "out": content.getvalue().decode(), "err": told.getvalue()}


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "packer_site.settings")
    print(json.dumps([ran(*command) for command in json.load(sys.stdin)]))  # noqa: T201  # its answer
