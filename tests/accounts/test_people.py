from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts import actions
from accounts.actions import NewUser, Refused, Taken, WrongFields
from accounts.actions.tokens import holder_of, make_token
from accounts.models import Login, ReleaseGroup, Role, User
from accounts.permissions import custom_permissions, final_permissions, grant
from accounts.seeds import seed_roles
from tests.factories import make_admin, make_draft, make_operator, make_release, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded")]
PASSWORD = "SecurePass123"


@pytest.fixture
def admin(seeded: None) -> User:
    return make_admin(username="root")


def manager(*actions_held: str) -> User:
    user = make_user()
    for action in actions_held:
        grant(user, "users", action)
    return User.objects.get(pk=user.pk)


def again(user: User) -> User:
    return User.objects.get(pk=user.pk)


def new(**fields: Any) -> NewUser:
    return NewUser(**{"username": "newuser", "password": PASSWORD} | fields)


def begin_login(user: User) -> Login:
    return Login.objects.create(user=user, expires_at=timezone.now() + timedelta(days=1))


def is_over(login: Login) -> bool:
    return Login.objects.get(pk=login.pk).ended_at is not None


def role(name: str) -> Role:
    return Role.objects.filter(name=name).get()  # type: ignore[return-value]  # its base's stub


def test_somebody_new_has_what_was_said_and_no_role(admin: User) -> None:
    said = new(email="New@EXAMPLE.org", note="Hello", active=False, first_name="Ann")

    user = again(actions.create_user(said, by=admin))

    assert (user.email, user.note, user.first_name) == ("New@example.org", "Hello", "Ann")
    assert (user.is_active, user.created_by, user.modified_at) == (False, admin, None)
    assert user.check_password(PASSWORD)
    assert not any(final_permissions(user).values())


def test_the_password_of_somebody_new_is_in_no_trace() -> None:
    assert PASSWORD not in repr(new())


def test_all_that_is_wrong_is_told_at_once(admin: User) -> None:
    said = new(username="a b", email="nowhere", password="short", note="x" * 501)

    with pytest.raises(WrongFields) as raised:
        actions.create_user(said, by=admin)

    assert set(raised.value.fields) == {"username", "email", "password", "note"}


@pytest.mark.parametrize("username", ["newuser", "NEWUSER", " newuser", "\uff4eewuser"])
def test_a_name_is_taken_once_in_whatever_case(admin: User, username: str) -> None:
    actions.create_user(new(), by=admin)
    other = make_user()

    with pytest.raises(Taken):
        actions.create_user(new(username=username), by=admin)
    with pytest.raises(Taken):
        actions.update_user(other, by=admin, username=username)

    assert not User.objects.filter(pk=other.pk, username__icontains="new").exists()


def test_ones_own_name_may_change_its_case(admin: User) -> None:
    user = make_user(username="ann")

    actions.update_user(user, by=admin, username="Ann")

    assert again(user).username == "Ann"


def test_what_is_not_said_stays_as_it_is(admin: User) -> None:
    user = make_user(email="ann@example.org", note="Note", password=PASSWORD)
    login = begin_login(user)

    actions.update_user(user, by=admin, note="Other")

    user = again(user)
    assert (user.email, user.note) == ("ann@example.org", "Other")
    assert user.check_password(PASSWORD)
    assert user.modified_at is not None
    assert not is_over(login)


def test_what_is_changed_meanwhile_is_not_overwritten(admin: User) -> None:
    read_before = make_user()
    actions.update_user(again(read_before), by=admin, email="new@example.org", active=False)

    actions.update_user(read_before, by=admin, note="Note")

    user = again(read_before)
    assert (user.email, user.note, user.is_active) == ("new@example.org", "Note", False)


@pytest.mark.parametrize("change", [{"password": PASSWORD}, {"active": False}])
def test_a_password_and_the_end_of_being_active_end_logins(
    admin: User, change: dict[str, Any]
) -> None:
    user, other = make_user(), make_user()
    login, kept = begin_login(user), begin_login(other)

    actions.update_user(user, by=admin, **change)

    assert is_over(login)
    assert not is_over(kept)


def test_a_weak_password_changes_nothing(admin: User) -> None:
    user = make_user(password=PASSWORD)

    with pytest.raises(WrongFields) as raised:
        actions.update_user(user, by=admin, password="weak", note="Note")

    assert set(raised.value.fields) == {"password"}
    assert again(user).check_password(PASSWORD)
    assert again(user).note == ""


@pytest.mark.parametrize(
    ("change", "needed"),
    [
        ({"note": "x"}, ["write"]),
        ({"password": PASSWORD}, ["mod"]),
        ({"active": False}, ["write", "delete"]),
    ],
)
def test_a_change_needs_its_right(change: dict[str, Any], needed: list[str]) -> None:
    user = make_user()

    with pytest.raises(PermissionDenied, match="permission on users"):
        actions.update_user(user, by=manager(*needed[:-1]), **change)
    actions.update_user(user, by=manager(*needed), **change)

    assert again(user).modified_at


def test_somebody_active_may_be_said_to_be_so_without_the_right_to_turn_them(admin: User) -> None:
    user = make_user()

    actions.update_user(user, by=manager("write"), active=True, note="x")

    assert again(user).note == "x"


def test_a_deactivated_person_is_back_with_all_they_had(admin: User) -> None:
    user = make_operator()
    login = begin_login(user)
    before = final_permissions(user)

    actions.deactivate_user(user, by=admin)
    was_active = again(user).is_active
    actions.update_user(user, by=admin, active=True)

    assert (was_active, again(user).is_active) == (False, True)
    assert final_permissions(user) == before
    assert is_over(login)


def test_nothing_that_spoke_for_a_deactivated_person_is_back_with_them(admin: User) -> None:
    user = make_operator()
    token, text = make_token("nightly", ["releases:read"], by=user)
    browser = Client()
    browser.force_login(user)

    actions.deactivate_user(user, by=admin)
    actions.update_user(user, by=admin, active=True)

    assert holder_of(text) is None
    assert not again(user).api_tokens.get(pk=token.pk).is_alive
    assert browser.get("/preferences/").status_code == 302


def test_a_deleted_person_takes_drafts_along_and_leaves_what_they_made(admin: User) -> None:
    user, maker = make_operator(), make_operator()
    made = actions.create_user(new(), by=maker_of_people(user))
    draft, release = make_draft(owner=user), make_release(owner=maker)

    actions.delete_user(user, by=admin)
    with pytest.raises(Refused, match=r"releases: 1") as raised:
        actions.delete_user(maker, by=admin)

    assert "source files: 1" in str(raised.value)
    assert not type(draft).objects.exists()
    assert type(release).objects.filter(pk=release.pk).exists()
    assert again(maker).is_active
    assert again(made).created_by is None


def maker_of_people(user: User) -> User:
    grant(user, "users", "write")
    return again(user)


def test_groups_come_and_go(admin: User) -> None:
    user = make_user()
    first, second = (ReleaseGroup.objects.create(tag=tag) for tag in ("ONE", "TWO"))

    actions.assign_groups(user, [first, second], by=admin)
    given = set(user.release_groups.all())
    changed_at = again(user).modified_at
    actions.assign_groups(user, [second], by=admin)
    actions.remove_group(user, first, by=admin)
    actions.remove_group(user, first, by=admin)

    assert given == {first, second}
    assert set(user.release_groups.all()) == {second}
    assert changed_at


def test_the_role_admin_opens_the_administration_and_closes_it(admin: User) -> None:
    user = make_user()
    login = begin_login(user)

    actions.assign_role(user, role("Admin"), by=admin)
    was_staff, was_over = again(user).is_staff, is_over(login)
    other = begin_login(user)
    actions.remove_role(user, role("Admin"), by=admin)

    assert (was_staff, was_over) == (True, True)
    assert not again(user).is_staff
    assert is_over(other)


def test_a_superuser_stays_staff_without_the_role(admin: User) -> None:
    user = make_admin()
    user.groups.add(role("Admin"))

    actions.remove_role(user, role("Admin"), by=admin)

    assert again(user).is_staff
    assert again(user).is_admin


def test_a_role_that_is_held_is_not_given_again(admin: User) -> None:
    user = make_operator()
    login = begin_login(user)

    actions.assign_role(user, role("Operator"), by=admin)

    assert not is_over(login)


def test_own_permissions_are_set_whole_and_with_what_they_imply(admin: User) -> None:
    user = make_user()
    grant(user, "config", "delete")
    login = begin_login(user)

    actions.set_custom_permissions(user, {"releases": ["MOD"], "rules": ["delete"]}, by=admin)

    assert custom_permissions(user) == {
        "releases": ["READ", "WRITE", "MOD"],
        "rules": ["DELETE"],
        "users": [],
        "roles": [],
        "config": [],
    }
    assert is_over(login)


def test_own_permissions_that_are_the_same_end_no_login(admin: User) -> None:
    user = make_user()
    grant(user, "rules", "write")
    login = begin_login(user)

    actions.set_custom_permissions(user, {"rules": ["WRITE"]}, by=admin)

    assert not is_over(login)
    assert again(user).modified_at is None


@pytest.mark.parametrize(
    "wished", [{"planets": ["READ"]}, {"rules": ["FLY"]}, {"rules": ["READ", ""]}]
)
def test_permissions_that_are_none_are_refused(admin: User, wished: dict[str, list[str]]) -> None:
    user = make_user()

    with pytest.raises(WrongFields, match="no such resource or action"):
        actions.set_custom_permissions(user, wished, by=admin)

    assert not user.user_permissions.exists()


LOSSES: dict[str, Callable[[User, User], object]] = {
    "update": lambda user, by: actions.update_user(user, by=by, active=False),
    "deactivate": lambda user, by: actions.deactivate_user(user, by=by),
    "delete": lambda user, by: actions.delete_user(user, by=by),
    "role": lambda user, by: actions.remove_role(user, role("Admin"), by=by),
}


@pytest.mark.parametrize("how", LOSSES)
def test_nobody_does_it_to_themselves(how: str) -> None:
    make_admin()
    user = again(make_user(role="Admin"))

    with pytest.raises(Refused, match="to yourself"):
        LOSSES[how](user, user)

    assert again(user).is_admin
    assert again(user).is_active


@pytest.mark.parametrize("how", LOSSES)
def test_the_last_administrator_stays(how: str) -> None:
    """Who asks was one themselves until just now."""
    last = make_user(role="Admin")
    make_user(role="Admin", is_active=False)
    by = make_admin()
    assert by.is_admin
    User.objects.filter(pk=by.pk).update(is_superuser=False, is_staff=False)

    with pytest.raises(Refused, match="the last administrator"):
        LOSSES[how](again(last), by)

    assert again(last).is_admin
    assert again(last).is_active


@pytest.mark.parametrize("how", LOSSES)
def test_an_administrator_goes_where_another_stays(admin: User, how: str) -> None:
    user = make_user(role="Admin")

    LOSSES[how](user, admin)

    assert not User.objects.filter(pk=user.pk, is_active=True, groups__name="Admin").exists()


def test_what_happens_to_who_is_gone_is_told(admin: User) -> None:
    user = make_user()
    User.objects.filter(pk=user.pk).delete()

    with pytest.raises(Refused, match="meanwhile"):
        actions.update_user(user, by=admin, note="x")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("how", LOSSES)
@pytest.mark.parametrize("attempt", range(3))
def test_of_two_administrators_who_remove_each_other_one_stays(how: str, attempt: int) -> None:
    seed_roles()
    pair = [again(make_user(role="Admin", is_staff=True)) for _ in range(2)]
    assert all(user.is_admin for user in pair)
    together = Barrier(2)

    def remove(number: int) -> bool:
        try:
            together.wait(10)
            LOSSES[how](again(pair[1 - number]), pair[number])
        except (Refused, PermissionDenied):
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(2) as both:
        won = list(both.map(remove, range(2)))

    assert sum(won) == 1
    left = User.objects.filter(is_active=True, groups__name="Admin")
    assert list(left) == [pair[won.index(True)]]


@pytest.mark.django_db(transaction=True)
def test_of_a_crowd_one_gets_the_name() -> None:
    seed_roles()
    admin = make_admin()
    crowd = 10
    together = Barrier(crowd)

    def come(number: int) -> bool:
        name = "newuser" if number % 2 else "NewUser"
        try:
            together.wait(10)
            actions.create_user(new(username=name), by=admin)
        except Taken:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(crowd) as threads:
        made = list(threads.map(come, range(crowd)))

    assert sum(made) == User.objects.filter(username__iexact="newuser").count() == 1
