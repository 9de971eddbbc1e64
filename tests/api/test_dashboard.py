import pytest
from rest_framework.test import APIClient

from accounts.models import ReleaseGroup, User
from tests.factories import make_admin, make_release

pytestmark = pytest.mark.django_db
URL = "/api/dashboard/stats"


def test_the_numbers_have_the_documented_shape(api: APIClient, operator: User) -> None:
    release = make_release(owner=operator)

    body = api.get(URL).json()

    assert body["releases_count"] == body["my_releases_count"] == 1
    assert body["releases_by_type"] == {"EBOOK": 1, "TV": 0, "DOCS": 0}
    (recent,) = body["recent_releases"]
    assert (recent["id"], recent["group"], recent["type"]) == (release.pk, "GRP", "EBOOK")
    assert recent["created_at"]


def test_only_what_one_may_see_is_counted(api: APIClient, operator: User) -> None:
    team = ReleaseGroup.objects.create(tag="TEAM")
    team.members.add(operator)
    own, shared = make_release(owner=operator), make_release(group=team, type="TV")
    make_release()
    trashed = make_release(owner=operator)
    trashed.trashed_at = trashed.created_at
    trashed.save()

    body = api.get(URL).json()

    assert (body["releases_count"], body["my_releases_count"]) == (2, 1)
    assert body["releases_by_type"] == {"EBOOK": 1, "TV": 1, "DOCS": 0}
    assert [one["id"] for one in body["recent_releases"]] == [shared.pk, own.pk]


def test_an_administrator_counts_all(api: APIClient) -> None:
    make_release(), make_release()
    api.force_authenticate(make_admin())

    body = api.get(URL).json()

    assert (body["releases_count"], body["my_releases_count"]) == (2, 0)


def test_a_new_release_counts_at_once(api: APIClient, operator: User) -> None:
    make_release(owner=operator)
    assert api.get(URL).json()["my_releases_count"] == 1

    make_release(owner=operator)

    assert api.get(URL).json()["my_releases_count"] == 2


def test_who_is_not_signed_in_is_told_nothing() -> None:
    assert APIClient().get(URL).status_code == 401
