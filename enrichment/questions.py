"""From the metadata of a release to a question, and back from the answers. No Django here."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from releases.metadata import fields
from releases.metadata.providers import Query
from releases.metadata.providers.ranking import folded

EPISODE = re.compile(r"S(\d{1,4})E(\d{1,4})", re.IGNORECASE)
FILM = re.compile(r"\d{4}")


def query_of(metadata: Mapping[str, Any]) -> Query:
    """Return what `metadata`, the wizard's fields, ask the providers for."""
    season, episode = episode_of(text(metadata, "episode"))
    return Query(
        title=fields.known(text(metadata, "title")),
        author=fields.known(text(metadata, "author")),
        isbn=fields.isbn(text(metadata, "isbn")),
        year=year_of(metadata),
        language=fields.language(text(metadata, "language")),
        season=season,
        episode=episode,
    )


def text(metadata: Mapping[str, Any], name: str) -> str:
    return str(metadata.get(name) or "")


def episode_of(said: str) -> tuple[int | None, int | None]:
    """Return season and episode of e.g. S01E02; of several episodes the first."""
    found = EPISODE.search(said)
    return (int(found[1]), int(found[2])) if found else (None, None)


def year_of(metadata: Mapping[str, Any]) -> int | None:
    """Return the year; a film is told from an episode by one."""
    episode = text(metadata, "episode")
    return fields.year(text(metadata, "year") or (episode if FILM.fullmatch(episode) else ""))


def merged(
    metadata: Mapping[str, Any], candidates: Iterable[Mapping[str, Any]], order: Sequence[str]
) -> tuple[dict[str, Any], dict[str, str]]:
    """Return `metadata` with its gaps filled, and which provider filled which.

    Each provider is heard by its best candidate alone, in `order`, if that is the same work:
    matches are not mixed.
    """
    best: dict[str, Mapping[str, Any]] = {}
    for candidate in candidates:
        best.setdefault(candidate["provider"], candidate["values"])
    best = {name: values for name, values in best.items() if is_same(metadata, values)}
    enriched, sources = dict(metadata), {}
    for provider in order:
        for name, value in best.get(provider, {}).items():
            if value and not enriched.get(name):
                enriched[name], sources[name] = value, provider
    return enriched, sources


def is_same(metadata: Mapping[str, Any], values: Mapping[str, Any]) -> bool:
    """Whether both are of one work, as far as both say: by ISBN, or by a title and its subtitle."""
    isbn = fields.isbn(text(metadata, "isbn"))
    if isbn and values.get("isbn") == isbn:
        return True
    ours, theirs = (folded(text(known, "title")).split() for known in (metadata, values))
    shorter = min(len(ours), len(theirs))
    return ours[:shorter] == theirs[:shorter]
