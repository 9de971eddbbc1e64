"""Open Library: editions by their ISBN, works by title and author. It needs no key.

Source: https://openlibrary.org/developers/api.
"""

import re
from http import HTTPStatus
from typing import Any

from releases.metadata import fields
from releases.metadata.providers.candidate import Candidate, Query
from releases.metadata.providers.connection import Connection
from releases.metadata.providers.provider import Provider, ProviderError
from releases.metadata.providers.ranking import ranked
from releases.metadata.providers.shapes import at, cleaned, names, records, texts

SITE = "https://openlibrary.org"
FIELDS = (
    "key,title,author_name,first_publish_year,isbn,publisher,language,number_of_pages_median,"
    "cover_i,subject,edition_count"
)
"""Most of these are told only when they are asked for."""
WORK_LIMIT = 3
KNOWN_ISBN = "9780141439471"
"""Of an edition that has long been there."""

_KEY = re.compile(r"/(works|books)/OL[0-9]{1,12}[WM]")


def lookup(query: Query, connection: Connection) -> list[Candidate]:
    found = _editions(query, connection) if query.isbn else []
    if not found and query.title:
        found = _works(query, connection)
    return ranked(query, found)


def check(connection: Connection) -> None:
    _record(KNOWN_ISBN, "data", connection)


def complaint(provider: Provider, status: int, _document: Any) -> ProviderError | None:
    if status == HTTPStatus.FORBIDDEN:
        return ProviderError(
            "%(provider)s refuses programs that name no contact: the operator can set CONTACT_URL.",
            provider=provider.title,
        )
    return None


def _editions(query: Query, connection: Connection) -> list[Candidate]:
    """Return the edition with this ISBN: two records tell of it, neither of everything."""
    record = _record(query.isbn, "details", connection)
    if record is None:
        return []
    details, data = at(record, "details"), None
    with connection.forgiving():
        data = _record(query.isbn, "data", connection)
    description = at(details, "description")
    values = cleaned(
        title=at(details, "title") or at(data, "title"),
        subtitle=at(details, "subtitle") or at(data, "subtitle"),
        author=names(at(data, "authors")) or names(at(details, "authors")),
        publisher=at(details, "publishers", 0) or at(data, "publishers", 0, "name"),
        year=at(details, "publish_date") or at(data, "publish_date"),
        language=_agreed(_languages(names(at(details, "languages"), "key"))),
        isbn=query.isbn,
        series=at(details, "series", 0),
        genre=names(at(data, "subjects")),
        description=at(description, "value") or description,
        pages=at(details, "number_of_pages") or at(data, "number_of_pages"),
    )
    return [_candidate(connection, at(details, "key") or at(data, "key"), values)]


def _record(isbn: str, kind: str, connection: Connection) -> Any:
    params = {"bibkeys": f"ISBN:{isbn}", "format": "json", "jscmd": kind}
    return at(connection.get("/api/books", params), f"ISBN:{isbn}")


def _works(query: Query, connection: Connection) -> list[Candidate]:
    params = {"title": query.title, "fields": FIELDS, "limit": str(WORK_LIMIT)}
    if query.author:
        params["author"] = query.author.split(" & ")[0]
    documents = records(at(connection.get("/search.json", params), "docs"))
    return [_work(query, work, connection) for work in documents]


def _work(query: Query, work: dict[str, Any], connection: Connection) -> Candidate:
    """A work lists what all its editions say: only what they agree on is said of this one."""
    values = cleaned(
        title=work.get("title"),
        author=work.get("author_name"),
        publisher=_agreed(texts(work.get("publisher"))),
        year=work.get("first_publish_year"),
        language=_agreed(_languages(texts(work.get("language"))), query.language),
        isbn=_agreed([fields.isbn(one) for one in texts(work.get("isbn"))], query.isbn),
        genre=work.get("subject"),
        pages=work.get("number_of_pages_median"),
    )
    return _candidate(connection, work.get("key"), values)


def _candidate(connection: Connection, key: Any, values: dict[str, Any]) -> Candidate:
    is_known = isinstance(key, str) and _KEY.fullmatch(key)
    url = f"{SITE}{key}" if is_known else SITE
    return Candidate(provider=connection.name, url=url, values=values)


def _languages(keys: list[str]) -> list[str]:
    """Return the tags for MARC codes, which may be written `/languages/eng`."""
    return [fields.language(key.rpartition("/")[2]) for key in keys]


def _agreed(said: list[str], asked: str = "") -> str:
    """Return what was asked for, if it is among what is said, or else the only thing said."""
    found = set(filter(None, said))
    return asked if asked in found else found.pop() if len(found) == 1 else ""


PROVIDER = Provider(
    title="Open Library",
    types=frozenset({"EBOOK", "DOCS"}),
    needs_key=False,
    home="https://openlibrary.org/developers/api",
    base_url=SITE,
    attribution="Data from Open Library, a project of the Internet Archive.",
    lookup=lookup,
    check=check,
    complaint=complaint,
)
