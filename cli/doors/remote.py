"""The API of an instance on another machine."""

import math
import time
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, NoReturn

import httpx
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from cli.doors import MALFORMED, TOO_MANY, Refusal, no_text
from cli.doors.address import Address, address_given
from cli.exits import Exit, Stop

TIMEOUT = httpx.Timeout(60, connect=10)
PATIENCE_S = 180
"""How long all waits together may take that an instance asks for, since it was asked too much."""
NOWHERE = "There is nothing at "
"""How the API answers addresses that it does not have."""
BAD_GATEWAYS = {HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT}


class Unanswered(Stop):
    """Nobody answers there just now; what was asked may have been heard."""

    def __init__(self, message: str) -> None:
        super().__init__(Exit.FAILED, message)


class RemoteDoor:
    """Follows no redirect: the token is for the one host that it was given for."""

    def __init__(self, address: Address) -> None:
        self.url = address.url
        try:
            self.client = self.client_of(address)
        except (ImportError, OSError, ValueError, httpx.InvalidURL) as error:
            sentence = _("%(url)s cannot be asked (%(reason)s): check SSL_CERT_FILE and the proxy.")
            raise Stop(Exit.INVALID, sentence % {"url": self.url, "reason": error}) from error

    def client_of(self, address: Address) -> httpx.Client:
        return httpx.Client(
            base_url=f"{address.url}/api",
            headers={
                "Authorization": f"Bearer {address.token}",
                "Accept": "application/json",
                "Accept-Language": get_language() or "en",
                "User-Agent": "packer",
            },
            timeout=TIMEOUT,
            trust_env=not address.is_here,
        )

    @classmethod
    def of_environment(cls) -> "RemoteDoor":
        return cls(address_given())

    def ask(
        self, method: str, path: str, *, query: Mapping[str, Any] | None = None, body: Any = None
    ) -> Any:
        """Return what the instance answers; see `Door`.

        Raises:
            Unanswered: nobody does.
        """
        sent = {} if body is None else {"json": body}
        answer = self.heard(lambda: self.client.request(method, path, params=query, **sent))
        return self.document(answer)

    def heard(self, asked: Callable[[], httpx.Response]) -> httpx.Response:
        """Return the answer to what is `asked`, again where it was one request too many."""
        until_s = time.monotonic() + PATIENCE_S
        while True:
            try:
                answer = asked()
            except httpx.HTTPError as error:
                raise Unanswered(self.silence(error)) from error
            except UnicodeError as error:
                raise no_text() from error
            wait_s = seconds(answer.headers.get("Retry-After", ""))
            if answer.status_code != TOO_MANY or time.monotonic() + wait_s > until_s:
                return self.accepted(answer)
            time.sleep(wait_s)

    def accepted(self, answer: httpx.Response) -> httpx.Response:
        """Return `answer`.

        Raises:
            Refusal: the API refuses.
            Stop: what answers is no API, or another one.
        """
        if answer.status_code in BAD_GATEWAYS:
            sentence = _("%(url)s does not work just now (%(status)d): try again later.")
            values = {"url": self.url, "status": answer.status_code}
            raise Unanswered(sentence % values)
        if answer.is_redirect:
            self.refuse_redirect(answer)
        if answer.status_code < MALFORMED:
            return answer
        document = self.document(answer)
        if document is not None:  # HEAD has no words
            self.refuse_strange(answer, document)
        raise Refusal(answer.status_code, document or {})

    def refuse_redirect(self, answer: httpx.Response) -> NoReturn:
        sentence = _("%(url)s sends elsewhere, to %(place)s: set PACKER_URL to where it really is.")
        place = answer.headers.get("Location", "")
        raise Stop(Exit.INVALID, sentence % {"url": self.url, "place": place[:200]})

    def refuse_strange(self, answer: httpx.Response, document: Any) -> None:
        if not (isinstance(document, dict) and "message" in document):
            self.refuse_other()
        if answer.status_code == HTTPStatus.UNAUTHORIZED:
            sentence = _("%(url)s does not take PACKER_TOKEN: it is wrong, over or revoked.")
            raise Stop(Exit.NOT_PERMITTED, sentence % {"url": self.url})
        is_unknown = str(document["message"]).startswith(NOWHERE)
        if is_unknown or answer.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            sentence = _("%(url)s is too old for this command: bring it up to date.")
            raise Stop(Exit.INVALID, sentence % {"url": self.url})

    def refuse_other(self) -> NoReturn:
        sentence = _("What answers at %(url)s is no Release Packer: check PACKER_URL.")
        raise Stop(Exit.INVALID, sentence % {"url": self.url})

    def document(self, answer: httpx.Response) -> Any:
        if not answer.content:
            return None
        try:
            return answer.json()
        except ValueError:
            self.refuse_other()

    def silence(self, error: httpx.HTTPError) -> str:
        values = {"url": self.url, "reason": str(error) or type(error).__name__}
        if "CERTIFICATE_VERIFY_FAILED" in str(error):
            sentence = _(
                "The certificate of %(url)s is not valid (%(reason)s). An authority of your own is"
                " added by SSL_CERT_FILE."
            )
            return sentence % values
        if isinstance(error, httpx.TimeoutException):
            return _("%(url)s does not answer in time: try again later.") % values
        return _("%(url)s cannot be reached (%(reason)s): check PACKER_URL.") % values


def seconds(text: str) -> float:
    """Return the wait that an answer asks for; without end where that is no number."""
    return max(1.0, float(text)) if text.isdecimal() else math.inf
