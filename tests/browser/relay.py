"""A line to a server that can be cut in the middle of a request, and mended."""

import selectors
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

PIECE_BYTES = 1 << 16


class Relay:
    """Passes on what comes, both ways; while it is cut, every connection is reset."""

    def __init__(self, port: int) -> None:
        self.server_port = port
        self.is_cut = False
        self.open: list[socket.socket] = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        self.is_cut = True
        while self.open:
            reset(self.open.pop())

    def mend(self) -> None:
        self.is_cut = False

    def close(self) -> None:
        self.cut()
        self.listener.close()

    def _accept(self) -> None:
        with suppress(OSError):  # it is closed
            while True:
                client, _ = self.listener.accept()
                if self.is_cut:
                    reset(client)
                else:
                    threading.Thread(target=self._pass, args=(client,), daemon=True).start()

    def _pass(self, client: socket.socket) -> None:
        with suppress(OSError):  # it is cut
            server = socket.create_connection(("127.0.0.1", self.server_port))
            self.open += [client, server]
            copy(client, server)
        reset(client)


def copy(client: socket.socket, server: socket.socket) -> None:
    """Pass on what comes from either side until one of them ends."""
    with selectors.DefaultSelector() as selector:
        selector.register(client, selectors.EVENT_READ, server)
        selector.register(server, selectors.EVENT_READ, client)
        while True:
            for key, _ in selector.select(0.5):
                piece = key.fileobj.recv(PIECE_BYTES)  # type: ignore[union-attr]  # a socket
                if not piece:
                    server.close()
                    return
                key.data.sendall(piece)


def reset(connection: socket.socket) -> None:
    with suppress(OSError):
        linger = struct.pack("ii", 1, 0)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        connection.close()


@contextmanager
def relayed(port: int) -> Iterator[Relay]:
    relay = Relay(port)
    try:
        yield relay
    finally:
        relay.close()
