"""What the lists of people, roles and groups are searched by."""

import signal
from collections.abc import Iterator
from typing import Any

import pytest

from accounts.filters import NAMES, sought
from accounts.models import User
from tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def patience() -> Iterator[None]:
    """Fail what would go on for days."""

    def give_up(*_about: Any) -> None:
        raise TimeoutError

    former = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(30)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, former)


@pytest.mark.parametrize(
    ("search", "is_found"),
    [
        ("a*c*e", True),
        ("*b*D*", True),
        ("c*a", False),
        ("ab*b", False),
        ("a.*e", False),
        ("*", True),
    ],
)
def test_a_star_stands_for_any_letters(search: str, is_found: bool) -> None:
    make_user(username="abcde")

    assert sought(User.objects.all(), search, NAMES).exists() is is_found


@pytest.mark.usefixtures("patience")
def test_many_stars_keep_nobody_waiting() -> None:
    make_user(username="a" * 100)

    assert not sought(User.objects.all(), "a*" * 30 + "b", NAMES).exists()
