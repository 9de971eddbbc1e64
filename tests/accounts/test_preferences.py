from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts.models import Preference
from accounts.preferences import KNOWN, prefer, prefer_all, preference, preferences
from tests.factories import make_user

pytestmark = pytest.mark.django_db


def test_ones_own_word_wins_over_that_for_all_and_that_over_what_is_built_in() -> None:
    ann, bob = make_user(), make_user()
    built_in = preference(ann, "view_mode")

    Preference.objects.create(key="view_mode", value="cards")
    for_all = preference(ann, "view_mode")
    prefer(ann, "view_mode", "table")

    assert (built_in, for_all) == ("table", "cards")
    assert (preference(ann, "view_mode"), preference(bob, "view_mode")) == ("table", "cards")


def test_all_preferences_are_resolved_at_once(django_assert_num_queries: Any) -> None:
    ann = make_user()
    prefer(ann, "theme", "dark")

    with django_assert_num_queries(1):
        resolved = preferences(ann)

    assert set(resolved) == set(KNOWN)
    assert resolved["theme"] == "dark"


@pytest.mark.parametrize("key", KNOWN)
def test_what_is_built_in_can_be_kept(key: str) -> None:
    ann = make_user()

    prefer(ann, key, KNOWN[key].built_in)

    assert preference(ann, key) == KNOWN[key].built_in


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("api_priority_order", "OpenLibrary"),
        ("api_priority_order", ["OpenLibrary", "OpenLibrary"]),
        ("api_priority_order", ["OpenLibrary", 7]),
        ("api_priority_order", [""]),
        ("api_priority_order", [f"provider {number}" for number in range(51)]),
        ("wizard_defaults", ["GRP"]),
        ("wizard_defaults", {"group": "G" * 10_000}),
        ("list_filters", None),
        ("view_mode", "grid"),
        ("view_mode", ["table"]),
        ("theme", "pink"),
        ("language", "de"),
        ("notifications", 1),
        ("nonsense", 1),
    ],
)
def test_what_makes_no_sense_is_not_kept(key: str, value: Any) -> None:
    ann = make_user()

    with pytest.raises(ValidationError) as refusal:
        prefer(ann, key, value)

    assert list(refusal.value.message_dict) == [key]
    assert not Preference.objects.exists()


def test_of_several_preferences_all_are_kept_or_none() -> None:
    ann = make_user()

    with pytest.raises(ValidationError):
        prefer_all(ann, {"theme": "dark", "view_mode": "grid"})

    assert preference(ann, "theme") == "auto"


@pytest.mark.parametrize("is_for_all", [True, False])
def test_the_database_keeps_one_value_of_each_key(is_for_all: bool) -> None:
    user = None if is_for_all else make_user()
    Preference.objects.create(user=user, key="theme", value="dark")

    with pytest.raises(IntegrityError), transaction.atomic():
        Preference.objects.create(user=user, key="theme", value="light")
