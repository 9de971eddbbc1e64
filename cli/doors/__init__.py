"""How commands reach an instance: its database on this machine, or its API on another one.

Either is asked in the language of the API, so that permissions, sentences and documents are the
same. See docs/adr/0015-one-language.md.
"""

import os
from argparse import Namespace
from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from django.utils.translation import gettext as _

from cli.exits import Exit, Stop

MOST_PER_PAGE = 100


class Door(Protocol):
    def ask(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
    ) -> Any:
        """Return the document that the API answers; None where it has nothing to tell.

        Raises:
            Refusal: it answers with an error.
        """


class Refusal(Stop):
    """What the API answers instead of what it was asked for."""

    def __init__(self, status: int, document: Mapping[str, Any]) -> None:
        super().__init__(code_of(status, document), told(document))
        self.status = status
        self.document = document


CODES = {401: Exit.NOT_PERMITTED, 403: Exit.NOT_PERMITTED, 404: Exit.NOT_FOUND}
TOO_MANY, CONFLICT, UNDOABLE, BROKEN = 429, 409, 422, 500
MALFORMED = 400


def code_of(status: int, document: Mapping[str, Any]) -> Exit:
    if status == TOO_MANY or status >= BROKEN:
        return Exit.FAILED
    if breaks_a_rule(status, document):
        return Exit.NOT_CONFORMING
    return CODES.get(status, Exit.INVALID)


def breaks_a_rule(status: int, document: Mapping[str, Any]) -> bool:
    """Tell whether clauses are named, or releases that stand already; steps have numbers."""
    errors = document.get("errors", {})
    clauses = status == UNDOABLE and bool(errors) and not any(map(str.isdigit, errors))
    return clauses or (status == CONFLICT and "duplicates" in document)


def told(document: Mapping[str, Any]) -> str:
    """Return what an error says; where several fields are wrong, a line for each."""
    errors = document.get("errors", {})
    if len(errors) > 1 and document.get("error") == "ValidationError":
        return "\n".join(f"{name}: {' '.join(map(str, said))}" for name, said in errors.items())
    return str(document.get("message", ""))


def is_remote() -> bool:
    return bool(os.environ.get("PACKER_URL", "").strip())


def opened(options: Namespace) -> Door:
    """Return the way to the instance that is meant.

    Raises:
        Stop: it cannot be used as it is set up.
    """
    username = getattr(options, "username", None)
    if not is_remote():
        from cli.doors.local import LocalDoor  # noqa: PLC0415  # the API, which a remote one has

        return LocalDoor(username)
    refuse_others(username)
    from cli.doors.remote import RemoteDoor  # noqa: PLC0415  # a client that few commands need

    return RemoteDoor.of_environment()


def no_text() -> Stop:
    return Stop(Exit.INVALID, _("What is asked for is no text in UTF-8: write it again."))


def refuse_others(username: str | None) -> None:
    if username is not None:
        sentence = _("--as %(name)s: with PACKER_URL, PACKER_TOKEN says who asks. Leave --as out.")
        raise Stop(Exit.INVALID, sentence % {"name": username})


def all_of(
    door: Door, path: str, key: str, query: Mapping[str, Any] | None = None
) -> Iterator[dict[str, Any]]:
    """Yield what the list at `path` holds under `key`, page by page."""
    page = pages = 1
    while page <= pages:
        paging = {"page": page, "per_page": MOST_PER_PAGE}
        answer = door.ask("GET", path, query={**(query or {}), **paging})
        yield from answer[key]
        pages = answer.get("pagination", {}).get("pages", 1)
        page += 1
