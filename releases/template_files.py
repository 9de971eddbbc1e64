"""Texts of templates as files of a folder: whole or not at all. No Django here.

They are UTF-8 with LF, for any editor; what another editor made of them is read all the same.
"""

import errno
import os
import re
import stat
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from releases.packing import nfo

SUFFIX = ".nfo"
STEM_BYTES = 200
"""File systems allow 255 for a whole name."""
MAX_BYTES = 1 << 20
RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
"""What Windows takes for devices."""


def file_name(name: str, taken: Collection[str] = ()) -> str:
    """Return the name of a file for the template `name`, unlike those `taken` in any case."""
    used = {other.casefold() for other in taken}
    stem = safe_stem(name)
    number, free = 1, f"{stem}{SUFFIX}"
    while free.casefold() in used:
        number += 1
        free = f"{stem}-{number}{SUFFIX}"
    return free


def safe_stem(name: str) -> str:
    """Return `name` as a file can be called anywhere: no path, no device, not hidden."""
    composed = unicodedata.normalize("NFC", name)
    stem = re.sub(r"[^\w .()+-]|[\ud800-\udfff]", "-", composed).strip(" .-")
    stem = stem.encode()[:STEM_BYTES].decode(errors="ignore").rstrip(" .-")
    return f"_{stem}" if RESERVED.fullmatch(stem) else stem or "template"


def names(folder: Path) -> list[str]:
    """Return the names of the texts in `folder`, sorted: plain files alone, none hidden."""
    if not folder.is_dir():
        return []
    found = [
        entry.name
        for entry in os.scandir(folder)
        if entry.name.lower().endswith(SUFFIX)
        and not entry.name.startswith(".")
        and entry.is_file(follow_symlinks=False)
    ]
    return sorted(found)


def read(path: Path) -> bytes:
    """Return the bytes of a plain file.

    Raises:
        OSError: it cannot be read, is a link or a device, or is too large for a text.
    """
    file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(file, "rb") as opened:
        state = os.fstat(file)
        if not stat.S_ISREG(state.st_mode):
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL), str(path))
        if state.st_size > MAX_BYTES:
            raise OSError(errno.EFBIG, os.strerror(errno.EFBIG), str(path))
        return opened.read(MAX_BYTES)


def read_text(path: Path) -> str:
    """Return the text of a file, be it UTF-8 or of code page 437; see `read`."""
    return nfo.decode(read(path)).text


def write(folder: Path, texts: Mapping[str, str]) -> list[str]:
    """Write `texts`, by file name, and return under which names earlier files were kept.

    All are written aside, given to the disk and read back before the first takes its name; one
    that exists and says something else is kept as ``.old``.

    Raises:
        OSError: one cannot be written; then none has its name, unless the disk failed between.
    """
    folder.mkdir(parents=True, exist_ok=True)
    new = {name: text.encode() for name, text in texts.items() if not is_same(folder / name, text)}
    asides = {name: folder / f".{name}.part" for name in new}
    try:
        for name, data in new.items():
            write_aside(asides[name], data)
        kept = put_away(folder / name for name in new)
        for name, aside in asides.items():
            aside.replace(folder / name)
    finally:
        for aside in asides.values():
            aside.unlink(missing_ok=True)
    sync_folder(folder)
    return kept


@contextmanager
def prepared(folder: Path, name: str, text: str) -> Iterator[Callable[[], None]]:
    """Write `text` aside, and give what puts it in the place of the file `name`.

    Raises:
        OSError: it cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    aside = folder / f".{name}.{uuid4().hex}.part"

    def put() -> None:
        aside.replace(folder / name)
        sync_folder(folder)

    try:
        write_aside(aside, text.encode())
        yield put
    finally:
        aside.unlink(missing_ok=True)


def is_same(path: Path, text: str) -> bool:
    try:
        return read(path) == text.encode()
    except OSError:
        return False


def write_aside(path: Path, data: bytes) -> None:
    path.unlink(missing_ok=True)  # of an attempt that died
    with path.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    if path.read_bytes() != data:
        raise OSError(errno.EIO, os.strerror(errno.EIO), str(path))


def put_away(paths: Iterable[Path]) -> list[str]:
    """Rename those of `paths` that exist so that nobody takes them for texts; return how."""
    kept = []
    for path in paths:
        if os.path.lexists(path):
            old = free_old(path)
            path.rename(old)
            kept.append(old.name)
    return kept


def free_old(path: Path) -> Path:
    """Return the name for what `path` was: a new one, unless what has it says the same."""
    number, old = 1, path.with_name(f"{path.name}.old")
    while os.path.lexists(old) and not have_same_bytes(old, path):
        number += 1
        old = path.with_name(f"{path.name}.old{number}")
    return old


def have_same_bytes(one: Path, other: Path) -> bool:
    try:
        return read(one) == read(other)
    except OSError:
        return False


def sync_folder(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
