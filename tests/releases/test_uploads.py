import hashlib
import os
import random
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from pytest_django import Settings

from releases.templating import format_size
from releases.uploads import Received, refusal

MILLION = 1_000_000
CONTENT = random.Random(0).randbytes(3 * MILLION)


def send(content: bytes, name: str = "book.epub", **fields: str) -> HttpRequest:
    """Return a request that carries one file."""
    return RequestFactory().post("/", {"file": SimpleUploadedFile(name, content), **fields})


def received(request: HttpRequest) -> Received:
    file = request.FILES["file"]
    assert isinstance(file, Received)
    return file


def why_refused(request: HttpRequest) -> str:
    assert not request.FILES
    return str(getattr(request, "upload_refusal", ""))


def arrived(folder: Path) -> list[Path]:
    return list((folder / "uploads").iterdir())


@pytest.mark.parametrize("size", [0, 1, 65_536, 65_537, len(CONTENT)])
def test_a_whole_file_arrives_with_its_checksum(folders: Path, size: int) -> None:
    content = CONTENT[:size]

    with received(send(content)) as file:
        assert file.size == size
        assert file.name == "book.epub"
        assert file.read() == content
        assert file.sha256 == hashlib.sha256(content).hexdigest()
        assert [path.parent.name for path in arrived(folders)] == ["uploads"]


def test_a_file_is_gone_when_nobody_keeps_it(folders: Path) -> None:
    received(send(CONTENT)).close()

    assert arrived(folders) == []


@pytest.mark.django_db  # the end of an answer looks at the connections that are open
def test_a_file_is_gone_when_its_request_is_answered(folders: Path) -> None:
    request = send(CONTENT)
    received(request)

    response = HttpResponse()
    response._resource_closers.append(request.close)  # type: ignore[attr-defined]  # as a handler does
    response.close()

    assert arrived(folders) == []


def test_a_kept_file_outlives_its_request(folders: Path) -> None:
    path = folders / "uploads" / "kept"

    with received(send(CONTENT)) as file:
        file.keep_as(path)

    assert arrived(folders) == [path]
    assert path.read_bytes() == CONTENT


def test_a_file_name_is_no_path(folders: Path) -> None:
    with received(send(b"x", name="../../etc/passwd")) as file:
        assert file.name == "passwd"


@pytest.mark.parametrize("size", [MILLION - 1, MILLION])
def test_a_file_of_the_largest_size_is_taken(size: int, settings: Settings) -> None:
    settings.MAX_FILE_BYTES = MILLION

    with received(send(CONTENT[:size])) as file:
        assert file.size == size


@pytest.mark.parametrize("size", [MILLION + 1, 3 * MILLION])
def test_a_file_too_large_is_refused_and_the_form_is_read(
    size: int, settings: Settings, folders: Path
) -> None:
    settings.MAX_FILE_BYTES = MILLION

    request = send(CONTENT[:size], rights="own_work")

    assert "at most 976.6 KiB are accepted" in why_refused(request)
    assert request.POST["rights"] == "own_work"
    assert arrived(folders) == []


def test_a_file_larger_than_the_disk_is_refused_before_it_is_read(settings: Settings) -> None:
    settings.MAX_FILE_BYTES = 10**18

    assert "There is no space for this file: it needs 909.5 TiB" in refusal(10**15)


def test_a_folder_is_made_where_there_is_none(folders: Path) -> None:
    (folders / "uploads").rmdir()

    with received(send(b"x")):
        assert len(arrived(folders)) == 1


@pytest.fixture
def small_disk(folders: Path) -> Iterator[Path]:
    """Put the uploads on a disk of 1 MiB."""
    if os.geteuid() != 0:
        pytest.skip("only root can mount a disk")
    uploads = folders / "uploads"
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(uploads)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("no disk can be mounted here")
    yield folders
    subprocess.run(["umount", "--lazy", str(uploads)], check=True)


@dataclass
class Racing:
    """A body during whose arrival somebody else takes the room on the disk."""

    body: Any
    disk: Path
    left_bytes: int

    def read(self, size: int) -> bytes:
        taken = (1 << 20) - self.left_bytes
        (self.disk / "uploads" / "another").write_bytes(bytes(taken))
        return bytes(self.body.read(size))

    def readline(self, size: int = -1) -> bytes:
        return bytes(self.body.readline(size))


def race(disk: Path, size: int, left_bytes: int) -> HttpRequest:
    request = send(CONTENT[:size], rights="own_work")
    request._stream = Racing(request._stream, disk, left_bytes)  # type: ignore[assignment]
    return request


@pytest.mark.parametrize("size", [2 * MILLION, 1 << 20, MILLION])
def test_a_file_larger_than_the_room_is_refused(small_disk: Path, size: int) -> None:
    request = send(CONTENT[:size], rights="own_work")

    assert "There is no space for this file" in why_refused(request)
    assert request.POST["rights"] == "own_work"
    assert arrived(small_disk) == []


@pytest.mark.parametrize("size", [600_000, 598_017, 598_016 + 65_536])
@pytest.mark.parametrize("left_bytes", [0, 4_096, 65_536, 598_016])
def test_a_file_that_meets_the_end_of_the_disk_is_refused(
    small_disk: Path, size: int, left_bytes: int
) -> None:
    request = race(small_disk, size, left_bytes)

    assert f"it needs {format_size(size)[:2]}" in why_refused(request)
    assert request.POST["rights"] == "own_work"
    assert [path.name for path in arrived(small_disk)] == ["another"]


def test_a_disk_with_room_again_takes_the_next_file(small_disk: Path) -> None:
    assert why_refused(race(small_disk, 600_000, 4_096))
    (small_disk / "uploads" / "another").unlink()

    with received(send(CONTENT[:600_000])) as file:
        assert file.size == 600_000
