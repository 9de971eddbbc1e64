import pytest
from django.core.exceptions import PermissionDenied

from accounts.models import ACTIONS, Role, User
from accounts.permissions import (
    RESOURCES,
    final_permissions,
    grant,
    granted,
    holds,
    permission,
    require,
)
from releases.models import Release
from rules.models import Rule
from tests.factories import make_admin, make_operator, make_release, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded")]


def again(user: User) -> User:
    """Return `user` as the next request sees them."""
    return User.objects.get(pk=user.pk)


def held(user: User, resource: str, subject: object = None) -> list[str]:
    user = again(user)
    return [action for action in ACTIONS if holds(user, resource, action, subject)]


def test_every_permission_exists_in_the_database() -> None:
    operator = make_user()

    for resource in RESOURCES:
        for action in ACTIONS:
            grant(operator, resource, action)

    assert final_permissions(again(operator)) == {
        resource: ["READ", "WRITE", "MOD", "DELETE"] for resource in RESOURCES
    }


def test_nobody_holds_anything_by_themselves() -> None:
    owner = make_user()
    release = make_release(owner=owner)

    assert held(owner, "releases") == []
    assert held(owner, "releases", release) == []
    assert held(owner, "rules", release.rule) == []


def test_a_role_gives_its_permissions_on_what_is_ones_own() -> None:
    operator = make_operator()

    assert held(operator, "releases", make_release(owner=operator)) == ["read", "write", "mod"]


def test_a_role_gives_nothing_on_what_is_somebody_elses() -> None:
    operator, release = make_operator(), make_release()

    assert held(operator, "releases") == ["read", "write", "mod"]
    assert held(operator, "releases", release) == []


def test_a_member_of_the_group_may_look_and_not_touch() -> None:
    operator, release = make_operator(), make_release()
    release.group.members.add(operator)

    assert held(operator, "releases", release) == []


def test_rules_are_everybodys() -> None:
    assert held(make_operator(), "rules", Rule.objects.all()[0]) == ["read", "write"]


def test_a_grant_on_one_object_gives_that_one() -> None:
    friend, release, other = make_user(), make_release(), make_release()

    grant(friend, "releases", "delete", release)

    assert held(friend, "releases", release) == ["delete"]
    assert held(friend, "releases", other) == []
    assert held(friend, "releases") == []


def test_a_grant_on_one_object_adds_to_the_role() -> None:
    operator = make_operator()
    release = make_release(owner=operator)

    grant(operator, "releases", "delete", release)

    assert held(operator, "releases", release) == ["read", "write", "mod", "delete"]


def test_a_grant_to_a_role_gives_it_to_its_users() -> None:
    operator, release = make_operator(), make_release()

    grant(Role.objects.get(name="Operator"), "releases", "read", release)

    assert held(operator, "releases", release) == ["read"]
    assert held(make_user(), "releases", release) == []


def test_an_admin_may_do_all_with_everything() -> None:
    release = make_release()

    for resource, subject in [("releases", release), ("rules", release.rule), ("config", None)]:
        assert held(make_admin(), resource, subject) == list(ACTIONS)


@pytest.mark.parametrize("is_superuser", [True, False])
def test_who_is_deactivated_may_do_nothing(is_superuser: bool) -> None:
    gone = make_operator(is_superuser=is_superuser, is_active=False)
    release = make_release(owner=gone)
    grant(gone, "releases", "delete", release)

    assert held(gone, "releases") == []
    assert held(gone, "releases", release) == []


@pytest.mark.parametrize(
    ("action", "given"),
    [
        ("read", ["read"]),
        ("write", ["read", "write"]),
        ("mod", ["read", "write", "mod"]),
        ("delete", ["delete"]),
    ],
)
@pytest.mark.parametrize("on_one", [True, False])
def test_a_permission_implies_lesser_ones_when_it_is_granted(
    action: str, given: list[str], on_one: bool
) -> None:
    user, release = make_user(), make_release()
    subject = release if on_one else None

    grant(user, "releases", action, subject)

    assert held(user, "releases", subject) == given


def test_require_lets_pass_or_names_what_lacks() -> None:
    operator = make_operator()

    require(operator, "releases", "write")
    with pytest.raises(PermissionDenied, match=r"^You don't have DELETE permission on releases$"):
        require(operator, "releases", "delete")
    with pytest.raises(PermissionDenied, match=r"^You don't have READ permission on releases$"):
        require(operator, "releases", "read", make_release())


def test_granted_finds_what_was_granted_one_by_one() -> None:
    friend, release = make_operator(), make_release()
    make_release(owner=friend)

    grant(friend, "releases", "write", release)

    assert list(Release.objects.filter(granted(Release, friend, "releases"))) == [release]


def test_final_permissions_add_own_grants_to_those_of_the_roles() -> None:
    operator = make_operator()
    grant(operator, "config", "write")
    grant(operator, "releases", "delete", make_release())  # of one release, so not of all

    assert final_permissions(again(operator)) == {
        "releases": ["READ", "WRITE", "MOD"],
        "rules": ["READ", "WRITE"],
        "users": [],
        "roles": [],
        "config": ["READ", "WRITE"],
    }


def test_final_permissions_of_an_admin_are_all() -> None:
    assert set(map(tuple, final_permissions(make_admin()).values())) == {
        ("READ", "WRITE", "MOD", "DELETE")
    }


def test_a_permission_has_djangos_name() -> None:
    assert permission("config", "mod") == "accounts.mod_config"
