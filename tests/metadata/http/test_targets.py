"""Reliability S6: whatever a host is written like, nothing private hears of it."""

import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from releases.metadata.http import (
    Deadline,
    NotAllowed,
    Request,
    Unreachable,
    target,
    targets,
)
from releases.metadata.http.outlet import Outlet
from tests.network.hosts import LOOPBACK_FORMS, Sentinel


@pytest.fixture
def sentinel(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sentinel]:
    """Let its port pass for one of the web: only the address is left to refuse."""
    listening = Sentinel()
    monkeypatch.setitem(targets.PORTS, "sentinel", listening.port)
    yield listening
    listening.close()


@pytest.fixture
def resolver(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Have every name lead to 127.0.0.1; the system reads numbers, in all their forms."""
    real, asked = socket.getaddrinfo, []

    def getaddrinfo(host: str, port: int, **more: Any) -> list[Any]:
        asked.append(host)
        try:
            return real(host, port, **more, flags=socket.AI_NUMERICHOST)
        except OSError:
            return real("127.0.0.1", port, **more)

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return asked


def call(url: str, *allowed: str, timeout_s: float = 5) -> None:
    with Outlet(Deadline(timeout_s), allowed_hosts=frozenset(allowed)) as outlet:
        outlet.fetch(Request(target=target(url)))


@pytest.mark.parametrize("host", LOOPBACK_FORMS)
def test_no_form_of_a_host_reaches_this_machine(
    sentinel: Sentinel, resolver: list[str], host: str
) -> None:
    with pytest.raises(NotAllowed):
        call(f"http://{host}:{sentinel.port}/")

    assert not sentinel.heard()


def test_the_sentinel_hears_those_who_may_call(sentinel: Sentinel, resolver: list[str]) -> None:
    with pytest.raises(Unreachable, match="did not answer in time"):
        call(f"http://HOME:{sentinel.port}/", f"home:{sentinel.port}", timeout_s=0.3)

    assert sentinel.heard()


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "gopher://127.0.0.1:70/_x",
        "dict://127.0.0.1:11211/stat",
        "ftp://127.0.0.1/",
        "ldap://127.0.0.1/",
        "jar:http://127.0.0.1!/",
        "javascript:alert(1)",
        "data:text/plain,x",
        "//127.0.0.1/",
        "127.0.0.1",
        "",
        "http:127.0.0.1",
        "http:///127.0.0.1",
        "https://exam ple.org/",
        "https://example.org/\u0000",
        "https://example.org:99999/",
        "https://example.org:port/",
        "https://[::1",
        "https://-example.org/",
        f"https://{'a' * 64}.org/",
        f"https://{'a.' * 130}org/",
    ],
)
def test_what_is_no_address_of_the_web_is_refused(url: str) -> None:
    with pytest.raises(NotAllowed):
        target(url)


@pytest.mark.parametrize("port", [21, 22, 25, 3306, 6379, 8080])
def test_other_ports_are_refused_before_the_name_is_looked_up(
    resolver: list[str], port: int
) -> None:
    with pytest.raises(NotAllowed, match=f"Port {port} of example.org"):
        call(f"https://example.org:{port}/")

    assert resolver == []


def test_a_host_with_one_private_address_among_public_ones_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real = socket.getaddrinfo
    monkeypatch.setattr(
        socket,
        "getaddrinfo",
        lambda _host, port, **more: [
            *real("93.184.215.14", port, **more),
            *real("127.0.0.1", port, **more),
        ],
    )

    with pytest.raises(NotAllowed, match=r"example\.org is not a public address"):
        call("http://example.org/")


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
    with pytest.raises(Unreachable, match="cannot be reached"):
        call(f"http://example.org:{sentinel.port}/")

    assert called == [("93.184.215.14", sentinel.port)] * 3
    assert not sentinel.heard()


def test_a_name_nobody_knows_is_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    def getaddrinfo(*_wishes: Any, **_more: Any) -> list[Any]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)

    with pytest.raises(Unreachable, match=r"The host example\.org is not known"):
        call("https://example.org/")


def test_a_resolver_that_never_answers_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch, release: threading.Event
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_wishes, **_more: [release.wait(60)][1:])

    with pytest.raises(Unreachable, match="is not known"):
        call("https://example.org/", timeout_s=0.2)


def test_a_target_is_written_in_one_way() -> None:
    odd = target("HTTPS://Bücher.example:443/é?q=a b".replace(" ", "%20"))

    assert odd.url == "https://xn--bcher-kva.example:443/%C3%A9?q=a%20b"
    assert target("http://[2A00::0001]/").authority == "[2a00::1]:80"


def test_a_target_shows_no_query_where_it_is_printed() -> None:
    assert "canary" not in repr(Request(target=target("https://example.org/?key=canary")))
