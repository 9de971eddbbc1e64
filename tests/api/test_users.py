from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import ReleaseGroup, Role, User
from accounts.permissions import custom_permissions, final_permissions, grant
from tests.factories import make_admin, make_job, make_operator, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded")]
PATH = "/api/users"
PASSWORD = "SecurePass123"
NEW = {
    "username": "newuser",
    "email": "newuser@example.com",
    "password": PASSWORD,
    "note": "New operator",
    "active": True,
}


def client_of(user: User) -> APIClient:
    client = APIClient()
    client.force_authenticate(User.objects.get(pk=user.pk))
    return client


def holder(*actions: str, resource: str = "users") -> User:
    user = make_user()
    for action in actions:
        grant(user, resource, action)
    return user


@pytest.fixture
def root(seeded: None) -> User:
    return make_admin(username="root")


@pytest.fixture
def admin(root: User) -> APIClient:
    return client_of(root)


def group_of(tag: str, *members: User) -> ReleaseGroup:
    group = ReleaseGroup.objects.create(tag=tag)
    group.members.add(*members)
    return group


def names(answer: Any) -> list[str]:
    return [one["username"] for one in answer.json()["users"]]


def test_the_list_is_as_documented(admin: APIClient) -> None:
    person = make_operator(username="operator", email="operator@example.com")
    group_of("TESTGROUP", person)
    group_of("AGROUP", person)

    answer = admin.get(PATH)

    body = answer.json()
    told = next(one for one in body["users"] if one["id"] == person.pk)
    assert answer.status_code == 200
    assert set(body) == {"users", "pagination"}
    assert body["pagination"] == {"page": 1, "per_page": 20, "total": 2, "pages": 1}
    assert told.pop("created_at").startswith(str(person.date_joined.year))
    assert told == {
        "id": person.pk,
        "username": "operator",
        "email": "operator@example.com",
        "active": True,
        "roles": ["Operator"],
        "groups": ["AGROUP", "TESTGROUP"],
    }


def test_the_list_is_filtered_searched_and_ordered(admin: APIClient) -> None:
    ann = make_operator(username="ann", email="ann@example.org")
    bob = make_user(username="bob", email="zoe@example.net", is_active=False)
    eve = make_user(username="eve", role="Admin")
    group_of("ONE", ann, eve)
    group_of("TWO", eve)

    def found(query: str) -> set[str]:
        return set(names(admin.get(f"{PATH}?{query}"))) - {"root"}

    assert found("") == {"ann", "bob", "eve"}
    assert found("status=inactive") == {"bob"}
    assert found("status=Active") == {"ann", "eve"}
    assert found("status=active,inactive") == {"ann", "bob", "eve"}
    assert found("role=Operator") == {"ann"}
    assert found("role=Operator,Admin") == found("role=Operator&role=Admin") == {"ann", "eve"}
    assert found("group=one") == {"ann", "eve"}
    assert found("group=TWO&role=Operator") == set()
    assert found("group=ONE,TWO") == {"ann", "eve"}
    assert found("search=example") == {"ann", "bob"}
    assert found("search=zoe*net") == {"bob"}
    assert found("search=a*n") >= {"ann"}
    assert found("role=Nobody") == set()
    assert names(admin.get(f"{PATH}?sort=username&order=desc")) == ["root", "eve", "bob", "ann"]
    assert names(admin.get(f"{PATH}?sort=active&status=inactive,active"))[0] == "bob"
    assert bob.pk


def test_the_list_comes_in_pages(admin: APIClient) -> None:
    for number in range(4):
        make_user(username=f"person{number}")

    answer = admin.get(PATH, {"per_page": 2, "page": 2})

    assert names(answer) == ["person2", "person3"]
    assert answer.json()["pagination"] == {"page": 2, "per_page": 2, "total": 5, "pages": 3}


@pytest.mark.parametrize(
    "query", ["status=gone", "sort=password", "order=up", "page=0", "per_page=101", "page=x"]
)
def test_a_question_that_makes_no_sense_is_refused(admin: APIClient, query: str) -> None:
    answer = admin.get(f"{PATH}?{query}")

    assert (answer.status_code, answer.json()["error"]) == (400, "ValidationError")


def test_a_longer_list_costs_no_more_queries(
    admin: APIClient, django_assert_num_queries: Any
) -> None:
    def add() -> None:
        group_of(f"G{User.objects.count()}", make_operator())

    add()
    admin.get(PATH)
    with django_assert_num_queries(4):
        admin.get(PATH)
    for _ in range(5):
        add()
    with django_assert_num_queries(4):
        assert len(names(admin.get(PATH))) == 7


def test_a_person_is_told_as_documented(admin: APIClient) -> None:
    person = make_operator(username="operator", email="o@example.com", note="Operator account")
    grant(person, "config", "read")
    group_of("TESTGROUP", person)

    told = admin.get(f"{PATH}/{person.pk}").json()

    assert told.pop("created_at")
    assert told == {
        "id": person.pk,
        "username": "operator",
        "email": "o@example.com",
        "note": "Operator account",
        "active": True,
        "roles": ["Operator"],
        "groups": ["TESTGROUP"],
        "permissions": {
            "releases": ["READ", "WRITE", "MOD"],
            "rules": ["READ", "WRITE"],
            "config": ["READ"],
        },
        "modify_at": None,
        "created_by": None,
    }


def test_a_person_is_added(admin: APIClient, root: User) -> None:
    answer = admin.post(PATH, NEW, format="json")

    made = User.objects.get(username="newuser")
    assert (answer.status_code, answer.json()) == (
        201,
        {"id": made.pk, "username": "newuser", "message": "User created"},
    )
    assert (made.email, made.note, made.is_active) == ("newuser@example.com", "New operator", True)
    assert made.check_password(PASSWORD)
    assert made.created_by == root
    assert not made.groups.exists()
    assert not made.user_permissions.exists()
    assert (made.is_staff, made.is_superuser) == (False, False)


def test_all_that_is_wrong_with_a_new_person_is_told_at_once(admin: APIClient) -> None:
    body = {"username": "x y", "email": "nowhere", "password": "short", "note": "x" * 501}

    answer = admin.post(PATH, body, format="json")

    assert answer.status_code == 400
    assert answer.json()["error"] == "ValidationError"
    assert set(answer.json()["errors"]) == {"username", "email", "password", "note"}
    assert not User.objects.filter(username="x y").exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"username": "ab"},
        {"username": "a" * 101},
        {"username": ""},
        {"username": None},
        {"username": "a\x00bc"},
        {"email": "a@b"},
        {"password": "alllowercase1"},
        {"password": "NoDigitInHere"},
        {"password": "Sh0rt"},
        {"password": "Newuser1"},
        {"password": "A1" + "x" * 4096},
        {"note": "x" * 501},
        {"active": "perhaps"},
    ],
)
def test_what_cannot_be_kept_is_refused_at_its_field(
    admin: APIClient, wrong: dict[str, Any]
) -> None:
    answer = admin.post(PATH, NEW | wrong, format="json")

    assert (answer.status_code, set(answer.json()["errors"])) == (400, set(wrong))
    assert User.objects.count() == 1


@pytest.mark.parametrize("body", [["x"], "x", 7])
@pytest.mark.parametrize(
    ("method", "path"), [("post", ""), ("put", "/{pk}"), ("put", "/{pk}/permissions")]
)
def test_what_is_no_object_is_refused(admin: APIClient, method: str, path: str, body: Any) -> None:
    person = make_user()

    answer = getattr(admin, method)(f"{PATH}{path.format(pk=person.pk)}", body, format="json")

    assert answer.status_code == 400


@pytest.mark.parametrize("username", ["newuser", "NewUser", "NEWUSER", " newuser "])
def test_a_name_is_taken_once_in_whatever_case(admin: APIClient, username: str) -> None:
    admin.post(PATH, NEW, format="json")

    answer = admin.post(PATH, NEW | {"username": username}, format="json")

    assert answer.status_code == 409
    assert answer.json() == {"error": "Conflict", "message": "Username already exists"}


def test_a_name_outside_ascii_is_taken_once_too(admin: APIClient) -> None:
    admin.post(PATH, NEW | {"username": "éric"}, format="json")

    answer = admin.post(PATH, NEW | {"username": "ÉRIC"}, format="json")

    assert answer.status_code == 409


def test_a_person_is_changed(admin: APIClient) -> None:
    person = make_operator(email="old@example.com")
    body = {"email": "updated@example.com", "note": "Updated note", "password": PASSWORD}

    answer = admin.put(f"{PATH}/{person.pk}", body | {"active": False}, format="json")

    person.refresh_from_db()
    assert (answer.status_code, answer.json()) == (
        200,
        {"id": person.pk, "message": "User updated"},
    )
    assert (person.email, person.note) == ("updated@example.com", "Updated note")
    assert person.check_password(PASSWORD)
    assert not person.is_active
    assert admin.get(f"{PATH}/{person.pk}").json()["modify_at"]


def test_an_empty_change_changes_nothing(admin: APIClient) -> None:
    person = make_operator(email="old@example.com")

    answer = admin.put(f"{PATH}/{person.pk}", {}, format="json")

    assert answer.status_code == 200
    assert User.objects.get(pk=person.pk).modified_at is None


def test_a_person_is_deactivated_and_only_then_deleted(admin: APIClient) -> None:
    person = make_operator()

    kept = admin.delete(f"{PATH}/{person.pk}")
    again = admin.delete(f"{PATH}/{person.pk}?permanent=false")
    assert (kept.status_code, kept.json()) == (200, {"message": "User deleted", "permanent": False})
    assert again.status_code == 200
    assert not User.objects.get(pk=person.pk).is_active

    gone = admin.delete(f"{PATH}/{person.pk}?permanent=true")
    assert (gone.status_code, gone.json()) == (200, {"message": "User deleted", "permanent": True})
    assert not User.objects.filter(pk=person.pk).exists()
    assert admin.delete(f"{PATH}/{person.pk}").status_code == 404


def test_permanent_is_true_or_false(admin: APIClient) -> None:
    person = make_user()

    answer = admin.delete(f"{PATH}/{person.pk}?permanent=perhaps")

    assert (answer.status_code, set(answer.json()["errors"])) == (400, {"permanent"})
    assert User.objects.get(pk=person.pk).is_active


def test_who_made_what_stays_is_not_deleted(admin: APIClient) -> None:
    person = make_operator()
    make_job(by=person)

    answer = admin.delete(f"{PATH}/{person.pk}?permanent=true")

    assert (answer.status_code, answer.json()["error"]) == (409, "Conflict")
    assert "jobs: 1" in answer.json()["message"]
    assert User.objects.get(pk=person.pk).is_active


def test_groups_are_given_and_taken(admin: APIClient) -> None:
    person = make_operator()
    first, second, third = (group_of(tag) for tag in ("BBB", "AAA", "CCC"))
    third.members.add(person)

    given = admin.post(
        f"{PATH}/{person.pk}/groups", {"group_ids": [first.pk, second.pk]}, format="json"
    )
    taken = admin.delete(f"{PATH}/{person.pk}/groups/{first.pk}")

    assert (given.status_code, given.json()) == (
        200,
        {
            "message": "Groups assigned",
            "groups": [
                {"id": second.pk, "name": "AAA"},
                {"id": first.pk, "name": "BBB"},
                {"id": third.pk, "name": "CCC"},
            ],
        },
    )
    assert (taken.status_code, taken.json()) == (200, {"message": "Group removed"})
    assert set(person.release_groups.all()) == {second, third}
    for number in (first.pk, 10**30):
        assert admin.delete(f"{PATH}/{person.pk}/groups/{number}").status_code == 404


@pytest.mark.parametrize(
    ("numbers", "status"),
    [([999999], 404), ([], 400), (["x"], 400), ([10**30], 400), ([1] * 101, 400), (7, 400)],
)
def test_groups_that_are_none_are_not_given(admin: APIClient, numbers: Any, status: int) -> None:
    person = make_user()

    answer = admin.post(f"{PATH}/{person.pk}/groups", {"group_ids": numbers}, format="json")

    assert answer.status_code == status


def test_a_role_is_given_and_taken(admin: APIClient) -> None:
    person, role = make_user(), Role.objects.get(name="Operator")

    given = admin.post(f"{PATH}/{person.pk}/roles", {"role_id": role.pk}, format="json")
    again = admin.post(f"{PATH}/{person.pk}/roles", {"role_id": role.pk}, format="json")
    held = list(person.roles())
    taken = admin.delete(f"{PATH}/{person.pk}/roles/{role.pk}")

    assert (given.status_code, given.json()) == (
        200,
        {"message": "Role assigned", "role": {"id": role.pk, "name": "Operator"}},
    )
    assert again.status_code == 200
    assert held == [role]
    assert (taken.status_code, taken.json()) == (200, {"message": "Role removed"})
    assert not person.roles().exists()
    for number in (role.pk, 10**30):
        assert admin.delete(f"{PATH}/{person.pk}/roles/{number}").status_code == 404


@pytest.mark.parametrize(
    ("number", "status"), [(999999, 404), ("x", 400), (None, 400), (10**30, 400)]
)
def test_a_role_that_is_none_is_not_given(admin: APIClient, number: Any, status: int) -> None:
    person = make_user()

    answer = admin.post(f"{PATH}/{person.pk}/roles", {"role_id": number}, format="json")

    assert answer.status_code == status


def test_permissions_are_those_of_roles_and_ones_own(admin: APIClient) -> None:
    person = make_operator()
    wished = [
        {"resource": "config", "action": "MOD"},
        {"resource": "rules", "action": "DELETE"},
    ]

    put = admin.put(f"{PATH}/{person.pk}/permissions", {"permissions": wished}, format="json")
    told = admin.get(f"{PATH}/{person.pk}/permissions")

    assert (put.status_code, put.json()) == (200, {"message": "Permissions updated"})
    assert told.json() == {
        "role_permissions": {"releases": ["READ", "WRITE", "MOD"], "rules": ["READ", "WRITE"]},
        "custom_permissions": {"rules": ["DELETE"], "config": ["READ", "WRITE", "MOD"]},
        "final_permissions": {
            "releases": ["READ", "WRITE", "MOD"],
            "rules": ["READ", "WRITE", "DELETE"],
            "config": ["READ", "WRITE", "MOD"],
        },
    }


def test_permissions_are_put_in_the_place_of_others(admin: APIClient) -> None:
    person = make_user()
    grant(person, "releases", "mod")

    admin.put(f"{PATH}/{person.pk}/permissions", {"permissions": []}, format="json")

    assert not any(custom_permissions(person).values())


@pytest.mark.parametrize(
    "wished",
    [
        [{"resource": "planets", "action": "READ"}],
        [{"resource": "rules", "action": "FLY"}],
        [{"resource": "rules"}],
        [{"resource": "rules", "action": "READ", "subject": 7}],
        [{"resource": "rules", "action": "READ"}] * 101,
        {"rules": ["READ"]},
        ["rules:read"],
        None,
    ],
)
def test_permissions_that_are_none_are_refused(admin: APIClient, wished: Any) -> None:
    person = make_user()

    answer = admin.put(f"{PATH}/{person.pk}/permissions", {"permissions": wished}, format="json")

    assert (answer.status_code, answer.json()["error"]) == (400, "ValidationError")
    assert not person.user_permissions.exists()


OPERATIONS = [
    ("get", "", "READ", {}),
    ("post", "", "WRITE", NEW),
    ("get", "/{pk}", "READ", {}),
    ("put", "/{pk}", "WRITE", {"note": "x"}),
    ("put", "/{pk}", "MOD", {"password": PASSWORD}),
    ("put", "/{pk}", "DELETE", {"active": False}),
    ("delete", "/{pk}", "DELETE", {}),
    ("delete", "/{pk}?permanent=true", "DELETE", {}),
    ("post", "/{pk}/groups", "MOD", {"group_ids": [1]}),
    ("delete", "/{pk}/groups/1", "MOD", {}),
    ("post", "/{pk}/roles", "MOD", {"role_id": 1}),
    ("delete", "/{pk}/roles/1", "MOD", {}),
    ("get", "/{pk}/permissions", "READ", {}),
    ("put", "/{pk}/permissions", "MOD", {"permissions": []}),
]
LESSER = {"READ": ["delete"], "WRITE": ["read", "delete"], "MOD": ["write", "delete"]}


@pytest.mark.parametrize(("method", "path", "needed", "body"), OPERATIONS)
def test_each_operation_names_the_right_it_needs(
    method: str, path: str, needed: str, body: dict[str, Any]
) -> None:
    person = make_user(email="before@example.org")
    address = f"{PATH}{path.format(pk=person.pk)}"

    nobody = getattr(APIClient(), method)(address, body, format="json")
    lesser = client_of(holder(*LESSER.get(needed, ["mod"])))
    refused = getattr(lesser, method)(address, body, format="json")

    assert nobody.status_code == 401
    assert refused.status_code == 403
    assert refused.json() == {
        "error": "Forbidden",
        "message": f"You don't have {needed} permission on users",
    }
    after = User.objects.get(pk=person.pk)
    assert (after.note, after.is_active, after.password) == ("", True, person.password)


@pytest.mark.parametrize(("method", "path", "needed", "body"), OPERATIONS)
def test_whom_there_is_not_is_a_404_to_who_has_the_right(
    admin: APIClient, method: str, path: str, needed: str, body: dict[str, Any]
) -> None:
    if "{pk}" not in path:
        return
    refused = getattr(client_of(make_user()), method)(
        f"{PATH}{path.format(pk=999999)}", body, format="json"
    )
    for number in (999999, 10**30):
        answer = getattr(admin, method)(f"{PATH}{path.format(pk=number)}", body, format="json")
        assert answer.status_code == 404
        assert answer.json()["message"] == f"User with id {number} not found"
    assert refused.status_code == 403


def test_a_lost_update_is_refused(admin: APIClient) -> None:
    person = make_user()
    address = f"{PATH}/{person.pk}"
    tag = admin.get(address)["ETag"]

    first = admin.put(address, {"note": "one"}, format="json", headers={"If-Match": tag})
    second = admin.put(address, {"note": "two"}, format="json", headers={"If-Match": tag})
    gone = admin.delete(address, headers={"If-Match": tag})

    assert [first.status_code, second.status_code, gone.status_code] == [200, 412, 412]
    person.refresh_from_db()
    assert (person.note, person.is_active) == ("one", True)
    assert admin.get(address, headers={"If-None-Match": tag}).status_code == 200
    now = admin.get(address)["ETag"]
    assert admin.get(address, headers={"If-None-Match": now}).status_code == 304


def test_a_lost_update_of_permissions_is_refused(admin: APIClient) -> None:
    person = make_user()
    address = f"{PATH}/{person.pk}/permissions"
    tag = admin.get(address)["ETag"]
    body = {"permissions": [{"resource": "rules", "action": "READ"}]}

    first = admin.put(address, body, format="json", headers={"If-Match": tag})
    second = admin.put(address, {"permissions": []}, format="json", headers={"If-Match": tag})

    assert [first.status_code, second.status_code] == [200, 412]
    assert final_permissions(person)["rules"] == ["READ"]
