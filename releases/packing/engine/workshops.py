"""The hidden folder a release is built in, and the moment it is shown.

A workshop is held by a lock on a file in it: a folder would lock on one machine only, and a
process that is killed lets go of it. Whoever packs the same release next sweeps what nobody holds.
"""

import fcntl
import glob
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import date
from pathlib import Path

from releases.packing.rar import Output, writing

LOCK = ".lock"
RANDOM_BYTES = 4


def beside(name: str, folder: Path) -> tuple[Path, ...]:
    """Return the files that may lie beside release `name` of `folder`."""
    return (folder / f"{name}.sfv", folder / f"{name}.sha256")


@contextmanager
def workshop(name: str, into: Path) -> Iterator[Path]:
    """Make a folder to build release `name` in, and remove it at the end, whatever happens.

    Raises:
        PackingError: `into` is no folder that may be written.
    """
    with writing(into):
        _sweep(name, into)
        shop, lock = _open(name, into)
    try:
        yield shop
    finally:
        _leave(shop, lock)


def _leave(shop: Path, lock: int) -> None:
    """Remove `shop` and let go of it; what cannot be removed the next sweep finds."""
    with suppress(OSError):  # there are some that rmtree does not ignore
        shutil.rmtree(shop, ignore_errors=True)
    with suppress(OSError):
        os.close(lock)


def _open(name: str, into: Path) -> tuple[Path, int]:
    """Make a workshop and hold it; another process may sweep it before it is held."""
    while True:
        shop = into / f".{name}.{secrets.token_hex(RANDOM_BYTES)}"
        shop.mkdir(mode=0o700)
        lock = _hold(shop)
        if lock is not None:
            return shop, lock


def _hold(shop: Path) -> int | None:
    """Return the lock of `shop`, held until it is closed; None where another holds or swept it."""
    try:
        lock = os.open(shop / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except FileNotFoundError:
        return None
    with suppress(BlockingIOError):
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.fstat(lock).st_nlink:
            return lock
    os.close(lock)
    return None


def _sweep(name: str, into: Path) -> None:
    """Remove the workshops of release `name` whose process is dead, and what they had shown."""
    for shop in into.glob(glob.escape(f".{name}.") + "[0-9a-f]" * 2 * RANDOM_BYTES):
        lock = _hold(shop)
        if lock is not None:
            _withdraw(name, shop, into)
            _leave(shop, lock)


def _withdraw(name: str, shop: Path, into: Path) -> None:
    """Remove the files beside a release that `shop` was killed before showing."""
    if (into / name).exists() or not (shop / name).exists():
        return
    for built, shown in zip(beside(name, shop), beside(name, into), strict=True):
        # It may have been killed while it wrote the file. What it did not write, it leaves.
        if (
            built.is_file()
            and shown.is_file()
            and built.read_bytes().startswith(shown.read_bytes())
        ):
            shown.unlink()


def make_folder(folder: Path) -> None:
    """Make a folder of a release, whatever the mask."""
    with writing(folder):
        folder.mkdir()
        folder.chmod(0o755)


def publish(name: str, shop: Path, into: Path, dated: date) -> None:
    """Show release `name` in `into`: the files beside it first, the folder last.

    Raises:
        PackingError: one of them exists already, or cannot be written; none is shown then.
    """
    with ExitStack() as undo:
        for built, shown in zip(beside(name, shop), beside(name, into), strict=True):
            with writing(shown):
                data = built.read_bytes() if built.exists() else None
            if data is not None:
                _show(data, shown, dated, undo)
        folder = into / name
        with writing(folder):
            for built in (shop / name, *_inner(shop / name), into):
                _sync(built)
            (shop / name).rename(folder)
            undo.callback(_hide, folder, shop / name)
            _sync(into)
        undo.pop_all()


def _inner(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if path.is_dir()]


def _show(data: bytes, shown: Path, dated: date, undo: ExitStack) -> None:
    """Write a file, replacing none: the name may have been taken since it was looked at."""
    with Output(shown) as output:
        undo.callback(_remove, shown)
        output.write(data, 0)
        output.date(dated)
        output.settle()


def _remove(path: Path) -> None:
    with suppress(OSError):
        path.unlink()


def _hide(folder: Path, built: Path) -> None:
    with suppress(OSError):
        folder.rename(built)


def _sync(folder: Path) -> None:
    """Wait until the disk knows what `folder` holds."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
