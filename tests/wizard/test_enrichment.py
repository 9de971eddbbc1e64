"""Step 6 as a page: the fields, and beside each what the file and the providers say of it."""

import re
from typing import Any

import pytest
from django.test import Client
from django.utils.html import escape

from accounts.models import User
from accounts.preferences import preference
from drafts.models import Draft
from enrichment.models import ApiConfig
from jobs.models import Job
from rules.models import Rule
from tests.factories import (
    make_answers,
    make_draft,
    make_job,
    make_operator,
    make_release,
    make_source,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded")]
BOOK = {"title": "Some Book", "author": "A. Author", "publisher": "Press", "year": 2020}
OURS = {"title": "Some Book", "author": "Ann Author", "language": "en", "year": "2020"}
HTMX = {"HX-Request": "true"}


class Desk:
    """A person at step 6."""

    def __init__(self, owner: User, release_type: str = "EBOOK") -> None:
        self.client = Client()
        self.client.force_login(owner)
        source = make_source(owner=owner)
        self.draft = make_draft(
            owner=owner,
            group={"group": "GRP"},
            type={"release_type": release_type},
            rule={"rule_id": Rule.objects.for_type(release_type)[0].pk},
            source={"file_path": str(source.handle), "rights": "own_work", "rights_note": ""},
            analysis={},
        )
        self.base = f"/wizard/{self.draft.uuid}"

    def page(self) -> str:
        answer = self.client.get(f"{self.base}/enrichment/")
        assert answer.status_code == 200
        return str(answer.content.decode())

    def press(self, button: str, value: str, *, htmx: bool = True, **typed: Any) -> Any:
        body = OURS | typed | {button: value}
        headers = HTMX if htmx else {}
        return self.client.post(f"{self.base}/compare/", body, headers=headers)

    def saved(self) -> Draft:
        return Draft.objects.get(pk=self.draft.pk)


@pytest.fixture
def desk() -> Desk:
    return Desk(make_operator())


def row(html: str, field: str) -> str:
    """Return the row of `field` in the table."""
    return next(one for one in html.split("<tr>") if f'for="id_{field}"' in one)


def control(html: str, field: str) -> str:
    """Return the input of `field`."""
    inputs: list[str] = re.findall(r"<input[^>]*>", html)
    return next(one for one in inputs if f'id="id_{field}"' in one)


def text(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_each_field_stands_beside_what_the_file_and_the_providers_say(desk: Desk) -> None:
    make_answers(desk.draft, {"url": "https://openlibrary.org/works/OL1W", "values": BOOK})

    html = desk.page()

    assert 'href="https://openlibrary.org/works/OL1W"' in html
    assert text(row(html, "title")).count("agrees") == 2
    assert "Press Use" in text(row(html, "publisher"))
    assert 'value="OpenLibrary.0:publisher"' in row(html, "publisher")


def test_a_value_that_agrees_has_no_button(desk: Desk) -> None:
    make_answers(desk.draft, {"values": BOOK})

    assert "<button" not in row(desk.page(), "title")


def test_values_agree_as_the_form_takes_them(desk: Desk) -> None:
    make_answers(desk.draft, {"values": {"isbn": "9780306406157", "language": "fr"}})

    html = desk.press("look", "yes", isbn="0-306-40615-2", language="FR").content.decode()

    assert "agrees" in row(html, "isbn")
    assert "agrees" in row(html, "language")


def test_where_in_the_file_a_value_stands_is_told(desk: Desk) -> None:
    source = desk.draft.source
    assert source
    source.analysis["sources"] = {"authors": "OPF dc:creator"}
    source.save()

    assert "Ann Author OPF dc:creator" in text(row(desk.page(), "author"))


def test_accepting_without_script_leads_back_to_the_field(desk: Desk) -> None:
    make_answers(desk.draft, {"values": BOOK})

    answer = desk.press("accept", "OpenLibrary.0:author", htmx=False, genre="Tales")
    html = desk.page()

    assert answer.headers["Location"] == f"{desk.base}/enrichment/#id_author"
    assert 'value="A. Author"' in control(html, "author")
    assert 'value="Tales"' in control(html, "genre")


def test_accepting_with_htmx_answers_the_comparison_and_keeps_what_is_typed_meanwhile(
    desk: Desk,
) -> None:
    make_answers(desk.draft, {"values": BOOK})

    html = desk.press("accept", "OpenLibrary.0:author", genre="Tales").content.decode()

    assert html.strip().startswith('<div id="comparison"')
    assert 'value="A. Author"' in control(html, "author")
    assert "autofocus" in control(html, "author")
    assert "hx-preserve" not in control(html, "author")
    assert 'hx-preserve="true"' in control(html, "genre")


def test_the_page_itself_keeps_no_control_of_an_earlier_one(desk: Desk) -> None:
    assert "hx-preserve" not in desk.page()


def test_accepting_all_leaves_what_is_locked(desk: Desk) -> None:
    make_answers(desk.draft, {"values": BOOK})

    desk.press("accept_all", "OpenLibrary.0", htmx=False, locked=["author"])
    html = desk.page()

    assert 'value="Ann Author"' in control(html, "author")
    assert 'value="Press"' in control(html, "publisher")
    assert re.search(r'id="lock-author"[^>]* checked', html)
    assert not re.search(r'id="lock-title"[^>]* checked', html)


def test_locks_are_remembered_with_the_answers_and_not_in_the_release(desk: Desk) -> None:
    data = {f"{desk.draft.uuid}-current_step": "enrichment", "locked": ["title", "year"]}

    desk.client.post(f"{desk.base}/enrichment/", OURS | data)

    assert desk.saved().answer("enrichment", "locked") == ["title", "year"]
    assert "locked" not in desk.saved().metadata
    assert re.search(r'id="lock-year"[^>]* checked', desk.page())


def test_an_accepted_value_that_is_not_valid_shows_its_error_at_once(desk: Desk) -> None:
    make_answers(desk.draft, {"values": {"year": 3000}})

    html = desk.press("accept", "OpenLibrary.0:year").content.decode()

    assert "must lie between" in row(html, "year")


def test_what_nobody_says_any_more_is_refused_and_nothing_typed_is_lost(desk: Desk) -> None:
    html = desk.press("accept", "OpenLibrary.0:author", genre="Tales").content.decode()

    assert "ask the providers again" in html
    assert 'value="Tales"' in control(html, "genre")


def test_asking_makes_a_job_that_one_need_not_wait_for(desk: Desk) -> None:
    html = desk.press("enrich", "yes").content.decode()

    job = Job.objects.get(work="enrich")
    assert (job.status, job.subject) == (Job.Status.PENDING, desk.draft.subject)
    assert f'hx-get="{desk.base}/asking/"' in html
    data = {f"{desk.draft.uuid}-current_step": "enrichment"}
    gone_on = desk.client.post(f"{desk.base}/enrichment/", OURS | data)
    assert gone_on.headers["Location"] == f"{desk.base}/nfo/"


def test_asking_without_script_shows_how_to_look_again(desk: Desk) -> None:
    desk.press("enrich", "yes", htmx=False, genre="Tales")
    html = desk.page()

    assert 'name="look"' in html
    assert 'value="Tales"' in control(html, "genre")


def test_a_title_is_needed_to_ask(desk: Desk) -> None:
    html = desk.press("enrich", "yes", title="").content.decode()

    assert "Give a title or an ISBN first" in html
    assert not Job.objects.exists()


def test_the_poll_fetches_the_comparison_once_the_job_is_over(desk: Desk) -> None:
    job = make_job(by=desk.draft.owner, work="enrich", subject=desk.draft.subject)
    waiting = desk.client.get(f"{desk.base}/asking/", headers=HTMX).content.decode()
    job.finish({"candidates": [], "troubles": {}, "order": []})
    over = desk.client.get(f"{desk.base}/asking/", headers=HTMX).content.decode()

    assert 'hx-trigger="every 1s"' in waiting
    assert f'hx-post="{desk.base}/compare/" hx-trigger="load"' in over
    assert "every 1s" not in over


def test_asking_can_be_cancelled(desk: Desk) -> None:
    desk.press("enrich", "yes")

    html = desk.press("cancel", "yes").content.decode()

    assert Job.objects.get(work="enrich").status == Job.Status.CANCELLED
    assert "Ask again, or go on without them." in html


def test_a_job_that_failed_is_told_with_its_reason(desk: Desk) -> None:
    make_job(by=desk.draft.owner, work="enrich", subject=desk.draft.subject).fail("It broke.")

    assert "It broke. Ask again, or go on without them." in text(desk.page())


def test_a_provider_in_trouble_is_a_warning(desk: Desk) -> None:
    make_answers(desk.draft, {"values": BOOK}, troubles={"GoogleBooks": "It is <down>."})

    html = desk.page()

    assert "It is &lt;down&gt;." in html
    assert "The release does not depend on it" in html


def test_answers_that_know_nothing_are_told(desk: Desk) -> None:
    make_answers(desk.draft)

    assert "No provider knows this work." in desk.page()


def test_another_answer_of_a_provider_can_be_looked_at(desk: Desk) -> None:
    make_answers(desk.draft, {"values": BOOK}, {"values": BOOK | {"publisher": "Other Press"}})

    first = desk.page()
    second = desk.press("look", "yes", match_OpenLibrary="1").content.decode()

    assert "Press" in row(first, "publisher")
    assert 'value="OpenLibrary.1:publisher"' in row(second, "publisher")
    assert re.search(r'<option value="1" selected>[^<]*Other Press', second)
    assert "Other Press" in row(desk.page(), "publisher")


@pytest.mark.parametrize("number", ["7", "-1", "x", "²", "9" * 5_000])
def test_a_match_that_is_none_is_the_best_one(desk: Desk, number: str) -> None:
    make_answers(desk.draft, {"values": BOOK}, {"values": {"publisher": "Other"}})

    html = desk.press("look", "yes", match_OpenLibrary=number).content.decode()

    assert 'value="OpenLibrary.0:publisher"' in row(html, "publisher")


def test_the_order_is_kept_as_a_preference_and_orders_the_columns(desk: Desk) -> None:
    make_answers(desk.draft, {"values": BOOK}, {"provider": "GoogleBooks", "values": BOOK})
    button = re.search(r'id="down-OpenLibrary" name="order" value="([^"]+)"', desk.page())
    assert button

    html = desk.press("order", button[1]).content.decode()

    assert preference(desk.draft.owner, "api_priority_order")[:2] == ["GoogleBooks", "OpenLibrary"]
    assert re.findall(r'id="all-(\w+)"', html) == ["file", "GoogleBooks", "OpenLibrary"]


@pytest.mark.parametrize(
    ("release_type", "titles"),
    [("EBOOK", ["OpenLibrary", "GoogleBooks"]), ("TV", ["TVDB", "TMDb", "OMDb"])],
)
def test_the_providers_of_the_type_are_asked(release_type: str, titles: list[str]) -> None:
    html = Desk(make_operator(), release_type).page()

    assert re.findall(r'<li data-name="(\w+)"', html) == titles


def test_a_provider_without_its_key_says_so(desk: Desk) -> None:
    assert text(desk.page()).count("needs a key") == 1
    ApiConfig.objects.create(name="GoogleBooks", user=desk.draft.owner, api_key="k" * 20)

    assert "needs a key" not in desk.page()


def test_where_every_provider_is_switched_off_nobody_is_asked(desk: Desk) -> None:
    for name in ("OpenLibrary", "GoogleBooks"):
        ApiConfig.objects.create(name=name, user=desk.draft.owner, active=False)

    html = desk.page()

    assert "No provider of metadata is switched on for this type." in html
    assert 'name="enrich"' not in html


def test_markup_that_a_provider_sends_stays_text(desk: Desk) -> None:
    attack = '<img src="x" onerror="alert(1)">'
    values = {"title": attack, "author": attack, "description": attack + "&lt;b&gt;"}
    make_answers(
        desk.draft,
        {"url": "javascript:alert(1)", "values": values},
        {"url": 'https://x/"><script>', "values": values},
        troubles={"GoogleBooks": attack},
    )

    html = desk.page()

    assert '<img src="x"' not in html
    assert escape(attack) in row(html, "title")
    assert "javascript:" not in html
    accepted = desk.press("accept", "OpenLibrary.0:title").content.decode()
    assert f'value="{escape(attack)}"' in control(accepted, "title")


def test_going_back_with_a_mistake_loses_nothing(desk: Desk) -> None:
    data = {f"{desk.draft.uuid}-current_step": "enrichment", "wizard_goto_step": "analysis"}

    desk.client.post(f"{desk.base}/enrichment/", OURS | data | {"year": "soon", "genre": "Tales"})

    html = desk.page()
    assert 'value="soon"' in control(html, "year")
    assert 'value="Tales"' in control(html, "genre")


def test_the_draft_of_another_is_not_found(desk: Desk) -> None:
    desk.client.force_login(make_operator())

    assert desk.press("enrich", "yes").status_code == 404
    assert desk.client.get(f"{desk.base}/asking/").status_code == 404
    assert not Job.objects.exists()


def test_who_may_no_longer_make_releases_asks_nobody(desk: Desk) -> None:
    desk.draft.owner.groups.clear()

    assert desk.press("enrich", "yes").status_code == 403


@pytest.mark.parametrize("htmx", [True, False])
def test_a_draft_that_is_packed_is_compared_no_more(desk: Desk, htmx: bool) -> None:
    release = make_release(owner=desk.draft.owner)
    Draft.objects.filter(pk=desk.draft.pk).update(release=release)

    answer = desk.press("accept", "file:title", htmx=htmx)

    location = answer.headers.get("HX-Redirect") or answer.headers["Location"]
    assert location.startswith(f"{desk.base}/enrichment/")


def test_a_comparison_costs_few_queries_however_much_is_said(
    desk: Desk, django_assert_max_num_queries: Any
) -> None:
    many = [{"provider": name, "values": BOOK} for name in ("OpenLibrary", "GoogleBooks") * 3]
    make_answers(desk.draft, *many)
    desk.page()

    with django_assert_max_num_queries(10):
        desk.page()
    with django_assert_max_num_queries(10):
        desk.client.get(f"{desk.base}/asking/", headers=HTMX)
