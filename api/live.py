"""A job as it runs, over a WebSocket: `/ws/jobs/{id}`.

The token comes in the first message, never in the address, which logs keep. See docs/jobs.md.
"""

import asyncio
import json
import re
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any, TypeVar

from asgiref.sync import sync_to_async
from django.db import connection
from rest_framework.exceptions import AuthenticationFailed

from accounts.models import User
from accounts.preferences import preference
from accounts.scopes import OutOfScope, require_scope
from api.authentication import PERSONAL, holder, login_of
from api.streamed import Application, Message, Receive, Scope, Send
from jobs import live
from jobs.live import BEAT_S, CHECK_S, Full, Watcher, unless_away
from jobs.models import Job

ADDRESS = re.compile(
    "/ws/jobs/(?:(?P<pk>[0-9]{1,18})"
    "|(?P<uuid>[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}))"
)
FIRST_S = 5.0
MOST_SILENT = 100
"""Connections of a process that have not shown a token yet."""
OVER, RESTARTS, TRY_LATER = 1000, 1012, 1013
UNAUTHORIZED, NOT_FOUND, TOO_MANY = 4401, 4404, 4429

Found = TypeVar("Found")


class Refused(Exception):
    """The connection is to be closed with `code`."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class Gone(Exception):
    """The client hung up."""


def with_sockets(application: Application) -> Application:
    """Answer WebSockets here, and all else by `application`."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "websocket":
            await application(scope, receive, send)
            return
        await receive()  # the wish to connect
        if address := ADDRESS.fullmatch(str(scope["path"])):
            which = {name: given for name, given in address.groupdict().items() if given}
            with suppress(OSError):  # the client hung up while it was told
                await Socket(which, receive, send).serve()
        else:
            await send({"type": "websocket.close", "code": NOT_FOUND})

    return answer


class Socket:
    silent = 0

    def __init__(self, which: dict[str, str], receive: Receive, send: Send) -> None:
        self.which, self.receive, self.send = which, receive, send
        self.token = ""
        self.is_gone = False

    async def serve(self) -> None:
        await self.send({"type": "websocket.accept"})
        try:
            code = await self._tell(await self._admitted())
        except Refused as refused:
            code = refused.code
        except Gone:
            return
        await self.send({"type": "websocket.close", "code": code})

    async def _admitted(self) -> Watcher:
        """Return the watcher that the first message opens.

        Raises:
            Refused: it does not come, or opens nothing.
            Gone: the client hung up.
        """
        if Socket.silent >= MOST_SILENT:
            raise Refused(TRY_LATER)
        Socket.silent += 1
        try:
            async with asyncio.timeout(FIRST_S):
                asked = understood(await self.receive())
        except TimeoutError as error:
            raise Refused(UNAUTHORIZED) from error
        finally:
            Socket.silent -= 1
        self.token = asked["token"]
        user, job, language = await sync_to_async(apart)(partial(admitted, self.token, self.which))
        return Watcher(user, watched=job, after=asked.get("after", 0), language=language)

    async def _tell(self, watcher: Watcher) -> int:
        """Tell the job until it is over; return what to close with."""
        try:
            live.HUB.join(watcher)
        except Full as full:
            return TOO_MANY if full.is_own else TRY_LATER
        listening = asyncio.create_task(self._await_end(watcher))
        try:
            return await self._tell_on(watcher)
        finally:
            listening.cancel()
            live.HUB.leave(watcher)

    async def _tell_on(self, watcher: Watcher) -> int:
        check_at = time.monotonic() + CHECK_S
        while True:
            for one in await watcher.heard(min(BEAT_S, CHECK_S)):
                if one.event == "end":
                    return OVER
                if told := as_told(one, watcher.watched):
                    await self.send({"type": "websocket.send", "text": json.dumps(told)})
            if self.is_gone:
                raise Gone
            if watcher.is_over:
                return RESTARTS
            if time.monotonic() >= check_at:
                await self._check()
                check_at = time.monotonic() + CHECK_S

    async def _check(self) -> None:
        """Make sure that the token is still good, and the job its holder's.

        Raises:
            Refused: it is not.
        """
        codes: list[int] = []

        def is_still_let_in() -> bool:
            try:
                admitted(self.token, self.which)
            except Refused as refused:
                codes.append(refused.code)
            return not codes

        if not await live.HUB.ask(partial(unless_away, is_still_let_in)):
            raise Refused(codes[0])

    async def _await_end(self, watcher: Watcher) -> None:
        """Hear nothing but that the client hangs up."""
        while (await self.receive())["type"] != "websocket.disconnect":
            pass
        self.is_gone = True
        watcher.end()


def understood(message: Message) -> dict[str, Any]:
    """Return what the first message says: a token, and maybe the last line that was read.

    Raises:
        Refused: it says something else.
        Gone: it says that the client hung up.
    """
    if message["type"] == "websocket.disconnect":
        raise Gone
    try:
        asked = json.loads(message.get("text") or "")
    except (ValueError, RecursionError) as error:
        raise Refused(UNAUTHORIZED) from error
    if not isinstance(asked, dict) or not isinstance(asked.get("token"), str):
        raise Refused(UNAUTHORIZED)
    after = asked.get("after", 0)
    if isinstance(after, bool) or not isinstance(after, int) or not 0 <= after < 10**18:
        raise Refused(UNAUTHORIZED)
    return asked


def apart(question: Callable[[], Found]) -> Found:
    """Answer a question to the database over a connection of its own."""
    try:
        return question()
    finally:
        connection.close()


def admitted(token: str, which: dict[str, str]) -> tuple[User, int, str]:
    """Return who shows `token`, the number of the job, and their language.

    Raises:
        Refused: the token opens nothing, or there is no such job of theirs.
    """
    try:
        user = holder(token) if token.startswith(PERSONAL) else login_of(token).user
        require_scope(user, "releases", "read")
    except (AuthenticationFailed, OutOfScope) as error:
        raise Refused(UNAUTHORIZED) from error
    job = Job.objects.visible_to(user).filter(**which).values_list("pk", flat=True).first()
    if job is None:
        raise Refused(NOT_FOUND)
    return user, job, str(preference(user, "language"))


def as_told(one: live.Message, job: int | None) -> dict[str, Any] | None:
    """Return what is sent of a message of the hub; nothing of other jobs."""
    data = one.data
    if one.event == "line":
        line = {"timestamp": data["at"], "level": data["level"], "message": data["message"]}
        return {"type": "job_log", "job_id": job, "id": one.number, "data": line}
    if one.event != "job" or data["id"] != job:
        return None
    state = {
        "status": data["status"],
        "progress": data["progress"],
        "stage": data["stage"],
        "message": data["said"] or data["statusLabel"],
        "error": data["error"],
    }
    return {"type": "job_status", "job_id": job, "data": state}
