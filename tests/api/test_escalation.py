"""Nobody gets more by the API than they were given."""

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import ACTIONS, ReleaseGroup, Role, User
from accounts.permissions import RESOURCES, final_permissions, grant, permissions_of
from tests.factories import make_admin, make_operator, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded")]
PASSWORD = "SecurePass123"
FORBIDDEN: dict[str, Any] = {
    "is_superuser": True,
    "is_staff": True,
    "role": "Admin",
    "roles": ["Admin"],
    "owner": 1,
    "user_id": 1,
    "created_by": 1,
    "groups": [1],
    "user_permissions": [1],
    "date_joined": "2020-01-01T00:00:00Z",
    "id": 7,
    "pk": 7,
}
OF_A_BODY: dict[tuple[str, str], dict[str, Any]] = {
    ("post", "/users"): {"username": "newuser", "password": PASSWORD},
    ("put", "/users/{user}"): {"note": "new"},
    ("post", "/users/{user}/groups"): {"group_ids": [1]},
    ("post", "/users/{user}/roles"): {"role_id": 1},
    ("put", "/users/{user}/permissions"): {"permissions": []},
    ("post", "/roles"): {"name": "New"},
    ("put", "/roles/{role}"): {"description": "new"},
    ("put", "/roles/{role}/permissions"): {"permissions": {}},
}
NO_PERMISSIONS_OF_ITS_OWN = [one for one in OF_A_BODY if not one[1].endswith("permissions")]


def client_of(user: User) -> APIClient:
    client = APIClient()
    client.force_authenticate(User.objects.get(pk=user.pk))
    return client


def having(name: str, **permissions: str) -> User:
    """Make a person of a role of their own, e.g. with ``users="mod"``."""
    role = Role.objects.create(name=name)
    for resource, actions in permissions.items():
        for action in actions.split():
            grant(role, resource, action)
    return make_user(role=name)


@pytest.fixture
def manager(seeded: None) -> User:
    """Somebody who manages people, and may do nothing else."""
    return having("Manager", users="mod delete")


@pytest.fixture
def keeper(seeded: None) -> User:
    """Somebody who manages roles, and may do nothing else."""
    return having("Keeper", roles="mod delete")


def state() -> list[Any]:
    """Return all that an escalation would change."""
    people = User.objects.order_by("pk").values(
        "username", "email", "note", "password", "is_active", "is_staff", "is_superuser"
    )
    tables = [
        (user.username, final_permissions(user), [role.name for role in user.roles()])
        for user in User.objects.order_by("pk")
    ]
    roles = [(role.pk, role.name, permissions_of(role)) for role in Role.objects.order_by("pk")]
    members = list(ReleaseGroup.members.through.objects.values_list("user", "releasegroup"))
    return [list(people), tables, roles, members]


def send(user: User, method: str, path: str, body: Any = None) -> Any:
    return getattr(client_of(user), method)(f"/api{path}", body, format="json")


@pytest.mark.parametrize("field", FORBIDDEN)
@pytest.mark.parametrize(("method", "path"), OF_A_BODY)
def test_no_body_takes_a_field_that_is_not_asked_for(method: str, path: str, field: str) -> None:
    address = path.format(user=make_user().pk, role=Role.objects.create(name="Reader").pk)
    root, body = make_admin(), OF_A_BODY[method, path]
    before = state()

    answer = send(root, method, address, body | {field: FORBIDDEN[field]})

    assert answer.status_code == 400
    assert answer.json()["errors"] == {field: ["This field is not taken."]}
    assert state() == before


@pytest.mark.parametrize(("method", "path"), NO_PERMISSIONS_OF_ITS_OWN)
def test_permissions_are_set_at_their_own_address_alone(method: str, path: str) -> None:
    address = path.format(user=make_user().pk, role=Role.objects.create(name="Reader").pk)
    root, body = make_admin(), OF_A_BODY[method, path]
    before = state()

    answer = send(root, method, address, body | {"permissions": {"users": ["MOD"]}})

    assert (answer.status_code, set(answer.json()["errors"])) == (400, {"permissions"})
    assert state() == before


def test_all_that_is_wrong_is_told_beside_what_is_not_taken() -> None:
    answer = send(make_admin(), "post", "/users", {"password": PASSWORD, "is_superuser": True})

    assert set(answer.json()["errors"]) == {"username", "is_superuser"}


@pytest.mark.parametrize("resource", RESOURCES)
@pytest.mark.parametrize("action", ACTIONS)
def test_nobody_gives_what_they_do_not_hold(manager: User, resource: str, action: str) -> None:
    other = make_user()
    is_held = resource == "users"
    body = {"permissions": [{"resource": resource, "action": action.upper()}]}

    to_other = send(manager, "put", f"/users/{other.pk}/permissions", body)
    to_self = send(manager, "put", f"/users/{manager.pk}/permissions", body)

    assert to_other.status_code == (200 if is_held else 403)
    assert to_self.status_code == (409 if is_held else 403)
    assert is_held or not any(final_permissions(other).values())
    assert not manager.user_permissions.exists()


@pytest.mark.parametrize("name", ["Admin", "Operator"])
@pytest.mark.parametrize("is_own", [True, False])
def test_nobody_gives_a_role_that_holds_more(manager: User, name: str, is_own: bool) -> None:
    person = manager if is_own else make_user()
    role = Role.objects.get(name=name)
    before = state()

    answer = send(manager, "post", f"/users/{person.pk}/roles", {"role_id": role.pk})

    assert (answer.status_code, answer.json()["error"]) == (403, "Forbidden")
    assert state() == before


def test_who_holds_everything_but_is_no_admin_does_not_give_admin() -> None:
    almost = having("Almost", **dict.fromkeys(RESOURCES, "mod delete"))
    person, admin = make_user(), Role.objects.get(name="Admin")
    before = state()

    answer = send(almost, "post", f"/users/{person.pk}/roles", {"role_id": admin.pk})

    assert answer.status_code == 403
    assert answer.json()["message"] == "Only administrators give the role Admin"
    assert state() == before


STRONGER: dict[str, Callable[[], User]] = {
    "superuser": make_admin,
    "admin": lambda: make_user(role="Admin"),
    "admin who was deactivated": lambda: make_user(role="Admin", is_active=False),
    "operator": make_operator,
    "one right more": lambda: having("Widened", config="read"),
}
AGAINST = [
    ("put", "/users/{pk}", {"password": PASSWORD}),
    ("put", "/users/{pk}", {"email": "mine@example.org"}),
    ("put", "/users/{pk}", {"note": "mine"}),
    ("put", "/users/{pk}", {"active": False}),
    ("put", "/users/{pk}", {"active": True, "email": "mine@example.org"}),
    ("delete", "/users/{pk}", None),
    ("delete", "/users/{pk}?permanent=true", None),
    ("post", "/users/{pk}/groups", {"group_ids": [1]}),
    ("delete", "/users/{pk}/groups/1", None),
    ("post", "/users/{pk}/roles", {"role_id": "{own}"}),
    ("delete", "/users/{pk}/roles/{role}", None),
    ("put", "/users/{pk}/permissions", {"permissions": []}),
]


@pytest.mark.parametrize("who", STRONGER)
@pytest.mark.parametrize(("method", "path", "body"), AGAINST)
def test_nobody_changes_who_may_do_more(
    manager: User, who: str, method: str, path: str, body: Any
) -> None:
    person = STRONGER[who]()
    role = person.roles().first() or Role.objects.get(name="Admin")
    person.groups.add(role)
    group = ReleaseGroup.objects.create(pk=1, tag="GRP")
    group.members.add(manager, person)
    if body == {"role_id": "{own}"}:
        body = {"role_id": manager.roles().get().pk}
    before = state()

    answer = send(manager, method, path.format(pk=person.pk, role=role.pk), body)

    assert (answer.status_code, answer.json()["error"]) == (403, "Forbidden")
    assert state() == before


@pytest.mark.parametrize(("method", "path", "body"), AGAINST[:6])
def test_an_equal_may_be_changed(manager: User, method: str, path: str, body: Any) -> None:
    equal = make_user(role="Manager")

    assert send(manager, method, path.format(pk=equal.pk), body).status_code == 200


def test_a_role_takes_on_no_more_than_who_changes_it_holds(keeper: User) -> None:
    own = keeper.roles().get()
    other = Role.objects.create(name="Other")
    before = state()

    for role in (own, other):
        for resource in set(RESOURCES) - {"roles"}:
            body = {"permissions": {**permissions_of(role), resource: ["READ"]}}
            answer = send(keeper, "put", f"/roles/{role.pk}/permissions", body)
            assert answer.status_code == 403
            assert answer.json()["message"] == f"You don't have READ permission on {resource}"

    assert state() == before


def test_a_role_that_gives_more_is_not_reduced_nor_deleted(keeper: User) -> None:
    make_operator()
    operator, own = Role.objects.get(name="Operator"), keeper.roles().get()
    widened = Role.objects.create(name="Widened")
    grant(widened, "config", "read")
    make_user(role="Widened")
    before = state()

    reduced = send(keeper, "put", f"/roles/{operator.pk}/permissions", {"permissions": {}})
    deleted = send(keeper, "delete", f"/roles/{widened.pk}?reassign_to={own.pk}")

    assert [reduced.status_code, deleted.status_code] == [403, 403]
    assert state() == before


@pytest.mark.parametrize("name", ["Admin", "Operator"])
def test_people_of_a_deleted_role_do_not_get_one_that_gives_more(keeper: User, name: str) -> None:
    weak = Role.objects.create(name="Weak")
    make_user(role="Weak")
    other = Role.objects.get(name=name)
    before = state()

    answer = send(keeper, "delete", f"/roles/{weak.pk}?reassign_to={other.pk}")

    assert answer.status_code == 403
    assert state() == before


def test_a_role_of_an_admin_is_not_changed_by_who_is_none(keeper: User) -> None:
    """It would change what an administrator may do."""
    role = Role.objects.create(name="Shared")
    admin = make_user(role="Shared")
    admin.groups.add(Role.objects.get(name="Admin"))
    before = state()

    wider = send(
        keeper, "put", f"/roles/{role.pk}/permissions", {"permissions": {"roles": ["READ"]}}
    )
    deleted = send(keeper, "delete", f"/roles/{role.pk}?reassign_to={keeper.roles().get().pk}")

    assert [wider.status_code, deleted.status_code] == [403, 403]
    assert state() == before


def test_nobody_puts_anybody_into_a_group_that_they_are_not_in(manager: User) -> None:
    foreign, own = (ReleaseGroup.objects.create(tag=tag) for tag in ("FOREIGN", "OWN"))
    own.members.add(manager)
    person = make_user()

    for somebody in (person, manager):
        body = {"group_ids": [own.pk, foreign.pk]}
        refused = send(manager, "post", f"/users/{somebody.pk}/groups", body)
        assert refused.status_code == 403
        assert refused.json()["message"] == "You can only give groups that you are in: not FOREIGN"
    given = send(manager, "post", f"/users/{person.pk}/groups", {"group_ids": [own.pk]})

    assert given.status_code == 200
    assert set(person.release_groups.all()) == set(manager.release_groups.all()) == {own}


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("put", "/users/{pk}", {"active": False}),
        ("delete", "/users/{pk}", None),
        ("delete", "/users/{pk}?permanent=true", None),
        ("delete", "/users/{pk}/roles/{role}", None),
        ("put", "/users/{pk}/permissions", {"permissions": []}),
    ],
)
@pytest.mark.parametrize("is_superuser", [True, False])
def test_nobody_removes_or_demotes_themselves(
    method: str, path: str, body: Any, is_superuser: bool
) -> None:
    make_admin()
    admin = make_user(role="Admin", is_superuser=is_superuser)
    before = state()

    answer = send(
        admin, method, path.format(pk=admin.pk, role=Role.objects.get(name="Admin").pk), body
    )

    assert (answer.status_code, answer.json()["error"]) == (409, "Conflict")
    assert state() == before


@pytest.mark.parametrize("scopes", [{"users:mod", "users:write", "users:read", "users:delete"}])
def test_a_token_changes_nobody_who_may_do_more_than_it(scopes: set[str]) -> None:
    admin, person = make_admin(), make_operator()
    admin.scopes = frozenset(scopes)
    client = APIClient()
    client.force_authenticate(admin)
    role = Role.objects.get(name="Operator")
    before = state()

    for answer in (
        client.put(f"/api/users/{person.pk}", {"email": "a@example.org"}, format="json"),
        client.put(f"/api/users/{admin.pk}", {"email": "a@example.org"}, format="json"),
        client.delete(f"/api/users/{person.pk}"),
        client.post(f"/api/users/{make_user().pk}/roles", {"role_id": role.pk}, format="json"),
    ):
        assert answer.status_code == 403
    assert [one for one in state()[0] if one["email"]] == []
    assert state()[2] == before[2]
    assert not User.objects.filter(is_active=False).exists()


def test_a_token_changes_no_password_whatever_it_may_do() -> None:
    admin, person = make_admin(), make_user()
    admin.scopes = frozenset(f"{one}:{action}" for one in RESOURCES for action in ACTIONS)
    client = APIClient()
    client.force_authenticate(admin)

    for somebody in (admin, person):
        path = f"/api/users/{somebody.pk}"
        answer = client.put(path, {"password": PASSWORD}, format="json")
        assert answer.status_code == 403
        assert "log in" in answer.json()["message"]
    assert client.put(f"/api/users/{person.pk}", {"note": "x"}, format="json").status_code == 200
