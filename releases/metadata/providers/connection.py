"""The way to one provider: cached, counted, and with its key kept out of sight."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from releases.metadata.http import NotAllowed, Reply, Request, Unreachable, target
from releases.metadata.providers.breaker import Breaker
from releases.metadata.providers.memory import Memory
from releases.metadata.providers.provider import (
    Access,
    Credentials,
    InvalidKey,
    Outage,
    Provider,
    ProviderError,
    Throttled,
)

if TYPE_CHECKING:
    from releases.metadata.http.outlet import Outlet

CACHE_S = 86_400
CACHED_LIMIT = 256 << 10
"""Bytes of an answer that is kept."""


class Connection:
    """Asks one provider for documents, for the length of one question."""

    def __init__(
        self, name: str, provider: Provider, outlet: "Outlet", *, access: Access, memory: Memory
    ) -> None:
        self.name = name
        self.provider = provider
        self.key = access.keys.get(name, "").strip()
        self.memory = memory
        self.is_fresh = False
        """Whether nothing is answered from memory, nor refused because of the past."""
        self.is_from_cache = True
        self.trouble: ProviderError | None = None
        """What was forgiven."""
        self._base_url = (access.base_urls.get(name) or provider.base_url).rstrip("/")
        self._outlet = outlet
        self._headers = {"Accept": "application/json", "User-Agent": user_agent(access.contact)}
        self._service = digest(name, self._base_url)
        self.account = digest(name, self._base_url, self.key)
        """Names who is asked with whose key, and tells no key."""
        self._breaker = Breaker(memory, provider, service=self._service, account=self.account)

    def require_key(self) -> None:
        """Let a key pass that could be one.

        Raises:
            ProviderError: it is missing, or holds what no key holds.
        """
        if self.provider.needs_key and not self.key:
            raise ProviderError(
                "%(provider)s needs an API key: get one at %(home)s.",
                provider=self.provider.title,
                home=self.provider.home,
            )
        if not (self.key.isascii() and self.key.isprintable()) or " " in self.key:
            raise InvalidKey(self.provider)

    def get(self, path: str, params: Mapping[str, str] | None = None) -> Any:
        """Return the document at `path`, or None where there is none.

        Raises:
            ProviderError: it gave no answer.
        """
        params = params or {}
        place = "answer:" + digest(self._service, path, sorted(params.items()))
        kept = None if self.is_fresh else self.memory.get(place)
        if isinstance(kept, dict):
            return kept.get("document")
        shown = self.provider.sign(self)
        document, size = self._asked(path, {**params, **shown.params}, shown)
        if size <= CACHED_LIMIT:
            self.memory.set(place, {"document": document}, CACHE_S)
        return document

    @contextmanager
    def forgiving(self) -> Iterator[None]:
        """Go on without what cannot be had in here, and remember why."""
        try:
            yield
        except ProviderError as error:
            self.trouble = error

    def post(self, path: str, content: Any) -> Any:
        """Send `content`, and return the document that answers it, or None.

        Raises:
            ProviderError: it gave no answer.
        """
        json_type = Credentials(headers={"Content-Type": "application/json"})
        document, _size = self._asked(path, {}, json_type, json.dumps(content).encode())
        return document

    def _asked(
        self, path: str, params: Mapping[str, str], shown: Credentials, body: bytes = b""
    ) -> tuple[Any, int]:
        """Return the document that answers, and the bytes it took."""
        self.is_from_cache = False
        if not self.is_fresh:
            self._breaker.refuse()
        try:
            reply = self._outlet.fetch(
                self._request(path, params, shown, body),
                is_final=lambda reply: bool(self._complaint(reply)),
            )
            trouble = self._trouble(reply)
            document = reply.document() if _is_found(reply) and not trouble else None
        except NotAllowed as error:
            raise ProviderError(error.template, **error.values) from None
        except Unreachable as error:
            trouble = Outage(error.template, **error.values)
            self._breaker.note(trouble)
            raise trouble from None
        self._breaker.note(trouble, asked_s=reply.retry_after_s)
        if trouble:
            raise trouble
        return document, len(reply.body)

    def _request(
        self, path: str, params: Mapping[str, str], shown: Credentials, body: bytes
    ) -> Request:
        query = f"?{urlencode(params)}" if params else ""
        return Request(
            target=target(f"{self._base_url}{path}{query}"),
            method="POST" if body else "GET",
            headers=self._headers,
            secrets=shown.headers,
            body=body,
        )

    def _complaint(self, reply: Reply) -> ProviderError | None:
        try:
            document = reply.document()
        except Unreachable:
            document = None
        return self.provider.complaint(self.provider, reply.status, document)

    def _trouble(self, reply: Reply) -> ProviderError | None:
        """Return what the reply means, if it is neither an answer nor a miss."""
        return self._complaint(reply) or self._usual_complaint(reply)

    def _usual_complaint(self, reply: Reply) -> ProviderError | None:
        who = {"provider": self.provider.title, "status": reply.status}
        if reply.status == HTTPStatus.UNAUTHORIZED:
            return InvalidKey(self.provider)
        if reply.status == HTTPStatus.TOO_MANY_REQUESTS:
            return Throttled("%(provider)s asks for patience: try again later.", **who)
        if reply.is_passing:
            return Outage("%(provider)s is out of order (HTTP %(status)s): try again later.", **who)
        if reply.status != HTTPStatus.NOT_FOUND and not _is_found(reply):
            return ProviderError("%(provider)s refuses the question (HTTP %(status)s).", **who)
        return None


def digest(*parts: Any) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _is_found(reply: Reply) -> bool:
    return HTTPStatus.OK <= reply.status < HTTPStatus.MULTIPLE_CHOICES


def user_agent(contact: str) -> str:
    """Say who asks, and how to reach them, as far as it fits in a header."""
    shown = "".join(letter for letter in contact if "!" <= letter <= "~" and letter not in "()")
    return f"ReleasePacker/0.1 ({shown})" if shown else "ReleasePacker/0.1"
