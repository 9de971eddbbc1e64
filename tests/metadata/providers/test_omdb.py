from tests.metadata.providers.conftest import KEY, Asks
from tests.metadata.providers.said import OMDB_EPISODE, OMDB_FOUND, OMDB_SERIES
from tests.metadata.service import Service, raw, sent

MISS = {"Response": "False", "Error": "Series not found!"}


def test_a_series_is_told_with_its_episode(service: Service, asks: Asks) -> None:
    service.on("/", sent(OMDB_FOUND), sent(OMDB_SERIES), sent(OMDB_EPISODE))

    answer = asks("OMDb", title="the bridge", year=2011, season=1, episode=2)

    assert [one.url for one in answer.candidates] == [
        "https://www.imdb.com/title/tt0000001/",
        "https://www.imdb.com/title/tt0000002/",
    ]
    assert answer.candidates[0].values == {
        "title": "The Bridge",
        "year": 2011,
        "original_language": "sv",
        "genre": "Crime, Drama",
        "description": "A body on a bridge.",
        "episode_title": "Episode #1.1",
    }
    assert answer.candidates[1].values == {"title": "The Bridge Home", "year": 2009}
    search, series, episode = (one.query for one in service.asked)
    assert search == {"s": "the bridge", "type": "series", "apikey": KEY}
    assert series["i"] == "tt0000001"
    assert (episode["Season"], episode["Episode"]) == ("1", "2")


def test_a_film_is_searched_for_with_its_year(service: Service, asks: Asks) -> None:
    film = {"Title": "Metropolis", "Year": "1927", "imdbID": "tt0017136", "Type": "movie"}
    service.on("/", sent({"Response": "True", "Search": [film]}))

    answer = asks("OMDb", title="Metropolis", year=1927)

    assert answer.candidates[0].values == {"title": "Metropolis", "year": 1927}
    assert service.asked[0].query == {"s": "Metropolis", "y": "1927", "apikey": KEY}


def test_a_title_too_short_to_be_searched_for_is_asked_for(service: Service, asks: Asks) -> None:
    too_many = {"Response": "False", "Error": "Too many results."}
    service.on("/", sent(too_many), sent(OMDB_SERIES | {"Title": "M"}), sent(MISS))

    answer = asks("OMDb", title="M")

    assert answer.candidates[0].values["title"] == "M"
    assert service.asked[1].query["t"] == "M"


def test_a_miss_is_no_trouble(service: Service, asks: Asks) -> None:
    service.on("/", sent(MISS))

    answer = asks("OMDb", title="zzzz", season=1)

    assert (answer.candidates, answer.trouble) == ((), None)


def test_a_key_unknown_and_a_key_spent_are_told_apart(service: Service, asks: Asks) -> None:
    service.on("/", sent({"Response": "False", "Error": "Invalid API key!"}, 401))
    unknown = asks("OMDb", title="x").trouble
    service.on("/", sent({"Response": "False", "Error": "Request limit reached!"}, 401))
    spent = asks("OMDb", title="x").trouble
    requests = len(service.asked)

    assert "Invalid API key: OMDb does not know it" in str(unknown)
    assert "OMDb answers no more today" in str(spent)
    assert str(asks("OMDb", title="y").trouble) == str(spent)
    assert len(service.asked) == requests == 2


def test_a_plot_that_breaks_the_document_is_told_of(service: Service, asks: Asks) -> None:
    service.on("/", raw(b'{"Title":"Bad "quote"","Response":"True"}'))

    assert "cannot be read" in str(asks("OMDb", title="x").trouble)
