"""Which template a draft gets, and what becomes of it where that is taken away."""

import pytest

from accounts.models import User
from drafts import actions as drafts
from drafts.models import Draft
from drafts.steps import BY_KEY
from releases import actions
from releases.models import NfoTemplate, Release
from rules.models import Rule
from tests.drafts.test_actions import finished_draft
from tests.factories import make_operator, make_template

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator(seeded: None) -> User:
    return make_operator()


def test_a_draft_gets_the_template_made_for_its_rule_then_ones_default(operator: User) -> None:
    draft = finished_draft(operator)
    own = make_template(created_by=operator)
    assert again(draft).template == NfoTemplate.objects.get(name="ebook")

    actions.make_own_default(own, "EBOOK", by=operator)
    assert again(draft).template == own

    rule = Rule.objects.get(name="2022_EBOOK")
    make_template(created_by=make_operator(), type="EBOOK", rule=rule)
    of_rule = make_template(created_by=operator, type="EBOOK", rule=rule)
    assert again(draft).template == of_rule


def test_a_template_deleted_under_a_draft_gives_way_to_the_next(operator: User) -> None:
    draft = finished_draft(operator)
    chosen = make_template(created_by=operator)
    answered = {"template_id": chosen.pk, "template_text": ""}
    drafts.record_answers(draft, BY_KEY["nfo"], answered)
    assert again(draft).template == chosen

    actions.delete_template(chosen, by=operator)
    job = drafts.pack_draft(again(draft), by=operator)

    release = Release.objects.get()
    assert job.subject == release.subject
    assert release.nfo_template == NfoTemplate.objects.get(name="ebook")


def test_anothers_template_cannot_be_chosen(operator: User) -> None:
    hidden = make_template(created_by=make_operator())

    form = drafts.bound_form(finished_draft(operator), BY_KEY["nfo"], {"template_id": hidden.pk})

    assert list(form.errors) == ["template_id"]


def test_a_text_that_differs_by_the_case_of_a_letter_is_ones_own(operator: User) -> None:
    ebook = NfoTemplate.objects.get(name="ebook")
    typed = {"template_id": ebook.pk, "template_text": ebook.content + "x"}
    make_template(content=ebook.content + "X")

    form = drafts.bound_form(finished_draft(operator), BY_KEY["nfo"], typed)

    assert form.is_valid()
    assert form.answers()["template_text"] == ebook.content + "x"


def again(draft: Draft) -> Draft:
    """Return the draft as another request sees it."""
    return Draft.objects.get(pk=draft.pk)
