"""Reliability R14 and S17: providers that fail, are slow, or are told a key."""

import logging
import threading
import time
import traceback
from dataclasses import replace
from typing import Any

import pytest

from releases.metadata import providers
from releases.metadata.providers import (
    PROVIDERS,
    Access,
    Candidate,
    DictMemory,
    ProviderError,
    Query,
    ask,
    breaker,
    check,
)
from tests.metadata.providers.conftest import KEY, Asks
from tests.metadata.service import (
    Respond,
    Service,
    bomb,
    bytes_alone,
    dripping,
    dropped,
    endless,
    moved,
    raw,
    sent,
    silent,
    slow,
)

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n"
BOOKS = ["GoogleBooks", "OpenLibrary"]
WORKS = {"docs": [{"key": "/works/OL2W", "title": "The Plague"}]}
LATE = "did not answer in time"
FAULTS: dict[str, tuple[Respond, str]] = {
    "429": (sent({}, 429), "asks for patience"),
    "500": (raw(b"<html>", 500, Content_Type="text/html"), "is out of order (HTTP 500)"),
    "503": (sent({}, 503), "is out of order (HTTP 503)"),
    "silence": (silent, LATE),
    "a drip": (dripping(HEAD), LATE),
    "100 MiB": (endless, "sent more than 2 MiB"),
    "a gzip bomb": (bomb, "sent more than 2 MiB"),
    "garbage": (raw(b"\x00garbage"), "cannot be read"),
    "no HTTP": (bytes_alone(b"garbage"), "broke off the connection"),
    "a redirect in a circle": (moved("/search.json"), "redirects more than 5 times"),
    "a redirect elsewhere": (moved("https://example.org/"), "redirects to another host"),
    "a wrong type": (raw(b"{}", Content_Type="text/html"), "cannot be read"),
    "a cut": (dropped, "broke off the connection"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_told_of_in_time_and_five_open_the_breaker(
    service: Service, asks: Asks, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    respond, sentence = FAULTS[name]
    monkeypatch.setattr(providers, "BUDGET_S", 2 if sentence == LATE else 60)
    service.on("*", respond)
    began = time.monotonic()

    *troubles, last = [str(asks("OpenLibrary", title="x").trouble) for _try in range(6)]

    assert [sentence in trouble for trouble in troubles] == [True] * 5
    assert "left alone" in last
    assert time.monotonic() - began < 60  # six questions, and none hangs


@pytest.mark.slow
def test_the_whole_budget_is_less_than_ten_seconds(
    service: Service, access: Access, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    service.on("/search.json", silent)
    service.on("*", dripping(HEAD))
    began = time.monotonic()

    answers = ask([*PROVIDERS], Query(title="x"), access=access)

    assert 9 < time.monotonic() - began < 12
    assert all(LATE in str(answer.trouble) for answer in answers)


def test_five_failures_in_a_row_open_the_breaker(service: Service, asks: Asks) -> None:
    service.on("*", sent({}, 500))
    for _failure in range(5):
        asks("OpenLibrary", title="x")
    requests = len(service.asked)

    answer = asks("OpenLibrary", title="x")

    assert "Open Library is left alone for some minutes" in str(answer.trouble)
    assert len(service.asked) == requests == 15  # each was tried three times


def test_a_success_in_between_starts_the_count_again(service: Service, asks: Asks) -> None:
    for _round in range(2):
        service.on("*", sent({}, 500))
        for _failure in range(4):
            asks("OpenLibrary", title="x")
        service.on("*", sent(WORKS))

        assert asks("OpenLibrary", title=f"round {_round}").trouble is None


def test_after_the_pause_one_question_tries(
    service: Service, access: Access, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(breaker, "PAUSE_S", 0.2)
    service.on("*", sent({}, 500))
    for _failure in range(5):
        ask(["OpenLibrary"], Query(title="x"), access=access)
    time.sleep(0.3)
    service.on("*", slow(sent(WORKS), 2))
    told: list[Any] = []
    threads = [
        threading.Thread(
            target=lambda: told.extend(ask(["OpenLibrary"], Query(title="y"), access=access))
        )
        for _question in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(answer.trouble is None for answer in told) == [False, True]
    assert ask(["OpenLibrary"], Query(title="z"), access=access)[0].trouble is None


def test_a_failure_after_the_pause_opens_the_breaker_again(
    service: Service, asks: Asks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(breaker, "PAUSE_S", 2)
    service.on("*", sent({}, 500))
    for _failure in range(5):
        asks("OpenLibrary", title="x")
    time.sleep(2.1)

    first, second = asks("OpenLibrary", title="x"), asks("OpenLibrary", title="x")

    assert "out of order" in str(first.trouble)
    assert "left alone" in str(second.trouble)


def test_the_patience_asked_for_lasts_beyond_the_question(service: Service, asks: Asks) -> None:
    service.on("*", sent({}, 429, Retry_After="60"))

    first, second = asks("OpenLibrary", title="x"), asks("OpenLibrary", title="x")

    assert "asks for patience" in str(first.trouble)
    assert "left alone" in str(second.trouble)
    assert len(service.asked) == 1


def test_a_key_that_asks_too_fast_stops_no_other_key(service: Service, access: Access) -> None:
    service.on("*", sent({}, 429, Retry_After="60"), sent({"results": []}))
    hasty = ask(["TMDb"], Query(title="x"), access=access)[0]

    other = ask(["TMDb"], Query(title="x"), access=replace(access, keys={"TMDb": "other"}))[0]
    again = ask(["TMDb"], Query(title="y"), access=access)[0]

    assert "asks for patience" in str(hasty.trouble)
    assert other.trouble is None
    assert "left alone" in str(again.trouble)


def test_a_key_that_is_spent_stops_no_other_key(service: Service, access: Access) -> None:
    service.on("*", sent({"Error": "Request limit reached!"}, 401), sent({}, 404))
    spent = ask(["OMDb"], Query(title="x"), access=access)[0]

    other = ask(["OMDb"], Query(title="x"), access=replace(access, keys={"OMDb": "other"}))[0]

    assert "no more today" in str(spent.trouble)
    assert other.trouble is None


def test_answers_and_misses_are_kept(service: Service, asks: Asks) -> None:
    service.on("/search.json", sent(WORKS), sent({}, 404))
    first, miss = asks("OpenLibrary", title="x"), asks("OpenLibrary", title="y")
    service.on("*", sent({}, 500))

    again, missed_again = asks("OpenLibrary", title="x"), asks("OpenLibrary", title="y")

    assert (first.from_cache, again.from_cache) == (False, True)
    assert again.candidates == first.candidates != ()
    assert (miss.from_cache, missed_again.from_cache) == (False, True)
    assert (missed_again.candidates, missed_again.trouble) == ((), None)
    assert len(service.asked) == 2


def test_what_is_kept_serves_while_the_provider_is_left_alone(service: Service, asks: Asks) -> None:
    service.on("*", sent(WORKS))
    asks("OpenLibrary", title="x")
    service.on("*", sent({}, 500))
    for _failure in range(5):
        asks("OpenLibrary", title="y")

    answer = asks("OpenLibrary", title="x")

    assert (len(answer.candidates), answer.trouble, answer.from_cache) == (1, None, True)


def test_troubles_are_not_kept(service: Service, asks: Asks) -> None:
    service.on("*", dropped, dropped, dropped, sent(WORKS))

    first, second = asks("OpenLibrary", title="x"), asks("OpenLibrary", title="x")

    assert first.trouble is not None
    assert second.candidates != ()


def test_an_answer_too_long_to_keep_is_asked_for_again(service: Service, asks: Asks) -> None:
    service.on("*", sent(WORKS | {"more": "x" * (300 << 10)}))

    asks("OpenLibrary", title="x")
    asks("OpenLibrary", title="x")

    assert len(service.asked) == 2


def test_the_cache_of_one_address_serves_no_other(service: Service, access: Access) -> None:
    service.on("*", sent(WORKS))
    ask(["OpenLibrary"], Query(title="x"), access=access)
    elsewhere = replace(access, base_urls={"OpenLibrary": f"{service.url}/mirror"})

    assert not ask(["OpenLibrary"], Query(title="x"), access=elsewhere)[0].from_cache


def test_providers_are_asked_at_once_and_answer_in_order(service: Service, access: Access) -> None:
    service.on("*", slow(sent({"docs": [], "items": []}), 1))
    began = time.monotonic()

    answers = ask([*BOOKS, "OMDb"], Query(title="x"), access=access)

    assert [answer.provider for answer in answers] == [*BOOKS, "OMDb"]
    assert time.monotonic() - began < 3.5  # one after another: 4 s, for OMDb asks twice
    assert all(answer.seconds >= 1 for answer in answers)


def test_one_provider_that_hangs_keeps_no_other(
    service: Service, access: Access, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(providers, "BUDGET_S", 2)
    service.on("/search.json", sent(WORKS))
    service.on("/volumes", silent)

    google, library = ask(BOOKS, Query(title="x"), access=access)

    assert LATE in str(google.trouble)
    assert library.candidates[0].values["title"] == "The Plague"


def test_at_most_three_candidates_are_told_the_best_first(service: Service, asks: Asks) -> None:
    titles = ["Plague", "A Journal of the Plague Year", "The Plague", "The Plague Dogs", "Plagues"]
    items = [{"id": title[:3], "volumeInfo": {"title": title}} for title in titles]
    service.on("/volumes", sent({"items": items}))

    found = asks("GoogleBooks", title="the plague").candidates

    assert len(found) == 3
    assert found[0].values["title"] == "The Plague"


def test_nothing_is_asked_where_nothing_is_known(service: Service, access: Access) -> None:
    service.on("*", sent({}))

    answers = ask([*PROVIDERS], Query(), access=access)

    assert service.asked == []
    assert {(answer.candidates, answer.trouble) for answer in answers} == {((), None)}


def test_a_key_that_is_missing_is_told_of(service: Service, access: Access) -> None:
    answers = ask([*PROVIDERS], Query(title="x"), access=replace(access, keys={}))

    assert {one.provider for one in answers if one.trouble} == {*PROVIDERS} - {"OpenLibrary"}
    assert "TheTVDB needs an API key: get one at https://thetvdb.com/" in str(answers[2].trouble)
    assert len(service.asked) == 1


@pytest.mark.parametrize("key", ["a b", "a\r\nX: y", "clé", "a\x00", "\u202ea"])
def test_what_cannot_be_a_key_is_not_sent(service: Service, access: Access, key: str) -> None:
    answer = ask(["TMDb"], Query(title="x"), access=replace(access, keys={"TMDb": key}))[0]

    assert "Invalid API key" in str(answer.trouble)
    assert service.asked == []


def test_an_address_within_is_refused_and_no_outage(service: Service, access: Access) -> None:
    unguarded = replace(access, allowed_hosts=frozenset())

    troubles = [
        str(ask(["OpenLibrary"], Query(title="x"), access=unguarded)[0].trouble)
        for _try in range(6)
    ]

    assert all("may not be called" in trouble for trouble in troubles)
    assert service.asked == []


def test_the_memory_is_used_by_the_thread_that_asks(service: Service, access: Access) -> None:
    class Watched(DictMemory):
        threads: set[threading.Thread] = set()

        def get(self, key: str) -> Any:
            self.threads.add(threading.current_thread())
            return super().get(key)

        def set(self, key: str, value: Any, ttl_s: float) -> None:
            self.threads.add(threading.current_thread())
            super().set(key, value, ttl_s)

    service.on("*", sent(WORKS))

    ask(BOOKS, Query(title="x"), access=replace(access, memory=Watched()))

    assert Watched.threads == {threading.current_thread()}


def test_a_memory_that_fails_is_the_callers_trouble(service: Service, access: Access) -> None:
    class Broken(DictMemory):
        def get(self, key: str) -> Any:
            raise LookupError(key)

    with pytest.raises(LookupError):
        ask(["OpenLibrary"], Query(title="x"), access=replace(access, memory=Broken()))


@pytest.mark.parametrize("name", PROVIDERS)
def test_check_tells_how_long_a_provider_takes(service: Service, access: Access, name: str) -> None:
    service.on("*", slow(sent({"data": {"token": "t"}}), 0.1))

    assert 100 <= check(name, access=access) < 3_000


@pytest.mark.parametrize("name", sorted({*PROVIDERS} - {"OpenLibrary"}))
def test_check_tells_of_a_key_unknown(service: Service, access: Access, name: str) -> None:
    service.on("*", sent({"error": {"message": "API key not valid."}}, 401))

    with pytest.raises(ProviderError, match=r"^Invalid API key: ") as caught:
        check(name, access=access)

    assert caught.value.values["home"] == PROVIDERS[name].home


def test_check_is_not_answered_from_memory(service: Service, access: Access) -> None:
    service.on("*", sent({}), sent({}, 500))
    check("OpenLibrary", access=access)

    with pytest.raises(ProviderError, match="out of order"):
        check("OpenLibrary", access=access)


def test_a_check_that_succeeds_ends_the_pause(service: Service, access: Access) -> None:
    service.on("*", sent({}, 500))
    for _failure in range(5):
        ask(["OpenLibrary"], Query(title="x"), access=access)
    service.on("*", sent(WORKS))

    check("OpenLibrary", access=access)

    assert ask(["OpenLibrary"], Query(title="x"), access=access)[0].trouble is None


def echoing(handler: Any) -> None:
    """Repeat what was asked, in a redirect that is followed, and then in an error."""
    if "again" not in handler.path:
        return moved(f"{handler.path}{'&' if '?' in handler.path else '?'}again=1")(handler)
    said = {"error": {"message": handler.path}, "message": str(handler.headers)}
    return sent(said, 500, X_Said=handler.path)(handler)


@pytest.mark.parametrize(
    "respond", [*(one for one, _sentence in FAULTS.values()), echoing], ids=[*FAULTS, "an echo"]
)
def test_a_key_is_told_to_the_provider_alone(
    service: Service,
    access: Access,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    respond: Respond,
) -> None:
    monkeypatch.setattr(providers, "BUDGET_S", 2)
    caplog.set_level(logging.DEBUG)
    service.on("*", respond)
    service.on("/login", sent({"data": {"token": f"{KEY}-token"}}))
    names = sorted({*PROVIDERS} - {"OpenLibrary"})
    memory = DictMemory()

    answers = ask(names, Query(title="x"), access=replace(access, memory=memory))

    told = [answer.trouble for answer in answers if answer.trouble]
    seen = [repr(answers), repr(access), caplog.text, *capfd.readouterr(), *map(str, told)]
    seen += ["".join(traceback.format_exception(trouble)) for trouble in told]
    kept = {key: one for key, one in vars(memory)["_kept"].items() if "token:" not in key}
    assert len(told) == len(names)
    assert KEY in repr(service.asked)
    assert KEY not in "".join(seen) + repr(kept)


def test_a_candidate_crosses_json() -> None:
    one = Candidate(provider="OMDb", url="https://www.imdb.com/", values={"title": "x", "year": 1})

    assert Candidate.from_json(one.as_json()) == one


@pytest.mark.parametrize("document", [None, {}, [], {"provider": 1, "url": "", "values": {}}])
def test_what_is_no_candidate_is_refused(document: Any) -> None:
    with pytest.raises(ValueError, match="not the fields"):
        Candidate.from_json(document)
