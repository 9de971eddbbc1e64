"""Step 6 before it is answered: who said what, and what is accepted of it."""

from typing import Any

import pytest
from django.utils.datastructures import MultiValueDict

from accounts.models import User
from accounts.preferences import prefer, preference
from drafts import actions, enriching
from drafts.answers import new_release
from drafts.enriching import STEP
from drafts.known import known, same
from drafts.models import Draft
from drafts.steps import BY_KEY
from jobs.models import Job
from releases.actions import Refused
from releases.models import Source
from rules.models import Rule
from tests.factories import (
    METADATA,
    make_answers,
    make_draft,
    make_job,
    make_operator,
    make_source,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded")]
OURS = {"title": "Some Book", "author": "Ann Author", "language": "en", "year": "2020"}
THEIRS = {"title": "Some Book", "author": "A. Author", "publisher": "Press", "year": 2019}


@pytest.fixture
def owner() -> User:
    return make_operator()


@pytest.fixture
def draft(owner: User) -> Draft:
    source = make_source(owner=owner)
    return make_draft(
        owner=owner,
        group={"group": "GRP"},
        type={"release_type": "EBOOK"},
        rule={"rule_id": Rule.objects.get(name="2022_EBOOK").pk},
        source={"file_path": str(source.handle), "rights": "own_work", "rights_note": ""},
    )


def typed(**fields: str | list[str]) -> MultiValueDict[str, str]:
    lists = {name: [value] if isinstance(value, str) else value for name, value in fields.items()}
    return MultiValueDict(lists)


def say(source: Source | None, **metadata: Any) -> None:
    """Have the file say this of itself."""
    assert source
    source.analysis["metadata"] = metadata
    source.save()


def value(draft: Draft, field: str) -> Any:
    form = actions.typed_form(draft, STEP)
    assert form
    return form[field].value()


def save(draft: Draft, **fields: Any) -> dict[str, Any]:
    """Answer step 6, and return who is said to have said what."""
    form = actions.bound_form(draft, STEP, METADATA | fields)
    assert form.is_valid(), form.errors
    actions.record_answers(draft, STEP, form.answers())
    return dict(draft.answer("enrichment", "sources"))


def test_a_value_is_the_files_before_the_providers_and_theirs_before_the_persons(
    draft: Draft,
) -> None:
    say(draft.source, title="Some Book", year=2020)
    book = {"values": {"title": "Some Book", "publisher": "Press", "year": 2019}}
    volume = {"provider": "GoogleBooks", "values": {"publisher": "Press", "genre": "Tales"}}
    make_answers(draft, volume, book)

    sources = save(draft, publisher="Press", genre="Tales")

    assert sources == {
        "title": "file",
        "year": "file",
        "publisher": "OpenLibrary",
        "genre": "GoogleBooks",
        "author": "person",
        "language": "person",
        "source": "person",
    }


def test_the_order_preferred_says_which_provider_is_named(draft: Draft) -> None:
    prefer(draft.owner, "api_priority_order", ["GoogleBooks", "OpenLibrary"])
    values = {"publisher": "Press"}
    make_answers(draft, {"values": values}, {"provider": "GoogleBooks", "values": values})

    assert save(draft, publisher="Press")["publisher"] == "GoogleBooks"


def test_any_answer_of_a_provider_counts_as_its_word(draft: Draft) -> None:
    make_answers(draft, {"values": {"genre": "Tales"}}, {"values": {"genre": "Essays"}})

    assert save(draft, genre="Essays")["genre"] == "OpenLibrary"


def test_nobody_can_claim_a_source(draft: Draft) -> None:
    assert save(draft, sources={"title": "TMDb"})["title"] == "file"


def test_an_empty_field_has_no_source(draft: Draft) -> None:
    assert not {"isbn", "publisher"} & set(save(draft, isbn="", publisher=""))


def test_answers_about_another_file_are_forgotten(draft: Draft, owner: User) -> None:
    make_answers(draft, {"values": {"publisher": "Press"}})
    other = make_source(owner=owner)

    draft.answers["source"]["file_path"] = str(other.handle)

    assert [match.source for match in known(draft).matches] == ["file"]


def test_the_last_question_that_was_answered_counts(draft: Draft) -> None:
    make_answers(draft, {"values": {"publisher": "Old"}})
    make_answers(draft, {"values": {"publisher": "New"}})
    make_job(by=draft.owner, work="enrich", subject=draft.subject).fail("It is down.")

    found = known(draft)

    assert [match.values["publisher"] for match in found.of("OpenLibrary")] == ["New"]
    assert found.latest is not None
    assert found.latest.status == Job.Status.FAILED


def test_the_release_keeps_who_said_what_and_nothing_else_beside_its_metadata(
    draft: Draft,
) -> None:
    make_answers(draft, {"values": {"publisher": "Press"}})
    save(draft, publisher="Press", locked=["title"])

    new = new_release(draft)

    assert new.metadata_sources["publisher"] == "OpenLibrary"
    assert not {"locked", "sources"} & set(new.metadata)
    assert new.metadata["publisher"] == "Press"


def test_accepting_fills_one_field_and_leaves_the_others_as_typed(draft: Draft) -> None:
    make_answers(draft, {"values": THEIRS})

    filled = enriching.accept(draft, "OpenLibrary.0", "author", typed=typed(**OURS, genre="x"))

    assert filled == ["author"]
    assert value(draft, "author") == "A. Author"
    assert (value(draft, "year"), value(draft, "genre")) == ("2020", "x")
    assert "enrichment" not in draft.answers


def test_accepting_all_leaves_what_is_locked_and_what_is_not_said(draft: Draft) -> None:
    make_answers(draft, {"values": THEIRS})
    locked = ["author", "genre"]

    filled = enriching.accept(
        draft, "OpenLibrary.0", typed=typed(**OURS, genre="mine", locked=locked)
    )

    assert filled == ["publisher", "year"]
    assert (value(draft, "author"), value(draft, "year")) == ("Ann Author", "2019")
    assert (value(draft, "genre"), value(draft, "locked")) == ("mine", locked)


def test_what_the_file_says_can_be_taken_back(draft: Draft) -> None:
    say(draft.source, authors=["Ann", "Bob"])

    enriching.accept(draft, "file", "author", typed=typed(**OURS))

    assert value(draft, "author") == "Ann & Bob"


def test_an_accepted_value_that_is_not_valid_says_so_at_once(draft: Draft) -> None:
    make_answers(draft, {"values": {"year": 3000}})

    enriching.accept(draft, "OpenLibrary.0", "year", typed=typed(**OURS))

    form = actions.typed_form(draft, STEP)
    assert form
    assert "must lie between" in str(form.errors["year"])


def test_what_is_not_typed_yet_is_no_mistake(draft: Draft) -> None:
    actions.keep_typed(draft, STEP, typed(title="", author="", language=""))

    form = actions.typed_form(draft, STEP)

    assert form
    assert not form.errors


@pytest.mark.parametrize(
    ("key", "field"),
    [
        *(("OpenLibrary.1", "author"), ("GoogleBooks.0", ""), ("nobody", "title"), ("", "")),
        *(("OpenLibrary.0", "genre"), ("OpenLibrary.0", "locked"), ("OpenLibrary.0", "pages")),
    ],
)
def test_what_nobody_says_cannot_be_accepted(draft: Draft, key: str, field: str) -> None:
    make_answers(draft, {"values": THEIRS | {"pages": 10}})

    with pytest.raises(Refused, match="ask the providers again"):
        enriching.accept(draft, key, field, typed=typed(**OURS))


def test_a_description_is_accepted_without_its_markup(draft: Draft) -> None:
    make_answers(draft, {"values": {"description": "<p>Tom &amp; <script>x</script></p>"}})

    enriching.accept(draft, "OpenLibrary.0", "description", typed=typed(**OURS))

    assert value(draft, "description") == "Tom & x"


def test_what_is_answered_is_no_longer_only_typed(draft: Draft) -> None:
    actions.keep_typed(draft, STEP, typed(title="Half a ti"))

    save(draft)

    assert actions.typed_form(draft, STEP) is None


def test_another_file_drops_what_was_typed_about_the_first(draft: Draft, owner: User) -> None:
    actions.keep_typed(draft, STEP, typed(title="Half a ti"))
    step = BY_KEY["source"]

    actions.record_answers(
        draft, step, draft.answers["source"] | {"file_path": str(make_source(owner=owner).handle)}
    )

    assert actions.typed_form(draft, STEP) is None


def test_only_the_fields_of_the_form_are_kept(draft: Draft) -> None:
    actions.keep_typed(draft, STEP, typed(title="T", match_OpenLibrary="1", csrf="x", enrich="y"))

    assert draft.typed["enrichment"] == {"title": ["T"], "match_OpenLibrary": ["1"]}


def test_the_providers_are_asked_for_what_is_typed(draft: Draft) -> None:
    actions.keep_typed(draft, STEP, typed(**OURS | {"title": "Other", "isbn": "123"}))

    job = enriching.request_enrichment(draft, by=draft.owner)

    assert (job.work, job.subject) == ("enrich", draft.subject)
    query = job.arguments["query"]
    assert (query["title"], query["author"], query["year"]) == ("Other", "Ann Author", 2020)
    assert query["isbn"] == ""


def test_the_providers_are_asked_for_what_the_file_says_where_nothing_is_typed(
    draft: Draft,
) -> None:
    job = enriching.request_enrichment(draft, by=draft.owner)

    assert job.arguments["query"]["title"] == "Some Book"


def test_a_draft_without_a_title_asks_nobody(draft: Draft) -> None:
    actions.keep_typed(draft, STEP, typed(title=""))

    with pytest.raises(Refused, match="title or an ISBN"):
        enriching.request_enrichment(draft, by=draft.owner)


def test_a_question_already_asked_is_not_asked_twice(draft: Draft) -> None:
    first = enriching.request_enrichment(draft, by=draft.owner)

    assert enriching.request_enrichment(draft, by=draft.owner) == first


@pytest.mark.parametrize(
    ("wished", "kept"),
    [
        (["GoogleBooks", "OpenLibrary"], ["GoogleBooks", "OpenLibrary", "TVDB", "TMDb", "OMDb"]),
        (["OMDb", "TVDB", "TMDb"], ["OpenLibrary", "GoogleBooks", "OMDb", "TVDB", "TMDb"]),
        (["Nobody", "", "TMDb", "TMDb"], ["OpenLibrary", "GoogleBooks", "TVDB", "TMDb", "OMDb"]),
    ],
)
def test_the_order_of_one_type_leaves_the_others_in_their_places(
    owner: User, wished: list[str], kept: list[str]
) -> None:
    enriching.prefer_order(wished, by=owner)

    assert preference(owner, "api_priority_order") == kept


def test_a_provider_that_no_order_named_comes_last(owner: User) -> None:
    prefer(owner, "api_priority_order", ["TVDB"])

    enriching.prefer_order(["GoogleBooks", "OpenLibrary"], by=owner)

    assert preference(owner, "api_priority_order") == ["TVDB", "GoogleBooks", "OpenLibrary"]


@pytest.mark.parametrize(
    ("one", "other", "are_same"),
    [
        (2020, "2020", True),
        ("A  B\u200b", "A B", True),
        ("a", "A", False),
        ("", "", False),
        (None, None, False),
        (0, "", False),
    ],
)
def test_values_are_the_same_as_a_reader_sees_them(one: Any, other: Any, are_same: bool) -> None:
    assert same(one, other) is are_same
