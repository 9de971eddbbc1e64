"""What a manifest and a listing must look like: who wrote a backup may mean no good."""

import os
import re
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

TABLE = re.compile(r"\w+", re.ASCII)
MOST_NUMBER = (1 << 63) - 2
FACTS = {"columns": list, "rows": int, "digest": str, "sha256": str}
OF_FILES = {"count": int, "bytes": int, "sha256": str}


def is_manifest(known: Mapping[str, Any], places: set[str]) -> bool:
    """Tell whether what was read of a manifest is of the kinds that are asked of it."""
    return (
        all(map(are_texts, (known["keys"], *known["migrations"])))
        and bool(known["keys"])
        and all(len(one) == len(("app", "name")) for one in known["migrations"])
        and are_places(known["places"], places)
        and all(TABLE.fullmatch(name) for name in known["tables"])
        and all(holds(facts, FACTS) for facts in known["tables"].values())
        and all(map(is_number, known["numbers"].values()))
        and (not known["files"] or holds(known["files"], OF_FILES))
        and isinstance(known["chosen"], dict)
    )


def are_texts(values: Any) -> bool:
    return isinstance(values, list) and all(isinstance(value, str) for value in values)


def are_places(told: Mapping[str, str], names: set[str]) -> bool:
    """Tell whether all places are there, one of which holds all, at paths without detours."""
    folders = list(told.values())
    are_plain = all(path == os.path.normpath(f"/{path.lstrip('/')}") for path in folders)
    return set(told) == names and are_plain and "/" in folders


def holds(facts: Mapping[str, Any], kinds: Mapping[str, type]) -> bool:
    return all(
        is_number(facts[name]) if kind is int else isinstance(facts[name], kind)
        for name, kind in kinds.items()
    )


def is_number(value: Any) -> bool:
    return type(value) is int and 0 <= value <= MOST_NUMBER


def is_entry(values: Any) -> bool:
    """Tell whether `values` describe a file: place, path, size, sum, time, rights, state."""
    kinds = (str, str, int, str, int, int, str)
    return (
        isinstance(values, list)
        and [type(value) for value in values] == list(kinds)
        and all(abs(value) <= MOST_NUMBER for value in values if isinstance(value, int))
    )


def stays_inside(path: str) -> bool:
    """Tell whether `path` names something below the folder that it is joined to."""
    parts = PurePosixPath(path).parts
    return bool(parts) and parts[0] != "/" and ".." not in parts and "\0" not in path
