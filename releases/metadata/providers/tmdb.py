"""TMDb: series, episodes and films, by title, in the language asked for.

Source: https://developer.themoviedb.org/reference.
"""

from typing import Any

from releases.metadata.providers.candidate import Candidate, Query
from releases.metadata.providers.connection import Connection
from releases.metadata.providers.provider import Credentials, Provider
from releases.metadata.providers.shapes import at, cleaned, names, number, records, text
from releases.metadata.providers.tongues import locale
from releases.metadata.providers.works import Work, told

SITE = "https://www.themoviedb.org"
KINDS = {"tv", "movie"}
FALLBACK = {"language": "en-US"}


def lookup(query: Query, connection: Connection) -> list[Candidate]:
    """Return who bears the title, and of the best of them, all that is known."""
    found = _found(query, connection) if query.title else []
    return told(query, connection, found, read=_values, more=_details, page=_page)


def check(connection: Connection) -> None:
    connection.get("/configuration")


def sign(connection: Connection) -> Credentials:
    """Show the key as what it is: a token is a JWT, with dots; the older key has none."""
    if "." in connection.key:
        return Credentials(headers={"Authorization": f"Bearer {connection.key}"})
    return Credentials(params={"api_key": connection.key})


def _found(query: Query, connection: Connection) -> list[Work]:
    """Return what a search finds, asked with the year first, which may be that of the season."""
    kind = "multi" if query.season is None else "tv"
    params = _language(query) | {"query": query.title, "page": "1", "include_adult": "false"}
    dated = {"first_air_date_year": str(query.year)} if query.year and kind == "tv" else {}
    found = _results(kind, params | dated, connection)
    if dated and not found:
        found = _results(kind, params, connection)
    return found


def _results(kind: str, params: dict[str, str], connection: Connection) -> list[Work]:
    found = records(at(connection.get(f"/search/{kind}", params), "results"))
    return [one for one in found if _kind(one) in KINDS]


def _details(query: Query, found: Work, connection: Connection) -> dict[str, Any]:
    path = _path(found)
    if not path:
        return {}
    wishes = _language(query)
    work = connection.get(path, wishes)
    values = _values(work) if isinstance(work, dict) else {}
    if _kind(found) != "tv" or query.season is None or query.episode is None:
        return values
    part = f"{path}/season/{query.season}/episode/{query.episode}"
    episode = _episode(connection.get(part, wishes))
    if "episode_title" not in episode and wishes != FALLBACK:
        episode = _episode(connection.get(part, FALLBACK)) | episode
    return values | episode


def _episode(document: Any) -> dict[str, Any]:
    """Read an episode, whose texts are empty where nobody translated them."""
    return cleaned(episode_title=at(document, "name"), description=at(document, "overview"))


def _language(query: Query) -> dict[str, str]:
    return {"language": locale(query.language)} if query.language else FALLBACK


def _values(work: Work) -> dict[str, Any]:
    return cleaned(
        title=work.get("name") or work.get("title"),
        year=work.get("first_air_date") or work.get("release_date"),
        original_language=work.get("original_language"),
        genre=names(work.get("genres")),
        description=work.get("overview"),
    )


def _page(work: Work) -> str:
    return f"{SITE}{_path(work)}"


def _kind(work: Work) -> str:
    """A search for series alone does not say that it found series."""
    return text(work.get("media_type", "tv"))


def _path(work: Work) -> str:
    """Return where the work stands, on the site as in the API."""
    work_id = number(work.get("id"))
    return f"/{_kind(work)}/{work_id}" if work_id else ""


PROVIDER = Provider(
    title="TMDb",
    types=frozenset({"TV"}),
    needs_key=True,
    home="https://www.themoviedb.org/settings/api",
    base_url="https://api.themoviedb.org/3",
    attribution="This product uses the TMDB API but is not endorsed or certified by TMDB.",
    lookup=lookup,
    check=check,
    sign=sign,
)
