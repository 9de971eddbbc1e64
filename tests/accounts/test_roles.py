from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.utils import timezone

from accounts import actions
from accounts.actions import Refused, Taken, WrongFields
from accounts.actions.roles import SEEDED
from accounts.models import Login, Role, User
from accounts.permissions import final_permissions, grant, permissions_of
from accounts.seeds import ROLES, seed_roles
from tests.factories import make_admin, make_operator, make_user

role_rows: Any = Role.objects  # of roles, which the stub takes for groups
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded")]


@pytest.fixture
def admin(seeded: None) -> User:
    return make_admin(username="root")


@pytest.fixture
def role(seeded: None) -> Any:
    role = role_rows.create(name="Reader", description="Reads")
    grant(role, "rules", "read")
    return role


def named(name: str) -> Any:
    return role_rows.get(name=name)


def keeper(*actions_held: str) -> User:
    """Make somebody with a role of their own that gives `actions_held` on roles."""
    made = role_rows.create(name="Keeper")
    for action in actions_held:
        grant(made, "roles", action)
    return User.objects.get(pk=make_user(role="Keeper").pk)


def begin_login(user: User) -> Login:
    return Login.objects.create(user=user, expires_at=timezone.now() + timedelta(days=1))


def is_over(login: Login) -> bool:
    return Login.objects.get(pk=login.pk).ended_at is not None


def test_the_roles_that_are_seeded_are_those_that_stay() -> None:
    assert set(SEEDED) == set(ROLES)


def test_a_new_role_gives_nothing(admin: User) -> None:
    role = actions.create_role(" Reader ", " Reads ", by=admin)

    assert (role.name, role.description) == ("Reader", "Reads")
    assert not any(permissions_of(role).values())


@pytest.mark.parametrize("name", ["Admin", "admin", " OPERATOR "])
def test_a_name_is_taken_once_in_whatever_case(admin: User, role: Any, name: str) -> None:
    with pytest.raises(Taken):
        actions.create_role(name, "", by=admin)
    with pytest.raises(Taken):
        actions.update_role(role, by=admin, name=name)

    assert named("Reader") == role


@pytest.mark.parametrize("name", ["", "  ", "x" * 151])
def test_a_name_that_is_none_is_refused(admin: User, role: Any, name: str) -> None:
    with pytest.raises(WrongFields) as raised:
        actions.update_role(role, by=admin, name=name, description="x" * 256)

    assert set(raised.value.fields) == {"name", "description"}
    assert named("Reader").description == "Reads"


def test_what_is_not_said_of_a_role_stays(admin: User, role: Any) -> None:
    actions.update_role(role, by=admin, name="Other")
    actions.update_role(role, by=admin, description="Else")

    assert named("Other").description == "Else"
    assert permissions_of(named("Other"))["rules"] == ["READ"]


@pytest.mark.parametrize("name", SEEDED)
def test_what_every_instance_has_keeps_its_name_and_stays(admin: User, name: str) -> None:
    for refused in (
        lambda: actions.update_role(named(name), by=admin, name="Other"),
        lambda: actions.update_role(named(name), by=admin, name=name.lower()),
        lambda: actions.delete_role(named(name), by=admin),
    ):
        with pytest.raises(Refused, match="keeps its name"):
            refused()
    actions.update_role(named(name), by=admin, name=name, description="Known")

    assert named(name).description == "Known"


def test_permissions_are_set_whole_and_with_what_they_imply(admin: User, role: Any) -> None:
    people = [make_user(role="Reader") for _ in range(2)]
    logins = [begin_login(user) for user in people]
    other = begin_login(make_operator())

    affected = actions.set_role_permissions(role, {"releases": ["mod"]}, by=admin)

    assert affected == 2
    assert permissions_of(role) == {
        "releases": ["READ", "WRITE", "MOD"],
        "rules": [],
        "users": [],
        "roles": [],
        "config": [],
    }
    assert [is_over(login) for login in [*logins, other]] == [True, True, False]


def test_the_same_permissions_end_no_login(admin: User, role: Any) -> None:
    login = begin_login(make_user(role="Reader"))

    assert actions.set_role_permissions(role, {"rules": ["READ"]}, by=admin) == 1

    assert not is_over(login)


def test_admin_goes_on_to_give_everything(admin: User) -> None:
    before = permissions_of(named("Admin"))

    with pytest.raises(Refused, match="gives everything"):
        actions.set_role_permissions(named("Admin"), {"rules": ["DELETE"]}, by=admin)
    actions.set_role_permissions(named("Admin"), before, by=admin)

    assert permissions_of(named("Admin")) == before


def test_nobody_takes_from_their_own_role(admin: User) -> None:
    by = keeper("mod", "delete")
    own = named("Keeper")

    with pytest.raises(Refused, match="this role yourself"):
        actions.set_role_permissions(own, {"roles": ["MOD"]}, by=by)
    with pytest.raises(Refused, match="this role yourself"):
        actions.delete_role(own, by=by)

    assert permissions_of(named("Keeper"))["roles"] == ["READ", "WRITE", "MOD", "DELETE"]


def test_people_of_a_deleted_role_get_the_other_and_keep_the_rest(admin: User, role: Any) -> None:
    plain, both = make_user(role="Reader"), make_user(role="Reader")
    both.groups.add(named("Operator"))
    login = begin_login(plain)

    with pytest.raises(WrongFields, match="2 users have this role"):
        actions.delete_role(role, by=admin)
    with pytest.raises(WrongFields, match="another role"):
        actions.delete_role(role, by=admin, reassign_to=named("Reader"))
    moved = actions.delete_role(role, by=admin, reassign_to=named("Operator"))

    assert moved == 2
    for user in (plain, both):
        assert [one.name for one in user.roles()] == ["Operator"]
        assert User.objects.get(pk=user.pk).modified_at
    assert is_over(login)


def test_who_gets_admin_instead_enters_the_administration(admin: User, role: Any) -> None:
    user = make_user(role="Reader")

    actions.delete_role(role, by=admin, reassign_to=named("Admin"))

    assert User.objects.get(pk=user.pk).is_staff


def test_a_role_that_nobody_has_is_deleted_for_less(role: Any) -> None:
    assert actions.delete_role(role, by=keeper("delete")) == 0

    assert not role_rows.filter(name="Reader").exists()


@pytest.mark.parametrize(
    ("held", "needed"), [(["write", "delete"], "MOD"), (["mod"], "DELETE"), (["read"], "WRITE")]
)
def test_each_action_names_the_right_it_needs(role: Any, held: list[str], needed: str) -> None:
    by = keeper(*held)
    asked = {
        "MOD": lambda: actions.set_role_permissions(role, {}, by=by),
        "DELETE": lambda: actions.delete_role(role, by=by),
        "WRITE": lambda: actions.update_role(role, by=by, description="x"),
    }

    with pytest.raises(PermissionDenied, match=f"{needed} permission on roles"):
        asked[needed]()

    assert named("Reader").description == "Reads"


def test_a_role_that_is_gone_is_told(admin: User, role: Any) -> None:
    role_rows.filter(pk=role.pk).delete()

    with pytest.raises(Refused, match="meanwhile"):
        actions.set_role_permissions(role, {}, by=admin)
    with pytest.raises(Refused, match="meanwhile"):
        actions.assign_role(make_user(), role, by=admin)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("attempt", range(3))
def test_nobody_gets_a_role_while_it_goes(attempt: int) -> None:
    """Whoever is faster: nobody is left without a role that they were given."""
    seed_roles()
    admin, user = make_admin(), make_user()
    role = role_rows.create(name="Reader")
    together = Barrier(2)

    def act(number: int) -> bool:
        try:
            together.wait(10)
            if number:
                actions.assign_role(user, named("Reader"), by=admin)
            else:
                actions.delete_role(named("Reader"), by=admin)
        except (Refused, Role.DoesNotExist):
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(2) as both:
        done = list(both.map(act, range(2)))

    assert sum(done) == 1
    assert role_rows.filter(pk=role.pk).exists() == user.groups.exists() == done[1]


@pytest.mark.django_db(transaction=True)
def test_changes_of_people_and_roles_wait_for_each_other_without_end() -> None:
    """They lock in one order: no two wait for each other, which a database ends by an error."""
    seed_roles()
    admin = make_admin()
    people = [make_operator() for _ in range(3)]
    steps = 12
    together = Barrier(4)

    def act(number: int) -> None:
        together.wait(10)
        try:
            for step in range(steps):
                user = User.objects.get(pk=people[step % 3].pk)
                wished = {"releases": ["READ" if step % 2 else "MOD"]}
                if number == 0:
                    actions.set_role_permissions(named("Operator"), wished, by=admin)
                elif number == 1:
                    actions.set_custom_permissions(user, wished, by=admin)
                elif number == 2:
                    actions.assign_role(user, named("Operator"), by=admin)
                    actions.remove_role(user, named("Operator"), by=admin)
                else:
                    actions.update_user(user, by=admin, active=bool(step % 2))
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(act, range(4)))

    assert final_permissions(admin)["roles"]
