"""Google Books: volumes by ISBN, or by title and author.

Source: https://developers.google.com/books/docs/v1/using.
"""

import re
from http import HTTPStatus
from typing import Any

from releases.metadata.providers.candidate import Candidate, Query
from releases.metadata.providers.connection import Connection
from releases.metadata.providers.provider import (
    Credentials,
    InvalidKey,
    Provider,
    ProviderError,
    Spent,
)
from releases.metadata.providers.ranking import ranked
from releases.metadata.providers.shapes import at, cleaned, names, records, text

VOLUME_LIMIT = "5"
KNOWN_ISBN = "9780141439471"
"""Of a volume that has long been there."""
DAILY = ("per day", "daily limit", "dailylimit")
"""How a limit that ends with the day is told from one that ends with the minute."""
UNKNOWN_KEY = ("api_key_invalid", "api key not valid", "keyinvalid")

_ID = re.compile(r"[\w-]{1,40}", re.ASCII)


def lookup(query: Query, connection: Connection) -> list[Candidate]:
    found = _volumes(f"isbn:{query.isbn}", {}, connection) if query.isbn else []
    if not found and query.title:
        found = _volumes(_words(query), _wishes(query), connection)
    return ranked(query, found)


def check(connection: Connection) -> None:
    _volumes(f"isbn:{KNOWN_ISBN}", {}, connection)


def sign(connection: Connection) -> Credentials:
    return Credentials(params={"key": connection.key})


def complaint(provider: Provider, status: int, document: Any) -> ProviderError | None:
    """Return what Google's own words mean: the status alone does not tell."""
    error = at(document, "error")
    reasons = " ".join(
        [*names(at(error, "errors"), "reason"), *names(at(error, "details"), "reason")]
    )
    said = f"{text(at(error, 'message'))} {reasons}".casefold()
    if status >= HTTPStatus.BAD_REQUEST and any(sign in said for sign in DAILY):
        return Spent(provider)
    if any(sign in said for sign in UNKNOWN_KEY):
        return InvalidKey(provider)
    return None


def _volumes(words: str, wishes: dict[str, str], connection: Connection) -> list[Candidate]:
    # A server is nowhere: without a country, it is refused.
    params = {"q": words, "maxResults": VOLUME_LIMIT, "printType": "books", "country": "US"}
    document = connection.get("/volumes", params | wishes)
    return [_candidate(volume, connection) for volume in records(at(document, "items"))]


def _words(query: Query) -> str:
    author = query.author.split(" & ")[0].replace('"', "")
    by = f' inauthor:"{author}"' if " " in author else f" inauthor:{author}" if author else ""
    title = query.title.replace('"', "")
    return f'intitle:"{title}"{by}'


def _wishes(query: Query) -> dict[str, str]:
    language = query.language.split("-")[0]
    return {"langRestrict": language} if len(language) == 2 else {}  # noqa: PLR2004 - ISO 639-1


def _candidate(volume: dict[str, Any], connection: Connection) -> Candidate:
    said = at(volume, "volumeInfo")
    numbers = records(at(said, "industryIdentifiers"))
    values = cleaned(
        title=at(said, "title"),
        subtitle=at(said, "subtitle"),
        author=at(said, "authors"),
        publisher=at(said, "publisher"),
        year=at(said, "publishedDate"),
        language=at(said, "language"),
        isbn=[
            one.get("identifier")
            for one in numbers
            if text(one.get("type")) in {"ISBN_13", "ISBN_10"}
        ],
        genre=at(said, "categories"),
        description=at(said, "description"),
        pages=at(said, "pageCount"),
    )
    found = _ID.fullmatch(text(volume.get("id")))
    page = f"/books?id={found[0]}" if found else ""
    return Candidate(provider=connection.name, url=f"https://books.google.com{page}", values=values)


PROVIDER = Provider(
    title="Google Books",
    types=frozenset({"EBOOK", "DOCS"}),
    needs_key=True,
    home="https://console.cloud.google.com/apis/library/books.googleapis.com",
    base_url="https://www.googleapis.com/books/v1",
    attribution="Data from Google Books.",
    lookup=lookup,
    check=check,
    sign=sign,
    complaint=complaint,
    day_begins=8,  # midnight in California
)
