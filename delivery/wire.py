"""Connections to a destination: to addresses that were judged, and over in time. No Django here."""

import errno
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Event, Thread
from typing import Self

from delivery.endpoint import BrokenOff, ConnectionRefused, Endpoint
from network.addresses import NotAllowed, Place, Unreachable, are_public, looked_up
from network.deadline import GLANCE_S, Deadline, late

CONNECT_S = 5.0
"""For one of the addresses of a host, so that others are tried."""
KEEP_ALIVE_S = 30
"""Routers forget connections that are silent for longer."""


class Wire:
    """The connections of one errand. When its deadline comes they are cut, whoever waits on them.

    A limit for each wait is not enough: a server that sends a byte now and then never meets it.
    """

    def __init__(self, endpoint: Endpoint, deadline: Deadline) -> None:
        self.endpoint = endpoint
        self._deadline = deadline
        self._sockets: list[socket.socket] = []
        self._places: list[Place] = []
        self._is_done = Event()

    def __enter__(self) -> Self:
        Thread(target=self._burn, daemon=True, name="fuse of a wire").start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._is_done.set()
        for one in self._sockets:
            one.close()

    def renew(self, more_s: float = 0) -> None:
        """Begin to wait anew, `more_s` longer than usual: something went on."""
        self._deadline.renew(self.endpoint.timeout_s + more_s)

    def wait_s(self) -> float:
        """Return the seconds that are left to wait.

        Raises:
            Unreachable: there are none left.
        """
        return self._deadline.wait_s(self.endpoint.host)

    def is_over(self) -> bool:
        return self._deadline.left_s() <= 0

    def dial(self) -> socket.socket:
        """Return a connection to the endpoint.

        Raises:
            NotAllowed: it is private, and the operator does not allow it.
            Unreachable: nobody answers there.
        """
        failure: OSError = OSError()
        for family, place in self._judged():
            connection = socket.socket(family, socket.SOCK_STREAM)
            connection.settimeout(min(CONNECT_S, self.wait_s()))
            try:
                connection.connect(place)
            except OSError as error:
                connection.close()
                failure = error
                continue
            connection.settimeout(self.wait_s())
            _keep_alive(connection)
            return self.watched(connection)
        raise self.told(failure)

    def watched(self, connection: socket.socket) -> socket.socket:
        """Have `connection` cut and closed with the others."""
        self._sockets.append(connection)
        return connection

    def forget(self, connection: socket.socket) -> None:
        """Close a connection that is done with."""
        connection.close()
        if connection in self._sockets:
            self._sockets.remove(connection)

    def told(self, failure: Exception) -> Unreachable:
        """Return the sentence for a `failure` of the connection."""
        host = self.endpoint.host
        if isinstance(failure, Unreachable):
            return failure
        if isinstance(failure, TimeoutError) or self.is_over():
            return late(host)
        if isinstance(failure, ConnectionRefusedError):
            return ConnectionRefused(
                "%(host)s refuses connections on port %(port)s: check the port, and that the"
                " server is running.",
                host=host,
                port=self.endpoint.port,
            )
        if getattr(failure, "errno", None) in {errno.EHOSTUNREACH, errno.ENETUNREACH}:
            return Unreachable("%(host)s cannot be reached: try again later.", host=host)
        return BrokenOff("%(host)s broke off the connection: try again later.", host=host)

    @contextmanager
    def telling(self, told: Callable[[Exception], Unreachable]) -> Iterator[None]:
        """Turn what libraries raise into sentences.

        Nothing is chained: their errors quote the server, and a server may quote a password.
        """
        try:
            yield
        except Unreachable:
            raise
        except Exception as error:  # libraries of protocols raise of every kind
            raise told(error) from None

    def _judged(self) -> list[Place]:
        """Return where the endpoint is; asked once, so that no later answer counts."""
        there = self.endpoint
        if not self._places:
            found = looked_up(there.host, there.port, self.wait_s())
            is_allowed = there.authority in {known.lower() for known in there.allowed_hosts}
            if not (is_allowed or are_public(found)):
                raise NotAllowed(
                    "%(host)s is not a public address: the operator can allow %(authority)s in"
                    " DELIVERY_HOSTS, and start the site anew.",
                    host=there.host,
                    authority=there.authority,
                )
            self._places = found
        return self._places

    def _burn(self) -> None:
        """Wait for the end, which may be put off meanwhile, and cut all connections then."""
        while (left_s := self._deadline.left_s()) > 0:
            if self._is_done.wait(min(left_s, GLANCE_S)):
                return
        for one in list(self._sockets):
            with suppress(OSError):
                socket.socket.shutdown(one, socket.SHUT_RDWR)


def _keep_alive(connection: socket.socket) -> None:
    """Have something go over it now and then: commands are silent while a file is sent."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    if hasattr(socket, "TCP_KEEPIDLE"):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, KEEP_ALIVE_S)
