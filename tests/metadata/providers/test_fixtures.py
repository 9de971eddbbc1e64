"""The recorded shapes of the five services, where they lie beside the clone."""

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from releases.metadata.http import Deadline
from releases.metadata.http.outlet import Outlet
from releases.metadata.providers import (
    PROVIDERS,
    Access,
    Answer,
    DictMemory,
    ProviderError,
    Query,
    ask,
    check,
)
from releases.metadata.providers.connection import Connection
from tests.processes import waited_for

FAKE = Path(__file__).parents[4] / "shared" / "fake_api"
BASES = {
    "OpenLibrary": ("openlibrary", ""),
    "GoogleBooks": ("googlebooks", "/books/v1"),
    "OMDb": ("omdb", ""),
    "TVDB": ("tvdb", "/v4"),
    "TMDb": ("tmdb", "/3"),
}
NAMES = {api: name for name, (api, _path) in BASES.items()}
KEY_PARAMS = {"key", "apikey", "api_key"}
SENTENCES = {
    "gb_400_bad_key": "Invalid API key: Google Books",
    "gb_400_missing_q": "refuses the question (HTTP 400)",
    "gb_403_location": "refuses the question (HTTP 403)",
    "gb_429": "Google Books answers no more today",
    "gb_503": "Google Books is out of order (HTTP 503)",
    "gb_malformed": "cannot be read",
    "ol_403_user_agent": "refuses programs that name no contact",
    "ol_429": "Open Library asks for patience",
    "ol_500": "is out of order (HTTP 500)",
    "ol_503_maintenance": "is out of order (HTTP 503)",
    "ol_api_books_javascript": "cannot be read",
    "ol_html_200": "cannot be read",
    "ol_malformed": "cannot be read",
    "omdb_401_bad_key": "Invalid API key: OMDb",
    "omdb_401_limit": "OMDb answers no more today",
    "omdb_401_no_key": "Invalid API key: OMDb",
    "omdb_503": "OMDb is out of order (HTTP 503)",
    "omdb_522": "OMDb is out of order (HTTP 522)",
    "omdb_malformed": "cannot be read",
    "tmdb_400_page": "refuses the question (HTTP 400)",
    "tmdb_401": "Invalid API key: TMDb",
    "tmdb_422": "refuses the question (HTTP 422)",
    "tmdb_429": "TMDb asks for patience",
    "tmdb_500": "is out of order (HTTP 500)",
    "tmdb_503": "is out of order (HTTP 503)",
    "tmdb_504": "is out of order (HTTP 504)",
    "tmdb_malformed": "cannot be read",
    "tvdb_400": "refuses the question (HTTP 400)",
    "tvdb_429": "TheTVDB asks for patience",
    "tvdb_502": "is out of order (HTTP 502)",
    "tvdb_login_401": "Invalid API key: TheTVDB",
    "tvdb_login_pin_required": "write the key as KEY:PIN",
    "tvdb_malformed": "cannot be read",
}
"""What each bad answer is told as; what is not here is an answer or a miss."""
MISSES = {
    "gb_404",
    "ol_isbn_404",
    "ol_isbn_404_html",
    "tmdb_404",
    "tmdb_404_id",
    "tvdb_404",
}
UNSEEN = {"tvdb_401", "ol_isbn_redirect"}
"""A request without a token, which is never sent; a redirect, whose end is seen."""

pytestmark = pytest.mark.skipif(not FAKE.exists(), reason="the fixtures lie outside the clone")


def fixtures() -> dict[str, dict[str, Any]]:
    """Return those of the five, by their names."""
    paths = [path for path in sorted((FAKE / "fixtures").glob("*.json")) if path.stem != "index"]
    found = {path.stem: json.loads(path.read_text()) for path in paths}
    return {stem: one for stem, one in found.items() if one["api"] in NAMES and stem not in UNSEEN}


FIXTURES = fixtures()


def is_answer(stem: str) -> bool:
    return stem not in SENTENCES and "delay_s" not in FIXTURES[stem]["response"]


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with subprocess.Popen([sys.executable, FAKE / "fake_api.py", str(port)]) as server:
        waited_for(lambda: is_listening(port))
        yield f"http://127.0.0.1:{port}"
        server.kill()


def is_listening(port: int) -> bool:
    with socket.socket() as caller:
        return caller.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture
def access(url: str) -> Access:
    return Access(
        keys=dict.fromkeys(PROVIDERS, "TEST"),
        base_urls={name: f"{url}/{api}{path}" for name, (api, path) in BASES.items()},
        allowed_hosts=frozenset({url.removeprefix("http://")}),
        contact="admin@example.org",
    )


@pytest.mark.parametrize("stem", [stem for stem in FIXTURES if is_answer(stem)])
def test_every_good_answer_is_read(access: Access, stem: str) -> None:
    document = asked(access, FIXTURES[stem], timeout_s=2)

    assert document == (None if stem in MISSES else FIXTURES[stem]["response"]["body"])


@pytest.mark.parametrize("stem", [stem for stem in FIXTURES if not is_answer(stem)])
def test_every_bad_answer_is_told_of(access: Access, stem: str) -> None:
    is_delayed = "delay_s" in FIXTURES[stem]["response"]
    sentence = "did not answer in time" if is_delayed else SENTENCES[stem]

    with pytest.raises(ProviderError) as caught:
        asked(access, FIXTURES[stem], timeout_s=0.3 if is_delayed else 2)

    assert sentence in str(caught.value)


def asked(access: Access, fixture: dict[str, Any], timeout_s: float) -> Any:
    """Ask for the answer as the provider would be asked, with its key."""
    name, request = NAMES[fixture["api"]], fixture["request"]
    shown = [value for key, value in request["query"].items() if key in KEY_PARAMS]
    params = {key: value for key, value in request["query"].items() if key not in KEY_PARAMS}
    key = shown[0] if shown else "" if name == "OMDb" else "V4.READ.TOKEN"
    path = request["path"].removeprefix(BASES[name][1])
    given = Access(keys={name: key}, base_urls=access.base_urls, allowed_hosts=access.allowed_hosts)
    with Outlet(Deadline(timeout_s), allowed_hosts=access.allowed_hosts) as outlet:
        connection = Connection(name, PROVIDERS[name], outlet, access=given, memory=DictMemory())
        if request["method"] == "POST":
            return connection.post(path, request["json"])
        if name == "TVDB":
            connection.memory.set(f"token:{connection.account}", "TOKEN", 60)
        return connection.get(path, params)


def first(access: Access, name: str, **query: Any) -> dict[str, Any]:
    answer: Answer = ask([name], Query(**query), access=access)[0]
    assert answer.trouble is None
    return answer.candidates[0].values


def test_books_are_told_by_isbn(access: Access) -> None:
    library = first(access, "OpenLibrary", isbn="0-14-143947-5")
    google = first(access, "GoogleBooks", isbn="9780141439471")

    assert library == {
        "title": "Frankenstein",
        "subtitle": "Or, The Modern Prometheus",
        "author": "Mary Wollstonecraft Shelley",
        "publisher": "Penguin Classics",
        "year": 2003,
        "language": "en",
        "isbn": "9780141439471",
        "genre": "Horror",
        "pages": 352,
    }
    assert google["author"] == "Mary Shelley"
    assert (google["publisher"], google["year"], google["language"]) == ("Penguin", 2003, "en")


def test_books_are_told_by_title(access: Access) -> None:
    library = first(access, "OpenLibrary", title="the hound of the baskervilles", author="doyle")
    google = first(
        access, "GoogleBooks", title="hound of the baskervilles", author="doyle", language="en"
    )
    scan = first(access, "GoogleBooks", title="vingt mille lieues", author="verne")

    assert (library["author"], library["year"]) == ("Arthur Conan Doyle", 1902)
    assert "isbn" not in library
    assert google["isbn"] == "9780140437867"
    assert (scan["publisher"], scan["year"], scan["language"]) == ("J. Hetzel", 1871, "fr")
    assert "isbn" not in scan


def test_episodes_are_told(access: Access) -> None:
    thetvdb = first(access, "TVDB", title="game of thrones", season=1, episode=1)
    tmdb = first(access, "TMDb", title="Game of Thrones", year=2011, season=1, episode=1)

    assert (thetvdb["title"], thetvdb["year"], thetvdb["genre"]) == (
        "Game of Thrones",
        2011,
        "Fantasy",
    )
    assert thetvdb["episode_title"] == tmdb["episode_title"] == "Winter Is Coming"


def test_an_answer_without_anything_is_a_miss(access: Access) -> None:
    answers = ask(["TVDB", "TMDb"], Query(title="zzzz", season=1), access=access)

    assert [(answer.candidates, answer.trouble) for answer in answers] == [((), None)] * 2


def test_every_provider_can_be_checked(access: Access) -> None:
    assert all(check(name, access=access) < 5_000 for name in PROVIDERS)
