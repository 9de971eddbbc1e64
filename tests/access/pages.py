"""Every address of the pages, by GET and by an empty POST, and what people are answered.

302 is the way to the login for who is nobody, and for others the way on after a form.
"""

from __future__ import annotations

from pathlib import Path

from tests.access.asking import Row, rows_of
from tests.access.columns import COLUMNS

SHOWN = [
    column
    for column in COLUMNS
    if (column.who, column.asks_for_own)
    in {
        ("anonymous", True),
        ("no right", True),
        ("READ", True),
        ("WRITE", True),
        ("MOD", True),
        ("admin", True),
        ("MOD", False),
        ("admin", False),
        ("same group", False),
    }
]

TABLE = Path(__file__).with_suffix(".txt")


def rows() -> list[Row]:
    return rows_of(TABLE.read_text(), SHOWN)
