"""The site that lists the rules: politely asked, and never believed. No Django here."""

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from ipaddress import ip_address

from releases.metadata.http import Deadline, Reply, Request, Target, Unreachable, target
from releases.metadata.providers.connection import user_agent
from releases.packing import nfo
from rulebook import index
from rules.violation import gettext_noop

WEB_PAGE = re.compile(rb"\s*(?:\xef\xbb\xbf)?<(?:!doctype\b|\?xml\b|html\b|head\b|body\b)", re.I)
REFUSALS = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
OTHER_HOST = gettext_noop("%(host)s leads to another host, which is not asked: look at its page.")
REFUSED = gettext_noop(
    "%(host)s refuses the question (HTTP %(status)s): open its page yourself, and upload the file."
)
NOT_THERE = gettext_noop(
    "%(host)s has nothing at that address (HTTP %(status)s): look at its page."
)
OUT_OF_ORDER = gettext_noop("%(host)s is out of order (HTTP %(status)s): try again later.")
PAGE_INSTEAD = gettext_noop(
    "%(host)s sent a web page in place of the rule: try again later, or upload the file."
)
NO_TIME = gettext_noop("There was no time left to ask %(host)s: try again later.")


class NotGiven(Unreachable):
    """The site answers, and does not give this: another address of the same may."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """How the site is asked."""

    url: str
    """Of the index."""
    allowed_hosts: frozenset[str] = frozenset()
    """As host:port: may be asked though they are private."""
    contact: str = ""
    pause_s: float = 1.0
    """Between two requests, if the site is not of this machine."""
    request_s: float = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the site said of a text when it was last downloaded."""

    etag: str = ""
    last_modified: str = ""

    def headers(self) -> dict[str, str]:
        asked = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in asked.items() if value}


UNKNOWN = Known()
ETAG_LENGTH, DATE_LENGTH = 255, 64
"""As long as is kept of what the site said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Download:
    raw: bytes = field(repr=False)
    url: str
    encoding: str = ""
    """Empty: it is to be found."""
    is_page: bool = False
    """Whether it is the text that a page shows, and not the file itself."""
    known: Known = UNKNOWN


class Visit:
    """Asks the site for one thing after the other, each within its time, all within `total_s`."""

    def __init__(self, access: Access, *, total_s: float) -> None:
        self.access = access
        self.home = target(access.url)
        self._deadline = Deadline(total_s)
        self._asked_at: float | None = None
        self._pause_s = 0.0 if is_loopback(self.home) else access.pause_s

    def entries(self) -> list[index.Entry]:
        """Return the rules that the site lists.

        Raises:
            Unreachable: it does not say.
        """
        return index.entries(self._given(self.home, {}).body)

    def download(self, addresses: Mapping[str, str], known: Known = UNKNOWN) -> Download | None:
        """Return the text that lies at one of `addresses`, the first that gives it.

        None: it is the one that is `known`, of the first address.

        Raises:
            Unreachable: none gives it; says why the first does not.
        """
        trouble: Unreachable | None = None
        for form, address in addresses.items():
            try:
                return self._download(form, address, UNKNOWN if trouble else known)
            except NotGiven as error:
                trouble = trouble or error
        raise trouble or NotGiven(NOT_THERE, host=self.home.host, status=404)

    def address(self, href: str) -> str:
        """Return `href` as a whole address.

        Raises:
            NotAllowed: it is none.
        """
        return self._there(href).url

    def _there(self, href: str) -> Target:
        """Take `href` apart; where the site is a mirror in a folder, that is its root."""
        folder = self.home.path.partition("?")[0].rpartition("/")[0]
        is_of_root = href.startswith("/") and not href.startswith(("//", f"{folder}/"))
        return target(f"{folder}{href}" if is_of_root else href, self.home.url)

    def _download(self, form: str, address: str, known: Known) -> Download | None:
        there = self._there(address)
        if not is_same_site(there, self.home):
            raise NotGiven(OTHER_HOST, host=self.home.host)
        reply = self._given(there, known.headers())
        if reply.status == HTTPStatus.NOT_MODIFIED:
            return None
        is_page = form != index.RAW or WEB_PAGE.match(reply.body) is not None
        if is_page:
            return from_page(reply, there)
        return Download(raw=reply.body, url=there.url, known=known_of(reply))

    def _given(self, there: Target, headers: Mapping[str, str]) -> Reply:
        """Return the reply that holds, or confirms, what lies `there`."""
        from releases.metadata.http.outlet import Outlet  # noqa: PLC0415  # takes long to load

        own = {
            "User-Agent": user_agent(self.access.contact),
            "Accept": "text/html, text/plain, */*",
        }
        self._wait(there)
        limit_s = min(self.access.request_s, self._deadline.wait_s(there.host))
        with Outlet(Deadline(limit_s), allowed_hosts=self.access.allowed_hosts) as outlet:
            reply = outlet.fetch(Request(target=there, headers=own | dict(headers)))
        self._asked_at = time.monotonic()
        refuse_useless(reply, is_conditional=bool(headers))
        return reply

    def _wait(self, there: Target) -> None:
        """Leave the site in peace for a while after it was last asked."""
        if self._asked_at is None:
            return
        wait_s = self._asked_at + self._pause_s - time.monotonic()
        if wait_s >= self._deadline.left_s():
            raise Unreachable(NO_TIME, host=there.host)
        time.sleep(max(0.0, wait_s))


def refuse_useless(reply: Reply, *, is_conditional: bool) -> None:
    """Let pass what holds something, or confirms what is known.

    Raises:
        NotGiven: there is nothing at the address.
        Unreachable: the site gives nothing now.
    """
    said = {"host": reply.host, "status": reply.status}
    if reply.status == HTTPStatus.OK or (
        is_conditional and reply.status == HTTPStatus.NOT_MODIFIED
    ):
        return
    if reply.status in REFUSALS:
        raise Unreachable(REFUSED, **said)
    if reply.is_passing:
        raise Unreachable(OUT_OF_ORDER, **said)
    raise NotGiven(NOT_THERE, **said)


def from_page(reply: Reply, there: Target) -> Download:
    """Return the text that a page shows, as the file would hold it.

    Raises:
        NotGiven: it shows none.
    """
    text = index.page_text(reply.body)
    if text is None:
        raise NotGiven(PAGE_INSTEAD, host=reply.host)
    encoding = "utf-8" if nfo.losses(text, "cp437") else "cp437"
    return Download(raw=nfo.encode(text, encoding), url=there.url, encoding=encoding, is_page=True)


def known_of(reply: Reply) -> Known:
    return Known(
        etag=repeatable(reply, "etag", ETAG_LENGTH),
        last_modified=repeatable(reply, "last-modified", DATE_LENGTH),
    )


def repeatable(reply: Reply, name: str, most: int) -> str:
    """Return what a header says, if that can be kept and sent back as it is."""
    said = reply.headers.get(name, "")
    return said if len(said) <= most and said.isascii() and said.isprintable() else ""


def is_same_site(there: Target, home: Target) -> bool:
    """Whether both are one server, be it by another scheme."""
    is_usual = there.port in {80, 443} and home.port in {80, 443}
    return there.host == home.host and (there.port == home.port or is_usual)


def is_loopback(there: Target) -> bool:
    try:
        return ip_address(there.host).is_loopback
    except ValueError:
        return there.host == "localhost"
