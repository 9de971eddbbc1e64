from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from enrichment.models import ApiConfig
from releases.metadata.providers import PROVIDERS
from tests.factories import make_admin, make_operator, make_user
from tests.loopback import LoopbackProviders

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded")]
PATH = "/config/apis/"
CANARY = "canary-4711"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def operator(client: Client, seeded: None) -> User:
    user = make_operator()
    client.force_login(user)
    return user


@pytest.fixture
def admin(seeded: None) -> Client:
    client = Client()
    client.force_login(make_admin())
    return client


def make_api(owner: User | None = None, **fields: Any) -> ApiConfig:
    return ApiConfig.objects.create(
        user=owner, **{"name": "GoogleBooks", "api_key": CANARY} | fields
    )


def state(client: Client, name: str) -> str:
    seen = {seen.name: seen for seen in client.get(PATH).context["providers"]}
    return str(seen[name].state.label)


def test_the_page_shows_every_provider_where_a_key_is_got_and_its_terms(
    client: Client, operator: User
) -> None:
    page = client.get(PATH).content.decode()

    for provider in PROVIDERS.values():
        assert provider.title in page
        assert provider.home in page


def test_the_page_tells_who_is_asked_with_whose_key(client: Client, operator: User) -> None:
    without = state(client, "GoogleBooks")
    make_api()
    for_all = state(client, "GoogleBooks")
    own = make_api(operator)
    with_own = state(client, "GoogleBooks")
    ApiConfig.objects.exclude(pk=own.pk).delete()
    ApiConfig.objects.update(active=False)

    assert without == "Not asked: it needs a key"
    assert for_all == "Asked with the key for all"
    assert with_own == "Asked with your key"
    assert state(client, "GoogleBooks") == "Switched off"
    assert state(client, "OpenLibrary") == "Asked without a key"


def test_no_page_shows_a_key(client: Client, operator: User) -> None:
    config = make_api(operator)

    for path in (PATH, f"{PATH}{config.pk}/"):
        page = client.get(path).content.decode()
        assert CANARY not in page
        assert config.api_key.token not in page


def test_the_address_of_the_key_for_all_is_the_administrators_to_see(
    client: Client, operator: User, admin: Client
) -> None:
    make_api(base_url="https://mirror.example")

    assert b"mirror.example" not in client.get(PATH).content
    assert b"Add a key for all" not in client.get(PATH).content
    assert b"mirror.example" in admin.get(PATH).content


def test_the_page_costs_no_more_with_more_keys(client: Client, operator: User) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get(PATH)
        return len(queries)

    make_api(operator)
    cost()
    one = cost()
    for name in ("OpenLibrary", "OMDb", "TMDb"):
        make_api(operator, name=name)
        make_api(name=name)

    assert cost() == one <= 10


def test_a_key_is_added_changed_and_removed(client: Client, operator: User) -> None:
    path = f"{PATH}GoogleBooks/own/"
    added = client.post(path, {"api_key": CANARY, "active": "on"})
    config = ApiConfig.objects.get()
    changed = client.post(f"{PATH}{config.pk}/", {"api_key": "", "base_url": ""})
    kept = ApiConfig.objects.get()
    client.post(f"{PATH}{config.pk}/", {"api_key": "new", "active": "on"})
    replaced = ApiConfig.objects.get()
    removed = client.post(f"{PATH}{config.pk}/remove/")

    assert {added.headers["Location"], changed.headers["Location"]} == {PATH}
    assert config.user == operator
    assert (kept.active, kept.api_key.reveal()) == (False, CANARY)
    assert (replaced.active, replaced.api_key.reveal()) == (True, "new")
    assert removed.headers["Location"] == PATH
    assert not ApiConfig.objects.exists()


def test_a_key_is_asked_for_where_there_must_be_one(client: Client, operator: User) -> None:
    refused = client.post(f"{PATH}GoogleBooks/own/", {"active": "on"})
    client.post(f"{PATH}OpenLibrary/own/", {"active": "on"})

    assert "api_key" in refused.context["form"].errors
    assert [config.name for config in ApiConfig.objects.all()] == ["OpenLibrary"]


def test_a_refusal_is_shown_and_what_was_typed_stays_but_the_key(
    client: Client, operator: User
) -> None:
    config = make_api(operator)
    answers = {"base_url": "https://elsewhere.example", "active": "on"}

    moved = client.post(f"{PATH}{config.pk}/", answers)
    twice = client.post(f"{PATH}GoogleBooks/own/", {"api_key": "typed-4711", "active": "on"})

    assert "Give the key again" in moved.content.decode()
    assert "https://elsewhere.example" in moved.content.decode()
    assert "There is a key of GoogleBooks already" in twice.content.decode()
    assert "typed-4711" not in twice.content.decode()


@pytest.mark.parametrize("method", ["get", "post"])
def test_keys_for_all_are_made_by_administrators(
    client: Client, operator: User, admin: Client, method: str
) -> None:
    path, answers = f"{PATH}OMDb/all/", {"api_key": "a", "active": "on"}

    refused = getattr(client, method)(path, answers)

    assert refused.status_code == 403
    assert "WRITE permission on config" in refused.content.decode()
    assert getattr(admin, method)(path, answers).status_code in {200, 302}
    assert ApiConfig.objects.filter(user=None).exists() == (method == "post")


def test_what_is_not_there_or_not_ones_own_is_not_found(client: Client, operator: User) -> None:
    for config in (make_api(), make_api(make_user()), make_api(operator, name="Forgotten")):
        assert client.get(f"{PATH}{config.pk}/").status_code == 404
        assert client.post(f"{PATH}{config.pk}/remove/").status_code == 404
        assert client.post(f"{PATH}{config.pk}/test/").status_code == 404
    assert client.get(f"{PATH}Nobody/own/").status_code == 404
    assert client.get(f"{PATH}OMDb/theirs/").status_code == 404


def test_changing_takes_a_post(client: Client, operator: User) -> None:
    config = make_api(operator)

    assert client.get(f"{PATH}{config.pk}/remove/").status_code == 405
    assert client.get(f"{PATH}{config.pk}/test/").status_code == 405


def test_pages_ask_for_a_login(client: Client) -> None:
    for path in (PATH, f"{PATH}1/", f"{PATH}OMDb/own/"):
        assert client.get(path).headers["Location"].startswith("/accounts/login/")


def test_a_test_tells_the_milliseconds_beside_its_button(
    client: Client, operator: User, providers: LoopbackProviders
) -> None:
    config = make_api(operator)

    partial = client.post(f"{PATH}{config.pk}/test/", headers=HTMX).content.decode()
    page = client.post(f"{PATH}{config.pk}/test/", follow=True).content.decode()

    for told in (partial, page):
        assert "Google Books answered in " in told
        assert "alert-success" in told
    assert "<html" not in partial


def test_a_failed_test_tells_the_reason(
    client: Client, operator: User, providers: LoopbackProviders
) -> None:
    providers.answers["/GoogleBooks/volumes"] = (401, {})
    config = make_api(operator)

    partial = client.post(f"{PATH}{config.pk}/test/", headers=HTMX).content.decode()
    page = client.post(f"{PATH}{config.pk}/test/", follow=True).content.decode()

    for told in (partial, page):
        assert "Invalid API key" in told
        assert "alert-danger" in told
        assert CANARY not in told


# The administration


def admin_post(admin: Client, path: str, **answers: str) -> Any:
    return admin.post(f"/admin/enrichment/apiconfig/{path}", answers)


def test_the_administration_takes_a_key_and_shows_none(admin: Client) -> None:
    admin_post(admin, "add/", name="OMDb", new_key=CANARY, active="on", base_url="", user="")
    config = ApiConfig.objects.get()
    page = admin.get(f"/admin/enrichment/apiconfig/{config.pk}/change/").content.decode()
    admin_post(admin, f"{config.pk}/change/", new_key="", base_url="", active="on")
    kept = ApiConfig.objects.get().api_key.reveal()
    admin_post(admin, f"{config.pk}/change/", new_key="new", base_url="https://b.example")

    config.refresh_from_db()
    assert kept == CANARY
    assert CANARY not in page
    assert config.api_key.token not in page
    assert (config.api_key.reveal(), config.base_url) == ("new", "https://b.example")


@pytest.mark.parametrize(
    "answers",
    [
        {"base_url": "https://evil.example"},
        {"base_url": "file:///etc/passwd", "new_key": "b"},
        {"base_url": "", "new_key": "two words"},
    ],
)
def test_the_administration_sends_no_kept_key_elsewhere(
    admin: Client, answers: dict[str, str]
) -> None:
    config = make_api()

    answer = admin_post(admin, f"{config.pk}/change/", name="OMDb", **answers)

    config.refresh_from_db()
    assert answer.status_code == 200
    assert (config.base_url, config.name, config.api_key.reveal()) == ("", "GoogleBooks", CANARY)


def test_the_administration_makes_no_second_key(admin: Client) -> None:
    make_api()

    answer = admin_post(
        admin, "add/", name="GoogleBooks", new_key="b", active="on", base_url="", user=""
    )

    assert answer.status_code == 200
    assert ApiConfig.objects.count() == 1
