"""What commands print, kept in files: a change of it is seen by whoever reads the difference.

`PACKER_GOLDEN=write` has the tests write the files anew; without it they are compared.
"""

import os
from pathlib import Path

FOLDER = Path(__file__).parent / "golden"


def assert_golden(name: str, text: str) -> None:
    path = FOLDER / name
    if os.environ.get("PACKER_GOLDEN") == "write":
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    assert text == path.read_text(), f"{path} says something else"
