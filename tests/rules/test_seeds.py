import pytest

from accounts.models import User
from rules.models import Rule
from rules.seeds import seed_rules
from rules.shipped import NAMES, SPECS, read_rule
from rules.spec import Spec
from tests.factories import make_user

pytestmark = pytest.mark.django_db


def test_every_spec_ships_under_its_name() -> None:
    assert sorted(NAMES) == sorted(path.stem for path in SPECS.glob("*.toml"))
    assert [read_rule(name).name for name in NAMES] == list(NAMES)


def test_seeding_makes_a_rule_of_each_spec() -> None:
    seed_rules()

    assert sorted(Rule.objects.values_list("name", flat=True)) == sorted(NAMES)
    assert all(rule.release_type == rule.spec.release_type for rule in Rule.objects.all())


def test_seeding_twice_changes_no_number() -> None:
    seed_rules()
    before = dict(Rule.objects.values_list("name", "pk"))

    seed_rules()

    assert dict(Rule.objects.values_list("name", "pk")) == before


def test_seeding_keeps_a_published_text_and_mends_the_spec() -> None:
    seed_rules()
    Rule.objects.filter(name="2022_EBOOK").update(content="The rule as published", spec_data={})

    seed_rules()

    rule = Rule.objects.get(name="2022_EBOOK")
    assert rule.content == "The rule as published"
    assert rule.spec == Spec.from_dict(rule.spec_data)


def test_the_rule_of_ebooks_is_recommended_for_them() -> None:
    seed_rules()

    assert Rule.objects.for_type("EBOOK").recommended_first()[0].name == "2022_EBOOK"
    assert Rule.objects.for_type("TV").recommended_first()[0].name == "2020_WDX"


def test_a_rule_says_its_year_and_section(seeded: None) -> None:
    assert str(Rule.objects.get(name="2022_EBOOK")) == "[2022] eBOOK"


def test_a_rule_outlives_who_added_it(seeded: None) -> None:
    rule = Rule.objects.get(name="2022_EBOOK")
    rule.created_by = make_user()
    rule.save()

    User.objects.all().delete()

    rule.refresh_from_db()
    assert rule.created_by is None
