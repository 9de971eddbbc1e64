import ctypes
import errno
from pathlib import Path

import pytest

from releases.packing import PackingError
from releases.packing.rar import Output, files


class Answers:
    """A system that answers `sync_file_range` and `fallocate` with an error."""

    def __init__(self, reason: int) -> None:
        self.reason = reason

    def _refuse(self, *arguments: object) -> int:
        ctypes.set_errno(self.reason)
        return -1

    sync_file_range = fallocate = _refuse


@pytest.mark.parametrize("reason", [errno.ENOSYS, errno.EOPNOTSUPP])
def test_a_system_that_can_neither_reserve_nor_wait_in_parts_is_written_to_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reason: int
) -> None:
    monkeypatch.setattr(files, "LIBC", Answers(reason))

    with Output(tmp_path / "file") as output:
        output.reserve(4)
        output.write(b"data", 0)
        output.settle()

    assert (tmp_path / "file").read_bytes() == b"data"


@pytest.mark.parametrize(
    ("reason", "said"), [(errno.ENOSPC, "No space left"), (errno.EIO, "The disk failed")]
)
def test_what_fails_as_room_is_reserved_or_waited_for_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reason: int, said: str
) -> None:
    with Output(tmp_path / "file") as output:
        output.write(b"data", 0)
        monkeypatch.setattr(files, "LIBC", Answers(reason))

        with pytest.raises(PackingError, match=said):
            output.reserve(4)
        with pytest.raises(PackingError, match=said):
            output.hand_over()
        with pytest.raises(PackingError, match=said):
            output.settle()


def test_room_is_taken_before_anything_is_written(tmp_path: Path) -> None:
    with Output(tmp_path / "file") as output:
        output.reserve(1_000_000)

    status = (tmp_path / "file").stat()
    assert status.st_size == 1_000_000
    assert status.st_blocks * 512 >= 1_000_000
