import pytest
from django.core.exceptions import ValidationError

from accounts.models import Role, User
from accounts.permissions import final_permissions
from accounts.seeds import seed_admin, seed_roles
from tests.factories import make_admin, make_user

pytestmark = pytest.mark.django_db
PASSWORD = "A good passw0rd for tests"


def test_roles_are_seeded_with_their_permissions() -> None:
    seed_roles()

    assert final_permissions(make_user(role="Operator")) == {
        "releases": ["READ", "WRITE", "MOD"],
        "rules": ["READ", "WRITE"],
        "users": [],
        "roles": [],
        "config": [],
    }
    assert all(len(held) == 4 for held in final_permissions(make_user(role="Admin")).values())


def test_seeding_again_keeps_what_admins_made_of_a_role() -> None:
    seed_roles()
    operator = Role.objects.get(name="Operator")
    operator.permissions.clear()

    seed_roles()

    assert Role.objects.count() == 2
    assert not operator.permissions.exists()


def test_the_first_admin_is_made_with_the_password_given() -> None:
    seed_roles()

    assert seed_admin("root", PASSWORD) == PASSWORD

    admin = User.objects.get()
    assert admin.check_password(PASSWORD)
    assert admin.is_superuser
    assert admin.is_staff
    assert [role.name for role in admin.roles()] == ["Admin"]


def test_without_a_password_a_good_one_is_made_each_time() -> None:
    seed_roles()
    first = seed_admin("root", "")
    User.objects.all().delete()
    second = seed_admin("root", "")

    assert first
    assert second
    assert first != second
    assert User.objects.get().check_password(second)


def test_the_admin_is_made_once() -> None:
    seed_roles()
    seed_admin("root", PASSWORD)

    assert seed_admin("root", "An0ther good passw0rd") is None
    assert seed_admin("other", "") is None
    assert User.objects.get().check_password(PASSWORD)


def test_no_admin_is_made_where_there_is_one() -> None:
    make_admin(is_active=False)

    assert seed_admin("root", PASSWORD) is None


@pytest.mark.parametrize(
    "password", ["Sh0rt", "alllower1", "NoDigitHere", "password", "1234567890", "Administrator1"]
)
def test_a_weak_password_is_refused_and_nobody_made(password: str) -> None:
    seed_roles()

    with pytest.raises(ValidationError):
        seed_admin("administrator", password)

    assert not User.objects.exists()


@pytest.mark.django_db
def test_the_name_of_an_ordinary_user_is_not_taken_from_them() -> None:
    make_user(username="admin")

    with pytest.raises(ValidationError, match="choose another"):
        seed_admin("admin", "")
