"""Connections to addresses that were judged, on which nothing comes after the deadline."""

import logging
import socket
import ssl
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import httpcore

from network.addresses import Place, Unreachable
from network.deadline import Deadline, Dropped, late
from releases.metadata.http.targets import Target, places

CONNECT_S = 3

# At DEBUG, httpcore tells of headers, and so of keys.
logging.getLogger("httpcore").setLevel(logging.WARNING)


class Network(httpcore.NetworkBackend):
    """Looks each host up once, judges its addresses, and connects to those alone.

    The deadline takes the place of httpcore's own limits of time.
    """

    def __init__(self, deadline: Deadline, allowed_hosts: frozenset[str]) -> None:
        self._deadline = deadline
        self._allowed_hosts = allowed_hosts
        self._places: dict[tuple[str, int], list[Place]] = {}

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        for place in self._judged(host, port):
            connection = self._connected(host, *place)
            if connection:
                return Stream(connection, host, self._deadline)
        raise Dropped("%(host)s cannot be reached: try again later.", host=host)

    def _judged(self, host: str, port: int) -> list[Place]:
        if (host, port) not in self._places:
            self._places[host, port] = places(
                Target("", host, port, ""),
                allowed=self._allowed_hosts,
                timeout_s=self._deadline.wait_s(host),
            )
        return self._places[host, port]

    def _connected(
        self, host: str, family: socket.AddressFamily, place: tuple[Any, ...]
    ) -> socket.socket | None:
        limit_s = min(CONNECT_S, self._deadline.wait_s(host))
        connection = socket.socket(family, socket.SOCK_STREAM)
        try:
            connection.settimeout(limit_s)
            connection.connect(place)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except OSError:
            connection.close()
            return None
        return connection


class Stream(httpcore.NetworkStream):
    """A connection: each wait on it ends by the deadline, however little comes at a time."""

    def __init__(self, connection: socket.socket, host: str, deadline: Deadline) -> None:
        self._socket = connection
        self._host = host
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        with self._in_time(httpcore.ReadError):
            while True:
                self._socket.settimeout(self._deadline.glance_s(self._host))
                try:
                    return self._socket.recv(max_bytes)
                except TimeoutError:
                    self._deadline.look(self._host)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        with self._in_time(httpcore.WriteError):
            self._socket.sendall(buffer)

    def close(self) -> None:
        self._socket.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        try:
            with self._in_time(httpcore.ConnectError):
                secured = ssl_context.wrap_socket(self._socket, server_hostname=server_hostname)
        except BaseException:
            self.close()
            raise
        return Stream(secured, self._host, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return None

    @contextmanager
    def _in_time(self, failure: type[httpcore.NetworkError]) -> Iterator[None]:
        try:
            self._socket.settimeout(self._deadline.wait_s(self._host))
            yield
        except TimeoutError:
            raise late(self._host) from None
        except ssl.SSLCertVerificationError:
            raise Unreachable(
                "%(host)s cannot prove its name, since its certificate is not valid:"
                " check the address.",
                host=self._host,
            ) from None
        except OSError:
            raise failure from None
