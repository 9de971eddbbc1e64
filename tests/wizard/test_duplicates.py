"""Step 8 tells of releases like the one to be packed, and lets those confirm who may."""

from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from releases.models import Release
from tests.factories import METADATA, make_admin, make_operator, make_release, make_source
from tests.wizard.test_views import Walker, errors

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded")]
BOX = b'name="confirm_duplicates"'


def make_packed(owner: User, **fields: Any) -> Release:
    source = make_source(owner=owner, title="Of other bytes than the walker's")
    packed: dict[str, Any] = {"packed_at": timezone.now(), "status": "completed"}
    return make_release(owner=owner, **packed | {"source": source} | fields)


def at_options(user: User) -> Walker:
    walker = Walker(user)
    walker.walk(until="options")
    return walker


def test_an_operator_sees_the_duplicate_and_cannot_go_on() -> None:
    operator = make_operator()
    earlier = make_packed(operator)
    walker = at_options(operator)

    page = walker.get("options")
    tried = walker.answer("options", generate_sfv="on", confirm_duplicates="on")

    assert earlier.get_absolute_url().encode() in page.content
    assert b"Only an administrator" in page.content
    assert BOX not in page.content
    assert page.context["is_blocked"]
    assert b"The structure conforms" in page.content
    assert "Look at the releases like this one first." in str(errors(tried)["__all__"])
    assert Release.objects.get() == earlier


def test_an_admin_confirms_and_goes_on() -> None:
    admin = make_admin()
    earlier = make_packed(admin)
    walker = at_options(admin)

    page = walker.get("options")
    walker.answer("options", generate_sfv="on")
    assert Release.objects.count() == 1
    packed = walker.answer("options", generate_sfv="on", confirm_duplicates="on")

    assert BOX in page.content
    assert not page.context["is_blocked"]
    assert packed.context["step"].key == "destination"
    assert Release.objects.exclude(pk=earlier.pk).get().duplicate_confirmed_by == admin


def test_a_confirmation_is_not_kept_for_another_try() -> None:
    admin = make_admin()
    walker = at_options(admin)
    walker.answer("options", volumes="7", confirm_duplicates="on")  # refused for its volumes
    make_packed(admin)

    page = walker.answer("options", generate_sfv="on")

    assert "__all__" in errors(page)


def test_what_is_doubtful_an_operator_confirms() -> None:
    operator = make_operator()
    make_packed(operator, metadata=METADATA | {"year": 1999})
    walker = at_options(operator)

    page = walker.get("options")
    packed = walker.answer("options", generate_sfv="on", confirm_duplicates="on")

    assert b"Perhaps a duplicate" in page.content
    assert BOX in page.content
    assert packed.context["step"].key == "destination"


def test_what_is_allowed_is_told_and_asks_nothing() -> None:
    operator = make_operator()
    make_packed(operator, metadata=METADATA | {"language": "fr"})

    page = at_options(operator).get("options")

    assert b"is in another language." in page.content
    assert BOX not in page.content
    assert not page.context["is_blocked"]


def test_what_one_may_not_see_is_not_named() -> None:
    hidden = make_packed(make_operator())

    page = at_options(make_operator()).get("options")

    assert b"A release that you may not see is of the same work." in page.content
    assert hidden.name.encode() not in page.content
    assert hidden.get_absolute_url().encode() not in page.content


def test_nothing_alike_is_nothing_told() -> None:
    page = at_options(make_operator()).get("options")

    assert b"Releases like this one" not in page.content


def test_the_step_costs_no_more_where_many_are_alike(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    operator = make_operator()
    for year in range(1990, 2010):
        make_packed(operator, metadata=METADATA | {"year": year})
    walker = at_options(operator)
    walker.get("options")

    with django_assert_max_num_queries(10):
        page = walker.client.get(walker.url("options"))

    assert page.content.count(b"Perhaps a duplicate") == 20
