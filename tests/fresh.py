"""A database of its own in the place of the suite's, for tests of what begins with an empty one."""

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from pathlib import Path
from typing import Any

import dj_database_url
from django.db import connections
from django.db.utils import load_backend

from packer_site.settings import MYSQL_OPTIONS, SQLITE_OPTIONS  # noqa: TID251  # not those of the suite's server
from tests.instance import own_database

FAST = "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;"
"""No power cut is to be outlived."""


@contextmanager
def fresh_database(sqlite_file: Path, *, is_sqlite: bool = False) -> Iterator[None]:
    """Use an empty database within: of the kind the suite runs on, unless `is_sqlite`."""
    with own_database() as url:
        if is_sqlite or not url:
            described: dict[str, Any] = {
                "ENGINE": "django.db.backends.sqlite3",
                "NAME": str(sqlite_file),
            }
            described["OPTIONS"] = SQLITE_OPTIONS | {"init_command": FAST}
        else:
            described = {**dj_database_url.parse(url), "OPTIONS": MYSQL_OPTIONS}
        with exchanged(described):
            yield


@contextmanager
def exchanged(described: dict[str, Any]) -> Iterator[None]:
    usual = connections["default"]
    merged = {**deepcopy(usual.settings_dict), **deepcopy(described)}
    engine = load_backend(str(merged["ENGINE"]))
    connections["default"] = engine.DatabaseWrapper(merged, "default")
    try:
        yield
    finally:
        connections["default"].close()
        connections["default"] = usual
