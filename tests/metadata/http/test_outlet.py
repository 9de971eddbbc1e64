"""Reliability R14: whatever a server does, it ends in time and in a sentence."""

import gzip
import logging
import socket
import time
import traceback
import tracemalloc
import zlib
from pathlib import Path
from typing import Any

import pytest

from releases.metadata.http import Deadline, NotAllowed, Reply, Request, Unreachable, target
from releases.metadata.http.messages import BODY_LIMIT, read_body
from releases.metadata.http.outlet import Outlet
from tests.metadata.service import (
    Respond,
    Service,
    bomb,
    bomb_body,
    bytes_alone,
    dripping,
    dropped,
    endless,
    moved,
    packed,
    raw,
    running,
    sent,
    silent,
)
from tests.network.certificates import serving, trusting

KEY = "canary"
GO_ON = b"HTTP/1.1 100 Continue\r\n\r\n"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


def fetch(service: Service, path: str = "/", *, timeout_s: float = 5, **request: Any) -> Reply:
    allowed = frozenset({service.authority})
    with Outlet(Deadline(timeout_s), allowed_hosts=allowed) as outlet:
        return outlet.fetch(Request(target=target(service.url + path), **request))


def test_a_document_is_fetched(service: Service) -> None:
    service.on("/a", sent({"title": "Été"}))

    reply = fetch(service, "/a?q=1", headers={"User-Agent": "ours"})

    assert reply.document() == {"title": "Été"}
    assert service.asked[0].query == {"q": "1"}
    assert service.asked[0].headers["user-agent"] == "ours"
    assert service.asked[0].headers["host"] == service.authority


def test_a_packed_document_is_unpacked(service: Service) -> None:
    service.on("/", packed(b'{"a": 1}'))

    assert fetch(service).document() == {"a": 1}


@pytest.mark.parametrize("status", [429, 500, 502, 503, 522])
def test_what_is_passing_is_tried_three_times(service: Service, status: int) -> None:
    service.on("/", sent({}, status))

    assert fetch(service).status == status
    assert len(service.asked) == 3


def test_the_first_good_answer_ends_the_tries(service: Service) -> None:
    service.on("/", dropped, sent({}, 503), sent({"a": 1}))

    assert fetch(service).document() == {"a": 1}
    assert len(service.asked) == 3


@pytest.mark.parametrize("status", [200, 204, 400, 401, 403, 404, 410, 422])
def test_what_is_not_passing_is_tried_once(service: Service, status: int) -> None:
    service.on("/", sent({}, status))

    assert fetch(service).status == status
    assert len(service.asked) == 1


def test_a_server_that_asks_for_patience_is_left_in_peace(service: Service) -> None:
    service.on("/", sent({}, 429, Retry_After="1"), sent({"a": 1}))
    began = time.monotonic()

    assert fetch(service).document() == {"a": 1}

    assert time.monotonic() - began >= 1


@pytest.mark.parametrize(
    "asked", ["60", "999999999999", "Wed, 21 Oct 2015 07:28:00 GMT", "-1", "½"]
)
def test_patience_beyond_the_deadline_is_not_begun(service: Service, asked: str) -> None:
    service.on("/", sent({}, 503, Retry_After=asked.encode().decode("latin-1")))
    began = time.monotonic()

    assert fetch(service, timeout_s=1).status == 503

    assert time.monotonic() - began < 5


LATE, LONG, ASTRAY = "did not answer in time", "sent more than 2 MiB", "redirects to another host"
UNREADABLE, BROKEN = "sent something that cannot be read", "broke off the connection"
FAULTS: dict[str, tuple[Respond, str]] = {
    "silence": (silent, LATE),
    "a drip from the start": (dripping(b""), LATE),
    "a header that drips": (dripping(HEAD + b"X: "), LATE),
    "a body that drips": (dripping(HEAD + b"\r\n"), LATE),
    "a drip after a continue": (dripping(GO_ON + HEAD), LATE),
    "100 MiB without an announcement": (endless, LONG),
    "a body announced as too long": (raw(b" " * (BODY_LIMIT + 1)), LONG),
    "a gzip bomb": (bomb, LONG),
    "another packing than said": (raw(zlib.compress(b"{}"), Content_Encoding="gzip"), UNREADABLE),
    "a packing not asked for": (raw(b"{}", Content_Encoding="br"), UNREADABLE),
    "two packings": (raw(gzip.compress(b"{}"), Content_Encoding="gzip, gzip"), UNREADABLE),
    "a packing cut short": (raw(gzip.compress(b"{}")[:-9], Content_Encoding="gzip"), UNREADABLE),
    "JSON cut short": (raw(b'{"title": "cut'), UNREADABLE),
    "JSON too deep": (raw(b"[" * 100_000), UNREADABLE),
    "a number without end": (raw(b"1" * 5_000), UNREADABLE),
    "no text at all": (raw(b"\xff\xfe\xfd"), UNREADABLE),
    "nothing": (raw(b""), UNREADABLE),
    "HTML": (raw(b"<html>", Content_Type="text/html"), UNREADABLE),
    "JavaScript": (raw(b"var a = {};", Content_Type="text/javascript"), UNREADABLE),
    "no type": (raw(b"{}", Content_Type=""), UNREADABLE),
    "another protocol": (bytes_alone(b"SSH-2.0-OpenSSH_9.6\r\n"), BROKEN),
    "zeros": (bytes_alone(b"\x00" * 200_000), BROKEN),
    "a header without end": (bytes_alone(HEAD + b"X: " + b"a" * 200_000), BROKEN),
    "less than announced": (bytes_alone(HEAD + b"Content-Length: 9\r\n\r\n{}"), BROKEN),
    "a length below zero": (bytes_alone(HEAD + b"Content-Length: -1\r\n\r\n"), BROKEN),
    "a connection cut": (dropped, BROKEN),
    "a redirect in a circle": (moved("/"), "redirects more than 5 times"),
    "a redirect to another host": (moved("//example.org/"), ASTRAY),
    "a redirect to metadata": (moved("http://169.254.169.254/latest"), ASTRAY),
    "a redirect to a file": (moved("file:///etc/passwd"), "begins with http"),
    "a redirect to nowhere": (moved("http://[::1"), "not an address"),
    "a redirect with a user": (moved("http://user@example.org/"), "holds a user"),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_whatever_a_server_does_ends_in_a_sentence(service: Service, name: str) -> None:
    respond, sentence = FAULTS[name]
    service.on("*", respond)
    began = time.monotonic()

    with pytest.raises(Unreachable, match=sentence) as caught:
        fetch(service, timeout_s=1 if sentence == LATE else 8).document()

    assert time.monotonic() - began < 10
    assert str(caught.value) == caught.value.template % caught.value.values


def test_nobody_listening_is_told_of(service: Service) -> None:
    service.close()

    with pytest.raises(Unreachable, match=r"127\.0\.0\.1 cannot be reached"):
        fetch(service)


@pytest.mark.parametrize(
    ("status", "method"), [(301, "GET"), (302, "GET"), (303, "GET"), (307, "POST"), (308, "POST")]
)
def test_a_redirect_on_the_same_host_is_followed(
    service: Service, status: int, method: str
) -> None:
    service.on("/old/a", moved("../new?b=1", status))
    service.on("/new", sent({"a": 1}))

    reply = fetch(service, "/old/a", method="POST", body=b"{}", secrets={"Authorization": "s"})

    assert reply.document() == {"a": 1}
    assert (service.asked[1].method, service.asked[1].query) == (method, {"b": "1"})
    assert service.asked[1].body == (b"{}" if method == "POST" else b"")
    assert service.asked[1].headers["authorization"] == "s"


def test_a_request_that_roams_leaves_its_secrets_at_home(service: Service) -> None:
    with (
        running() as other,
        Outlet(
            Deadline(5), allowed_hosts=frozenset({service.authority, other.authority})
        ) as outlet,
    ):
        service.on("/", moved(f"{other.url}/there"))
        other.on("/there", sent({"a": 1}))

        outlet.fetch(
            Request(
                target=target(service.url),
                headers={"Accept": "text/plain"},
                secrets={"Authorization": "s"},
                roams=True,
            )
        )

    assert "authorization" in service.asked[0].headers
    assert "authorization" not in other.asked[0].headers
    assert other.asked[0].headers["accept"] == "text/plain"


def test_a_request_that_roams_is_judged_anew(service: Service) -> None:
    with running() as other:
        service.on("/", moved(other.url))

        with pytest.raises(NotAllowed, match="may not be called"):
            fetch(service, roams=True)

    assert other.asked == []


def test_what_is_sent_does_not_roam(service: Service) -> None:
    service.on("/", moved("http://example.org/", 307))

    with pytest.raises(Unreachable, match="redirects to another host"):
        fetch(service, method="POST", body=b"{}", roams=True)


def test_a_connection_serves_several_requests(service: Service) -> None:
    service.on("/", sent({}))
    with Outlet(Deadline(5), allowed_hosts=frozenset({service.authority})) as outlet:
        for _request in range(3):
            outlet.fetch(Request(target=target(service.url)))

    assert len(service.asked) == 3
    assert len(service.callers) == 1


def test_the_proxies_of_the_environment_are_not_asked(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.on("/", sent({"a": 1}))
    with running() as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)

        assert fetch(service).document() == {"a": 1}

    assert proxy.asked == []


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have every name lead to 127.0.0.1."""
    real = socket.getaddrinfo
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda _host, port, **more: real("127.0.0.1", port, **more)
    )


@pytest.mark.parametrize(
    ("name", "is_trusted", "sentence"),
    [
        ("provider.test", True, ""),
        ("provider.test", False, r"provider\.test cannot prove its name"),
        ("other.test", True, r"provider\.test cannot prove its name"),
    ],
)
def test_a_certificate_is_held_against_the_name(
    home: None, tmp_path: Path, name: str, is_trusted: bool, sentence: str
) -> None:
    with running(serving(tmp_path, name)) as service:
        service.on("/", sent({"a": 1}))
        authority = f"provider.test:{service.port}"
        context = trusting(tmp_path) if is_trusted else None
        with Outlet(Deadline(5), allowed_hosts=frozenset({authority}), context=context) as outlet:
            request = Request(target=target(f"https://{authority}/"))
            if not sentence:
                assert outlet.fetch(request).document() == {"a": 1}
                return
            with pytest.raises(Unreachable, match=sentence):
                outlet.fetch(request)

    assert service.asked == []


def test_a_server_that_speaks_no_tls_is_told_of(home: None, service: Service) -> None:
    with pytest.raises(Unreachable, match=r"broke off the connection|did not answer"):
        fetch_secured(service)


def fetch_secured(service: Service) -> Reply:
    with Outlet(Deadline(2), allowed_hosts=frozenset({service.authority})) as outlet:
        return outlet.fetch(Request(target=target(f"https://{service.authority}/")))


def test_logs_hold_neither_queries_nor_headers(
    service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    service.on("/", moved("/?key=canary"), sent({}))

    fetch(service, "/?key=canary", secrets={"Authorization": "canary"})

    assert len(service.asked) == 2
    assert "canary" not in caplog.text


def test_a_header_that_cannot_be_sent_is_not_repeated(service: Service) -> None:
    with pytest.raises(Unreachable) as caught:
        fetch(service, secrets={"Authorization": f"{KEY}\r\nX: y"})

    assert KEY not in "".join(traceback.format_exception(caught.value))
    assert service.asked == []


def test_a_bomb_is_defused_before_it_fills_the_memory() -> None:
    body = bomb_body()
    tracemalloc.start()

    with pytest.raises(Unreachable, match=LONG):
        read_body("example.org", {"content-encoding": "gzip"}, [body])

    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 4 * BODY_LIMIT
