"""The folder of a server of FTP. No Django here."""

import ftplib
import ssl
from collections.abc import Iterator
from contextlib import suppress
from pathlib import PurePosixPath
from socket import socket

from delivery import checksums
from delivery.endpoint import Pieces, Prepare, Sum
from delivery.ftp_client import Client
from delivery.outflow import Outflow
from delivery.wire import Wire

FAREWELL_S = 2.0
"""How long to wait for a server to say that an encrypted connection is over; many never do."""
SUMMED_BYTES_PER_S = 100_000_000
"""So much a server is trusted to sum, on top of what it may take to answer."""

_NOT_THERE = "550"


class Folder:
    """The folder of the server that a client has entered."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._made: set[str] = set()
        self._summers: list[checksums.Summer] | None = None
        self._outflow: Outflow | None = None

    def write(self, name: str, content: bytes) -> None:
        with self._client.transfercmd(f"STOR {name}") as connection:
            connection.sendall(content)
            _say_goodbye(connection, self._client.wire)
        self._client.voidresp()

    def size(self, name: str) -> int:
        return self._client.size(name) or 0

    def remove(self, name: str) -> None:
        self._client.delete(name)

    def renew(self) -> None:
        if self._outflow is None or self._outflow.went_on():
            self._client.wire.renew()

    def found(self, name: str) -> int | None:
        self.renew()
        try:
            return self._client.size(name)
        except ftplib.error_perm as error:
            if str(error).startswith(_NOT_THERE):
                return None
            raise

    def make_folder(self, name: str) -> None:
        for path in reversed([PurePosixPath(name), *PurePosixPath(name).parents][:-1]):
            if str(path) not in self._made:
                self.renew()
                with suppress(ftplib.error_perm):  # it is there, or writing to it will tell
                    self._client.mkd(str(path))
                self._made.add(str(path))

    def ending(self, name: str, offset: int, length: int) -> bytes | None:
        self.renew()
        try:
            connection = self._client.transfercmd(f"RETR {name}", offset)
        except ftplib.Error:
            return None
        try:
            content = _received(connection, length + 1)
        finally:
            self._client.wire.forget(connection)
        with suppress(ftplib.Error):  # it was read, whatever is said of it
            self._client.voidresp()
        return content

    def send(self, name: str, source: Pieces, offset: int) -> None:
        self.renew()
        try:
            connection = self._client.transfercmd(f"STOR {name}", offset or None)
        except ftplib.Error:
            if not offset:
                raise
            self.send(name, source, 0)  # not every server goes on in a file
            return
        try:
            self._outflow = Outflow(connection)
            self._pour(connection, source.pieces(offset), self._outflow)
        finally:
            self._outflow = None
            self._client.wire.forget(connection)
        self.renew()
        self._client.voidresp()

    def sum(self, name: str, size: int, prepare: Prepare) -> Sum | None:
        for summer in self._offered():
            self._client.wire.renew(size / SUMMED_BYTES_PER_S)
            self._client.putcmd(f"{summer.command} {name}")
            prepare(summer.kind)
            self._client.wire.renew(size / SUMMED_BYTES_PER_S)
            try:
                answer = self._client.getresp()
            except ftplib.error_perm:
                continue
            if found := checksums.read(answer, summer, name):
                return found
        return None

    def rename(self, name: str, final: str) -> None:
        self.renew()
        try:
            self._client.rename(name, final)
        except ftplib.error_perm:
            if self.found(final) is None:
                raise
            self._client.delete(final)  # many do not put a file in the place of another
            self._client.rename(name, final)

    def _pour(self, connection: socket, pieces: Iterator[bytes], outflow: Outflow) -> None:
        """Send all pieces. Where the server ends that, its own reason is the one to tell."""
        try:
            for piece in pieces:
                outflow.give(piece)
            _say_goodbye(connection, self._client.wire)
        except (ConnectionError, ssl.SSLError):
            self._client.wire.forget(connection)
            self._client.voidresp()
            raise

    def _offered(self) -> list[checksums.Summer]:
        """Return how this server sums files, asked for once."""
        if self._summers is None:
            self._summers = []
            with suppress(ftplib.error_perm):
                known = checksums.offered(self._client.sendcmd("FEAT"))
                self._summers = [summer for summer in known if self._is_set(summer)]
        return self._summers[:1]

    def _is_set(self, summer: checksums.Summer) -> bool:
        try:
            return not summer.before or bool(self._client.sendcmd(summer.before))
        except ftplib.error_perm:
            return False


def _received(connection: socket, most: int) -> bytes:
    content = b""
    while len(content) < most and (piece := connection.recv(most - len(content))):
        content += piece
    return content


def _say_goodbye(connection: socket, wire: Wire) -> None:
    """End an encrypted connection so that the other side can tell that from a cut."""
    if isinstance(connection, ssl.SSLSocket):
        connection.settimeout(min(FAREWELL_S, wire.wait_s()))
        with suppress(OSError):
            connection.unwrap()
