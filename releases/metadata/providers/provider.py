"""A provider of metadata: who it is, what it wants, how it is asked."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from releases.metadata.providers.candidate import Candidate, Query
from releases.metadata.providers.memory import DictMemory, Memory

if TYPE_CHECKING:
    from releases.metadata.providers.connection import Connection


class ProviderError(Exception):
    """A provider could not be asked, or gave no answer; `str()` is a sentence for the user.

    The template and its values are kept, so that a door can translate it.
    """

    def __init__(self, template: str, **values: Any) -> None:
        super().__init__(template, values)
        self.template = template
        self.values = values

    def __str__(self) -> str:
        return self.template % self.values


class Outage(ProviderError):
    """It is not there, or out of order: after several in a row it is left alone for a while."""


class Throttled(ProviderError):
    """It asks this key for patience; others' it may answer."""


class Spent(ProviderError):
    """The key may ask no more today."""

    def __init__(self, provider: "Provider") -> None:
        super().__init__(
            "%(provider)s answers no more today, since its daily limit is reached.",
            provider=provider.title,
        )


class InvalidKey(ProviderError):
    def __init__(self, provider: "Provider") -> None:
        super().__init__(
            "Invalid API key: %(provider)s does not know it. Check it, or get one at %(home)s.",
            provider=provider.title,
            home=provider.home,
        )


class Credentials(NamedTuple):
    """How a request shows the key."""

    params: Mapping[str, str] = {}
    headers: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    title: str
    types: frozenset[str]
    """The types of release it knows works of: EBOOK, DOCS, TV."""
    needs_key: bool
    home: str
    """Where a key is got, or the terms are read."""
    base_url: str
    attribution: str
    """What its terms ask to be shown beside its data."""
    lookup: Callable[[Query, "Connection"], list[Candidate]]
    """Raises ProviderError alone; what has an unknown shape is no candidate."""
    check: Callable[["Connection"], None]
    """Raises ProviderError where it is out of order, or refuses the key."""
    sign: Callable[["Connection"], Credentials] = lambda _connection: Credentials()
    complaint: Callable[["Provider", int, Any], ProviderError | None] = lambda *_answer: None
    """What an answer means by its status and document, where only this provider means it so."""
    day_begins: int = 0
    """The hour (UTC) at which a key that has asked too much may ask again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """What the providers may be asked with; the names are those of `PROVIDERS`."""

    keys: Mapping[str, str] = field(default_factory=dict, repr=False)
    base_urls: Mapping[str, str] = field(default_factory=dict)
    """In place of the providers' own."""
    allowed_hosts: frozenset[str] = frozenset()
    """Each as host:port: let through though it is private, or the port is unusual."""
    memory: Memory = field(default_factory=DictMemory, repr=False)
    contact: str = ""
    """A mail address or URL for the User-Agent, which Open Library asks for."""
