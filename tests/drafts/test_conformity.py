"""What a draft breaks, and the step that mends it."""

from pathlib import Path
from typing import Any

import pytest

from accounts.models import User
from drafts.answers import Stuck
from drafts.conformity import STEP_THAT_MENDS, TAKEN, findings_of
from drafts.models import Draft
from drafts.steps import BY_KEY
from releases.actions import Refused
from releases.models import Release
from rules.models import Rule
from rules.spec import CHECKS, Severity
from tests.factories import METADATA, make_draft, make_operator, make_release, make_source

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded")]


@pytest.fixture
def operator(seeded: None) -> User:
    return make_operator()


def draft_of(operator: User, **steps: Any) -> Draft:
    defaults: dict[str, Any] = {
        "group": {"group": "GRP"},
        "type": {"release_type": "EBOOK"},
        "rule": {"rule_id": Rule.objects.get(name="2022_EBOOK").pk},
        "enrichment": METADATA,
    }
    if "source" not in steps:
        source = make_source(owner=operator)
        defaults["source"] = {"file_path": str(source.handle), "rights": "own_work"}
    return make_draft(owner=operator, **defaults | steps)


def test_every_check_has_a_step_that_is_there() -> None:
    assert set(STEP_THAT_MENDS) == set(CHECKS)
    assert set(STEP_THAT_MENDS.values()) <= set(BY_KEY)


def steps_of(draft: Draft) -> dict[str, str]:
    return {one.id: one.step.key for one in findings_of(draft)}


def test_a_good_draft_breaks_nothing_that_blocks(operator: User) -> None:
    assert not any(one.is_blocking for one in findings_of(draft_of(operator)))


BROKEN: dict[str, tuple[dict[str, Any], str, str]] = {
    "a wide NFO": ({"nfo": {"template_text": "x" * 99}}, "nfo-width", "nfo"),
    "a size that the rule does not name": ({"options": {"volumes": 7}}, "volume-size", "options"),
    "no source": (
        {"enrichment": METADATA | {"url": "", "source": "RETAiL"}},
        "source-link",
        "enrichment",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_broken_leads_to_its_step(operator: User, name: str) -> None:
    answers, check, step = BROKEN[name]

    assert steps_of(draft_of(operator, **answers))[check] == step


def test_a_file_of_another_type_leads_to_the_file(operator: User) -> None:
    rule = Rule.objects.get(name="2020_WDX")

    assert steps_of(draft_of(operator, rule={"rule_id": rule.pk}))["format"] == "source"


def test_each_is_told_with_section_fix_and_confidence(operator: User) -> None:
    found = findings_of(draft_of(operator, nfo={"template_text": "x" * 99}))

    wide = next(one for one in found if one.id == "nfo-width")
    assert wide.is_blocking
    assert wide.severity == Severity.STRUCTURE
    assert "99" in wide.message
    assert wide.section
    assert wide.fix.endswith(".")
    assert wide.confidence
    assert found == sorted(found, key=lambda one: not one.is_blocking)


def test_a_taken_name_leads_to_the_metadata(operator: User, tmp_path: Path) -> None:
    draft = draft_of(operator)
    make_release(name="Ann.Author.Some.Book.2020.RETAiL.ePUB.eBook-GRP")

    assert Release.objects.exists()
    assert steps_of(draft)[TAKEN] == "enrichment"


@pytest.mark.parametrize(
    ("answers", "step"),
    [
        ({"enrichment": METADATA | {"title": "Long " * 60}}, "enrichment"),
        ({"enrichment": METADATA | {"title": ""}}, "enrichment"),
        ({"nfo": {"template_text": "{{ title"}}, "nfo"),
    ],
)
def test_where_nothing_can_be_said_a_step_mends_that(
    operator: User, answers: dict[str, Any], step: str
) -> None:
    with pytest.raises(Stuck) as stuck:
        findings_of(draft_of(operator, **answers))

    assert stuck.value.step == step


def test_a_rule_that_is_not_complete_any_more_leads_to_the_rules(operator: User) -> None:
    draft = draft_of(operator)
    Rule.objects.filter(name="2022_EBOOK").update(is_complete=False)

    with pytest.raises(Stuck, match="cannot be packed by it any more") as stuck:
        findings_of(draft)

    assert stuck.value.step == "rule"


def test_nothing_can_be_said_of_a_draft_without_a_file(operator: User) -> None:
    with pytest.raises(Refused, match="Choose a type, a rule and a file first"):
        findings_of(make_draft(owner=operator))
