import json

from releases.metadata.providers import Access, Query, ask
from tests.metadata.providers.conftest import KEY, Asks
from tests.metadata.providers.said import TVDB_EPISODES, TVDB_FOUND
from tests.metadata.service import Service, sent

LOGIN = sent({"status": "success", "data": {"token": "first.token"}})
AGAIN = sent({"status": "success", "data": {"token": "second.token"}})
OVER = sent({"status": "failure", "message": "Unauthorized", "data": None}, 401)


def ready(service: Service) -> None:
    service.on("/login", LOGIN)
    service.on("/search", sent({"data": [{"type": "person", "name": "The Bridge"}, TVDB_FOUND]}))
    service.on("/series/252019/extended", sent({"data": {"genres": [{"name": "Crime"}]}}))
    service.on("/series/252019/episodes/default", sent({"data": {"episodes": TVDB_EPISODES}}))


def test_a_series_is_told_with_its_episode(service: Service, asks: Asks) -> None:
    ready(service)

    answer = asks("TVDB", title="the bridge", season=1, episode=2)

    assert answer.trouble is None
    assert answer.candidates[0].url == "https://thetvdb.com/series/the-bridge-2011"
    assert answer.candidates[0].values == {
        "title": "The Bridge (2011)",
        "year": 2011,
        "original_language": "sv",
        "genre": "Crime",
        "description": "Second.",
        "episode_title": "Two",
    }
    login, search = service.asked[:2]
    assert json.loads(login.body) == {"apikey": KEY}
    assert search.query == {"query": "the bridge", "type": "series"}
    assert search.headers["authorization"] == "Bearer first.token"


def test_an_episode_is_asked_for_in_the_language_and_else_as_it_is(
    service: Service, asks: Asks
) -> None:
    ready(service)
    untranslated = [TVDB_EPISODES[0] | {"name": None}]
    service.on(
        "/series/252019/episodes/default/fra", sent({"data": {"id": 1, "episodes": untranslated}})
    )

    values = (
        asks("TVDB", title="the bridge", season=1, episode=1, language="fr").candidates[0].values
    )

    assert values["episode_title"] == "One"
    assert service.asked[-2].path.endswith("/fra")


def test_a_description_is_told_in_the_language(service: Service, asks: Asks) -> None:
    ready(service)

    values = asks("TVDB", title="the bridge", language="fr-CA").candidates[0].values

    assert values["description"] == "Un corps sur un pont."


def test_a_token_is_kept_for_the_next_question(service: Service, asks: Asks) -> None:
    ready(service)

    asks("TVDB", title="one")
    asks("TVDB", title="two")

    assert [one.path for one in service.asked].count("/login") == 1


def test_a_token_that_is_over_is_replaced_once(service: Service, asks: Asks) -> None:
    ready(service)
    asks("TVDB", title="one")
    service.on("/login", AGAIN)
    service.on("/search", OVER, sent({"data": [TVDB_FOUND]}))

    answer = asks("TVDB", title="two")

    assert answer.trouble is None
    assert answer.candidates
    assert [one.path for one in service.asked].count("/login") == 2
    assert service.asked[-1].headers["authorization"] == "Bearer second.token"


def test_a_server_that_refuses_each_token_is_left_after_two(service: Service, asks: Asks) -> None:
    ready(service)
    asks("TVDB", title="one")
    before = len(service.asked)
    service.on("/search", OVER)

    answer = asks("TVDB", title="two")

    assert "Invalid API key" in str(answer.trouble)
    assert [one.path for one in service.asked[before:]] == ["/search", "/login", "/search"]


def test_a_key_unknown_is_asked_about_once(service: Service, asks: Asks) -> None:
    service.on("/login", OVER)

    answer = asks("TVDB", title="x")

    assert "Invalid API key: TheTVDB does not know it" in str(answer.trouble)
    assert len(service.asked) == 1


def test_a_key_of_a_subscriber_has_a_pin(service: Service, access: Access) -> None:
    ready(service)
    subscribed = Access(
        keys={"TVDB": "their-key:PIN1"},
        base_urls=access.base_urls,
        allowed_hosts=access.allowed_hosts,
    )

    ask(["TVDB"], Query(title="x"), access=subscribed)

    assert json.loads(service.asked[0].body) == {"apikey": "their-key", "pin": "PIN1"}


def test_a_pin_that_is_missing_is_told_of(service: Service, asks: Asks) -> None:
    service.on("/login", sent({"message": "InvalidValueType: pin required"}, 400))

    assert "write the key as KEY:PIN" in str(asks("TVDB", title="x").trouble)


def test_a_login_without_a_token_is_told_of(service: Service, asks: Asks) -> None:
    service.on("/login", sent({"data": {"token": "a b"}}))

    assert "neither accepts nor refuses" in str(asks("TVDB", title="x").trouble)
