"""Whatever shape an answer has, it is read as no data, and never ends in an exception."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest

from releases.metadata.http import Deadline
from releases.metadata.http.outlet import Outlet
from releases.metadata.providers import PROVIDERS, Access, DictMemory, ProviderError, Query
from releases.metadata.providers.connection import Connection
from releases.metadata.providers.shapes import at, cleaned, number, text
from tests.metadata.providers import said

ODD: list[Any] = [None, True, 0, -1, 1.5, 10**30, "", "x", "\ud800", [], {}, [[]], [None], {"": {}}]
BOOK = Query(isbn=said.ISBN, title="The Plague", author="Camus", year=1947)
EPISODE = Query(title="The Bridge", season=1, episode=1, year=2011, language="fr")

Document = dict[str, Any]


class Told(Connection):
    """A connection at whose other end are these documents, whatever is asked for."""

    def __init__(self, name: str, documents: list[Any]) -> None:
        access = Access(keys=dict.fromkeys(PROVIDERS, "k"))
        super().__init__(
            name, PROVIDERS[name], Outlet(Deadline(1)), access=access, memory=DictMemory()
        )
        self._documents = list(documents)

    def get(self, path: str, params: Any = None) -> Any:
        return self._documents.pop(0) if len(self._documents) > 1 else self._documents[0]


SAID: dict[str, tuple[str, Query, list[Any]]] = {
    "an edition": (
        "OpenLibrary",
        BOOK,
        [
            {f"ISBN:{BOOK.isbn}": {"details": said.EDITION_DETAILS}},
            {f"ISBN:{BOOK.isbn}": said.EDITION_DATA},
        ],
    ),
    "a work": ("OpenLibrary", BOOK, [{}, {"docs": [said.WORK]}]),
    "a volume": ("GoogleBooks", BOOK, [{"items": [said.VOLUME]}]),
    "a series of OMDb": (
        "OMDb",
        EPISODE,
        [said.OMDB_FOUND, said.OMDB_SERIES, said.OMDB_EPISODE],
    ),
    "a series of TMDb": (
        "TMDb",
        EPISODE,
        [{"results": [said.TMDB_SERIES]}, said.TMDB_IN_FULL, {"name": "One", "overview": "First"}],
    ),
    "a film of TMDb": ("TMDb", Query(title="x"), [{"results": [said.TMDB_FILM]}]),
    "a series of TheTVDB": (
        "TVDB",
        EPISODE,
        [
            {"data": [said.TVDB_FOUND]},
            {"data": {"genres": [{"name": "Crime"}]}},
            {"data": {"episodes": said.TVDB_EPISODES}},
        ],
    ),
}


def places(document: Any) -> Iterator[tuple[Any, ...]]:
    """Yield the path to every value in a document, the whole of it first."""
    yield ()
    steps = document.keys() if isinstance(document, dict) else range(len(document))
    for step in steps:
        inner = document[step]
        if isinstance(inner, dict | list):
            yield from ((step, *path) for path in places(inner))
        else:
            yield (step,)


def altered(document: Any, path: tuple[Any, ...], value: Any) -> Any:
    if not path:
        return value
    other = copy.deepcopy(document)
    holder = at(other, *path[:-1])
    holder[path[-1]] = value
    return other


@pytest.mark.parametrize("name", SAID)
def test_any_value_may_be_of_any_shape(name: str) -> None:
    provider, query, documents = SAID[name]
    straight = PROVIDERS[provider].lookup(query, Told(provider, documents))
    seen = 0
    for path in list(places(documents))[1:]:
        for value in ODD:
            changed = altered(documents, path, value)
            for one in PROVIDERS[provider].lookup(query, Told(provider, changed)):
                assert one.values["title"]
                assert one.url.startswith("https://")
                json.dumps(one.as_json()).encode()
            seen += 1

    assert straight
    assert seen > 100


@pytest.mark.parametrize("name", PROVIDERS)
@pytest.mark.parametrize("status", [200, 400, 401, 403, 429, 500])
def test_any_complaint_may_be_of_any_shape(name: str, status: int) -> None:
    provider = PROVIDERS[name]
    errors = [{"error": odd} for odd in ODD] + [{"Error": odd} for odd in ODD]
    nested = [{"error": {"message": odd, "errors": odd, "details": [odd]}} for odd in ODD]

    for document in [*ODD, *errors, *nested, *({"message": odd} for odd in ODD)]:
        complaint = provider.complaint(provider, status, document)

        assert complaint is None or isinstance(complaint, ProviderError)


def test_text_of_providers_is_hostile() -> None:
    values = cleaned(
        title="evil\u202eexe\x00 " + "x" * 5_000,
        author=["A\nB", "A B", "N/A", 5, *map(str, range(100))],
        genre=["g" * 200],
        description="<script>alert(1)</script>&lt;b&gt; <p onclick='x'>text</p>",
        pages="12",
        year=2003,
    )

    assert values["title"].startswith("evilexe xxx")
    assert len(values["title"]) == 500
    assert values["author"].startswith("A B & 0 & 1 & ")
    assert len(values["genre"]) == 100
    assert values["description"] == "alert(1) <b> text"
    assert (values["pages"], values["year"]) == (12, 2003)


@pytest.mark.parametrize("value", [True, "1.5", "-1", "x", 2.5, None, "1" * 20, []])
def test_what_is_no_whole_number_is_none(value: Any) -> None:
    assert number(value) is None


def test_a_path_that_leads_nowhere_is_none() -> None:
    assert at({"a": [{"b": 1}]}, "a", 0, "b") == 1
    assert at({"a": [1]}, "a", 5) is None
    assert at("text", 0) is None
    assert text(["x"]) == ""
