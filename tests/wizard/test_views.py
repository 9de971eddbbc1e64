from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.template.loader import get_template
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from accounts.models import User
from drafts.models import Draft
from drafts.steps import STEPS
from jobs.models import Job
from packer_site import work
from releases.models import NfoTemplate, Release, Source
from rules.models import Rule
from tests.books import encryption
from tests.factories import METADATA, make_book, make_operator, make_release, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded")]


class Walker:
    """A person in the wizard; with `htmx` or without any script."""

    def __init__(self, user: User, *, htmx: bool = True) -> None:
        self.client = Client()
        self.client.force_login(user)
        self.headers = {"HX-Request": "true"} if htmx else {}
        self.client.post("/wizard/")
        self.draft = Draft.objects.newest_first()[0]

    def url(self, step: str) -> str:
        return f"/wizard/{self.draft.uuid}/{step}/"

    def get(self, step: str) -> Any:
        return self.client.get(self.url(step), headers=self.headers, follow=True)

    def answer(self, step: str, **answers: Any) -> Any:
        data = {f"{self.draft.uuid}-current_step": step} | answers
        return self.client.post(self.url(step), data, headers=self.headers, follow=True)

    def walk(self, until: str, book: Path | None = None, **metadata: Any) -> None:
        """Answer every step before `until`."""
        answers: dict[str, dict[str, Any]] = {
            "group": {"group": "GRP"},
            "type": {"release_type": "EBOOK"},
            "rule": {"rule_id": Rule.objects.get(name="2022_EBOOK").pk},
            "source": {"file": upload(book or make_book()), "rights": "own_work"},
            "analysis": {},
            "enrichment": METADATA | metadata,
            "nfo": {"template_id": template("ebook"), "template_text": ""},
            "options": {"generate_sfv": "on"},
        }
        for step, answered in answers.items():
            if step == until:
                return
            self.answer(step, **answered)
            run_jobs()


def upload(path: Path) -> SimpleUploadedFile:
    return SimpleUploadedFile(path.name, path.read_bytes())


def template(name: str) -> int:
    return int(NfoTemplate.objects.get(name=name).pk)


def run_jobs() -> None:
    for job in Job.objects.active():
        work.run(job.pk)


@pytest.fixture
def walker() -> Walker:
    return Walker(make_operator())


def errors(response: Any) -> dict[str, list[str]]:
    return dict(response.context["form"].errors)


@pytest.mark.parametrize("htmx", [True, False])
def test_nine_answers_make_a_release(htmx: bool, settings: Settings) -> None:
    walker = Walker(make_operator(), htmx=htmx)

    walker.walk(until="destination")

    release = Release.objects.get()
    assert release.name == "Ann.Author.Some.Book.2020.RETAiL.ePUB.eBook-GRP"
    assert release.status == Release.Status.COMPLETED
    assert (settings.RELEASES_DIR / release.name).is_dir()
    page = walker.get("destination")
    assert b"Packed and verified" in page.content


def test_finishing_leads_to_the_release_and_back_shows_it_packed(walker: Walker) -> None:
    walker.walk(until="destination")
    url = Release.objects.get().get_absolute_url()

    data = {f"{walker.draft.uuid}-current_step": "destination"}
    left = walker.client.post(walker.url("destination"), data, headers=walker.headers)

    assert left.headers["HX-Redirect"] == url
    assert b"Packed and verified" in walker.get("destination").content
    assert walker.draft.title.encode() not in walker.client.get("/").content


def test_coming_from_the_login_begins_nothing(walker: Walker) -> None:
    for path in ("/wizard/", "/wizard/sample/"):
        assert walker.client.get(path).headers["Location"] == "/"

    assert Draft.objects.count() == 1


def test_what_turns_texts_around_is_taken_out(walker: Walker) -> None:
    walker.walk(until="nfo", genre="Tales\u202e of\u0007 time")

    walker.draft.refresh_from_db()
    assert walker.draft.answer("enrichment", "genre") == "Tales of time"


def test_a_name_taken_is_told_before_packing(walker: Walker) -> None:
    walker.walk(until="destination")
    again = Walker(walker.draft.owner)
    again.walk(until="options")

    page = again.get("options")

    assert b"exists already" in page.content
    assert b"disabled" in page.content


def test_htmx_gets_the_panel_and_a_browser_the_page(walker: Walker) -> None:
    panel = walker.get("group").content.strip()
    page = walker.client.get(walker.url("group")).content

    assert panel.startswith("<title>Group · Release Packer</title>".encode())
    assert b'<section id="panel"' in panel
    assert b"<html" not in panel
    assert b"<html" in page


def test_the_browser_going_back_gets_the_page(walker: Walker) -> None:
    restored = walker.client.get(
        walker.url("group"), headers={**walker.headers, "HX-History-Restore-Request": "true"}
    )

    assert b"<html" in restored.content


def test_a_session_that_ended_leads_to_the_login_and_back(walker: Walker) -> None:
    walker.client.logout()

    answer = walker.client.get(walker.url("group"), headers=walker.headers)

    assert answer.headers["HX-Redirect"] == f"/accounts/login/?next={walker.url('group')}"


def test_a_step_ahead_leads_to_the_first_unanswered(walker: Walker) -> None:
    walker.walk(until="rule")

    page = walker.get("nfo")

    assert page.context["step"].key == "rule"


def test_answers_for_a_step_ahead_are_not_taken(walker: Walker) -> None:
    page = walker.answer("enrichment", title="x")

    assert page.context["step"].key == "group"


def test_going_back_keeps_what_was_typed(walker: Walker) -> None:
    walker.walk(until="enrichment")

    walker.answer("enrichment", **METADATA | {"title": "New"}, wizard_goto_step="rule")

    walker.draft.refresh_from_db()
    assert walker.draft.answer("enrichment", "title") == "New"
    assert walker.draft.step == "rule"


def test_a_draft_is_resumed_from_another_machine(walker: Walker) -> None:
    walker.walk(until="source")
    elsewhere = Client()
    elsewhere.force_login(walker.draft.owner)

    page = elsewhere.get("/", follow=True)

    assert walker.url("source").encode() in page.content


def test_a_draft_is_its_owners_alone(walker: Walker) -> None:
    walker.client.force_login(make_operator())

    assert walker.client.get(walker.url("group")).status_code == 404


def test_two_drafts_are_kept_apart(walker: Walker) -> None:
    walker.answer("group", group="ONE")
    other = Walker(walker.draft.owner)
    other.answer("group", group="TWO")

    walker.draft.refresh_from_db()
    assert walker.draft.answer("group", "group") == "ONE"


def test_who_may_not_make_releases_is_told(client: Client) -> None:
    client.force_login(make_user())

    refused = client.post("/wizard/")

    assert refused.status_code == 403
    assert b"WRITE permission on releases" in refused.content


def test_an_unknown_step_is_not_found(walker: Walker) -> None:
    assert walker.client.get(walker.url("tenth")).status_code == 404
    assert walker.client.post(walker.url("tenth")).status_code == 404


@pytest.mark.parametrize("group", ["", "A", "lower", "DASH-ED", "É", "SP ACE", "A" * 101])
def test_a_bad_group_is_refused_at_its_step(walker: Walker, group: str) -> None:
    page = walker.answer("group", group=group)

    assert page.context["step"].key == "group"
    assert errors(page)["group"]


def refused_file(walker: Walker, name: str, content: bytes) -> str:
    walker.walk(until="source")
    page = walker.answer("source", file=SimpleUploadedFile(name, content), rights="own_work")
    assert page.context["step"].key == "source"
    return str(errors(page)["file"])


def test_no_file_is_refused_at_its_step(walker: Walker) -> None:
    walker.walk(until="source")

    page = walker.answer("source", rights="own_work")

    assert "Choose a file" in str(errors(page)["file"])


def test_an_empty_file_is_refused_at_its_step(walker: Walker) -> None:
    assert "empty" in refused_file(walker, "book.epub", b"")


def test_a_text_named_epub_is_refused_at_its_step(walker: Walker) -> None:
    message = refused_file(walker, "book.epub", b"Just a text, whatever its name says.\n")

    assert "TXT" in message
    assert "EPUB" in message


def test_a_book_with_another_extension_is_refused_with_the_right_one(walker: Walker) -> None:
    assert ".epub" in refused_file(walker, "book.pdf", make_book().read_bytes())


def test_a_protected_book_is_refused_and_the_protection_named(walker: Walker) -> None:
    scheme = "http://www.w3.org/2001/04/xmlenc#aes128-cbc"
    book = make_book(entries={"META-INF/encryption.xml": encryption(scheme)})

    assert "protected" in refused_file(walker, book.name, book.read_bytes())


def test_a_damaged_book_is_refused(walker: Walker) -> None:
    content = make_book(size_bytes=20_000).read_bytes()

    assert "damaged" in refused_file(walker, "book.epub", content[:10_000])


def test_a_refused_file_leaves_nothing_behind(walker: Walker, settings: Settings) -> None:
    refused_file(walker, "book.epub", b"Just a text.")

    assert not Source.objects.exists()
    assert list(settings.UPLOADS_DIR.iterdir()) == []


def test_a_file_larger_than_allowed_is_refused_with_the_limit(
    walker: Walker, settings: Settings
) -> None:
    settings.MAX_FILE_BYTES = 1000

    assert "1000 B are accepted" in refused_file(walker, "book.epub", bytes(5000))


def test_the_other_answers_of_a_refused_file_are_not_lost(walker: Walker) -> None:
    walker.walk(until="source")

    page = walker.answer("source", rights="licensed")

    assert page.context["form"]["rights"].value() == "licensed"


def test_rights_must_be_stated_and_other_rights_explained(walker: Walker) -> None:
    walker.walk(until="source")

    unstated = walker.answer("source", file=upload(make_book()))
    unexplained = walker.answer("source", file=upload(make_book()), rights="other")

    assert errors(unstated)["rights"]
    assert errors(unexplained)["rights_note"]


def test_rules_that_can_be_packed_by_come_first_the_recommended_one_before_all(
    walker: Walker,
) -> None:
    spec = Rule.objects.get(name="2022_EBOOK").spec_data
    about = {"scene": "English", "release_type": "EBOOK", "year": 2030, "spec_data": spec}
    for name, section, is_complete in (("a", "ABOOK", False), ("b", "EBOOK", True)):
        Rule.objects.create(name=name, section=section, is_complete=is_complete, **about)
    walker.walk(until="rule")

    page = walker.get("rule")

    (scene,) = page.context["branches"]
    assert [offer.rule.name for offer in page.context["offers"]] == ["2022_EBOOK", "b", "a"]
    assert [[offer.rule.name for offer in section["offers"]] for section in scene["sections"]] == [
        ["2022_EBOOK", "b"],
        ["a"],
    ]


def test_a_missing_rule_is_said_with_what_to_do(walker: Walker) -> None:
    walker.walk(until="rule")
    Rule.objects.all().delete()

    page = walker.get("rule")

    assert b"packer setup" in page.content
    assert errors(walker.answer("rule", rule_id=1))["rule_id"]


def test_the_analysis_must_be_over_before_going_on(walker: Walker) -> None:
    walker.walk(until="source")
    page = walker.answer("source", file=upload(make_book()), rights="own_work")

    early = walker.answer("analysis")

    assert b"Waiting for a worker" in page.content
    assert "Wait until the analysis is over" in str(errors(early)["__all__"])


def test_the_analysis_can_be_run_again(walker: Walker) -> None:
    walker.walk(until="enrichment")

    walker.client.post(f"/wizard/{walker.draft.uuid}/analyse/")

    assert Job.objects.filter(work="analysis").count() == 2


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("title", ""), ("author", ""), ("language", ""), ("language", "klingonish")),
        *(("year", 1399), ("year", 2999), ("isbn", "123"), ("url", "not a link")),
    ],
)
def test_wrong_metadata_are_refused_at_their_field(
    walker: Walker, field: str, value: object
) -> None:
    walker.walk(until="enrichment")

    page = walker.answer("enrichment", **METADATA | {field: value})

    assert list(errors(page)) == [field]


def test_another_file_drops_what_was_said_of_the_first(walker: Walker) -> None:
    walker.walk(until="options")

    walker.answer("source", file=upload(make_book(title="Other")), rights="own_work")

    walker.draft.refresh_from_db()
    assert set(walker.draft.answers) == {"group", "type", "rule", "source"}


def test_an_unknown_placeholder_is_refused_at_its_step(walker: Walker) -> None:
    walker.walk(until="nfo")

    page = walker.answer("nfo", template_id=template("ebook"), template_text="{{ nonsense }}")

    assert "nonsense" in str(errors(page)["template_text"])


def test_the_preview_shows_the_text_as_typed(walker: Walker) -> None:
    walker.walk(until="nfo")
    url = f"/wizard/{walker.draft.uuid}/preview/"

    shown = walker.client.post(
        url, {"template_id": template("ebook"), "template_text": "By {{ author }}!"}
    )
    wrong = walker.client.post(
        url, {"template_id": template("ebook"), "template_text": "{{ nonsense }}"}
    )

    assert b"By Ann Author!" in shown.content
    assert b"nonsense" in wrong.content


def test_choosing_another_template_brings_its_text(walker: Walker) -> None:
    walker.walk(until="nfo")

    shown = walker.client.post(
        f"/wizard/{walker.draft.uuid}/preview/",
        {"template_id": template("minimal"), "template_text": "mine", "replace_text": "yes"},
        headers={"HX-Request": "true"},
    )

    assert b"hx-swap-oob" in shown.content
    assert b"mine" not in shown.content


def test_the_options_tell_which_demands_were_not_compared_with_the_text(walker: Walker) -> None:
    walker.walk(until="options")

    page = walker.get("options").content.decode()

    assert "The structure conforms to 2022_EBOOK." in page
    assert "4 checks were not compared with the published text" in page
    assert "<code>volume-size</code>" in page


def test_a_rule_that_is_not_complete_any_more_is_asked_for_again(walker: Walker) -> None:
    walker.walk(until="options")
    Rule.objects.filter(name="2022_EBOOK").update(is_complete=False, spec_data={})

    page = walker.get("options").content.decode()

    assert "releases cannot be packed by it any more: choose another." in page
    assert f'href="{walker.url("rule")}">Go to step 3, Rule' in page
    assert "None allows" not in walker.get("source").content.decode()


def test_a_line_too_long_blocks_packing_and_links_to_its_step(walker: Walker) -> None:
    walker.walk(until="nfo")
    walker.answer("nfo", template_id=template("ebook"), template_text="x" * 81)

    page = walker.get("options")

    assert b"81 columns" in page.content
    assert walker.url("nfo").encode() in page.content
    assert b"disabled" in page.content


def test_a_volume_size_the_rule_forbids_is_refused_at_its_field(walker: Walker) -> None:
    walker.walk(until="options")

    page = walker.answer("options", volumes=7)

    assert "5, 10, 50" in str(errors(page)["volumes"])


def test_a_name_that_exists_is_refused_and_the_draft_kept(walker: Walker) -> None:
    walker.walk(until="destination")
    again = Walker(walker.draft.owner)

    again.walk(until="destination")

    page = again.answer("options", generate_sfv="on")
    assert "exists already" in str(errors(page)["__all__"])
    assert again.draft.answers is not None


def test_packing_twice_makes_one_release(walker: Walker) -> None:
    walker.walk(until="destination")

    page = walker.answer("options", generate_sfv="on")

    assert page.context["step"].key == "destination"
    assert Release.objects.count() == 1
    assert Job.objects.filter(work="pack").count() == 1


def test_a_file_gone_before_packing_leads_back_to_its_step(walker: Walker) -> None:
    walker.walk(until="options")
    Source.objects.all().delete()

    page = walker.answer("options", generate_sfv="on")

    assert page.context["step"].key == "source"
    assert b"Finish these steps first: 4" in page.content


def test_the_sample_begins_at_the_analysis(client: Client) -> None:
    client.force_login(make_operator())

    page = client.post("/wizard/sample/", follow=True)

    assert page.context["step"].key == "analysis"
    assert b"The Time Machine" in page.content


def test_a_draft_can_be_discarded(walker: Walker) -> None:
    walker.client.post(f"/wizard/{walker.draft.uuid}/discard/")

    assert not Draft.objects.exists()


def test_known_groups_are_ones_own(walker: Walker) -> None:
    make_release(owner=walker.draft.owner)
    page = walker.get("group")
    stranger = Walker(make_operator()).get("group")

    assert [group.tag for group in page.context["known_groups"]] == ["GRP"]
    assert list(stranger.context["known_groups"]) == []


def test_no_step_costs_more_than_ten_queries(
    walker: Walker, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    walker.walk(until="destination")
    packed = walker.url("destination")
    other = Walker(walker.draft.owner)
    other.walk(until="options", title="Another Book")

    looked_at = [walker.url(step.key) for step in STEPS[:8]]
    for url in [*(other.url(step.key) for step in STEPS[:8]), packed, *looked_at]:
        walker.client.get(url)  # which notes where the draft stands
        with django_assert_max_num_queries(10):
            assert walker.client.get(url).status_code == 200


def test_every_step_has_its_template() -> None:
    for step in STEPS:
        get_template(f"wizard/steps/{step.key}.html")


def test_an_nfo_asked_for_before_there_is_a_file_says_what_is_missing() -> None:
    walker = Walker(make_operator())

    answer = walker.client.post(walker.url("download"), {"as": "nfo"})

    assert answer.status_code == 400
    assert "Choose a type, a rule and a file first." in answer.content.decode()
