"""A package takes the place of another one."""

import ctypes
import errno
import os
from pathlib import Path

import pytest

from releases.packing import exchange as engine
from releases.packing.exchange import Exchange, Held, Lost, exchange, held, inode_of


def make(folder: Path, name: str, text: str) -> Path:
    (folder / name).mkdir(parents=True)
    (folder / name / "file").write_text(text)
    (folder / f"{name}.sfv").write_text(text)
    return folder / name


def wanted(tmp_path: Path, old: str = "A", new: str = "A") -> Exchange:
    into, aside = tmp_path / "out", tmp_path / "out" / ".revisions" / "1"
    make(into, old, "old")
    built = make(aside / "new", new, "new")
    return Exchange(into=into, aside=aside, old=old, new=new, inode=inode_of(built))


def seen(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): path.read_text()
        for path in folder.rglob("*")
        if path.is_file()
        and not path.name.startswith(".")
        and ".revisions" not in path.relative_to(folder).parts
    }


@pytest.mark.parametrize("new", ["A", "B"])
@pytest.mark.parametrize("is_one_step", [True, False])
def test_the_new_one_is_shown_and_the_old_one_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, new: str, is_one_step: bool
) -> None:
    asked = wanted(tmp_path, new=new)
    if not is_one_step:
        monkeypatch.setattr(engine, "LIBC", object())

    exchange(asked)
    exchange(asked)

    assert seen(asked.into) == {f"{new}/file": "new", f"{new}.sfv": "new"}
    assert seen(asked.aside / "old") == {"A/file": "old", "A.sfv": "old"}
    assert not (asked.aside / "new").exists()


def test_a_system_that_knows_no_such_step_takes_two(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = wanted(tmp_path)

    class Libc:
        @staticmethod
        def renameat2(*args: object) -> int:
            ctypes.set_errno(errno.EINVAL)
            return -1

    monkeypatch.setattr(engine, "LIBC", Libc)

    exchange(asked)

    assert seen(asked.into) == {"A/file": "new", "A.sfv": "new"}


def test_what_the_disk_does_not_let_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = wanted(tmp_path)

    class Libc:
        @staticmethod
        def renameat2(*args: object) -> int:
            ctypes.set_errno(errno.EIO)
            return -1

    with monkeypatch.context() as patch:
        patch.setattr(engine, "LIBC", Libc)
        with pytest.raises(OSError, match=os.strerror(errno.EIO)):
            exchange(asked)

    assert seen(asked.into) == {"A/file": "old", "A.sfv": "old"}
    exchange(asked)
    assert seen(asked.into) == {"A/file": "new", "A.sfv": "new"}


def test_what_was_kept_comes_back(tmp_path: Path) -> None:
    first = wanted(tmp_path)
    exchange(first)
    back = Exchange(
        into=first.into,
        aside=first.aside.with_name("2"),
        old="A",
        new="A",
        inode=inode_of(first.kept),
        source=first.aside / "old",
    )

    exchange(back)

    assert seen(back.into) == {"A/file": "old", "A.sfv": "old"}
    assert seen(back.aside / "old") == {"A/file": "new", "A.sfv": "new"}


def test_an_old_one_that_is_gone_is_not_missed(tmp_path: Path) -> None:
    asked = wanted(tmp_path)
    (asked.place / "file").unlink()
    asked.place.rmdir()

    exchange(asked)

    assert seen(asked.into) == {"A/file": "new", "A.sfv": "new"}


def test_lists_that_the_new_one_has_not_go(tmp_path: Path) -> None:
    asked = wanted(tmp_path)
    (asked.aside / "new" / "A.sfv").unlink()

    exchange(asked)

    assert seen(asked.into) == {"A/file": "new"}
    assert seen(asked.aside / "old") == {"A/file": "old", "A.sfv": "old"}


def test_one_at_a_time(tmp_path: Path) -> None:
    asked = wanted(tmp_path)

    with held(asked.aside), pytest.raises(Held):
        exchange(asked)

    assert seen(asked.into) == {"A/file": "old", "A.sfv": "old"}


def test_what_was_built_and_taken_away_is_missed(tmp_path: Path) -> None:
    asked = wanted(tmp_path)
    (asked.aside / "new").rename(tmp_path / "elsewhere")

    with pytest.raises(Lost):
        exchange(asked)

    assert seen(asked.into) == {"A/file": "old", "A.sfv": "old"}
