"""The folder of a server of SFTP, and how much may be under way to it at once. No Django here."""

import posixpath
import re
import time
from contextlib import closing
from pathlib import PurePosixPath
from shlex import quote

import paramiko
from paramiko.sftp import CMD_EXTENDED, CMD_EXTENDED_REPLY, CMD_WRITE, int64

from delivery.endpoint import Pieces, Prepare, Sum
from delivery.wire import Wire

LEAST_PIECE, MOST_PIECE = 32 * 1024 - 128, 255 * 1024
"""Every server takes the one in one request, and SSH carries it in one packet."""
UNDER_WAY = 4 * 1024 * 1024
"""So many bytes may be written before an answer is waited for."""
SUMMED_BYTES_PER_S = 100_000_000
"""So much a server is trusted to sum, on top of what it may take to answer."""
SUM_S = 4.0
"""How long to wait for a shell that may be none."""
MOST_ANSWER = 10_000
_OF_ITSELF = (PermissionError, FileNotFoundError, TimeoutError)
"""Failures that are what they seem: of all others, servers say no more than that."""
SUMMERS = {"openssl dgst": "openssl dgst -sha256 -r --", "sha256sum": "sha256sum --"}
"""What sums a file there, the faster first: few builds of the other let the processor help."""
SHA256 = re.compile(r"\\?([0-9a-f]{64}) ")


class Client(paramiko.SFTPClient):  # type: ignore[misc]  # it has no types
    """Sends long requests without copying what is left of them again and again."""

    def most_bytes(self) -> int:
        """Return how many bytes the server takes in one request, as OpenSSH lets one ask."""
        try:
            kind, answer = self._request(CMD_EXTENDED, "limits@openssh.com")
        except OSError:
            return LEAST_PIECE  # it does not know the question
        if kind != CMD_EXTENDED_REPLY:
            return LEAST_PIECE
        _packet, _read, write, _handles = (answer.get_int64() for _ in range(4))
        return min(MOST_PIECE, write) if write > LEAST_PIECE else LEAST_PIECE

    def ask(self, asker: object, *request: object) -> None:
        """Send a request whose answer `asker` hears as soon as it is read."""
        self._async_request(asker, *request)

    def hear(self) -> None:
        """Read one answer; raise what it says that failed, if it comes to that."""
        self._read_response()

    def is_answering(self) -> bool:
        return bool(self.sock.recv_ready())

    def check(self, status: paramiko.Message) -> None:
        self._convert_status(status)

    def _write_all(self, out: bytes) -> None:
        left = memoryview(out)
        while left:
            sent = self.sock.send(left)
            if sent <= 0:
                raise EOFError
            left = left[sent:]


class Pipe:
    """Writes to a file without waiting for each answer, whatever order they come in."""

    def __init__(self, client: Client, file: paramiko.SFTPFile, timeout_s: float) -> None:
        self._client = client
        self._file = file
        self._offset = file.tell()
        self._timeout_s = timeout_s
        self._unanswered = 0
        self._heard_at = time.monotonic()

    def write(self, piece: bytes) -> None:
        """Send a piece.

        Raises:
            TimeoutError: nothing was answered for so long that nobody is there.
        """
        if not self._unanswered:
            self._heard_at = time.monotonic()
        self._client.ask(self, CMD_WRITE, self._file.handle, int64(self._offset), piece)
        self._offset += len(piece)
        self._unanswered += 1
        while self._unanswered * len(piece) > UNDER_WAY or self._client.is_answering():
            self._client.hear()
        if self._unanswered and time.monotonic() - self._heard_at > self._timeout_s:
            raise TimeoutError

    def finish(self) -> None:
        """Hear all answers that are missing."""
        while self._unanswered:
            self._client.hear()

    def _async_response(self, _kind: int, status: paramiko.Message, _number: int) -> None:
        """Hear an answer: the library calls this."""
        self._unanswered -= 1
        self._heard_at = time.monotonic()
        self._client.check(status)


class Folder:
    """The folder of the server that a client has entered."""

    def __init__(self, client: Client, transport: paramiko.Transport, wire: Wire) -> None:
        self._client = client
        self._transport = transport
        self._wire = wire
        self._path = wire.endpoint.folder
        self._made: set[str] = set()
        self._summers = [*SUMMERS]
        self._request_bytes = 0

    def write(self, name: str, content: bytes) -> None:
        with self._client.open(self._at(name), "wb") as file:
            file.write(content)

    def size(self, name: str) -> int:
        return self._client.stat(self._at(name)).st_size or 0

    def remove(self, name: str) -> None:
        self._client.remove(self._at(name))

    def renew(self) -> None:
        self._wire.renew()

    def found(self, name: str) -> int | None:
        self._begin()
        try:
            size: int | None = self._client.lstat(self._at(name)).st_size
        except FileNotFoundError:
            return None
        return size

    def make_folder(self, name: str) -> None:
        for path in reversed([PurePosixPath(name), *PurePosixPath(name).parents][:-1]):
            if str(path) not in self._made and self.found(str(path)) is None:
                self._make(self._at(str(path)))
            self._made.add(str(path))

    def _make(self, path: str) -> None:
        try:
            self._client.mkdir(path)
        except _OF_ITSELF:
            raise
        except OSError:
            self._client.stat(path)  # another connection was first

    def ending(self, name: str, offset: int, length: int) -> bytes | None:
        self._begin()
        try:
            with self._client.open(self._at(name), "rb") as file:
                file.seek(offset)
                return bytes(file.read(length))
        except PermissionError:
            return None

    def send(self, name: str, source: Pieces, offset: int) -> None:
        self._begin()
        with self._client.open(self._at(name), "r+b" if offset else "wb") as file:
            file.seek(offset)
            pipe = Pipe(self._client, file, self._wire.endpoint.timeout_s)
            for piece in source.pieces(offset, self._most()):
                pipe.write(piece)
            pipe.finish()

    def sum(self, name: str, size: int, prepare: Prepare) -> Sum | None:
        while self._summers:
            found = SHA256.match(self._summed(self._summers[0], name, size, prepare))
            if found:
                return Sum(self._summers[0], "sha256", found[1])
            self._summers.pop(0)
        return None

    def rename(self, name: str, final: str) -> None:
        self._begin()
        try:
            self._client.posix_rename(self._at(name), self._at(final))
        except _OF_ITSELF:
            raise
        except OSError:
            self._rename_plainly(name, final)

    def _rename_plainly(self, name: str, final: str) -> None:
        """Rename at a server that puts no file in the place of another."""
        if self.found(final) is not None:
            self._client.remove(self._at(final))
        self._client.rename(self._at(name), self._at(final))

    def _most(self) -> int:
        """Return how much the server takes in one request, asked for once."""
        if not self._request_bytes:
            self._request_bytes = self._client.most_bytes()
        return self._request_bytes

    def _begin(self) -> None:
        self._wire.renew()
        channel = self._client.get_channel()
        if channel:
            channel.settimeout(self._wire.wait_s())

    def _summed(self, summer: str, name: str, size: int, prepare: Prepare) -> str:
        """Return what a shell answers; many servers have none, and may do as if they had."""
        more_s = size / SUMMED_BYTES_PER_S
        self._wire.renew(more_s)
        wait_s = SUM_S + more_s
        try:
            with closing(self._transport.open_session(timeout=wait_s)) as channel:
                channel.settimeout(wait_s)
                channel.exec_command(f"{SUMMERS[summer]} {quote(self._at(name))}")
                channel.shutdown_write()
                prepare("sha256")
                self._wire.renew(more_s)
                answer: bytes = channel.makefile("rb").read(MOST_ANSWER)
        except (paramiko.SSHException, OSError, EOFError):
            if not self._transport.is_active():
                raise
            self._summers = self._summers[:1]  # the other is not waited for as well
            return ""
        return answer.decode(errors="replace")

    def _at(self, name: str) -> str:
        return posixpath.join(self._path, name)
