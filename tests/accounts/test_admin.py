"""The administration of Django changes people as our own pages do, with the same guards."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.actions.tokens import make_token
from accounts.models import ApiToken, Login, ReleaseGroup, Role, User
from accounts.permissions import custom_permissions, grant, permissions_of
from tests.factories import make_admin, make_job, make_operator, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded")]
PASSWORD = "SecurePass123"


def at(page: str, *args: Any) -> str:
    return reverse(f"admin:accounts_{page}", args=args)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def boss(seeded: None) -> User:
    """An administrator by their role alone."""
    return make_user(role="Admin", username="boss", is_staff=True)


@pytest.fixture
def office(boss: User) -> Client:
    return signed_in(boss)


def answers(user: User, **other: Any) -> dict[str, Any]:
    """Return what the form of `user` holds, with what is changed in it."""
    held = custom_permissions(user)
    said: dict[str, Any] = {
        "username": user.username,
        "first_name": user.first_name,
        "last_name": user.last_name,
        "email": user.email,
        "note": user.note,
        "roles": [role.pk for role in user.roles()],
        "grants": [f"{name}:{one.lower()}" for name, some in held.items() for one in some],
    }
    if user.is_active:
        said["is_active"] = "on"
    return {name: value for name, value in (said | other).items() if value is not None}


def save(client: Client, user: User, **other: Any) -> Any:
    return client.post(at("user_change", user.pk), answers(user, **other), follow=True)


def alive_login(user: User) -> Login:
    return Login.objects.create(user=user, expires_at="2100-01-01T00:00:00Z")


def is_over(login: Login) -> bool:
    login.refresh_from_db()
    return login.ended_at is not None


@pytest.mark.parametrize("page", ["user", "role", "releasegroup", "preference", "apitoken"])
def test_an_administrator_by_role_sees_the_pages(office: Client, page: str) -> None:
    assert at(f"{page}_changelist") in office.get(reverse("admin:index")).content.decode()
    assert office.get(at(f"{page}_changelist")).status_code == 200


@pytest.mark.parametrize("page", ["user", "role", "releasegroup"])
def test_staff_without_rights_see_nothing(page: str) -> None:
    client = signed_in(make_operator(is_staff=True))

    assert client.get(at(f"{page}_changelist")).status_code == 403
    assert client.get(at(f"{page}_add")).status_code == 403


def test_staff_who_may_read_look_and_change_nothing() -> None:
    reader, person = make_user(is_staff=True), make_operator(note="Seen")
    role = Role.objects.get(name="Operator")
    for resource in ("users", "roles"):
        grant(reader, resource, "read")
    client = signed_in(reader)

    for path in (at("user_change", person.pk), at("role_change", role.pk)):
        page = client.get(path).content.decode()
        assert "Rules READ" in page or "Seen" in page
        assert 'name="_save"' not in page
        assert client.post(path, {}).status_code == 403
        assert client.post(path.replace("change", "delete"), {"post": "yes"}).status_code == 403
    assert client.post(at("user_add"), {}).status_code == 403
    assert User.objects.filter(pk=person.pk).exists()


def test_a_person_is_added(office: Client, boss: User) -> None:
    body = {"username": "newuser", "email": "new@example.org", "note": "Hello"}
    passwords = {"password1": PASSWORD, "password2": PASSWORD}

    page = office.post(at("user_add"), body | passwords, follow=True)

    made = User.objects.get(username="newuser")
    assert (made.email, made.note, made.created_by) == ("new@example.org", "Hello", boss)
    assert made.check_password(PASSWORD)
    assert page.redirect_chain[-1][0] == at("user_change", made.pk)


@pytest.mark.parametrize(
    "wrong", [{"username": "ab"}, {"username": "BOSS"}, {"password1": "x", "password2": "x"}]
)
def test_a_person_who_cannot_be_added_is_not(office: Client, wrong: dict[str, str]) -> None:
    body = {"username": "newuser", "password1": PASSWORD, "password2": PASSWORD}

    page = office.post(at("user_add"), body | wrong)

    assert page.status_code == 200
    assert "errorlist" in page.content.decode()
    assert User.objects.count() == 1


def test_a_person_is_changed(office: Client) -> None:
    person = make_operator()
    login = alive_login(person)

    save(office, person, first_name="Ann", email="ann@example.org", grants=["config:mod"])

    person = User.objects.get(pk=person.pk)
    assert (person.first_name, person.email) == ("Ann", "ann@example.org")
    assert custom_permissions(person)["config"] == ["READ", "WRITE", "MOD"]
    assert [role.name for role in person.roles()] == ["Operator"]
    assert person.modified_at
    assert is_over(login)


def test_roles_are_given_and_taken(office: Client) -> None:
    person, admin = make_operator(), Role.objects.get(name="Admin")

    save(office, person, roles=[admin.pk])
    given = User.objects.get(pk=person.pk)
    held = list(given.roles())
    save(office, given, roles=[])
    taken = User.objects.get(pk=person.pk)

    assert (held, given.is_staff) == ([admin], True)
    assert not taken.roles().exists()
    assert not taken.is_staff


@pytest.mark.parametrize("field", ["is_superuser", "is_staff", "user_permissions", "groups"])
def test_the_form_takes_no_field_that_it_does_not_show(office: Client, field: str) -> None:
    person = make_operator()

    save(office, person, **{field: "1"})

    after = User.objects.get(pk=person.pk)
    assert (after.is_superuser, after.is_staff) == (False, False)
    assert [role.name for role in after.roles()] == ["Operator"]
    assert not after.user_permissions.exists()


def test_an_administrator_does_not_deactivate_or_demote_themselves(
    office: Client, boss: User
) -> None:
    make_admin()

    changes: list[dict[str, Any]] = [
        {"is_active": None},
        {"roles": []},
        {"grants": ["rules:read"]},
    ]
    for change in changes:
        page = save(office, boss, note="Changed", **change)
        assert "ask another administrator" in page.content.decode()
    deleted = office.post(at("user_delete", boss.pk), {"post": "yes"}, follow=True)

    assert "ask another administrator" in deleted.content.decode()
    after = User.objects.get(pk=boss.pk)
    assert (after.is_active, after.note) == (True, "")
    assert [role.name for role in after.roles()] == ["Admin"]


def test_of_many_who_are_chosen_none_goes_where_one_stays(office: Client, boss: User) -> None:
    person = make_user()
    body = {"action": "delete_selected", "_selected_action": [person.pk, boss.pk], "post": "yes"}

    page = office.post(at("user_changelist"), body, follow=True)

    assert "ask another administrator" in page.content.decode()
    assert User.objects.count() == 2


def test_who_made_what_stays_is_not_deleted(office: Client) -> None:
    person, other = make_operator(), make_user()
    make_job(by=person)

    office.post(at("user_delete", person.pk), {"post": "yes"})
    office.post(at("user_delete", other.pk), {"post": "yes"})

    assert User.objects.filter(pk=person.pk).exists()
    assert not User.objects.filter(pk=other.pk).exists()


@pytest.mark.parametrize("path", ["user_change", "user_delete", "auth_user_password_change"])
def test_staff_change_nobody_who_may_do_more(path: str) -> None:
    manager, admin = make_user(is_staff=True), make_admin(email="root@example.org")
    for action in ("mod", "delete"):
        grant(manager, "users", action)
    name = f"admin:{path}" if path.startswith("auth") else f"admin:accounts_{path}"
    body = answers(admin, email="mine@example.org", post="yes")
    passwords = {"password1": PASSWORD, "password2": PASSWORD}

    answer = signed_in(manager).post(reverse(name, args=[admin.pk]), body | passwords)

    assert answer.status_code == 403
    after = User.objects.get(pk=admin.pk)
    assert (after.email, after.password) == ("root@example.org", admin.password)


def test_staff_give_nothing_that_they_do_not_hold() -> None:
    manager, person = make_user(is_staff=True), make_user()
    grant(manager, "users", "mod")
    client = signed_in(manager)
    operator = Role.objects.get(name="Operator")

    assert save(client, person, grants=["config:read"]).status_code == 403
    assert save(client, person, roles=[operator.pk]).status_code == 403
    assert not person.roles().exists()
    assert not person.user_permissions.exists()


def test_a_password_that_is_set_ends_the_logins(office: Client) -> None:
    person = make_operator()
    login = alive_login(person)
    body = {"password1": PASSWORD, "password2": PASSWORD}
    path = reverse("admin:auth_user_password_change", args=[person.pk])

    weak = office.post(path, {"password1": "x", "password2": "x"})
    kept = is_over(login)
    body |= {"usable_password": "false", "unset-password": "1"}
    office.post(path, body)

    assert (weak.status_code, kept) == (200, False)
    assert User.objects.get(pk=person.pk).check_password(PASSWORD)
    assert is_over(login)
    assert 'name="usable_password"' not in office.get(path).content.decode()


def test_a_role_is_added_changed_and_deleted(office: Client) -> None:
    body = {"name": "Reader", "description": "Reads", "grants": ["rules:write"]}
    office.post(at("role_add"), body)
    role = Role.objects.get(name="Reader")
    made = permissions_of(role)["rules"]
    login = alive_login(make_user(role="Reader"))

    path = at("role_change", role.pk)
    office.post(path, body | {"name": "Other", "grants": ["rules:read", "config:read"]})
    role.refresh_from_db()

    assert made == ["READ", "WRITE"]
    assert (role.name, permissions_of(role)["rules"]) == ("Other", ["READ"])
    assert is_over(login)
    used = office.post(at("role_delete", role.pk), {"post": "yes"}, follow=True)
    assert "1 user has this role" in used.content.decode()
    role.user_set.clear()
    office.post(at("role_delete", role.pk), {"post": "yes"})
    assert not Role.objects.filter(pk=role.pk).exists()


def test_roles_that_every_instance_has_are_kept(office: Client) -> None:
    for name in ("Admin", "Operator"):
        role = Role.objects.get(name=name)
        body = {"name": "Renamed", "description": "", "grants": ["rules:read"]}
        page = office.post(at("role_change", role.pk), body, follow=True)
        assert "keeps its name" in page.content.decode()
        assert office.post(at("role_delete", role.pk), {"post": "yes"}).status_code == 403
    admin = Role.objects.get(name="Admin")
    body = {"name": "Admin", "description": "", "grants": ["rules:read"]}
    reduced = office.post(at("role_change", admin.pk), body, follow=True)
    assert "gives everything" in reduced.content.decode()
    assert permissions_of(admin)["config"] == ["READ", "WRITE", "MOD", "DELETE"]


def test_of_a_group_members_come_and_go(office: Client) -> None:
    office.post(at("releasegroup_add"), {"tag": "GRP", "members": [make_user().pk]})
    group = ReleaseGroup.objects.get(tag="GRP")
    other = make_user()

    office.post(at("releasegroup_change", group.pk), {"tag": "NEW", "members": [other.pk]})

    group.refresh_from_db()
    assert group.tag == "GRP"
    assert list(group.members.all()) == [other]


def test_only_tokens_of_who_may_do_no_more_are_ended() -> None:
    clerk = make_user(is_staff=True)
    grant(clerk, "users", "delete")
    grant(clerk, "users", "read")
    client = signed_in(clerk)
    own, foreign = (
        make_token("nightly", ["account:read"], by=user)[0] for user in (make_user(), make_admin())
    )

    for token in (own, foreign):
        client.post(at("apitoken_delete", token.pk), {"post": "yes"})

    assert list(ApiToken.objects.all()) == [foreign]


def test_lists_cost_no_more_queries_when_longer(
    office: Client, django_assert_max_num_queries: Any
) -> None:
    pages = [at("user_changelist"), at("role_changelist"), at("releasegroup_changelist")]
    for page in pages:
        office.get(page)
        with django_assert_max_num_queries(14) as first:
            office.get(page)
        for _ in range(5):
            make_operator()
        with django_assert_max_num_queries(len(first)):
            assert re.search("_selected_action|0 release groups", office.get(page).content.decode())
