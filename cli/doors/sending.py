"""A file on its way to an instance: whole where it is small, else so that it can be resumed."""

import base64
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from cli.doors import Refusal
from cli.doors.remote import RemoteDoor, Unanswered
from cli.exits import Exit, Stop

if TYPE_CHECKING:  # what it lies among takes time
    from releases.packing import Progress

HANDLE, OFFSET = re.compile("[0-9A-Za-z-]{1,64}"), re.compile("[0-9]{1,18}")
SMALL_BYTES = 8 << 20
PART_BYTES = 32 << 20
"""Of one request: what stands before an instance may take no larger ones."""
PIECE_BYTES = 1 << 18
TUS = {"Tus-Resumable": "1.0.0"}
BYTES = "application/offset+octet-stream"
AGAIN = {
    HTTPStatus.REQUEST_TIMEOUT,
    HTTPStatus.CONFLICT,
    HTTPStatus.LOCKED,
    460,  # a checksum that is not that of the bytes
}
"""What passes when the bytes are sent again from where the instance has them to."""
TRIES = 8
"""Without one byte more: then it is given up."""
LONGEST_WAIT_S = 30.0


def file_sent(door: RemoteDoor, path: Path, heard: "Progress") -> str:
    """Send the file, and return the handle by which step 4 knows it.

    Raises:
        Stop: it cannot be read, is refused, or nobody answers for too long.
    """
    try:
        with path.open("rb") as file:
            size = path.stat().st_size
            if size <= SMALL_BYTES:
                return sent_whole(door, path.name, file)
            return Sending(door, path.name, file, size, heard).sent()
    except OSError as error:
        sentence = _("%(path)s cannot be read (%(reason)s).")
        values = {"path": path, "reason": error.strerror}
        raise Stop(Exit.INVALID, sentence % values) from error


def sent_whole(door: RemoteDoor, name: str, file: BinaryIO) -> str:
    content = file.read()
    answer = door.heard(lambda: door.client.post("/wizard/upload", files={"file": (name, content)}))
    return str(door.document(answer)["file_path"])


class Sending:
    """One file, sent by tus 1.0 in parts; each goes on from where the instance says."""

    def __init__(
        self, door: RemoteDoor, name: str, file: BinaryIO, size: int, heard: "Progress"
    ) -> None:
        self.door, self.file, self.size, self.heard = door, file, size, heard
        self.path = self.begun(name)
        self.handle = ""

    def begun(self, name: str) -> str:
        told = base64.b64encode(name.encode(errors="replace")).decode()
        headers = {
            **TUS,
            "Upload-Length": str(self.size),
            "Upload-Metadata": f"filename {told}",
        }
        answer = self.door.heard(lambda: self.door.client.post("/uploads", headers=headers))
        handle = urlsplit(answer.headers.get("Location", "")).path.rpartition("/")[2]
        if not HANDLE.fullmatch(handle):
            self.door.refuse_other()
        return f"/uploads/{handle}"

    def sent(self) -> str:
        try:
            offset = 0
            while offset < self.size:
                offset = self.further(offset)
            return self.handle
        except BaseException:
            with suppress(Stop):
                self.door.heard(lambda: self.door.client.delete(self.path, headers=TUS))
            raise

    def further(self, offset: int) -> int:
        """Send the part at `offset`, and return where the next one begins.

        Raises:
            Stop: it is refused, or nothing arrives for too long.
        """
        for tried in range(TRIES):
            try:
                return self.part_sent(offset)
            except Stop as stop:
                if not is_passing(stop) or tried == TRIES - 1:
                    raise
            time.sleep(min(2.0**tried / 2, LONGEST_WAIT_S))
            with suppress(Unanswered):
                if (there := self.arrived()) > offset:
                    return there
        raise AssertionError  # the last try returns or raises

    def part_sent(self, offset: int) -> int:
        length = min(PART_BYTES, self.size - offset)
        headers = {
            **TUS,
            "Content-Type": BYTES,
            "Content-Length": str(length),
            "Upload-Offset": str(offset),
        }
        answer = self.door.heard(
            lambda: self.door.client.patch(
                self.path, headers=headers, content=self.pieces(offset, length)
            )
        )
        if (there := self.noted(answer.headers)) <= offset:
            self.door.refuse_other()  # it takes all, and has nothing of it
        return there

    def pieces(self, offset: int, length: int) -> Iterator[bytes]:
        self.file.seek(offset)
        done = 0
        while done < length and (piece := self.file.read(min(PIECE_BYTES, length - done))):
            yield piece
            done += len(piece)
            self.heard("send", offset + done, self.size)

    def arrived(self) -> int:
        """Return how many bytes the instance has."""
        answer = self.door.heard(lambda: self.door.client.head(self.path, headers=TUS))
        return self.noted(answer.headers)

    def noted(self, headers: Mapping[str, str]) -> int:
        """Return how many bytes the instance says that it has.

        Raises:
            Stop: it does not say that.
        """
        self.handle = headers.get("Upload-Source", self.handle)
        offset = headers.get("Upload-Offset", "")
        if not (OFFSET.fullmatch(offset) and int(offset) <= self.size):
            self.door.refuse_other()
        return int(offset)


def is_passing(stop: Stop) -> bool:
    return isinstance(stop, Unanswered) or (isinstance(stop, Refusal) and stop.status in AGAIN)
