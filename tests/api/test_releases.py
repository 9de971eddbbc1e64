import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts.models import ReleaseGroup, User
from accounts.permissions import grant
from tests.factories import make_release, make_user

pytestmark = pytest.mark.django_db


def ids(api: APIClient, query: str = "") -> list[int]:
    return [found["id"] for found in api.get(f"/api/releases{query}").json()["releases"]]


def test_the_list_has_the_documented_shape(api: APIClient, operator: User) -> None:
    release = make_release(owner=operator)

    body = api.get("/api/releases").json()

    assert body["pagination"] == {"page": 1, "per_page": 20, "total": 1, "pages": 1}
    (found,) = body["releases"]
    assert found["id"] == release.pk
    assert found["group"] == "GRP"
    assert found["type"] == "EBOOK"
    assert found["status"] == "draft"
    assert found["metadata"]["title"] == "Some Book"
    assert found["user"] == {"id": operator.pk, "username": "operator"}


def test_the_list_shows_own_group_and_granted_releases_alone(
    api: APIClient, operator: User
) -> None:
    own = make_release(owner=operator)
    tag = ReleaseGroup.objects.create(tag="TEAM")
    tag.members.add(operator)
    team, granted, hidden = make_release(group=tag), make_release(), make_release()
    grant(operator, "releases", "read", granted)

    assert set(ids(api)) == {own.pk, team.pk, granted.pk}
    assert api.get(f"/api/releases/{hidden.pk}").status_code == 404
    assert ids(api, "?my_only=true") == [own.pk]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?type=TV", ["tv"]),
        ("?type=EBOOK&type=TV", ["tv", "book"]),
        ("?type=EBOOK,TV", ["tv", "book"]),
        ("?status=completed", ["tv"]),
        ("?group=NONE", []),
        ("?search=wuther", ["book"]),
        ("?search=w*ights", ["book"]),
        ("?sort=name&order=asc", ["book", "tv"]),
        ("?sort=size&order=desc", ["tv", "book"]),
    ],
)
def test_the_list_is_filtered_and_sorted(
    api: APIClient, operator: User, query: str, expected: list[str]
) -> None:
    made = {
        "book": make_release(owner=operator, name="A.Wuthering.Heights", title="Wuthering Heights"),
        "tv": make_release(owner=operator, name="B.Show", type="TV", status="completed", size=9),
    }

    assert ids(api, query) == [made[name].pk for name in expected]


LONG = f"page={'9' * 5_000}"


@pytest.mark.parametrize(
    "query", ["page=0", "page=x", LONG, "per_page=101", "per_page=0", "sort=owner", "order=up"]
)
def test_a_wrong_query_is_refused_with_its_name(api: APIClient, query: str) -> None:
    answer = api.get(f"/api/releases?{query}")

    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [query.split("=", maxsplit=1)[0]]


def test_pages_end(api: APIClient, operator: User) -> None:
    newest = [make_release(owner=operator).pk for _ in range(3)][::-1]

    assert ids(api, "?per_page=2") == newest[:2]
    assert ids(api, "?per_page=2&page=2") == newest[2:]
    assert ids(api, "?per_page=2&page=3") == []


def test_the_detail_has_the_documented_shape(api: APIClient, operator: User) -> None:
    release = make_release(owner=operator)

    body = api.get(f"/api/releases/{release.pk}").json()

    assert body["file_path"] == f"/releases/{release.name}"
    config = {"format": "ZIP", "volumes": 5, "generate_sfv": True, "rar_version": 4}
    assert body["config"] == config


def test_a_missing_release_is_named(api: APIClient) -> None:
    assert api.get("/api/releases/999").json() == {
        "error": "NotFound",
        "message": "Release with id 999 not found",
    }


def test_without_the_permission_nothing_is_listed(seeded: None) -> None:
    client = APIClient()
    client.force_authenticate(make_user())

    answer = client.get("/api/releases")

    assert answer.status_code == 403
    assert answer.json()["message"] == "You don't have READ permission on releases"


def test_a_longer_list_costs_no_more_queries(api: APIClient, operator: User) -> None:
    make_release(owner=operator)
    one = queries_of(api)
    for _ in range(3):
        make_release(owner=operator)

    assert queries_of(api) == one <= 10


def queries_of(api: APIClient) -> int:
    with CaptureQueriesContext(connection) as queries:
        api.get("/api/releases")
    return len(queries)
