"""TheTVDB v4: series, episodes and films, by title. A key is exchanged for a token of a month.

Source: https://thetvdb.github.io/v4-api/.
"""

import re
from typing import Any

from releases.metadata.providers.candidate import Candidate, Query
from releases.metadata.providers.connection import Connection
from releases.metadata.providers.provider import (
    Credentials,
    InvalidKey,
    Outage,
    Provider,
    ProviderError,
)
from releases.metadata.providers.shapes import at, cleaned, names, number, records, text, texts
from releases.metadata.providers.tongues import alpha3
from releases.metadata.providers.works import Work, told

SITE = "https://thetvdb.com"
PATHS = {"series": "series", "movie": "movies"}
"""By the type of what is found; the site and the API agree."""
TOKEN_S = 27 * 86_400
TOKEN_LIMIT = 4_000
"""Characters."""
ENGLISH = "eng"

_SLUG = re.compile(r"[a-z0-9-]{1,200}")
_TOKEN = re.compile(r"[\w.~+/=-]+", re.ASCII)


def lookup(query: Query, connection: Connection) -> list[Candidate]:
    """Return who bears the title, and of the best of them, all that is known."""
    found = _found(query, connection) if query.title else []
    return told(query, connection, found, read=_values, more=_details, page=_page)


def check(connection: Connection) -> None:
    _log_in(connection)


def sign(connection: Connection) -> Credentials:
    token = _kept_token(connection) or _log_in(connection)
    return Credentials(headers={"Authorization": f"Bearer {token}"})


def complaint(provider: Provider, _status: int, document: Any) -> ProviderError | None:
    if "pin required" in text(at(document, "message")).lower():
        return ProviderError(
            "%(provider)s wants the PIN of the subscriber, too: write the key as KEY:PIN.",
            provider=provider.title,
        )
    return None


def _log_in(connection: Connection) -> str:
    """Exchange the key, which may be followed by a colon and the PIN of a subscriber."""
    key, _colon, pin = connection.key.partition(":")
    answer = connection.post("/login", {"apikey": key} | ({"pin": pin} if pin else {}))
    token = text(at(answer, "data", "token"), TOKEN_LIMIT)
    if not _TOKEN.fullmatch(token):
        raise Outage(
            "%(provider)s neither accepts nor refuses the key: try again later.",
            provider=connection.provider.title,
        )
    connection.memory.set(_place(connection), token, TOKEN_S)
    return token


def _kept_token(connection: Connection) -> str:
    return text(connection.memory.get(_place(connection)), TOKEN_LIMIT)


def _place(connection: Connection) -> str:
    return f"token:{connection.account}"


def _get(connection: Connection, path: str, params: dict[str, str]) -> Any:
    """Return the document at `path`; a token that is over is replaced, once."""
    had_token = bool(_kept_token(connection))
    try:
        return connection.get(path, params)
    except InvalidKey:
        if not had_token:
            raise
    connection.memory.set(_place(connection), "", TOKEN_S)
    return connection.get(path, params)


def _found(query: Query, connection: Connection) -> list[Work]:
    wishes = {} if query.season is None else {"type": "series"}
    document = _get(connection, "/search", {"query": query.title} | wishes)
    return [one for one in records(at(document, "data")) if _kind(one) in PATHS]


def _details(query: Query, found: Work, connection: Connection) -> dict[str, Any]:
    tongue = alpha3(query.language)
    values = cleaned(description=at(found, "overviews", tongue))
    work_id = number(found.get("tvdb_id"))
    if not work_id:
        return values
    path = f"/{PATHS[_kind(found)]}/{work_id}"
    if not found.get("genres"):
        extended = _get(connection, f"{path}/extended", {"meta": "translations", "short": "true"})
        values |= cleaned(genre=names(at(extended, "data", "genres")))
    if _kind(found) == "series" and query.season is not None and query.episode is not None:
        values |= _episode(query, path, tongue, connection)
    return values


def _episode(query: Query, path: str, tongue: str, connection: Connection) -> dict[str, Any]:
    """Return the episode in the language asked for, or else in that of the series."""
    translated = f"/{tongue}" if tongue not in {"", ENGLISH} else ""
    part = {"page": "0", "season": str(query.season), "episodeNumber": str(query.episode)}
    for language in dict.fromkeys((translated, "")):
        document = _get(connection, f"{path}/episodes/default{language}", part)
        for one in records(at(document, "data", "episodes")):
            is_it = (one.get("seasonNumber"), one.get("number")) == (query.season, query.episode)
            episode = cleaned(episode_title=one.get("name"), description=one.get("overview"))
            if is_it and "episode_title" in episode:
                return episode
    return {}


def _values(work: Work) -> dict[str, Any]:
    return cleaned(
        title=work.get("name"),
        year=work.get("year"),
        original_language=work.get("primary_language"),
        genre=texts(work.get("genres")),
        description=work.get("overview"),
    )


def _page(work: Work) -> str:
    slug = text(work.get("slug"))
    return f"{SITE}/{PATHS[_kind(work)]}/{slug}" if _SLUG.fullmatch(slug) else SITE


def _kind(work: Work) -> str:
    return text(work.get("type"))


PROVIDER = Provider(
    title="TheTVDB",
    types=frozenset({"TV"}),
    needs_key=True,
    home="https://thetvdb.com/api-information",
    base_url="https://api4.thetvdb.com/v4",
    attribution="Metadata provided by TheTVDB. Please consider adding missing information or"
    " subscribing.",
    lookup=lookup,
    check=check,
    sign=sign,
    complaint=complaint,
)
