"""What is typed is kept: while it is typed, beside another tab, and when the session ends."""

from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.preferences import prefer
from drafts import actions
from drafts.models import Draft
from drafts.pages import PROGRAM, Page
from drafts.steps import BY_KEY, STEPS
from jobs.models import Job
from releases.models import Release, Source
from rules.models import Rule
from tests.factories import METADATA, make_book, make_operator
from tests.wizard.test_views import Walker, run_jobs, upload

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded")]


@pytest.fixture
def walker() -> Walker:
    return Walker(make_operator())


def keep(walker: Walker, step: str, **typed: Any) -> Any:
    return walker.client.post(f"{walker.url(step)}keep/", {"page": "one", "seen": "0"} | typed)


def typed(walker: Walker, step: str) -> dict[str, list[str]]:
    walker.draft.refresh_from_db()
    return dict(walker.draft.typed.get(step, {}))


def states(page: Any) -> dict[str, str]:
    return {one.step.key: one.state for one in page.context["listed_steps"]}


def test_what_is_typed_is_kept_and_shown_again(walker: Walker) -> None:
    answer = keep(walker, "group", group="HALF-")

    assert answer.json()["wrong"] == {
        "group": ["The group's name must consist of capital letters and digits alone"]
    }
    assert 'value="HALF-"' in walker.get("group").content.decode()
    assert states(walker.get("group"))["group"] == "wrong"


def test_what_is_not_typed_yet_is_no_mistake(walker: Walker) -> None:
    walker.walk(until="enrichment")

    answer = keep(walker, "enrichment", title="", isbn="978-3")

    assert answer.json() == {
        "wrong": {"isbn": ["This is not an ISBN: a digit is wrong or missing."]}
    }


def test_keeping_is_no_answer(walker: Walker) -> None:
    keep(walker, "group", group="GRP")

    walker.draft.refresh_from_db()
    assert walker.draft.answers == {}


def test_typing_the_answer_that_stands_leaves_the_step_done(walker: Walker) -> None:
    walker.answer("group", group="GRP")
    keep(walker, "group", group="OTHER")
    keep(walker, "group", group="GRP")

    assert states(walker.get("type"))["group"] == "done"


def test_what_was_changed_and_not_confirmed_is_not_packed(walker: Walker) -> None:
    walker.walk(until="options")
    keep(walker, "enrichment", **METADATA | {"title": "Another Title"})

    page = walker.answer("options", generate_sfv="on")

    assert page.context["step"].key == "enrichment"
    assert 'value="Another Title"' in page.content.decode()
    assert not Release.objects.exists()


def test_a_mistake_is_kept_as_well(walker: Walker) -> None:
    walker.answer("group", group="NO-GOOD")

    assert typed(walker, "group") == {"group": ["NO-GOOD"]}


def test_an_older_tab_overwrites_nothing_unseen(walker: Walker) -> None:
    keep(walker, "group", page="one", group="FIRST")

    answer = keep(walker, "group", page="two", group="SECOND")

    assert answer.status_code == 409
    assert "FIRST" in answer.json()["html"]
    assert "SECOND" in answer.json()["html"]
    assert typed(walker, "group") == {"group": ["FIRST"]}


def test_a_number_that_no_row_can_have_is_shown_as_nothing(walker: Walker) -> None:
    walker.walk(until="rule")
    keep(walker, "rule", page="one", rule_id=str(Rule.objects.get(name="2022_EBOOK").pk))

    answer = keep(walker, "rule", page="two", rule_id="9" * 30)

    assert answer.status_code == 409


def test_an_older_tab_is_asked_which_is_to_stay(walker: Walker) -> None:
    walker.answer("group", page="one", seen="0", group="FIRST")

    asked = walker.answer("group", page="two", seen="0", group="SECOND")

    assert asked.context["step"].key == "group"
    assert b"changed elsewhere meanwhile" in asked.content
    assert b'value="SECOND"' in asked.content
    version = asked.context["overtaken"].version
    walker.answer("group", page="two", seen="0", keep_mine=version, group="SECOND")
    assert typed(walker, "group") == {"group": ["SECOND"]}


def test_a_tab_may_overwrite_what_it_has_seen_and_what_it_wrote(walker: Walker) -> None:
    walker.answer("group", page="one", seen="0", group="FIRST")
    walker.draft.refresh_from_db()

    walker.answer("group", page="two", seen=walker.draft.version, group="SECOND")
    page = walker.answer("group", page="two", seen="0", group="THIRD")

    walker.draft.refresh_from_db()
    assert walker.draft.answer("group", "group") == "THIRD"
    assert page.context["step"].key == "type"


def test_tabs_at_two_steps_are_merged_silently(walker: Walker) -> None:
    walker.answer("group", page="one", seen="0", group="GRP")

    page = walker.answer("type", page="two", seen="0", release_type="EBOOK")

    assert page.context["step"].key == "rule"


def test_two_tabs_that_say_the_same_are_of_one_mind(walker: Walker) -> None:
    walker.answer("group", page="one", seen="0", group="GRP")

    page = walker.answer("group", page="two", seen="0", group="GRP")

    assert page.context["step"].key == "type"


def test_a_tab_does_not_overwrite_what_a_program_wrote(walker: Walker) -> None:
    step = BY_KEY["group"]
    actions.record_answers(walker.draft, step, {"group": "API"}, page=Page(PROGRAM))

    assert keep(walker, "group", group="MINE").status_code == 409


def test_what_a_dropped_step_had_is_nothing_to_overwrite(walker: Walker) -> None:
    walker.walk(until="nfo")
    walker.answer("type", page="one", seen="999", release_type="TV")

    assert keep(walker, "enrichment", page="two", title="Typed").status_code == 200
    assert typed(walker, "enrichment") == {"title": ["Typed"]}


def test_a_draft_packed_in_another_tab_says_so(walker: Walker) -> None:
    walker.walk(until="destination")

    kept = keep(walker, "group", group="LATE")
    sent = walker.answer("group", group="LATE")

    assert kept.status_code == 409
    assert "repack it" in kept.json()["html"]
    assert sent.context["step"].key == "destination"
    assert b"its answers can only be looked at" in sent.content


def test_a_draft_that_is_gone_says_so_and_leads_on(walker: Walker) -> None:
    walker.draft.delete()

    kept = keep(walker, "group", group="LATE")
    page = walker.client.post(walker.url("group"), {"group": "<b>LATE"})
    partial = walker.answer("group", group="LATE")

    assert (kept.status_code, page.status_code, partial.status_code) == (404, 404, 404)
    assert "discarded" in kept.json()["html"]
    assert "&lt;b&gt;LATE" in page.content.decode()
    assert b"<html" not in partial.content


def test_a_strangers_draft_is_as_one_that_never_was(walker: Walker) -> None:
    walker.client.force_login(make_operator())

    assert keep(walker, "group", group="X").status_code == 404
    assert walker.client.get(walker.url("group")).status_code == 404


def test_steps_of_a_packed_draft_can_be_looked_at_and_not_changed(walker: Walker) -> None:
    walker.walk(until="destination")

    for step in STEPS[:8]:
        page = walker.get(step.key)
        assert page.context["step"] == step
        assert b'<fieldset class="wizard-body" disabled>' in page.content
        assert Release.objects.get().get_absolute_url().encode() in page.content


def test_keeping_without_a_session_tells_the_way_to_the_login(walker: Walker) -> None:
    walker.client.logout()

    answer = keep(walker, "group", group="X")

    assert answer.status_code == 401
    assert answer.json()["login"] == f"/accounts/login/?next={walker.url('group')}"


def log_in_again(walker: Walker) -> None:
    walker.draft.owner.set_password("Correct-Horse-7")
    walker.draft.owner.save()
    walker.client.logout()


@pytest.mark.parametrize("htmx", [True, False])
def test_what_was_sent_without_a_session_is_shown_after_the_login(htmx: bool) -> None:
    walker = Walker(make_operator(), htmx=htmx)
    log_in_again(walker)

    walker.client.post(walker.url("group"), {"group": "TYPED"}, headers=walker.headers)
    login = {"username": walker.draft.owner.username, "password": "Correct-Horse-7"}
    there = f"/accounts/login/?next={walker.url('group')}"
    page = walker.client.post(there, login | {"next": walker.url("group")}, follow=True)

    assert page.context["step"].key == "group"
    assert 'value="TYPED"' in page.content.decode()
    assert "what you typed is still here" in page.content.decode()


def test_a_stranger_without_a_session_fills_no_store(walker: Walker) -> None:
    stranger = Client()
    stranger.post(walker.url("group").replace(str(walker.draft.uuid)[:4], "0000"), {"group": "X"})
    stranger.post(walker.url("group"), {"group": "X" * 600_000})

    assert "put_aside" not in stranger.session


def test_what_was_put_aside_does_not_come_to_another_person(walker: Walker) -> None:
    log_in_again(walker)
    walker.client.post(walker.url("group"), {"group": "TYPED"})
    walker.client.force_login(make_operator())

    assert walker.client.get(walker.url("group")).status_code == 404
    assert typed(walker, "group") == {}


def test_a_step_ahead_that_is_not_open_any_more_loses_nothing(walker: Walker) -> None:
    walker.walk(until="nfo")
    walker.answer("type", release_type="TV")

    page = walker.answer("enrichment", title="Typed meanwhile", page="two", seen="0")

    assert page.context["step"].key == "rule"
    assert typed(walker, "enrichment")["title"] == ["Typed meanwhile"]


def test_the_last_step_waits_for_the_packing(walker: Walker) -> None:
    walker.walk(until="options")

    assert walker.get("destination").context["step"].key == "options"


def test_a_rule_that_is_gone_marks_its_step(walker: Walker) -> None:
    walker.walk(until="options")
    Rule.objects.filter(name="2022_EBOOK").update(is_complete=False, spec_data={})

    assert states(walker.get("options"))["rule"] == "wrong"


def test_what_must_be_mended_is_listed_and_led_to(walker: Walker) -> None:
    page = walker.answer("group", group="NO-GOOD").content.decode()

    assert '<a class="alert-link" href="#id_group">Release group</a>' in page


def test_new_drafts_begin_with_what_is_usual(walker: Walker) -> None:
    usual = {"group": "USUAL", "release_type": "EBOOK", "rights": "licensed", "language": "fr"}
    prefer(walker.draft.owner, "wizard_defaults", usual | {"source": "SCAN"})

    assert 'value="USUAL"' in walker.get("group").content.decode()
    walker.walk(until="source", book=make_book())
    assert walker.get("source").context["form"]["rights"].value() == "licensed"
    walker.answer("source", file=upload(make_book(language="")), rights="licensed")
    run_jobs()
    walker.answer("analysis")
    form = walker.get("enrichment").context["form"]
    assert form["source"].value() == "SCAN"


def test_what_is_answered_becomes_usual(walker: Walker) -> None:
    walker.walk(until="destination")

    walker.client.post(f"/wizard/{walker.draft.uuid}/remember/")

    again = Walker(walker.draft.owner)
    assert again.draft.defaults == {
        "group": "GRP",
        "release_type": "EBOOK",
        "rights": "own_work",
        "language": "en",
        "source": "RETAiL",
        "generate_sfv": True,
    }


def test_two_people_pack_the_sample(client: Client) -> None:
    for _number in range(2):
        client.force_login(make_operator())
        client.post("/wizard/sample/")
        walker = Walker.__new__(Walker)
        walker.client, walker.headers = client, {}
        walker.draft = Draft.objects.newest_first()[0]
        run_jobs()
        walker.answer("analysis")
        fields = walker.get("enrichment").context["form"]
        proposed = {name: fields[name].value() or "" for name in fields.fields if name != "locked"}
        walker.answer("enrichment", **proposed)
        walker.answer("nfo", template_id=walker.get("nfo").context["template"].pk, template_text="")
        walker.answer("options", generate_sfv="on")
        run_jobs()

    names = Release.objects.values_list("name", "status")
    assert [status for _name, status in names] == ["completed", "completed"]
    assert all("INTERNAL" in name.upper() for name, _status in names)
    assert Source.objects.count() == 2


def test_a_packing_that_failed_says_why_and_is_run_again_in_its_place(walker: Walker) -> None:
    walker.walk(until="options")
    walker.answer("options", generate_sfv="on")
    job = Job.objects.get(work="pack")
    job.fail("There is no space left.")

    page = walker.get("destination").content.decode()
    again = f"/jobs/{job.pk}/rerun/"

    assert "There is no space left." in page
    assert f'action="{again}"' in page
    walker.client.post(again, {"next": walker.url("destination")})
    run_jobs()
    assert "Packed and verified" in walker.get("destination").content.decode()


def test_a_kept_copy_costs_few_queries(
    walker: Walker, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    walker.walk(until="nfo")

    with django_assert_max_num_queries(14):  # four of them hold the draft, and keep it
        keep(walker, "enrichment", **METADATA | {"title": "Another"})
