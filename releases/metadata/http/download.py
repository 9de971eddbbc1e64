"""A file that is fetched from the web: as long as it comes, and on from where it broke off."""

import hashlib
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import IO, Any

import httpcore

from network.addresses import NotAllowed, Unreachable
from network.deadline import Deadline, Dropped
from releases.metadata.http.messages import Reply, Request
from releases.metadata.http.naming import file_name
from releases.metadata.http.outlet import Outlet, headers_of
from releases.metadata.http.targets import target

STALL_S = 30.0
"""Within so many seconds `LEAST_BYTES` must come."""
LEAST_BYTES = 32 << 10
TRIES = 6
"""In a row that bring no more than `PROGRESS_BYTES`."""
PROGRESS_BYTES = 1 << 20
UNTOLD_BYTES = 8 << 20
"""Of a file of untold size: after so many, room is looked for that takes as many again."""
ANEW = 3
"""How often a file that changes meanwhile is begun again."""
BACK_OFF_S = 1.0
LONGEST_WAIT_S = 60.0
_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+|\*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """How the web is asked, and what is heard meanwhile."""

    allowed_hosts: frozenset[str] = frozenset()
    agent: str = "ReleasePacker"
    most_bytes: int
    has_room: Callable[[int, int], None] = lambda _done, _more: None
    """Told the bytes done and those still to come; raises where they find no room."""
    progress: Callable[[int, int], None] = lambda _done, _total: None
    """Told the bytes done and in all, 0 where that is not known; raises to end it."""
    watch: Callable[[], None] = lambda: None
    """Called twice a second while nothing comes; raises to end it."""
    note: Callable[[Unreachable], None] = lambda _trouble: None
    """Told of what broke off, before another try."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    name: str
    size: int
    sha256: str


@dataclass(slots=True)
class _Part:
    """What has come so far."""

    file: IO[bytes]
    done: int = 0
    total: int = 0
    """0: nobody said."""
    validator: str = ""
    """What the server knows this version of the file by."""
    name: str = ""
    sum: Any = field(default_factory=hashlib.sha256)

    def begin_anew(self) -> None:
        self.file.seek(0)
        self.file.truncate()
        self.done = self.total = 0
        self.sum = hashlib.sha256()

    def take(self, piece: bytes) -> None:
        self.file.write(piece)
        self.sum.update(piece)
        self.done += len(piece)


def fetched(url: str, file: IO[bytes], access: Access) -> Fetched:
    """Write what lies at `url` to the empty `file`, and give it to the disk.

    Raises:
        NotAllowed: it may not be called, or is too large.
        Unreachable: it cannot be had.
        OSError: the disk does not take it.
    """
    there, part = target(url), _Part(file)
    tries, anew, most = TRIES, ANEW, 0
    deadline = Deadline(STALL_S, access.watch)
    while True:
        try:
            _try(Request(target=there, roams=True), part, access, deadline)
            break
        except _Changed as changed:
            anew -= 1
            part.begin_anew()
            if not anew:
                raise Unreachable(
                    "%(host)s sends another file each time: try again later.", host=there.host
                ) from changed
        except Dropped as trouble:
            is_further = part.done >= most + PROGRESS_BYTES
            most, tries = max(most, part.done), TRIES if is_further else tries - 1
            if not tries:
                raise
            access.note(trouble)
            deadline.renew(LONGEST_WAIT_S + STALL_S)
            deadline.sleep(_wait_s(trouble, TRIES - tries), there.host)
    file.flush()
    os.fsync(file.fileno())
    return Fetched(name=part.name, size=part.done, sha256=part.sum.hexdigest())


class _Changed(Exception):
    """What lies there now is not what came so far."""


class _Passing(Dropped):
    """The server is out of order, or asks for patience."""

    patience_s = 0.0


def _wait_s(trouble: Dropped, failures: int) -> float:
    patience_s = trouble.patience_s if isinstance(trouble, _Passing) else 0.0
    return min(LONGEST_WAIT_S, max(patience_s, BACK_OFF_S * 2.0**failures))


def _try(request: Request, part: _Part, access: Access, deadline: Deadline) -> None:
    """Fetch what is missing, as far as it comes."""
    deadline.renew(STALL_S)
    asked = Request(target=request.target, headers=_asked(part, access), roams=request.roams)
    with (
        Outlet(deadline, allowed_hosts=access.allowed_hosts) as outlet,
        outlet.arrived(asked) as (there, response),
    ):
        headers = headers_of(response)
        _judge(there.host, response.status, headers)
        _agree(part, response.status, headers)
        part.name = part.name or file_name(there, headers)
        _refuse_too_large(there.host, part.total, access)
        access.has_room(part.done, max(0, part.total - part.done))
        _take(response, part, access, deadline, there.host)
    if part.total and part.done != part.total:
        raise Dropped("%(host)s broke off the connection: try again later.", host=there.host)


def _asked(part: _Part, access: Access) -> dict[str, str]:
    headers = {"User-Agent": access.agent, "Accept": "*/*", "Accept-Encoding": "identity"}
    if part.done and part.validator:
        headers |= {"Range": f"bytes={part.done}-", "If-Range": part.validator}
    return headers


def _judge(host: str, status: int, headers: Mapping[str, str]) -> None:
    """Make sure that the server gives the file, as it is.

    Raises:
        Unreachable: it does not.
    """
    reply = Reply(host=host, status=status, headers=headers, body=b"")
    if status == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
        raise _Changed
    if reply.is_passing:
        trouble = _Passing(
            "%(host)s is out of order (HTTP %(status)s): try again later.", host=host, status=status
        )
        trouble.patience_s = reply.retry_after_s
        raise trouble
    if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        raise Unreachable(
            "%(host)s gives the file only to those who log in (HTTP %(status)s): download it"
            " yourself, then send it.",
            host=host,
            status=status,
        )
    if status not in {HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT}:
        raise Unreachable(
            "%(host)s has no file at this address (HTTP %(status)s): check the address.",
            host=host,
            status=status,
        )
    if headers.get("content-encoding", "").strip().lower() not in {"", "identity"}:
        raise Unreachable(
            "%(host)s sends the file only packed for browsers: download it yourself, then send it.",
            host=host,
        )


def _agree(part: _Part, status: int, headers: Mapping[str, str]) -> None:
    """Fit `part` to what comes: from the beginning, or on from where it is.

    Raises:
        _Changed: something else comes.
    """
    validator = _validator(headers)
    if status == HTTPStatus.PARTIAL_CONTENT:
        first, total = _range(headers)
        is_same = validator == part.validator and total in {0, part.total}
        if first != part.done or not (part.done and is_same):
            raise _Changed
        return
    part.begin_anew()
    part.validator, part.total = validator, _length(headers)


def _range(headers: Mapping[str, str]) -> tuple[int, int]:
    """Return where the part that comes begins, and the size of the whole, 0 if unknown."""
    found = _RANGE.fullmatch(headers.get("content-range", "").strip())
    if not found:
        return -1, 0
    return int(found[1]), 0 if found[3] == "*" else int(found[3])


def _length(headers: Mapping[str, str]) -> int:
    said = headers.get("content-length", "").strip()
    return int(said) if said.isascii() and said.isdigit() and len(said) < 20 else 0  # noqa: PLR2004


def _validator(headers: Mapping[str, str]) -> str:
    """Return what tells this version of the file from others: a weak tag does not."""
    etag = headers.get("etag", "").strip()
    return etag if etag.startswith('"') else headers.get("last-modified", "").strip()


def _refuse_too_large(host: str, size: int, access: Access) -> None:
    if size > access.most_bytes:
        raise NotAllowed(
            "%(host)s sends more than %(gigabytes)s GiB, which is too much: choose a smaller file.",
            host=host,
            gigabytes=round(access.most_bytes / (1 << 30), 1),
        )


def _take(
    response: httpcore.Response, part: _Part, access: Access, deadline: Deadline, host: str
) -> None:
    since, fitting = part.done, part.total or part.done + UNTOLD_BYTES
    for piece in response.iter_stream():
        part.take(piece)
        if part.done - since >= LEAST_BYTES:
            deadline.renew(STALL_S)
            since = part.done
        _refuse_too_large(host, part.done, access)
        if part.done > fitting:
            access.has_room(part.done, UNTOLD_BYTES)
            fitting = part.done + UNTOLD_BYTES
        access.progress(part.done, part.total)
