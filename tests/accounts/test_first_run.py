"""Whoever opens a new instance first becomes its administrator, and nobody else after them."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from importlib import import_module
from threading import Barrier

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction
from django.test import Client

from accounts.models import FirstRun, User
from accounts.preferences import preference
from accounts.seeds import FirstRunOver, awaits_admin, seed_admin, seed_roles, welcome_admin
from tests.factories import make_admin, make_user

PASSWORD = "A good passw0rd for tests"
ANSWERS = {
    "username": "root",
    "email": "",
    "password1": PASSWORD,
    "password2": PASSWORD,
    "language": "fr",
}
CROWD = 20
migration = import_module("accounts.migrations.0005_close_the_first_run_of_older_instances")


@pytest.mark.django_db
def test_a_new_instance_leads_from_every_page_to_its_welcome(client: Client) -> None:
    page = client.get("/releases/", follow=True)

    assert page.redirect_chain[-1] == ("/welcome/", 302)
    assert b"Your password must contain at least 8 characters" in page.content


@pytest.mark.django_db
def test_the_first_admin_is_signed_in_and_greeted_in_their_language(client: Client) -> None:
    made = client.post("/welcome/", ANSWERS)

    admin = User.objects.get()
    assert made.headers["Location"] == "/"
    assert admin.check_password(PASSWORD)
    assert admin.is_superuser
    assert admin.is_staff
    assert [role.name for role in admin.roles()] == ["Admin"]
    assert preference(admin, "language") == "fr"
    assert client.get("/").headers["Content-Language"] == "fr"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "wrong",
    [
        {"username": "x"},
        {"username": "a b"},
        {"password1": "short", "password2": "short"},
        {"password2": "Another passw0rd"},
        {"email": "nowhere"},
        {"language": "de"},
    ],
)
def test_what_makes_no_account_is_told_at_its_field(client: Client, wrong: dict[str, str]) -> None:
    page = client.post("/welcome/", ANSWERS | wrong)

    assert page.status_code == 200
    assert "errorlist" in page.content.decode()
    assert awaits_admin()
    assert not User.objects.exists()


@pytest.mark.django_db
@pytest.mark.usefixtures("seeded")
@pytest.mark.parametrize(
    "end", [make_admin, partial(make_user, role="Admin"), lambda: FirstRun.objects.create(pk=1)]
)
def test_the_page_is_closed_where_there_was_an_admin(
    client: Client, end: Callable[[], object]
) -> None:
    end()
    users = User.objects.count()

    for answer in (client.get("/welcome/"), client.post("/welcome/", ANSWERS)):
        assert answer.headers["Location"] == "/accounts/login/"
    assert User.objects.count() == users


@pytest.mark.django_db
@pytest.mark.usefixtures("seeded")
@pytest.mark.parametrize("make", [make_admin, partial(make_user, role="Admin")])
def test_an_older_instance_stays_closed_when_its_admins_are_gone(make: Callable[[], User]) -> None:
    admin = make()

    migration.close(apps, connection.schema_editor())
    migration.close(apps, connection.schema_editor())  # nothing more is changed
    admin.delete()

    assert not awaits_admin()


@pytest.mark.django_db
def test_an_instance_without_an_admin_stays_open() -> None:
    make_user()

    migration.close(apps, connection.schema_editor())

    assert awaits_admin()


@pytest.mark.django_db
def test_an_admin_who_is_seeded_closes_the_page() -> None:
    seed_roles()
    seed_admin("root", PASSWORD)

    assert not awaits_admin()
    with pytest.raises(FirstRunOver):
        welcome_admin("other", PASSWORD)


@pytest.mark.django_db
@pytest.mark.parametrize("number", [1, 2])
def test_the_database_has_room_for_one_first_run(number: int) -> None:
    FirstRun.objects.create(pk=1)

    with pytest.raises(IntegrityError), transaction.atomic():
        FirstRun.objects.create(pk=number)


@pytest.mark.django_db(transaction=True)
def test_of_a_crowd_one_becomes_admin() -> None:
    together = Barrier(CROWD)

    def come(number: int) -> bool:
        try:
            together.wait(10)
            welcome_admin(f"admin{number}", PASSWORD)
        except FirstRunOver:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(CROWD) as crowd:
        won = list(crowd.map(come, range(CROWD)))

    assert sum(won) == 1
    assert User.objects.get().username == f"admin{won.index(True)}"


@pytest.mark.django_db(transaction=True)
def test_of_the_page_and_the_seeding_one_makes_the_admin() -> None:
    seed_roles()
    together = Barrier(CROWD)

    def come(number: int) -> bool:
        try:
            together.wait(10)
            if number % 2:
                return bool(seed_admin(f"admin{number}", PASSWORD))
            return bool(welcome_admin(f"admin{number}", PASSWORD))
        except FirstRunOver:
            return False
        finally:
            connection.close()

    with ThreadPoolExecutor(CROWD) as crowd:
        won = list(crowd.map(come, range(CROWD)))

    assert sum(won) == User.objects.filter(is_superuser=True).count() == 1
