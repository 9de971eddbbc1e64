"""What a provider is asked, and what it says of one work."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What is known of a work; empty or None where it is not."""

    title: str = ""
    author: str = ""
    isbn: str = ""
    year: int | None = None
    language: str = ""
    """A BCP 47 tag."""
    season: int | None = None
    episode: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    provider: str
    """Its key in `PROVIDERS`."""
    url: str
    """A page of the provider that a person can open."""
    values: dict[str, Any]
    """Only what the provider said, cleaned: by the names of the wizard's fields (title, author,
    publisher, year, language, isbn, series, genre, episode_title), and subtitle, description,
    pages, original_language. Several authors are joined by " & "; year and pages are numbers."""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, document: object) -> Self:
        """Rebuild the candidate that `as_json` described.

        Raises:
            ValueError: `document` is not such a description.
        """
        match document:
            case {"provider": str(provider), "url": str(url), "values": Mapping() as values}:
                return cls(provider=provider, url=url, values=dict(values))
        raise ValueError("not the fields of a candidate")
