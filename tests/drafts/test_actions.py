import threading

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.http import Http404
from django.utils.datastructures import MultiValueDict

from accounts.models import User
from drafts import actions
from drafts.models import Draft
from drafts.steps import BY_KEY
from jobs.models import Job
from releases.actions import Refused
from releases.models import Release, Source
from rules.models import Rule
from tests.factories import (
    METADATA,
    make_draft,
    make_job,
    make_operator,
    make_release,
    make_source,
    make_user,
)


@pytest.fixture
def operator(seeded: None) -> User:
    return make_operator()


def finished_draft(operator: User) -> Draft:
    source = make_source(owner=operator)
    make_job(by=operator, work="analysis", subject=source.subject).finish({})
    return make_draft(
        owner=operator,
        group={"group": "GRP"},
        type={"release_type": "EBOOK"},
        rule={"rule_id": Rule.objects.get(name="2022_EBOOK").pk},
        source={"file_path": str(source.handle), "rights": "own_work", "rights_note": ""},
        enrichment=METADATA,
    )


@pytest.mark.django_db
def test_starting_a_draft_asks_for_the_permission(seeded: None) -> None:
    with pytest.raises(PermissionDenied):
        actions.start_draft(by=make_user())


@pytest.mark.django_db
def test_a_finished_draft_becomes_a_release_and_a_job(operator: User) -> None:
    draft = finished_draft(operator)

    job = actions.pack_draft(draft, by=operator)

    draft.refresh_from_db()
    assert draft.release == Release.objects.get()
    assert job.subject == draft.release.subject
    assert draft.step == "destination"


@pytest.mark.django_db
def test_an_unfinished_draft_says_which_steps_are_missing(operator: User) -> None:
    draft = make_draft(owner=operator, group={"group": "GRP"})

    with pytest.raises(actions.Unfinished) as refused:
        actions.pack_draft(draft, by=operator)

    numbers = [step.number for step in refused.value.unfinished]
    assert numbers == [2, 3, 4, 5, 6, 7]
    assert "2, 3, 4" in str(refused.value)


@pytest.mark.django_db
def test_a_packed_draft_is_read_only(operator: User) -> None:
    draft = finished_draft(operator)
    actions.pack_draft(draft, by=operator)
    draft.refresh_from_db()

    with pytest.raises(actions.Packed):
        actions.record_answers(draft, BY_KEY["group"], {"group": "OTHER"})
    with pytest.raises(actions.Packed):
        actions.pack_draft(draft, by=operator)


@pytest.mark.django_db
def test_another_type_drops_what_rested_on_the_first(operator: User) -> None:
    draft = finished_draft(operator)

    actions.record_answers(draft, BY_KEY["type"], {"release_type": "TV"})

    assert set(draft.answers) == {"group", "type", "source"}


@pytest.mark.django_db
def test_the_same_answer_again_drops_nothing(operator: User) -> None:
    draft = finished_draft(operator)

    actions.record_answers(draft, BY_KEY["type"], {"release_type": "EBOOK"})

    assert "enrichment" in draft.answers


@pytest.mark.django_db
def test_a_refused_release_leaves_the_draft_as_it_was(operator: User) -> None:
    first, second = finished_draft(operator), finished_draft(operator)
    actions.pack_draft(first, by=operator)

    with pytest.raises(Refused, match="exists already"):
        actions.pack_draft(second, by=operator)

    second.refresh_from_db()
    assert not second.is_packed
    assert second.answers["enrichment"] == METADATA


@pytest.mark.django_db
def test_two_tabs_at_two_steps_lose_nothing_of_each_other(operator: User) -> None:
    draft = finished_draft(operator)
    first, second = Draft.objects.get(pk=draft.pk), Draft.objects.get(pk=draft.pk)
    typed = MultiValueDict({"title": ["Some"]})

    actions.keep_typed(first, BY_KEY["enrichment"], typed)
    actions.record_answers(second, BY_KEY["group"], {"group": "OTHER"})
    actions.keep_typed(first, BY_KEY["nfo"], MultiValueDict({"template_text": ["{{"]}))

    draft.refresh_from_db()
    assert draft.answers["group"] == {"group": "OTHER"}
    assert draft.typed == {"enrichment": {"title": ["Some"]}, "nfo": {"template_text": ["{{"]}}


@pytest.mark.django_db(transaction=True)
def test_of_many_who_pack_one_draft_at_once_one_wins(operator: User) -> None:
    draft = finished_draft(operator)
    start, outcomes = threading.Barrier(8), []

    def pack() -> None:
        start.wait()
        try:
            actions.pack_draft(draft, by=operator)
            outcomes.append("packed")
        except actions.Packed:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=pack) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["packed"] + ["refused"] * 7
    assert Job.objects.filter(work="pack").count() == 1


@pytest.mark.django_db
def test_a_draft_discarded_in_another_tab_is_not_there(seeded: None) -> None:
    draft = make_draft()
    actions.discard_draft(Draft.objects.get(pk=draft.pk))

    with pytest.raises(Http404):
        actions.record_answers(draft, BY_KEY["group"], {"group": "GRP"})


@pytest.mark.django_db
def test_who_lost_the_right_to_make_releases_changes_no_draft_of_theirs(seeded: None) -> None:
    draft = make_draft(owner=make_user(), group={"group": "GRP"})

    with pytest.raises(PermissionDenied, match="WRITE permission on releases"):
        actions.record_answers(draft, BY_KEY["group"], {"group": "OTHER"})
    with pytest.raises(PermissionDenied, match="WRITE permission on releases"):
        actions.pack_draft(draft, by=draft.owner)

    assert Draft.objects.get(pk=draft.pk).answers["group"] == {"group": "GRP"}


@pytest.mark.django_db
def test_a_file_that_was_sent_goes_with_its_draft_unless_it_is_needed(seeded: None) -> None:
    owner = make_user()
    answered, typed, shared, packed, foreign = (make_source(owner=owner) for _ in range(5))
    Source.objects.filter(pk=foreign.pk).update(created_by=make_user())
    for source in (answered, shared, packed, foreign):
        Draft.objects.create(owner=owner, answers={"source": {"file_path": str(source.handle)}})
    typing = Draft.objects.create(owner=owner)
    Draft.objects.create(owner=owner, typed={"source": {"file_path": [str(shared.handle)]}})
    typing.typed = {"source": {"file_path": ["no handle", str(typed.handle)]}}
    typing.save()
    make_release(owner=owner, source=packed)

    for draft in [*Draft.objects.exclude(answers={}), typing]:
        actions.discard_draft(draft)

    assert set(Source.objects.all()) == {shared, packed, foreign}
    assert [source.path.exists() for source in (answered, typed)] == [False, False]
    assert [source.path.exists() for source in (shared, packed, foreign)] == [True] * 3
