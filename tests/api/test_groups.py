from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import ReleaseGroup, User
from accounts.permissions import grant
from tests.factories import make_admin, make_operator, make_release, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded")]
PATH = "/api/groups"


def client_of(user: User) -> APIClient:
    client = APIClient()
    client.force_authenticate(User.objects.get(pk=user.pk))
    return client


def group_of(tag: str, *members: User) -> ReleaseGroup:
    group = ReleaseGroup.objects.create(tag=tag)
    group.members.add(*members)
    return group


def tags(user: User, **query: Any) -> list[str]:
    return [one["name"] for one in client_of(user).get(PATH, query).json()["groups"]]


def test_groups_are_listed_with_how_many_are_in_each() -> None:
    group = group_of("BBB", make_user(), make_user())
    other = group_of("AAA")

    answer = client_of(make_admin()).get(PATH)

    assert (answer.status_code, answer.json()) == (
        200,
        {
            "groups": [
                {"id": other.pk, "name": "AAA", "members_count": 0},
                {"id": group.pk, "name": "BBB", "members_count": 2},
            ],
            "pagination": {"page": 1, "per_page": 20, "total": 2, "pages": 1},
        },
    )


def test_groups_are_searched_and_come_in_pages() -> None:
    for tag in ("ALPHA", "BETA", "ALPINE"):
        group_of(tag)
    admin = make_admin()

    assert tags(admin, search="alp") == ["ALPHA", "ALPINE"]
    assert tags(admin, search="AL*E") == ["ALPINE"]
    assert tags(admin, search="[") == []
    assert tags(admin, per_page=2, page=2) == ["BETA"]
    assert client_of(admin).get(PATH, {"per_page": 101}).status_code == 400


def test_an_operator_sees_the_groups_they_are_in_and_those_of_releases_they_see() -> None:
    operator = make_operator()
    mine = group_of("MINE", operator, make_user())
    used, foreign = group_of("USED"), group_of("FOREIGN", make_user())
    make_release(owner=operator, group=used)
    make_release(owner=operator, group=used)
    make_release(group=foreign)

    answer = client_of(operator).get(PATH).json()

    assert answer["groups"] == [
        {"id": mine.pk, "name": "MINE", "members_count": 2},
        {"id": used.pk, "name": "USED", "members_count": 0},
    ]
    assert answer["pagination"]["total"] == 2
    assert tags(operator, search="FOREIGN") == []


def test_who_may_read_people_sees_every_group() -> None:
    group_of("ANY")
    reader = make_user()
    grant(reader, "users", "read")

    assert tags(reader) == ["ANY"]


def test_who_has_no_right_sees_none() -> None:
    member = make_user()
    group_of("MINE", member)

    refused = client_of(member).get(PATH)

    assert refused.status_code == 403
    assert refused.json()["message"] == "You don't have READ permission on releases"
    assert APIClient().get(PATH).status_code == 401


@pytest.mark.parametrize("make", [make_admin, make_operator])
def test_a_longer_list_costs_no_more_queries(make: Any, django_assert_max_num_queries: Any) -> None:
    user = make()
    client = client_of(user)
    group_of("G0", user)
    client.get(PATH)
    with django_assert_max_num_queries(6) as first:
        client.get(PATH)
    for number in range(1, 6):
        group_of(f"G{number}", user, make_user())
    with django_assert_max_num_queries(len(first)):
        assert len(client.get(PATH).json()["groups"]) == 6
