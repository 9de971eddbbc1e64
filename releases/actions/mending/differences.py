"""A release as it is and as it is to be, as one text that shows what is different."""

from collections.abc import Iterator

from releases.actions.mending.aims import Aim
from releases.models import Release
from releases.packing import nfo
from releases.unified import unified

TOLD = ("name", "format", "volume_bytes", "rar_version", "generate_sfv")
MOST_CHARACTERS = 200_000


def difference(release: Release, aim: Aim) -> str:
    """Return the unified differences of the columns, of the NFO, and of what else is told."""
    pairs = (
        ("release", columns(release), columns(aim.release)),
        (release.plan().nfo_name, nfo_text(release), nfo_text(aim.release)),
        *aim.also,
    )
    whole = "".join(
        unified(before, after, names=(f"a/{name}", f"b/{name}")) for name, before, after in pairs
    )
    return whole if len(whole) <= MOST_CHARACTERS else f"{whole[:MOST_CHARACTERS]}\n…\n"


def columns(release: Release) -> str:
    return "\n".join([*plain_columns(release), *metadata(release), ""])


def plain_columns(release: Release) -> Iterator[str]:
    for name in TOLD:
        yield f"{name}: {getattr(release, name)}"


def metadata(release: Release) -> Iterator[str]:
    """Yield the fields that are known: one that stays empty is no difference."""
    for name, value in sorted(release.metadata.items()):
        if value not in ("", None):
            yield f"metadata.{name}: {' '.join(str(value).split())}"


def nfo_text(release: Release) -> str:
    return nfo.carrier(release.nfo_encoding)(release.nfo)
