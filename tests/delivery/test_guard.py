"""Reliability S6: whatever a host is written like, nothing private hears of a destination."""

import socket
from collections.abc import Iterator
from typing import Any

import pytest

from delivery.endpoint import Endpoint
from delivery.probe import probe
from network.addresses import NotAllowed, Unreachable, host_name
from network.deadline import Deadline
from tests.network.hosts import ELSEWHERE, LOOPBACK_FORMS, Sentinel

KINDS = ("FTP", "FTPS", "FTPS_IMPLICIT", "SFTP")


@pytest.fixture
def sentinel() -> Iterator[Sentinel]:
    listening = Sentinel()
    yield listening
    listening.close()


@pytest.fixture
def resolver(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have every name lead to 127.0.0.1; the system reads numbers, in all their forms."""
    real = socket.getaddrinfo

    def getaddrinfo(host: str, port: int, **more: Any) -> list[Any]:
        try:
            return real(host, port, **more, flags=socket.AI_NUMERICHOST)
        except OSError:
            return real("127.0.0.1", port, **more)

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)


def call(kind: str, host: str, port: int, *allowed: str) -> None:
    there = Endpoint(
        type=kind, host=host, port=port, username="a", allowed_hosts=frozenset(allowed)
    )
    probe(there, Deadline(5))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("host", LOOPBACK_FORMS)
def test_no_form_of_a_host_reaches_this_machine(
    sentinel: Sentinel, resolver: None, host: str, kind: str
) -> None:
    with pytest.raises(NotAllowed):
        call(kind, host_name(host), sentinel.port)

    assert not sentinel.heard()


@pytest.mark.parametrize("host", [*LOOPBACK_FORMS[:20], "::1", "::ffff:127.0.0.1"])
def test_not_even_where_the_form_was_not_checked(
    sentinel: Sentinel, resolver: None, host: str
) -> None:
    """A row that another program wrote is judged by where it leads."""
    with pytest.raises(NotAllowed, match="not a public address"):
        call("FTP", host, sentinel.port)

    assert not sentinel.heard()


@pytest.mark.parametrize("address", ELSEWHERE)
def test_no_address_of_a_neighbour_is_called(address: str) -> None:
    with pytest.raises(NotAllowed, match="not a public address"):
        call("SFTP", address, 22)


def test_what_is_allowed_is_one_port_of_one_host(sentinel: Sentinel) -> None:
    for allowed in (f"127.0.0.1:{sentinel.port - 1}", f"127.0.0.2:{sentinel.port}", "127.0.0.1"):
        with pytest.raises(NotAllowed, match=f"can allow 127.0.0.1:{sentinel.port} in DELIVERY"):
            call("FTP", "127.0.0.1", sentinel.port, allowed)

    assert not sentinel.heard()


def test_a_name_that_points_elsewhere_the_second_time_is_asked_for_once(
    monkeypatch: pytest.MonkeyPatch, sentinel: Sentinel
) -> None:
    """DNS rebinding: the name is public when it is judged, and 127.0.0.1 ever after."""
    real, answers, called = socket.getaddrinfo, ["93.184.215.14"], []

    def getaddrinfo(_host: str, port: int, **more: Any) -> list[Any]:
        return real(answers.pop() if answers else "127.0.0.1", port, **more)

    def connect(_socket: socket.socket, place: tuple[Any, ...]) -> None:
        called.append(place)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    monkeypatch.setattr(socket.socket, "connect", connect)
    with pytest.raises(Unreachable):
        call("FTP", "example.org", sentinel.port)

    assert called == [("93.184.215.14", sentinel.port)]
    assert not sentinel.heard()
