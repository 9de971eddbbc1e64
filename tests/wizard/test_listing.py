"""The page of all that one has begun: nothing is lost from sight."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from drafts.models import Draft
from tests.factories import make_draft, make_operator, make_release
from wizard import listing

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded")]
URL = "/wizard/drafts/"


@pytest.fixture
def user() -> User:
    return make_operator()


@pytest.fixture
def client(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def groups(client: Client, query: str = "") -> list[str]:
    return [one.draft.title for one in client.get(URL + query).context["drafts"]]


def begun(user: User, group: str, **fields: object) -> Draft:
    draft = make_draft(owner=user, group={"group": group})
    for name, value in fields.items():
        setattr(draft, name, value)
    draft.save()
    return draft


def test_all_own_unfinished_drafts_are_listed_the_latest_first(client: Client, user: User) -> None:
    for number in range(7):
        begun(user, f"GRP{number}")
    begun(user, "PACKED", release=make_release(owner=user))
    begun(make_operator(), "ALIEN")

    assert groups(client) == [f"GRP{number}" for number in (6, 5, 4, 3, 2, 1, 0)]


def test_drafts_are_shown_in_pages(
    client: Client, user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "PER_PAGE", 2)
    for number in range(3):
        begun(user, f"GRP{number}")

    assert (groups(client), groups(client, "?page=2")) == (["GRP2", "GRP1"], ["GRP0"])


def test_those_that_await_review_are_marked_counted_and_can_be_shown_alone(
    client: Client, user: User
) -> None:
    begun(user, "FOUND", awaits_review=True, origin="inbox", step="source")
    begun(user, "MINE")

    page = client.get(URL).content.decode()

    assert groups(client, "?show=awaiting") == ["FOUND"]
    assert 'Awaits review <span class="count">1</span>' in page
    assert "Found in the inbox" in page
    assert "Step 4 of 9: File" in page


def test_one_who_discards_in_the_list_stays_there(client: Client, user: User) -> None:
    draft = begun(user, "GRP")

    answer = client.post(reverse("wizard:discard", args=[draft.uuid]), {"back": "drafts"})

    assert answer["Location"] == URL
    assert groups(client) == []


def test_a_type_is_called_what_it_is_called_elsewhere(client: Client, user: User) -> None:
    make_draft(owner=user, type={"release_type": "DOCS"})

    page = client.get(URL).content.decode()

    assert "· Document ·" in page
    assert "DOCS" not in page
