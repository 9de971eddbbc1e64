"""The versions of RAR that are written, a module for each."""

from releases.packing.plan import PackingError
from releases.packing.rar import rar4, rar5
from releases.packing.rar.parts import Dialect

DIALECTS: dict[int, Dialect] = {4: rar4, 5: rar5}


def dialect(version: int) -> Dialect:
    """Return how RAR `version` is written.

    Raises:
        PackingError: nobody here writes it.
    """
    if version not in DIALECTS:
        raise PackingError(
            "RAR %(version)s is not written here: choose one of %(versions)s",
            version=version,
            versions=", ".join(map(str, DIALECTS)),
        )
    return DIALECTS[version]


def volume_names(base: str, count: int, version: int = 4) -> list[str]:
    """Return the names of `count` volumes of RAR `version` in order.

    Raises:
        PackingError: they end before `count`.
    """
    return dialect(version).volume_names(base, count)
