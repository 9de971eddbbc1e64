from dataclasses import replace
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from pytest_django import Settings

from accounts.models import User
from accounts.permissions import Denied
from accounts.preferences import KNOWN, prefer
from enrichment import actions
from enrichment.access import keys_for, order_for
from enrichment.actions import NewApi, Taken, asking
from enrichment.models import ApiConfig
from jobs.models import Job
from jobs.queue import Busy, run_here
from releases.actions import Refused
from releases.metadata.providers import PROVIDERS, ProviderError
from tests.factories import make_admin, make_job, make_operator, make_user
from tests.loopback import LoopbackProviders
from vault.sealing import Undecryptable

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded")]
BOOK = {"title": "Some Book", "author": "Ann Author"}
CANARY = "canary-4711"


@pytest.fixture
def admin(seeded: None) -> User:
    return make_admin()


@pytest.fixture
def ann(seeded: None) -> User:
    return make_operator()


def make_api(owner: User | None = None, **fields: Any) -> ApiConfig:
    return ApiConfig.objects.create(
        user=owner, **{"name": "GoogleBooks", "api_key": CANARY} | fields
    )


# Keys


def test_a_key_is_kept_encrypted_and_revealed_on_demand(ann: User) -> None:
    new = NewApi(name="GoogleBooks", owner=ann, api_key=CANARY)

    config = ApiConfig.objects.get(pk=actions.create_api(new, by=ann).pk)

    assert config.api_key.reveal() == CANARY
    assert CANARY not in repr(new)
    assert CANARY not in str(ApiConfig.objects.values_list("api_key").get())
    assert CANARY not in config.api_key.token


def test_everybody_keeps_keys_of_their_own() -> None:
    nobody = make_user()
    config = actions.create_api(NewApi(name="OMDb", owner=nobody, api_key="a"), by=nobody)

    actions.change_api(config, by=nobody, api_key="b")
    config.refresh_from_db()
    changed = config.api_key.reveal()
    actions.remove_api(config, by=nobody)

    assert changed == "b"
    assert not ApiConfig.objects.exists()


@pytest.mark.parametrize("is_for_all", [True, False])
def test_keys_for_all_and_those_of_others_are_the_administrators(
    ann: User, admin: User, is_for_all: bool
) -> None:
    owner = None if is_for_all else make_user()
    new = NewApi(name="OMDb", owner=owner, api_key="a")
    with pytest.raises(Denied, match="WRITE permission on config"):
        actions.create_api(new, by=ann)

    config = actions.create_api(new, by=admin)

    for forbidden in (
        lambda: actions.change_api(config, by=ann, active=False),
        lambda: actions.remove_api(config, by=ann),
        lambda: actions.test_api(config, by=ann),
    ):
        with pytest.raises(PermissionDenied, match="permission on config"):
            forbidden()
    actions.change_api(config, by=admin, active=False)
    actions.remove_api(config, by=admin)


def test_who_may_read_the_configuration_sees_all_keys_and_others_their_own(
    ann: User, admin: User
) -> None:
    own, others = make_api(ann), {make_api(), make_api(make_user())}

    assert list(ApiConfig.objects.visible_to(ann)) == [own]
    assert set(ApiConfig.objects.visible_to(admin)) == {own, *others}


@pytest.mark.parametrize("is_for_all", [True, False])
def test_an_owner_has_one_key_of_each_provider(admin: User, is_for_all: bool) -> None:
    new = NewApi(name="OMDb", owner=None if is_for_all else admin, api_key="a")
    actions.create_api(new, by=admin)

    with pytest.raises(Taken, match="OMDb"):
        actions.create_api(new, by=admin)
    with pytest.raises(IntegrityError), transaction.atomic():
        ApiConfig.objects.create(name="OMDb", user=new.owner)


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "Nobody"},
        {"api_key": "two words"},
        {"api_key": "line\nend"},
        {"api_key": "é"},
        {"api_key": "\ud800"},
        {"api_key": "x" * 501},
        {"base_url": "ftp://example.org"},
        {"base_url": "javascript:alert(1)"},
        {"base_url": "https://user:secret@example.org"},
        {"base_url": "https://example.org/?a=b"},
        {"base_url": "https://example.org/#a"},
        {"base_url": "https://example.org/\ud800"},
        {"base_url": "https://example.org/" + "x" * 500},
        {"base_url": "example.org"},
    ],
)
def test_what_cannot_be_used_is_not_kept(ann: User, wrong: dict[str, str]) -> None:
    new = replace(NewApi(name="OMDb", owner=ann), **wrong)  # type: ignore[arg-type]  # all texts

    with pytest.raises(Refused):
        actions.create_api(new, by=ann)
    assert not ApiConfig.objects.exists()


# A kept key and its address


@pytest.mark.parametrize("by_owner", [True, False])
@pytest.mark.parametrize("url", ["https://evil.example", ""])
def test_a_kept_key_goes_to_no_other_address(
    ann: User, admin: User, url: str, by_owner: bool
) -> None:
    config = make_api(ann, base_url="https://first.example")
    by = ann if by_owner else admin

    with pytest.raises(Refused, match="Give the key again"):
        actions.change_api(config, by=by, base_url=url)
    config.refresh_from_db()
    kept = config.base_url
    actions.change_api(config, by=by, base_url=url, api_key="another")

    config.refresh_from_db()
    assert kept == "https://first.example"
    assert (config.base_url, config.api_key.reveal()) == (url, "another")


def test_an_address_without_a_key_may_change(ann: User) -> None:
    config = make_api(ann, name="OpenLibrary", api_key="")

    actions.change_api(config, by=ann, base_url="https://mirror.example")

    config.refresh_from_db()
    assert config.base_url == "https://mirror.example"


def test_the_same_address_asks_for_no_key(ann: User) -> None:
    config = make_api(ann, base_url="https://first.example")

    actions.change_api(config, by=ann, base_url="https://first.example", active=False)

    config.refresh_from_db()
    assert (config.active, config.api_key.reveal()) == (False, CANARY)


def test_ones_own_address_never_receives_the_key_for_all(
    ann: User, providers: LoopbackProviders
) -> None:
    make_api(api_key="key-for-all")
    make_api(ann, api_key="", base_url=providers.url("elsewhere"))

    run_here(actions.request_enrichment(BOOK, "EBOOK", by=ann, at_once=True))

    assert providers.keys("GoogleBooks") == ["key-for-all"]
    assert not any("/elsewhere/" in one for one in providers.asked)


# Tests of keys


def test_a_test_asks_with_the_kept_key_and_tells_how_long_it_took(
    ann: User, providers: LoopbackProviders
) -> None:
    config = make_api(ann)

    assert 0 <= actions.test_api(config, by=ann) < 10_000
    assert set(providers.keys("GoogleBooks")) == {CANARY}


def test_a_test_of_a_wrong_key_says_so_and_does_not_show_it(
    ann: User, providers: LoopbackProviders
) -> None:
    providers.answers["/GoogleBooks/volumes"] = (401, {})

    with pytest.raises(ProviderError, match="Invalid API key") as refusal:
        actions.test_api(make_api(ann), by=ann)
    assert CANARY not in str(refusal.value) + repr(refusal.value)


def test_a_test_of_a_key_that_cannot_be_read_says_so(ann: User, settings: Settings) -> None:
    config = make_api(ann)
    settings.CREDENTIAL_KEYS = [Fernet.generate_key().decode()]

    with pytest.raises(Undecryptable):
        actions.test_api(config, by=ann)


# Whose key, and in which order


def test_ones_own_word_wins_over_what_is_said_for_all(ann: User) -> None:
    for_all, own = make_api(), make_api(ann)
    used = keys_for(ann)["GoogleBooks"]
    actions.change_api(own, by=ann, active=False)

    assert used == own
    assert "GoogleBooks" not in keys_for(ann)
    assert "GoogleBooks" not in order_for(ann, "EBOOK")
    assert keys_for(make_user())["GoogleBooks"] == for_all


def test_the_order_is_that_asked_for_else_preferred_else_built_in(ann: User) -> None:
    built_in = order_for(ann, "EBOOK")
    prefer(ann, "api_priority_order", ["GoogleBooks", "TMDb", "OpenLibrary", "Nobody"])

    assert built_in == ["OpenLibrary", "GoogleBooks"]
    assert order_for(ann, "EBOOK") == ["GoogleBooks", "OpenLibrary"]
    assert order_for(ann, "EBOOK", ["OpenLibrary"]) == ["OpenLibrary"]
    assert order_for(ann, "EBOOK", ["TVDB"]) == ["GoogleBooks", "OpenLibrary"]
    assert order_for(ann, "TV") == ["TMDb"]


def test_what_is_built_in_names_every_provider() -> None:
    assert sorted(KNOWN["api_priority_order"].built_in) == sorted(PROVIDERS)


def test_a_provider_that_is_switched_off_is_not_asked(ann: User, admin: User) -> None:
    off = make_api(name="OpenLibrary", api_key="", active=False)
    for_all = order_for(ann, "EBOOK")
    make_api(ann, name="OpenLibrary", api_key="")

    assert for_all == ["GoogleBooks"]
    assert order_for(ann, "EBOOK") == ["OpenLibrary", "GoogleBooks"]
    assert order_for(admin, "EBOOK", [off.name]) == []


# Asking


def enriched(by: User, metadata: dict[str, Any] = BOOK, **options: Any) -> Job:
    job = actions.request_enrichment(metadata, "EBOOK", by=by, at_once=True, **options)
    return run_here(job)


def warnings(job: Job) -> list[str]:
    return [line.message for line in job.lines.filter(level="WARNING")]


def test_the_providers_of_the_type_are_asked_in_order(
    ann: User, providers: LoopbackProviders
) -> None:
    make_api(ann)

    job = enriched(ann, order=["GoogleBooks", "OpenLibrary"])

    assert job.status == "completed"
    assert job.result["order"] == ["GoogleBooks", "OpenLibrary"]
    assert [one["provider"] for one in job.result["candidates"]] == ["GoogleBooks", "OpenLibrary"]
    assert job.result["candidates"][0]["values"]["publisher"] == "Google's Publisher"
    assert (job.result["troubles"], warnings(job)) == ({}, [])
    assert "Open Library: 1 match" in [line.message for line in job.lines.all()]


def test_a_provider_that_is_down_or_lacks_its_key_costs_a_warning(
    ann: User, providers: LoopbackProviders
) -> None:
    providers.answers["/OpenLibrary/search.json"] = (500, {})

    job = enriched(ann)

    assert job.status == "completed"
    assert job.result["candidates"] == []
    assert set(job.result["troubles"]) == {"OpenLibrary", "GoogleBooks"}
    assert warnings(job) == list(job.result["troubles"].values())
    assert "Open Library" in warnings(job)[0]
    assert "Google Books needs an API key" in warnings(job)[1]


def test_a_key_that_cannot_be_read_costs_a_warning(
    ann: User, providers: LoopbackProviders, settings: Settings
) -> None:
    make_api(ann)
    settings.CREDENTIAL_KEYS = [Fernet.generate_key().decode()]

    job = enriched(ann)

    assert "CREDENTIAL_KEYS" in job.result["troubles"]["GoogleBooks"]
    assert [one["provider"] for one in job.result["candidates"]] == ["OpenLibrary"]
    assert providers.keys("GoogleBooks") == []


def test_what_was_asked_before_is_answered_from_memory(
    ann: User, providers: LoopbackProviders
) -> None:
    first = enriched(ann)
    asked = len(providers.asked)

    assert enriched(ann).result == first.result
    assert len(providers.asked) == asked


def test_all_switched_off_is_said(ann: User) -> None:
    for name in ("OpenLibrary", "GoogleBooks"):
        make_api(name=name, active=False)

    job = enriched(ann)

    assert job.status == "completed"
    assert warnings(job) == ["No provider of metadata is switched on for this type."]


def test_a_question_that_ends_while_another_is_asked_is_returned(
    ann: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ended_meanwhile(*_work: Any, **_options: Any) -> Job:
        raise Busy

    ended = make_job(by=ann, work="enrich", subject="draft:1")
    ended.finish({})
    monkeypatch.setattr(asking, "enqueue", ended_meanwhile)

    assert actions.request_enrichment(BOOK, "EBOOK", by=ann, subject="draft:1") == ended


def test_neither_title_nor_isbn_is_no_question(ann: User) -> None:
    with pytest.raises(Refused, match="title or an ISBN"):
        actions.request_enrichment({"author": "Ann Author"}, "EBOOK", by=ann)
    assert not Job.objects.exists()


def test_who_may_make_no_releases_asks_nothing() -> None:
    with pytest.raises(PermissionDenied, match="WRITE permission on releases"):
        actions.request_enrichment(BOOK, "EBOOK", by=make_user())


def test_one_question_about_a_subject_is_asked_at_a_time(ann: User) -> None:
    first = actions.request_enrichment(BOOK, "EBOOK", by=ann, subject="draft:1")

    assert actions.request_enrichment(BOOK, "EBOOK", by=ann, subject="draft:1") == first
    assert actions.request_enrichment(BOOK, "EBOOK", by=ann, subject="draft:2") != first


def test_no_row_of_a_job_tells_the_key(ann: User, providers: LoopbackProviders) -> None:
    providers.answers["/GoogleBooks/volumes"] = (401, {})
    make_api(ann)

    job = enriched(ann)

    told = [str(vars(job)), *(str(vars(line)) for line in job.lines.all())]
    assert not [one for one in told if CANARY in one]
