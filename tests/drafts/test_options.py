import pytest

from drafts import actions
from drafts.models import Draft
from drafts.steps import BY_KEY
from rules.models import Rule
from tests.factories import make_draft, make_operator

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded")]


def draft_by(rule: Rule) -> Draft:
    return make_draft(
        owner=make_operator(),
        type={"release_type": rule.spec.release_type},
        rule={"rule_id": rule.pk},
    )


def rule_with(**spec: object) -> Rule:
    rule = Rule.objects.get(name="2020_WDX")
    rule.spec_data |= spec
    rule.save()
    return rule


def test_rar_5_is_refused_where_the_rule_knows_rar_4_alone() -> None:
    form = actions.completed_form(draft_by(rule_with()), BY_KEY["options"], {"rar_version": "5"})

    assert "rar_version" in form.errors


def test_rar_5_is_offered_where_the_rule_allows_it() -> None:
    draft = draft_by(rule_with(rar_versions=[4, 5]))

    form = actions.completed_form(draft, BY_KEY["options"], {"rar_version": "5"})

    assert form.is_valid()
    assert form.answers()["rar_version"] == 5
