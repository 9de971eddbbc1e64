from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from rest_framework.test import APIClient

from accounts.models import Role, User
from accounts.permissions import grant, permissions_of
from accounts.seeds import seed_roles
from tests.factories import make_admin, make_operator, make_user

role_rows: Any = Role.objects  # of roles, which the stub takes for groups
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded")]
PATH = "/api/roles"
NEW = {"name": "CustomRole", "description": "Custom role description"}
EVERYTHING = ["READ", "WRITE", "MOD", "DELETE"]


def client_of(user: User) -> APIClient:
    client = APIClient()
    client.force_authenticate(User.objects.get(pk=user.pk))
    return client


def holder(*actions: str) -> User:
    user = make_user()
    for action in actions:
        grant(user, "roles", action)
    return user


@pytest.fixture
def admin(seeded: None) -> APIClient:
    return client_of(make_admin(username="root"))


@pytest.fixture
def role(seeded: None) -> Role:
    role: Role = role_rows.create(name="Reader", description="Reads")
    grant(role, "rules", "read")
    return role


def test_the_list_is_as_documented(admin: APIClient) -> None:
    make_operator()
    make_operator(is_active=False)

    answer = admin.get(PATH)

    told = answer.json()["roles"]
    assert answer.status_code == 200
    assert set(answer.json()) == {"roles"}
    assert [set(one) for one in told] == [
        {"id", "name", "description", "users_count", "created_at"}
    ] * 2
    assert {one["name"]: one["users_count"] for one in told} == {"Admin": 0, "Operator": 2}


def test_a_longer_list_costs_no_more_queries(
    admin: APIClient, django_assert_num_queries: Any
) -> None:
    def add() -> None:
        made = role_rows.create(name=f"role {role_rows.count()}")
        make_user(role=made.name)

    add()
    with django_assert_num_queries(1):
        admin.get(PATH)
    for _ in range(5):
        add()
    with django_assert_num_queries(1):
        assert len(admin.get(PATH).json()["roles"]) == 8


def test_people_of_a_role_cost_no_more_queries(
    admin: APIClient, role: Role, django_assert_num_queries: Any
) -> None:
    make_user(role="Reader")
    with django_assert_num_queries(2):
        admin.get(f"{PATH}/{role.pk}/users")
    for _ in range(5):
        make_user(role="Reader")
    with django_assert_num_queries(2):
        assert len(admin.get(f"{PATH}/{role.pk}/users").json()["users"]) == 6


def test_a_role_is_told_as_documented(admin: APIClient) -> None:
    role = role_rows.get(name="Admin")

    told = admin.get(f"{PATH}/{role.pk}").json()

    assert told.pop("created_at")
    assert told == {
        "id": role.pk,
        "name": "Admin",
        "description": role.description,
        "permissions": dict.fromkeys(["releases", "rules", "users", "roles", "config"], EVERYTHING),
        "users_count": 0,
    }


def test_a_role_is_added_changed_and_deleted(admin: APIClient) -> None:
    added = admin.post(PATH, NEW, format="json")
    role = role_rows.get(name="CustomRole")
    number = f"{PATH}/{role.pk}"
    body = {"name": "UpdatedRole", "description": "Updated description"}
    changed = admin.put(number, body, format="json")
    now = role_rows.get(pk=role.pk)
    gone = admin.delete(number)

    assert (added.status_code, added.json()) == (201, {"id": role.pk, "message": "Role created"})
    assert not any(permissions_of(role).values())
    assert (changed.status_code, changed.json()) == (
        200,
        {"id": role.pk, "message": "Role updated"},
    )
    assert (now.name, now.description) == ("UpdatedRole", "Updated description")
    assert (gone.status_code, gone.json()) == (
        200,
        {"message": "Role deleted", "users_reassigned": 0},
    )
    assert admin.get(number).status_code == 404


@pytest.mark.parametrize("name", ["Operator", "operator", " ADMIN "])
def test_a_name_is_taken_once_in_whatever_case(admin: APIClient, role: Role, name: str) -> None:
    added = admin.post(PATH, {"name": name}, format="json")
    renamed = admin.put(f"{PATH}/{role.pk}", {"name": name}, format="json")

    assert added.json() == {"error": "Conflict", "message": "Role name already exists"}
    assert [added.status_code, renamed.status_code] == [409, 409]
    role.refresh_from_db()
    assert role.name == "Reader"


@pytest.mark.parametrize(
    "wrong",
    [{"name": ""}, {"name": "x" * 151}, {"name": None}, {"description": "x" * 256}],
)
def test_what_cannot_be_kept_is_refused_at_its_field(
    admin: APIClient, role: Role, wrong: dict[str, Any]
) -> None:
    for answer in (
        admin.post(PATH, NEW | wrong, format="json"),
        admin.put(f"{PATH}/{role.pk}", wrong, format="json"),
    ):
        assert (answer.status_code, set(answer.json()["errors"])) == (400, set(wrong))
    assert role_rows.count() == 3


def test_all_that_is_wrong_is_told_at_once(admin: APIClient) -> None:
    body = {"name": "x" * 151, "description": "x" * 256}

    answer = admin.post(PATH, body, format="json")

    assert set(answer.json()["errors"]) == {"name", "description"}


def test_a_role_in_use_is_deleted_when_its_people_get_another(admin: APIClient, role: Role) -> None:
    people = [make_user(role="Reader") for _ in range(2)]
    other = role_rows.get(name="Operator")
    number = f"{PATH}/{role.pk}"

    kept = admin.delete(number)
    same = admin.delete(f"{number}?reassign_to={role.pk}")
    unknown = admin.delete(f"{number}?reassign_to=999999")
    odd = admin.delete(f"{number}?reassign_to=x")
    gone = admin.delete(f"{number}?reassign_to={other.pk}")

    assert kept.status_code == 400
    assert kept.json() == {
        "error": "ValidationError",
        "message": "Cannot delete role: 2 users have this role",
        "errors": {"reassign_to": ["Cannot delete role: 2 users have this role"]},
    }
    assert [same.status_code, unknown.status_code, odd.status_code] == [400, 404, 400]
    assert (gone.status_code, gone.json()["users_reassigned"]) == (200, 2)
    assert all(list(person.roles()) == [other] for person in people)


@pytest.mark.parametrize("name", ["Admin", "Operator"])
def test_roles_that_every_instance_has_keep_their_names(admin: APIClient, name: str) -> None:
    role = role_rows.get(name=name)

    renamed = admin.put(f"{PATH}/{role.pk}", {"name": "Other"}, format="json")
    gone = admin.delete(f"{PATH}/{role.pk}")
    told = admin.put(f"{PATH}/{role.pk}", {"name": name, "description": "x"}, format="json")

    assert [renamed.status_code, gone.status_code, told.status_code] == [409, 409, 200]
    assert role_rows.get(name=name).description == "x"


def test_permissions_are_set_as_documented(admin: APIClient, role: Role) -> None:
    make_user(role="Reader")
    body = {"permissions": {"releases": ["MOD"], "rules": ["READ", "WRITE"], "users": []}}

    put = admin.put(f"{PATH}/{role.pk}/permissions", body, format="json")
    told = admin.get(f"{PATH}/{role.pk}/permissions")

    assert (put.status_code, put.json()) == (
        200,
        {"message": "Permissions updated", "users_affected": 1},
    )
    assert told.json() == {
        "permissions": {
            "releases": ["READ", "WRITE", "MOD"],
            "rules": ["READ", "WRITE"],
            "users": [],
            "roles": [],
            "config": [],
        }
    }


@pytest.mark.parametrize(
    "wished",
    [{"planets": ["READ"]}, {"rules": ["FLY"]}, {"rules": "READ"}, {"rules": [1]}, [], None],
)
def test_permissions_that_are_none_are_refused(admin: APIClient, role: Role, wished: Any) -> None:
    answer = admin.put(f"{PATH}/{role.pk}/permissions", {"permissions": wished}, format="json")

    assert (answer.status_code, answer.json()["error"]) == (400, "ValidationError")
    assert permissions_of(role)["rules"] == ["READ"]


def test_admin_goes_on_to_give_everything(admin: APIClient) -> None:
    role = role_rows.get(name="Admin")
    body = {"permissions": permissions_of(role) | {"config": ["READ"]}}

    answer = admin.put(f"{PATH}/{role.pk}/permissions", body, format="json")

    assert answer.status_code == 409
    assert permissions_of(role)["config"] == EVERYTHING


def test_people_of_a_role_are_listed(admin: APIClient, role: Role) -> None:
    person = make_user(role="Reader", username="ann", email="ann@example.org")
    make_operator()

    answer = admin.get(f"{PATH}/{role.pk}/users")

    assert (answer.status_code, answer.json()) == (
        200,
        {
            "users": [
                {
                    "id": person.pk,
                    "username": "ann",
                    "email": "ann@example.org",
                    "active": True,
                }
            ]
        },
    )


def test_people_of_a_role_are_for_who_may_read_both(role: Role) -> None:
    reader = holder("read")

    refused = client_of(reader).get(f"{PATH}/{role.pk}/users")
    grant(reader, "users", "read")

    assert refused.status_code == 403
    assert refused.json()["message"] == "You don't have READ permission on users"
    assert client_of(reader).get(f"{PATH}/{role.pk}/users").status_code == 200


OPERATIONS = [
    ("get", "", "READ", {}),
    ("post", "", "WRITE", NEW),
    ("get", "/{pk}", "READ", {}),
    ("put", "/{pk}", "WRITE", {"name": "Other"}),
    ("delete", "/{pk}", "DELETE", {}),
    ("get", "/{pk}/permissions", "READ", {}),
    ("put", "/{pk}/permissions", "MOD", {"permissions": {}}),
    ("get", "/{pk}/users", "READ", {}),
]
LESSER = {"READ": ["delete"], "WRITE": ["read", "delete"], "MOD": ["write", "delete"]}


@pytest.mark.parametrize(("method", "path", "needed", "body"), OPERATIONS)
def test_each_operation_names_the_right_it_needs(
    role: Role, method: str, path: str, needed: str, body: dict[str, Any]
) -> None:
    address = f"{PATH}{path.format(pk=role.pk)}"

    nobody = getattr(APIClient(), method)(address, body, format="json")
    lesser = client_of(holder(*LESSER.get(needed, ["mod"])))
    refused = getattr(lesser, method)(address, body, format="json")

    assert nobody.status_code == 401
    assert refused.status_code == 403
    assert refused.json() == {
        "error": "Forbidden",
        "message": f"You don't have {needed} permission on roles",
    }
    assert permissions_of(role_rows.get(name="Reader"))["rules"] == ["READ"]


@pytest.mark.parametrize(("method", "path", "needed", "body"), OPERATIONS)
def test_a_role_that_is_none_is_a_404_to_who_has_the_right(
    admin: APIClient, method: str, path: str, needed: str, body: dict[str, Any]
) -> None:
    if not path:
        return
    for number in (999999, 10**30):
        answer = getattr(admin, method)(f"{PATH}{path.format(pk=number)}", body, format="json")
        assert answer.status_code == 404
        assert answer.json()["message"] == f"Role with id {number} not found"
    refused = getattr(client_of(make_user()), method)(
        f"{PATH}{path.format(pk=999999)}", body, format="json"
    )
    assert refused.status_code == 403


@pytest.mark.parametrize(
    ("path", "body", "other"),
    [
        ("", {"description": "one"}, {"description": "two"}),
        ("/permissions", {"permissions": {"rules": ["MOD"]}}, {"permissions": {}}),
    ],
)
def test_a_lost_update_is_refused(
    admin: APIClient, role: Role, path: str, body: dict[str, Any], other: dict[str, Any]
) -> None:
    address = f"{PATH}/{role.pk}{path}"
    tag = admin.get(address)["ETag"]

    first = admin.put(address, body, format="json", headers={"If-Match": tag})
    second = admin.put(address, other, format="json", headers={"If-Match": tag})

    assert [first.status_code, second.status_code] == [200, 412]
    now = admin.get(address)
    assert admin.get(address, headers={"If-None-Match": now["ETag"]}).status_code == 304
    assert now.json().items() >= ({} if path else body).items()


def test_a_role_that_changed_is_not_deleted(admin: APIClient, role: Role) -> None:
    tag = admin.get(f"{PATH}/{role.pk}")["ETag"]
    make_user(role="Reader")

    answer = admin.delete(f"{PATH}/{role.pk}", headers={"If-Match": tag})

    assert answer.status_code == 412
    assert role_rows.filter(pk=role.pk).exists()


@pytest.mark.django_db(transaction=True)
def test_two_roles_that_go_to_each_other_do_not_wait_for_each_other() -> None:
    """Both hold them in one order: a database ends those who wait in a circle by an error."""
    seed_roles()
    admin, rounds = make_admin(), 15
    together = Barrier(2)

    def delete(pair: tuple[int, int]) -> int:
        try:
            together.wait(10)
            answer = client_of(admin).delete(f"{PATH}/{pair[0]}?reassign_to={pair[1]}")
            return int(answer.status_code)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as both:
        for _ in range(rounds):
            one, other = (role_rows.create(name=name).pk for name in ("One", "Other"))
            found = sorted(both.map(delete, [(one, other), (other, one)]))
            assert found[0] == 200
            assert found[1] in {404, 409}
            role_rows.filter(name__in=["One", "Other"]).delete()
