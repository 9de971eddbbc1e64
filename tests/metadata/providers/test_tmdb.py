import pytest

from releases.metadata.providers import Access, Query, ask
from tests.metadata.providers.conftest import KEY, Asks
from tests.metadata.providers.said import TMDB_FILM, TMDB_IN_FULL, TMDB_SERIES
from tests.metadata.service import Service, sent

TOKEN = "eyJ.canary.token"
PERSON = {"id": 1, "name": "Metropolis", "media_type": "person"}


def test_a_series_is_told_with_its_episode(service: Service, asks: Asks) -> None:
    service.on("/search/tv", sent({"results": []}), sent({"results": [TMDB_SERIES]}))
    service.on("/tv/45016", sent(TMDB_IN_FULL))
    service.on("/tv/45016/season/1/episode/2", sent({"name": "Zwei", "overview": "Mehr."}))

    answer = asks("TMDb", title="The Bridge", year=2013, season=1, episode=2, language="de")

    assert answer.trouble is None
    assert answer.candidates[0].url == "https://www.themoviedb.org/tv/45016"
    assert answer.candidates[0].values == {
        "title": "The Bridge",
        "year": 2011,
        "original_language": "sv",
        "genre": "Crime, Drama",
        "description": "Mehr.",
        "episode_title": "Zwei",
    }
    assert service.asked[0].query["first_air_date_year"] == "2013"
    assert "first_air_date_year" not in service.asked[1].query
    assert {one.query["language"] for one in service.asked} == {"de-DE"}


def test_an_episode_that_nobody_translated_is_told_in_english(service: Service, asks: Asks) -> None:
    service.on("/search/tv", sent({"results": [TMDB_SERIES]}))
    service.on("/tv/45016", sent(TMDB_IN_FULL))
    service.on(
        "/tv/45016/season/1/episode/1",
        sent({"name": "", "overview": "Un corps."}),
        sent({"name": "Episode one", "overview": "A body."}),
    )

    values = (
        asks("TMDb", title="The Bridge", season=1, episode=1, language="fr").candidates[0].values
    )

    assert (values["episode_title"], values["description"]) == ("Episode one", "Un corps.")
    assert service.asked[-1].query["language"] == "en-US"


def test_a_film_is_found_among_all_kinds(service: Service, asks: Asks) -> None:
    service.on("/search/multi", sent({"results": [PERSON, TMDB_FILM]}))
    service.on("/movie/19", sent(TMDB_FILM | {"genres": [{"name": "Drama"}]}))

    answer = asks("TMDb", title="metropolis", year=1927)

    assert [one.url for one in answer.candidates] == ["https://www.themoviedb.org/movie/19"]
    assert answer.candidates[0].values["genre"] == "Drama"


def test_what_fails_after_the_search_leaves_what_was_found(service: Service, asks: Asks) -> None:
    service.on("/search/multi", sent({"results": [TMDB_FILM]}))
    service.on("/movie/19", sent({"success": False}, 504))

    answer = asks("TMDb", title="metropolis")

    assert answer.candidates[0].values["title"] == "Metropolis"
    assert "TMDb is out of order (HTTP 504)" in str(answer.trouble)


@pytest.mark.parametrize("key", [KEY, TOKEN])
def test_a_key_is_shown_as_what_it_is(service: Service, access: Access, key: str) -> None:
    access = Access(
        keys={"TMDb": key}, base_urls=access.base_urls, allowed_hosts=access.allowed_hosts
    )

    ask(["TMDb"], Query(title="x"), access=access)

    asked = service.asked[0]
    assert asked.query.get("api_key") == (key if key == KEY else None)
    assert asked.headers.get("authorization") == (f"Bearer {key}" if key == TOKEN else None)


def test_a_key_unknown_is_told_of(service: Service, asks: Asks) -> None:
    service.on("*", sent({"success": False, "status_code": 7}, 401))

    assert "Invalid API key: TMDb does not know it" in str(asks("TMDb", title="x").trouble)
