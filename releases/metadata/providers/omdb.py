"""OMDb: series, episodes and films, by title. Every value is a text; "N/A" means none.

Source: https://www.omdbapi.com/.
"""

import re
from http import HTTPStatus
from typing import Any

from releases.metadata.providers.candidate import Candidate, Query
from releases.metadata.providers.connection import Connection
from releases.metadata.providers.provider import (
    Credentials,
    Provider,
    ProviderError,
    Spent,
)
from releases.metadata.providers.shapes import at, cleaned, records, text
from releases.metadata.providers.works import Work, told

SITE = "https://www.imdb.com"
KINDS = {"series", "movie"}
KNOWN_ID = "tt0063350"
"""Of a film that has long been there."""

_ID = re.compile(r"tt[0-9]{5,12}")


def lookup(query: Query, connection: Connection) -> list[Candidate]:
    """Return who bears the title, and of the best of them, all that is known."""
    found = _found(query, connection) if query.title else []
    return told(query, connection, found, read=_values, more=_details, page=_page)


def check(connection: Connection) -> None:
    _record({"i": KNOWN_ID, "plot": "short"}, connection)


def sign(connection: Connection) -> Credentials:
    return Credentials(params={"apikey": connection.key})


def complaint(provider: Provider, status: int, document: Any) -> ProviderError | None:
    """Tell a key that is not known from one that is spent: both are a 401."""
    if status == HTTPStatus.UNAUTHORIZED and "limit" in text(at(document, "Error")).lower():
        return Spent(provider)
    return None


def _found(query: Query, connection: Connection) -> list[Work]:
    """Return what a search finds; it finds nothing for the shortest titles, which exist."""
    wishes = _wishes(query)
    found = records(at(_record({"s": query.title} | wishes, connection), "Search"))
    if not found:
        found = [_record({"t": query.title} | wishes, connection)]
    return [one for one in found if text(one.get("Type")) in KINDS]


def _wishes(query: Query) -> dict[str, str]:
    """Only a series has seasons, and its year is seldom that of the season."""
    if query.season is not None:
        return {"type": "series"}
    return {"y": str(query.year)} if query.year else {}


def _details(query: Query, found: Work, connection: Connection) -> dict[str, Any]:
    work = {"i": _id(found)}
    if not work["i"]:
        return {}
    values = _values(_record(work | {"plot": "short"}, connection))
    if query.season is None or query.episode is None:
        return values
    part = {"Season": str(query.season), "Episode": str(query.episode)}
    episode = _record(work | part, connection)
    return values | cleaned(episode_title=episode.get("Title"), description=episode.get("Plot"))


def _record(params: dict[str, str], connection: Connection) -> Work:
    """Return the record that answers, or an empty one: a miss comes as an error of its own."""
    document = connection.get("/", params)
    is_there = isinstance(document, dict) and document.get("Response") == "True"
    return document if is_there else {}


def _values(record: Work) -> dict[str, Any]:
    return cleaned(
        title=record.get("Title"),
        year=record.get("Year"),
        original_language=text(record.get("Language")).split(",")[0],
        genre=record.get("Genre"),
        description=record.get("Plot"),
    )


def _page(work: Work) -> str:
    number = _id(work)
    return f"{SITE}/title/{number}/" if number else SITE


def _id(record: Work) -> str:
    number = text(record.get("imdbID"))
    return number if _ID.fullmatch(number) else ""


PROVIDER = Provider(
    title="OMDb",
    types=frozenset({"TV"}),
    needs_key=True,
    home="https://www.omdbapi.com/apikey.aspx",
    base_url="https://www.omdbapi.com",
    attribution="Data from OMDb, under CC BY-NC 4.0.",
    lookup=lookup,
    check=check,
    sign=sign,
    complaint=complaint,
)
