"""What a release that is packed is to become when it is packed again. No Django here.

Edits are flat: a column by its name, a field of the metadata as ``metadata.title``.
"""

from collections.abc import Mapping
from typing import Any

OF_METADATA = "metadata."

Edits = Mapping[str, Any]


def of_metadata(edits: Edits) -> dict[str, Any]:
    """Return the fields of the metadata among `edits`, by their own names."""
    fields = (name for name in edits if name.startswith(OF_METADATA))
    return {name.removeprefix(OF_METADATA): edits[name] for name in fields}


def of_columns(edits: Edits) -> dict[str, Any]:
    return {name: value for name, value in edits.items() if not name.startswith(OF_METADATA)}


def from_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the edits that the options of a repack say."""
    columns = {name: value for name, value in options.items() if name != "metadata"}
    fields = options.get("metadata", {}).items()
    return columns | {f"{OF_METADATA}{name}": value for name, value in fields}


def to_options(edits: Edits) -> dict[str, Any]:
    """Return `edits` as the options of a repack."""
    fields = of_metadata(edits)
    return of_columns(edits) | ({"metadata": fields} if fields else {})


def taken(before: Edits, after: Edits) -> dict[str, Any]:
    """Return what stood `before`, and does not `after`."""
    return {name: value for name, value in before.items() if name not in after}


def carried_over(known: Edits, wanted: Edits, present: Edits) -> dict[str, Any]:
    """Return what stands once a change from `known` to `wanted` meets what is `present`.

    What somebody edited meanwhile stays; of the rest the change takes and adds its own.
    """
    meanwhile = {name for name in {**known, **present} if known.get(name) != present.get(name)}
    kept = {name: present[name] for name in meanwhile & present.keys()}
    return {name: value for name, value in wanted.items() if name not in meanwhile} | kept


def still_due(edits: Edits, row: Any) -> dict[str, Any]:
    """Return those of `edits` that the release `row` does not say already."""
    due = {name: value for name, value in of_columns(edits).items() if getattr(row, name) != value}
    for name, value in of_metadata(edits).items():
        if str(row.metadata.get(name) or "") != str(value or ""):
            due[f"{OF_METADATA}{name}"] = value
    return due
