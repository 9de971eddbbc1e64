"""Bodies that are read as they arrive; Django alone would wait for their end, and keep a copy."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from concurrent.futures import CancelledError, Future
from typing import Any

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, UnreadablePostError

from releases.uploads import Cut

Scope = dict[str, Any]
Message = Mapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

BODY = "packer.body"
STREAMED = "/api/uploads/"
PIECE_BYTES = 1 << 20
PIECE_S = 1
"""What came in that time is passed on, however little it is."""
IDLE_S = 15
"""How long the next bytes may take; the client asks again, and goes on where it was."""


def streamed(application: Application) -> Application:
    """Have `application` answer PATCHes to uploads while their bodies arrive."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if is_streamed(scope):
            body = Body(receive)
            await application(scope | {BODY: body}, body.withheld(), send)
        else:
            await application(scope, receive, send)

    return answer


def is_streamed(scope: Scope) -> bool:
    return scope["type"] == "http" and scope["method"] == "PATCH" and STREAMED in str(scope["path"])


class Body:
    """What arrives over one connection. The event loop fetches it, the thread of a view reads."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._loop = asyncio.get_running_loop()
        self._is_over = self._is_cut = False

    def withheld(self) -> Receive:
        """Return a `receive` that tells of an empty body, and never of an end of the connection.

        A view that reads the body learns of that end by itself, and has something to record then.
        """
        messages: list[Message] = [{"type": "http.request", "body": b"", "more_body": False}]

        async def receive() -> Message:
            if messages:
                return messages.pop()
            return await asyncio.Future[Message]()

        return receive

    def pieces(self) -> Iterator[bytes]:
        """Yield the body; one piece is fetched while the one before is worked on.

        Raises:
            Cut: the connection ended, or nothing came for too long.
        """
        ahead = self._fetch()
        try:
            while piece := ahead.result():
                ahead = self._fetch()
                yield piece
        except CancelledError as stopped:  # the server is asked to end
            raise Cut from stopped
        finally:
            ahead.cancel()

    def _fetch(self) -> "Future[bytes]":
        return asyncio.run_coroutine_threadsafe(self._gather(), self._loop)

    async def _gather(self) -> bytes:
        """Return about a piece, less at the end of the body, and nothing after it."""
        gathered, until = bytearray(), self._loop.time() + PIECE_S
        while len(gathered) < PIECE_BYTES and not (self._is_over or self._is_cut):
            gathered += await self._next()
            if gathered and self._loop.time() > until:
                break
        if self._is_cut and not gathered:
            raise Cut
        return bytes(gathered)

    async def _next(self) -> bytes:
        try:
            async with asyncio.timeout(IDLE_S):
                message = await self._receive()
        except TimeoutError:
            self._is_cut = True
            return b""
        self._is_cut = message["type"] == "http.disconnect"
        self._is_over = not message.get("more_body", False)
        return bytes(message.get("body", b""))


def body_of(request: HttpRequest) -> Iterator[bytes]:
    """Yield the body of `request`, as it arrives where the server lets us.

    Raises:
        Cut: it ended too soon.
    """
    body = request.scope.get(BODY) if isinstance(request, ASGIRequest) else None
    return body.pieces() if isinstance(body, Body) else plain(request)


def plain(request: HttpRequest) -> Iterator[bytes]:
    try:
        while piece := request.read(PIECE_BYTES):
            yield piece
    except UnreadablePostError as error:
        raise Cut from error
