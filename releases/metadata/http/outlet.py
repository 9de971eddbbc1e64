"""Requests that go out, are followed where they lead, and are tried again where that helps."""

import random
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from http import HTTPStatus
from typing import Self

import httpcore

from network.addresses import Unreachable
from network.deadline import Deadline, Dropped
from network.trust import trust
from releases.metadata.http.messages import Reply, Request, read_body
from releases.metadata.http.targets import PORTS, Target, target
from releases.metadata.http.wire import Network

REDIRECT_LIMIT = 5
TRIES = 3
BACK_OFF_S = 0.5

_REDIRECTS = {301, 302, 303, 307, 308}
_FOUND_BY_GET = {HTTPStatus.MOVED_PERMANENTLY, HTTPStatus.FOUND, HTTPStatus.SEE_OTHER}


class Outlet:
    """The way out for one errand: only to addresses that may be called, until its deadline.

    No proxy of the environment is asked, and no cookie is kept.
    """

    def __init__(
        self,
        deadline: Deadline,
        *,
        allowed_hosts: frozenset[str] = frozenset(),
        context: ssl.SSLContext | None = None,
    ) -> None:
        self.deadline = deadline
        network = Network(deadline, allowed_hosts)
        self._pool = httpcore.ConnectionPool(context or trust(), network_backend=network)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._pool.close()

    def fetch(
        self,
        request: Request,
        *,
        is_final: Callable[[Reply], bool] = lambda _reply: False,
        tries: int = TRIES,
    ) -> Reply:
        """Return the reply to `request`, or the last of all tries.

        What is out of order or asks for patience is tried again, unless it `is_final` or the
        time left does not suffice.

        Raises:
            NotAllowed: it may not be called.
            Unreachable: it does not answer, or answers with too much.
        """
        wait_s = _back_off_s(TRIES - tries)
        try:
            reply = self._fetched(request)
        except Dropped:
            if tries == 1 or wait_s > self.deadline.left_s():
                raise
        else:
            wait_s = max(wait_s, reply.retry_after_s)
            is_worth_it = tries > 1 and wait_s < self.deadline.left_s()
            if not (reply.is_passing and is_worth_it) or is_final(reply):
                return reply
        time.sleep(wait_s)
        return self.fetch(request, is_final=is_final, tries=tries - 1)

    @contextmanager
    def opened(self, request: Request) -> Iterator[httpcore.Response]:
        """Send `request`, follow its redirects, and hand out the response to read from.

        Raises:
            NotAllowed: it may not be called.
            Unreachable: it does not answer, or leads astray.
        """
        with self.arrived(request) as (_there, response):
            yield response

    @contextmanager
    def arrived(self, request: Request) -> Iterator[tuple[Target, httpcore.Response]]:
        """Do as `opened` does, and tell where the redirects led.

        Raises:
            NotAllowed: it may not be called.
            Unreachable: it does not answer, or leads astray.
        """
        for _hop in range(REDIRECT_LIMIT + 1):
            with self._sent(request) as response:
                following = _followed(request, response)
                if following is None:
                    yield request.target, response
                    return
            request = following
        raise Unreachable(
            "%(host)s redirects more than %(limit)s times: check the address.",
            host=request.target.host,
            limit=REDIRECT_LIMIT,
        )

    def _fetched(self, request: Request) -> Reply:
        host = request.target.host
        with self.opened(request) as response:
            headers = headers_of(response)
            body = read_body(host, headers, response.iter_stream())
        return Reply(host=host, status=response.status, headers=headers, body=body)

    @contextmanager
    def _sent(self, request: Request) -> Iterator[httpcore.Response]:
        there = request.target
        usual = {"Accept-Encoding": "gzip"}
        headers = {**usual, **request.headers, **request.secrets, "Host": there.authority}
        try:
            with self._pool.stream(
                request.method,
                httpcore.URL(
                    scheme=there.scheme, host=there.host, port=there.port, target=there.path
                ),
                headers=list(headers.items()),
                content=request.body or None,
            ) as response:
                yield response
        except (httpcore.NetworkError, httpcore.ProtocolError):
            # Nothing is chained: the protocol's errors may quote a header.
            raise Dropped(
                "%(host)s broke off the connection: try again later.", host=there.host
            ) from None


def headers_of(response: httpcore.Response) -> dict[str, str]:
    return {
        name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers
    }


def _followed(request: Request, response: httpcore.Response) -> Request | None:
    """Return what to ask for next, if the response redirects.

    Raises:
        Unreachable: to another host, where it must not.
    """
    location = headers_of(response).get("location", "")
    if response.status not in _REDIRECTS or not location:
        return None
    following = replace(request, target=target(location, request.target.url))
    if request.method == "POST" and response.status in _FOUND_BY_GET:
        following = replace(following, method="GET", body=b"")
    if _is_same_host(request.target, following.target):
        return following
    if not request.roams or following.body:
        raise Unreachable(
            "%(host)s redirects to another host: check the address.", host=request.target.host
        )
    return replace(following, secrets={})


def _is_same_host(here: Target, there: Target) -> bool:
    """Say whether both are one server, or `there` is its secured form."""
    is_secured = (here.port, there.port) == (PORTS["http"], PORTS["https"])
    return here.origin == there.origin or (here.host == there.host and is_secured)


def _back_off_s(failures: int) -> float:
    """Return the seconds to wait: twice as many after each failure, give or take."""
    spread = random.uniform(0.75, 1.25)  # noqa: S311 - it spreads tries, and keeps no secret
    return BACK_OFF_S * float(2**failures) * spread
