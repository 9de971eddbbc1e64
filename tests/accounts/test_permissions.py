from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from accounts.models import ACTIONS, Role, User
from accounts.permissions import (
    RESOURCES,
    Outranked,
    custom_permissions,
    final_permissions,
    grant,
    granted,
    holds,
    permission,
    permissions_of,
    require,
    require_all,
    require_rank,
    role_permissions,
    set_permissions,
    with_implied,
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


def test_what_roles_give_is_told_apart_from_ones_own() -> None:
    operator = make_operator()
    grant(operator, "rules", "delete")

    assert role_permissions(operator)["rules"] == ["READ", "WRITE"]
    assert custom_permissions(operator)["rules"] == ["DELETE"]
    assert final_permissions(operator)["rules"] == ["READ", "WRITE", "DELETE"]


def test_final_permissions_of_who_is_deactivated_are_what_they_would_be_again() -> None:
    gone = make_operator(is_active=False)

    assert final_permissions(gone)["rules"] == ["READ", "WRITE"]
    assert held(gone, "rules") == []


@pytest.mark.parametrize("make", [make_user, lambda: Role.objects.create(name="Some")])
def test_permissions_are_set_whole(make: Callable[[], Any]) -> None:
    holder = make()
    grant(holder, "config", "mod")

    set_permissions(holder, {"releases": ["MOD"], "rules": ["delete", "READ"], "users": []})

    told = custom_permissions(holder) if isinstance(holder, User) else permissions_of(holder)
    assert told == {
        "releases": ["READ", "WRITE", "MOD"],
        "rules": ["READ", "DELETE"],
        "users": [],
        "roles": [],
        "config": [],
    }


@pytest.mark.parametrize("wished", [{"planets": ["READ"]}, {"rules": ["FLY"]}])
def test_there_is_no_permission_besides_those_that_there_are(wished: dict[str, list[str]]) -> None:
    with pytest.raises(KeyError):
        with_implied(wished)


def test_all_that_is_given_must_be_held() -> None:
    operator = make_operator()

    require_all(operator, {("releases", "mod"), ("rules", "write")})
    with pytest.raises(PermissionDenied, match="MOD permission on rules"):
        require_all(operator, {("releases", "mod"), ("rules", "mod")})


def test_a_token_gives_no_more_than_it_may() -> None:
    admin = make_admin()
    admin.scopes = frozenset({"rules:read"})

    require_all(admin, {("rules", "read")})
    with pytest.raises(PermissionDenied, match="WRITE permission on rules"):
        require_all(admin, {("rules", "write")})


RANKS: dict[str, tuple[Callable[[], User], Callable[[], User], bool]] = {
    "an equal": (make_operator, make_operator, True),
    "less": (make_operator, make_user, True),
    "more by a role": (make_user, make_operator, False),
    "an admin by role": (make_operator, lambda: make_user(role="Admin"), False),
    "a superuser": (make_operator, make_admin, False),
    "who was deactivated": (make_user, lambda: make_operator(is_active=False), False),
    "admins among each other": (make_admin, lambda: make_user(role="Admin"), True),
    "admins the other way round": (lambda: make_user(role="Admin"), make_admin, True),
}


@pytest.mark.parametrize("case", RANKS)
def test_who_may_do_more_is_out_of_reach(case: str) -> None:
    make, make_other, is_in_reach = RANKS[case]
    user, other = again(make()), make_other()
    person = User.objects.filter(pk=other.pk)

    if is_in_reach:
        require_rank(user, person)
    else:
        with pytest.raises(Outranked, match=f"^{other.username} may do more than you"):
            require_rank(user, person)


def test_one_grant_more_is_out_of_reach_and_a_grant_on_one_object_is_not() -> None:
    user, other = make_operator(), make_operator()
    person = User.objects.filter(pk=other.pk)

    grant(other, "releases", "delete", make_release())
    require_rank(user, person)
    grant(other, "config", "read")

    with pytest.raises(Outranked):
        require_rank(user, person)


def test_a_token_reaches_nobody_who_may_do_more_than_it() -> None:
    admin, operator = make_admin(), make_operator()
    admin.scopes = frozenset({"users:read", "users:write", "users:mod"})

    require_rank(admin, User.objects.filter(pk=make_user().pk))
    for other in (operator, admin, make_user(role="Admin")):
        with pytest.raises(Outranked):
            require_rank(admin, User.objects.filter(pk=other.pk))
