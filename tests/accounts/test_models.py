from typing import Any

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts.hashers import Argon2
from accounts.models import ReleaseGroup, User
from accounts.validators import CapitalAndDigit
from tests.factories import make_user

GOOD = "A good passw0rd for tests"


@pytest.mark.parametrize("password", ["A1", "1A", "passWord5", "É1 A"])
def test_a_capital_and_a_digit_are_enough(password: str) -> None:
    CapitalAndDigit().validate(password)


@pytest.mark.parametrize("password", ["", "password", "PASSWORD", "passw0rd", "12345678"])
def test_a_password_without_capital_or_digit_is_refused(password: str) -> None:
    with pytest.raises(ValidationError, match="a capital letter and a digit"):
        CapitalAndDigit().validate(password)


def test_all_validators_are_asked() -> None:
    validate_password(GOOD)
    with pytest.raises(ValidationError, match="too short"):
        validate_password("Sh0rt")
    with pytest.raises(ValidationError, match="too similar"):
        validate_password("Somebody1", make_user_in_memory())


def make_user_in_memory() -> User:
    return User(username="somebody1")


def test_our_hasher_is_argon2_and_lighter_than_djangos() -> None:
    hasher = Argon2()

    encoded = hasher.encode(GOOD, hasher.salt())

    assert encoded.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
    assert hasher.verify(GOOD, encoded)
    assert not hasher.verify(f"{GOOD}!", encoded)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "fields",
    [
        {"username": "ab"},
        {"username": "a" * 101},
        {"username": "with space"},
        {"username": "<script>"},
        {"username": ""},
        {"note": "x" * 501},
    ],
)
def test_a_user_has_a_proper_name_and_note(fields: dict[str, Any]) -> None:
    user = User(**{"username": "somebody", "password": "!"} | fields)

    with pytest.raises(ValidationError) as raised:
        user.full_clean()

    assert raised.value.message_dict.keys() == fields.keys()


@pytest.mark.django_db
@pytest.mark.parametrize("username", ["abc", "a" * 100, "ann.author", "ann@example.org", "Éric"])
def test_a_user_name_of_three_to_a_hundred_characters_is_taken(username: str) -> None:
    User(username=username, password="!", note="x" * 500).full_clean()


@pytest.mark.django_db
def test_a_user_name_is_taken_once() -> None:
    make_user(username="somebody")

    with pytest.raises(IntegrityError), transaction.atomic():
        make_user(username="somebody")
    with pytest.raises(ValidationError, match="exists already"):
        User(username="somebody", password="!").full_clean()


@pytest.mark.django_db
@pytest.mark.parametrize("tag", ["", "grp", "GR P", "GRP-1", "É", "GRP\n", "A" * 101])
def test_a_group_has_a_tag_of_capitals_and_digits(tag: str) -> None:
    with pytest.raises(ValidationError) as raised:
        ReleaseGroup(tag=tag).full_clean()

    assert raised.value.message_dict.keys() == {"tag"}


@pytest.mark.django_db
def test_a_tag_is_taken_once() -> None:
    ReleaseGroup.objects.create(tag="GRP")

    with pytest.raises(IntegrityError), transaction.atomic():
        ReleaseGroup.objects.create(tag="GRP")


@pytest.mark.django_db
def test_a_group_is_called_by_its_tag() -> None:
    assert str(ReleaseGroup(tag="GRP")) == "GRP"
