"""How long a body may be, and how long it was: Django keeps all of it before it looks at any."""

from collections.abc import Mapping

from django.conf import settings

from api.streamed import BODY, Application, Message, Receive, Scope, Send

LENGTH, TYPE = b"content-length", b"content-type"
WITH_FILES = b"multipart/form-data"
END: Message = {"type": "http.request", "body": b"", "more_body": False}


def measured(application: Application) -> Application:
    """Have `application` know the length of each body, and get none that it would refuse.

    Sent in chunks, a body does not tell its length, and Django takes it for none. Of one that is
    too long the application gets the length alone, and refuses it as ever.
    """

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and BODY not in scope:
            body = Measured(scope, receive)
            await application(body.scope, body.receive, send)
        else:
            await application(scope, receive, send)

    return answer


def shows(headers: Mapping[bytes, bytes]) -> bool:
    """Tell whether who asks shows anything of who they are; what, is looked at later."""
    is_session = settings.SESSION_COOKIE_NAME.encode() + b"=" in headers.get(b"cookie", b"")
    return is_session or b"authorization" in headers


class Measured:
    """Counts what arrives; forms with files may be as long as the files that are taken.

    Nobody's are as short as all else: no file is taken of who does not say who they are.
    """

    def __init__(self, scope: Scope, receive: Receive) -> None:
        told = dict(scope["headers"])
        self.scope = scope | {"headers": [*scope["headers"]]}
        self._arriving = receive
        self._is_told, self._count = LENGTH in told, 0
        self._is_limited = not (told.get(TYPE, b"").lower().startswith(WITH_FILES) and shows(told))
        self._announced = int(told.get(LENGTH, 0))  # the server refuses what is no number
        self._is_cut = False

    async def receive(self) -> Message:
        if self._is_cut:
            return await self._hang_up()
        if self._is_too_much(self._announced):
            self._is_cut = True
            return END
        message = await self._arriving()
        if message["type"] != "http.request":
            return message
        return self._counted(message)

    def _counted(self, message: Message) -> Message:
        """Return `message`; at the end the length of all stands in the headers, read after it."""
        self._count += len(message.get("body", b""))
        if self._is_too_much(self._count):
            self._is_cut, message = True, END
        is_over = not message.get("more_body", False)
        if is_over and self._count and not self._is_told:
            self.scope["headers"].append((LENGTH, str(self._count).encode()))
        return message

    def _is_too_much(self, count: int) -> bool:
        return self._is_limited and count > int(settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0)

    async def _hang_up(self) -> Message:
        """Let the rest of the body go by, and return the end of the connection."""
        while (message := await self._arriving())["type"] != "http.disconnect":
            pass
        return message
