"""What a payload stands for: itself, and where it is a folder, all below it."""

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice

from releases.packing import naming, rar
from releases.packing.plan import PackingError, Payload

MAX_MEMBERS = 10_000
"""All are kept in memory; who has more has something else to make than a release."""
MAX_PATH_BYTES = 1024
"""What readers of archives take."""


def gather(payloads: Iterable[Payload]) -> list[rar.Source]:
    """Return all that `payloads` stand for, in the order in which it is packed.

    Raises:
        PackingError: something in them cannot be packed, or cannot be told apart by its name.
    """
    found = chain.from_iterable(_walk(payload) for payload in payloads)
    sources = list(islice(found, MAX_MEMBERS + 1))
    if len(sources) > MAX_MEMBERS:
        raise PackingError(
            "There are more than %(most)s files and folders to pack: leave some out",
            most=MAX_MEMBERS,
        )
    _check_distinct(sources)
    return sources


def _walk(payload: Payload) -> Iterator[rar.Source]:
    """Yield a folder after what lies in it: once it is packed too, nothing was added before."""
    source = rar.Source.of(payload)
    for name in source.names:
        yield from _walk(_inner(payload, name))
    yield source


def _inner(payload: Payload, name: str) -> Payload:
    path = f"{payload.name}/{name}"
    try:
        naming.check_payload_name(name)
    except naming.NamingError as reason:
        raise PackingError(reason.template, name=repr(path)) from None
    if len(path.encode()) > MAX_PATH_BYTES:
        raise PackingError(
            "The path of %(name)s takes more than %(most)s bytes: shorten the names of its folders",
            name=repr(path),
            most=MAX_PATH_BYTES,
        )
    return Payload(path=payload.path / name, name=path)


def _check_distinct(sources: Sequence[rar.Source]) -> None:
    names = set()
    for name in (source.member.name for source in sources):
        # Not every system tells upper case from lower, or an accent from the letter that has it.
        known_as = unicodedata.normalize("NFC", name).casefold()
        if known_as in names:
            raise PackingError(
                "Two files would both be %(name)s in the archive: rename one", name=name
            )
        names.add(known_as)
