import shutil
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import ReleaseGroup, Role, User
from accounts.permissions import grant
from releases.models import Release
from tests.factories import make_admin, make_job, make_operator, make_release, make_user
from tests.releases.mending.making import make_packed, row, tree

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
    "query",
    [
        *("page=0", "page=x", LONG, "per_page=101", "per_page=0", "sort=owner", "order=up"),
        *("type=XX", "type=EBOOK,XX", "type=ebook", "status=done", "conformity=good"),
        *("my_only=perhaps", "since=soon", "until=2026-13-01"),
    ],
)
def test_a_wrong_query_is_refused_with_its_name(api: APIClient, query: str) -> None:
    answer = api.get(f"/api/releases?{query}")

    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [query.split("=", maxsplit=1)[0]]


def test_an_unknown_type_is_told_the_known_ones(api: APIClient) -> None:
    message = api.get("/api/releases?type=XX").json()["message"]

    assert message == "type: One of EBOOK, TV, DOCS, or several of them."


@pytest.mark.parametrize("query", ["?group=NONE", "?owner=nobody", "?search=zzz"])
def test_what_nobody_has_is_an_empty_list(api: APIClient, operator: User, query: str) -> None:
    make_release(owner=operator)

    answer = api.get(f"/api/releases{query}")

    assert answer.status_code == 200
    assert (answer.json()["releases"], answer.json()["pagination"]["total"]) == ([], 0)


def test_filters_go_together(api: APIClient, operator: User) -> None:
    tag = ReleaseGroup.objects.create(tag="TEAM")
    tag.members.add(operator)
    wanted = make_release(owner=operator, type="TV", group=tag, status="failed")
    make_release(owner=operator, type="TV", status="failed")
    make_release(owner=operator, type="DOCS", group=tag, status="failed")
    make_release(type="TV", group=tag, status="failed")
    make_release(owner=operator, type="TV", group=tag)

    query = "?type=TV,EBOOK&group=TEAM&group=NONE&status=failed&status=completed&my_only=1"
    assert ids(api, query) == [wanted.pk]


def test_an_administrator_lists_all(operator: User) -> None:
    made = {make_release(owner=operator).pk, make_release().pk}
    client = APIClient()
    client.force_authenticate(make_admin())

    assert set(ids(client)) == made
    assert ids(client, "?my_only=true") == []


def test_the_trash_is_in_no_list(api: APIClient, operator: User) -> None:
    make_release(owner=operator, trashed_at=timezone.now())

    assert ids(api) == []


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


def client_of(user: User) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


def put(client: APIClient, release: Release, body: Any, **headers: str) -> Any:
    return client.put(f"/api/releases/{release.pk}", body, format="json", headers=headers)


def test_a_change_is_answered_as_documented_and_waits(api: APIClient, operator: User) -> None:
    release = make_packed(operator)
    before = tree(release.into), row(release)
    body = {
        "metadata": {"title": "Updated Title", "author": "Updated Author"},
        "config": {"format": "RAR"},
    }

    answer = put(api, release, body)

    assert (answer.status_code, answer.json()) == (
        200,
        {"id": release.pk, "message": "Release updated"},
    )
    detail = api.get(f"/api/releases/{release.pk}")
    read = detail.json()
    assert read["metadata"] == release.metadata | body["metadata"]
    assert read["config"]["format"] == "RAR"
    assert read["pending"] is True
    assert answer["ETag"] == detail["ETag"]
    assert (tree(release.into), row(release) | {"edits": {}}) == before


def test_what_is_read_can_be_sent_back_and_changes_nothing(api: APIClient, operator: User) -> None:
    release = make_packed(operator)
    read = api.get(f"/api/releases/{release.pk}").json()

    put(api, release, {"metadata": read["metadata"], "config": read["config"]})

    assert api.get(f"/api/releases/{release.pk}").json() == read


def test_what_is_not_packed_takes_a_change_at_once(api: APIClient, operator: User) -> None:
    release = make_release(owner=operator)

    put(api, release, {"config": {"volumes": 10, "generate_sfv": False}})

    read = api.get(f"/api/releases/{release.pk}").json()
    assert (read["config"]["volumes"], read["pending"]) == (10, False)
    release.refresh_from_db()
    assert (release.volume_bytes, release.generate_sfv) == (10_000_000, False)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"metadata": {"year": 1200}}, "year"),
        ({"metadata": {"isbn": "9780306406158"}}, "isbn"),
        ({"metadata": {"title": ""}}, "title"),
        ({"metadata": {"genre": {"a": 1}}}, "genre"),
        ({"metadata": {"owner": "me"}}, "owner"),
        ({"metadata": []}, "metadata"),
        ({"config": {"volumes": 0}}, "volumes"),
        ({"config": {"volumes": 10**9}}, "volumes"),
        ({"config": {"format": "TAR"}}, "format"),
        ({"config": {"root": "/etc"}}, "root"),
        ({"status": "completed"}, "status"),
        ({"created_by": 1}, "created_by"),
        ({"name": "x"}, "name"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(
    api: APIClient, operator: User, body: Any, field: str
) -> None:
    release = make_release(owner=operator)
    before = row(release)

    answer = put(api, release, body)

    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [field]
    assert row(release) == before


def test_each_wrong_field_is_told(api: APIClient, operator: User) -> None:
    release = make_release(owner=operator)

    answer = put(api, release, {"metadata": {"year": "soon", "isbn": "1", "genre": "Fine"}})

    assert sorted(answer.json()["errors"]) == ["isbn", "year"]


def test_a_change_that_comes_too_late_changes_nothing(api: APIClient, operator: User) -> None:
    release = make_release(owner=operator)
    seen = api.get(f"/api/releases/{release.pk}")["ETag"]
    first = put(api, release, {"metadata": {"genre": "Satire"}}, **{"If-Match": seen})

    late = put(api, release, {"metadata": {"genre": "Drama"}}, **{"If-Match": seen})
    deleted = client_of(make_admin()).delete(
        f"/api/releases/{release.pk}", headers={"If-Match": seen}
    )
    again = put(api, release, {"metadata": {"genre": "Farce"}}, **{"If-Match": first["ETag"]})

    assert [one.status_code for one in (first, late, deleted, again)] == [200, 412, 412, 200]
    assert late.json()["error"] == "PreconditionFailed"
    release.refresh_from_db()
    assert release.metadata["genre"] == "Farce"


def test_the_tag_of_an_answer_that_was_compressed_counts(api: APIClient, operator: User) -> None:
    release = make_release(owner=operator)
    packed = {"Accept-Encoding": "gzip"}
    seen = api.get(f"/api/releases/{release.pk}", headers=packed)["ETag"]

    first = put(api, release, {"metadata": {"genre": "Satire"}}, **{"If-Match": seen})
    late = put(api, release, {"metadata": {"genre": "Drama"}}, **{"If-Match": seen})

    assert seen.startswith("W/")
    assert [first.status_code, late.status_code] == [200, 412]


def test_what_the_client_has_is_not_sent_again(api: APIClient, operator: User) -> None:
    release = make_release(owner=operator)
    seen = api.get(f"/api/releases/{release.pk}")["ETag"]

    answer = api.get(f"/api/releases/{release.pk}", headers={"If-None-Match": seen})

    assert (answer.status_code, answer.content) == (304, b"")


def statuses(client: APIClient, release: Release) -> list[int]:
    """Return what reading, changing and deleting are answered."""
    url = f"/api/releases/{release.pk}"
    return [
        client.get(url).status_code,
        put(client, release, {"metadata": {"genre": "Satire"}}).status_code,
        client.delete(url).status_code,
    ]


@pytest.mark.parametrize("is_of_role", [True, False])
@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ("read", [200, 403, 403]),
        ("write", [200, 200, 403]),
        ("mod", [200, 200, 403]),
        ("delete", [404, 404, 200]),
    ],
)
def test_a_permission_on_one_release_is_enough(
    seeded: None, action: str, expected: list[int], is_of_role: bool
) -> None:
    user, role = make_user(), Role.objects.create(name="Of one")
    user.groups.add(role)
    release, other = make_release(), make_release()
    grant(role if is_of_role else user, "releases", action, release)

    assert statuses(client_of(user), other) == [404, 404, 404]
    assert statuses(client_of(user), release) == expected


def test_who_may_delete_alone_deletes_what_is_theirs_unseen(seeded: None) -> None:
    user = make_user()
    grant(user, "releases", "delete")

    answer = client_of(user).delete(f"/api/releases/{make_release(owner=user).pk}")
    other = client_of(user).delete(f"/api/releases/{make_release().pk}")

    assert (answer.status_code, other.status_code) == (200, 404)


def test_members_of_the_group_see_and_change_nothing(seeded: None) -> None:
    mate, release = make_operator(), make_release()
    release.group.members.add(mate)

    answer = put(client_of(mate), release, {"metadata": {"genre": "Satire"}})

    assert statuses(client_of(mate), release) == [200, 403, 403]
    assert answer.json() == {
        "error": "Forbidden",
        "message": "You don't have WRITE permission on releases",
    }


def test_what_one_may_not_see_is_answered_as_what_is_missing(
    api: APIClient, operator: User
) -> None:
    hidden = make_release()

    for method in ("get", "put", "delete"):
        ask = getattr(api, method)
        unseen = ask(f"/api/releases/{hidden.pk}")
        missing = ask("/api/releases/999")
        assert unseen.status_code == missing.status_code == 404
        assert unseen.content.replace(str(hidden.pk).encode(), b"999") == missing.content


def test_a_deleted_release_lies_in_the_trash(operator: User, api: APIClient) -> None:
    release = make_packed(operator)
    admin = client_of(make_admin())
    url = f"/api/releases/{release.pk}"

    answer = admin.delete(url)

    assert (answer.status_code, answer.json()) == (200, {"message": "Release deleted"})
    assert not release.folder.exists()
    assert (release.into / ".trash" / str(release.pk) / release.name).is_dir()
    assert [admin.get(url).status_code, api.get(url).status_code] == [404, 404]
    assert admin.delete(url).status_code == 404


def test_what_lies_in_the_trash_can_be_removed_for_good(operator: User) -> None:
    release = make_packed(operator)
    admin = client_of(make_admin())
    url = f"/api/releases/{release.pk}?permanent=true"

    early = admin.delete(url)
    admin.delete(f"/api/releases/{release.pk}")
    answer = admin.delete(url)

    assert (early.status_code, early.json()["error"]) == (409, "Conflict")
    assert (answer.status_code, answer.json()) == (200, {"message": "Release deleted"})
    assert not Release.objects.filter(pk=release.pk).exists()
    assert not (release.into / ".trash").exists()
    assert admin.delete(url).status_code == 404


def test_what_changed_since_it_was_read_is_not_removed_for_good(operator: User) -> None:
    release = make_packed(operator)
    admin = client_of(make_admin())
    url = f"/api/releases/{release.pk}"
    seen = admin.get(url)["ETag"]
    put(admin, release, {"metadata": {"genre": "Satire"}})
    admin.delete(url)

    late = admin.delete(f"{url}?permanent=true", headers={"If-Match": seen})

    assert late.status_code == 412
    assert Release.objects.filter(pk=release.pk).exists()


def test_what_is_at_work_is_not_deleted(operator: User) -> None:
    release = make_packed(operator)
    make_job(by=operator, subject=release.subject)

    answer = client_of(make_admin()).delete(f"/api/releases/{release.pk}")

    assert (answer.status_code, answer.json()["error"]) == (409, "Conflict")
    assert release.folder.is_dir()


def test_a_release_whose_folder_is_gone_is_deleted_all_the_same(operator: User) -> None:
    release = make_packed(operator)
    shutil.rmtree(release.folder)

    assert client_of(make_admin()).delete(f"/api/releases/{release.pk}").status_code == 200


def test_reading_and_changing_take_few_queries(api: APIClient, operator: User) -> None:
    release = make_packed(operator)
    url = f"/api/releases/{release.pk}"
    api.get(url)

    with CaptureQueriesContext(connection) as reading:
        api.get(url)
    with CaptureQueriesContext(connection) as changing:
        put(api, release, {"metadata": {"genre": "Satire"}})

    assert len(reading) <= 6, [query["sql"][:100] for query in reading]
    assert len(changing) <= 16, [query["sql"][:100] for query in changing]
