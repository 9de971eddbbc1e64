"""Names of the files of a release, and of what lies in its archives."""

import re
from collections.abc import Container, Iterator
from hashlib import sha256

from releases.packing.naming.spelling import MAX_DIRNAME, PLAIN, NamingError, spelled

MAX_FILE_NAME = 140
MAX_NAME_BYTES = 255
"""What file systems take."""
BASE_CHARACTERS = 6
BASE_ATTEMPTS = 10_000
BASE36 = "0123456789abcdefghijklmnopqrstuvwxyz"
LONGEST_EXTENSION = len(".epub")

RESERVED = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?", re.IGNORECASE)
UNSAFE = re.compile(r'[\x00-\x1f\x7f-\x9f\ud800-\udfff\\/:*?"<>|]|^\.|^ |[. ]$')


def volume_base(name: str, group: str, taken: Container[str] = ()) -> str:
    """Return the first of the `volume_bases` that is not `taken`.

    Raises:
        NamingError: all are taken.
    """
    for base in volume_bases(name, group):
        if base not in taken:
            return base
    raise no_base_left(group)


def volume_bases(name: str, group: str) -> Iterator[str]:
    """Yield six characters for the 8.3 names of the volumes of release `name`, then others.

    Up to three of `group`, then a hash of `name`.
    """
    tag = re.sub(r"[^a-z0-9]", "", group.lower())[:3]
    for attempt in range(BASE_ATTEMPTS):
        yield (tag + _base36(f"{attempt}:{name}"))[:BASE_CHARACTERS]


def no_base_left(group: str) -> NamingError:
    return NamingError("No volume name is left for %(group)s: free some", group=group)


def _base36(text: str) -> str:
    """Return six characters a-z and 0-9 that depend on `text` alone."""
    number = int.from_bytes(sha256(text.encode()).digest())
    return "".join(BASE36[number // 36**place % 36] for place in range(BASE_CHARACTERS))


def file_stem(group: str, title: str) -> str:
    """Return ``grp-the.title`` in lower case, short enough to take an extension.

    Raises:
        NamingError: the title cannot be spelled.
    """
    stem = f"{group}-{spelled(title)}".lower()
    return stem[: MAX_FILE_NAME - LONGEST_EXTENSION].rstrip(".-")


def check_plain(name: str) -> None:
    """Refuse what is no safe name for a file or folder of a release.

    Raises:
        NamingError: another character than letters, digits and single ``. - _`` between them.
    """
    if not PLAIN.fullmatch(name) or len(name) > MAX_DIRNAME or RESERVED.fullmatch(name):
        raise NamingError(
            "%(name)s cannot name a file of a release: use up to %(most)s letters and digits, "
            "with single dots, dashes or underscores between them",
            name=repr(name),
            most=MAX_DIRNAME,
        )


def check_payload_name(name: str) -> None:
    """Refuse what no system could extract, or what would land outside its folder.

    Raises:
        NamingError: the name is empty, too long, reserved, or holds a forbidden character.
    """
    length = len(name.encode("utf-8", "replace"))
    if UNSAFE.search(name) or RESERVED.fullmatch(name) or not 0 < length <= MAX_NAME_BYTES:
        raise NamingError(
            "%(name)s cannot name a file of an archive on every system: rename it", name=repr(name)
        )
