"""The pages of the rules library, as requests."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from accounts.preferences import preference
from jobs.models import Job
from rulebook import actions
from rulebook.actions import NewRule, RuleEdit
from rulebook.models import Listing, SyncPlan
from rules.models import Rule, RuleVersion
from tests.factories import (
    make_admin,
    make_draft,
    make_operator,
    make_release,
    make_user,
    numbers,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded")]
EVIL = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"
TEXT = "░▒▓ The 2019 French MUSiC Standards ▓▒░\r\n1) Songs must be packed in volumes of 15 MB.\r\n"


@pytest.fixture
def operator(seeded: None, client: Client) -> User:
    user = make_operator()
    client.force_login(user)
    return user


@pytest.fixture
def admin(seeded: None, client: Client) -> User:
    user = make_admin()
    client.force_login(user)
    return user


def shown(page: Any) -> str:
    return str(page.content.decode())


def upload(raw: bytes = TEXT.encode("cp437"), name: str = "2019_FR_MUSiC.nfo") -> dict[str, Any]:
    return {"file": SimpleUploadedFile(name, raw)}


def make_rule(name: str = "", text: str = TEXT, **facts: Any) -> Rule:
    """Add a rule by its text, as an administrator does."""
    told: dict[str, Any] = {"scene": "English", "section": "MUSiC", "year": 2019} | facts
    name = name or f"2019_MUSiC{next(numbers)}"
    new = NewRule(raw=text.encode("cp437"), name=name, is_confirmed=True, **told)
    return actions.import_rule(new, by=make_admin())


def edited(rule: Rule, content: str) -> Rule:
    about = {name: getattr(rule, name) for name in RuleEdit.columns()}
    return actions.edit_rule(rule, RuleEdit(**about, content=content), by=make_admin())


def published(rule: Rule, text: str) -> RuleVersion:
    """Have a text published, as a synchronization finds it."""
    origin = RuleVersion.Origin.PUBLISHED
    found = actions.text_version(rule, text.encode("cp437"), origin=origin, by=None)
    assert found
    return found


def make_listing(name: str = "2021_MP3", **facts: Any) -> Listing:
    about = {"scene": "English", "section": "MP3", "year": 2021}
    url = f"https://rules.example/nfo/{name}.nfo"
    return Listing.objects.create(**{"name": name, "url": url} | about | facts)


def typed(rule: Rule, **fields: Any) -> dict[str, Any]:
    """Return what the page that edits `rule` sends."""
    names = (*RuleEdit.columns(), "content")
    now = {name: getattr(rule, name) for name in names} | {"seen_version": rule.version}
    return {name: "" if value is None else value for name, value in (now | fields).items()}


def test_every_page_asks_for_a_login_and_for_the_right_to_read(client: Client) -> None:
    pages = [reverse("rulebook:index"), reverse("rulebook:rule", args=[1])]
    for url in pages:
        assert client.get(url).headers["Location"] == f"/accounts/login/?next={url}"

    client.force_login(make_user())

    assert {client.get(url).status_code for url in pages} == {403}


def test_the_list_shows_each_rule_with_what_can_be_done_with_it(
    client: Client, operator: User
) -> None:
    make_rule("own_rule")

    page = shown(client.get("/rules/"))

    assert "[2022] eBOOK" in page
    assert "own_rule" in page
    assert "Spec not complete" in page
    assert "Can be packed by" in page


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("scene=French", {"french"}),
        ("section=MUSiC&year=2019", {"french", "plain"}),
        ("year=2011", {"old"}),
        ("year=?", {"unknown"}),
        ("type=TV", {"tvx2642k16", "sdtvx2642k16", "2020_WDX"}),
        ("state=edited", {"old"}),
        ("state=vanished", {"plain"}),
        ("state=incomplete", {"french", "old", "plain", "unknown"}),
        ("origin=local", {"french", "old", "plain", "unknown"}),
        ("search=zebra", {"french"}),
        ("search=zeb*+songs&scene=french", {"french"}),
        ("search=%22%28%2B-*&scene=French", set()),
        ("year=20190&state=never", set()),
    ],
)
def test_the_list_is_narrowed_by_its_address(
    client: Client, operator: User, query: str, found: set[str]
) -> None:
    make_rule("french", TEXT + "A zebra.\n", scene="French")
    edited(make_rule("old", year=2011, section="OLD"), "Another text.\n")
    make_rule("unknown", year=None, section="ODD")
    plain = make_rule("plain")
    Rule.objects.filter(pk=plain.pk).update(vanished_at=plain.created_at)

    page = client.get(f"/rules/?{query}")

    assert {row["rule"].name for row in page.context["rows"]} == found


@pytest.mark.django_db(transaction=True)
def test_words_that_were_sought_are_marked_with_their_lines(client: Client, operator: User) -> None:
    make_rule("found", f"Nothing here.\nAll zebras of the zoo {EVIL}\n")

    page = shown(client.get("/rules/?search=zebra"))

    assert "<mark>zebra</mark>s of the zoo" in page
    assert EVIL not in page


def test_nothing_found_says_so_and_leads_back(client: Client, operator: User) -> None:
    nothing = shown(client.get("/rules/?search=unheard"))
    Rule.objects.all().delete()
    empty = shown(client.get("/rules/"))

    assert "No rule here says “unheard”." in nothing
    assert "Show all rules" in nothing
    assert "There is no rule yet." in empty


def test_the_tree_is_remembered_and_leads_to_its_parts(client: Client, operator: User) -> None:
    make_rule(scene="French", section="MUSiC", year=None)
    listed = shown(client.get("/rules/"))

    kept = client.post("/rules/view/", {"view": "tree", "query": "scene=French&search=a"})
    client.post("/rules/view/", {"view": "hologram"})
    page = shown(client.get("/rules/"))

    assert "rule-tree" not in listed
    assert kept.headers["Location"] == "/rules/?scene=French&search=a"
    assert preference(operator, "list_filters")["rules"] == "tree"
    assert "?scene=French&amp;section=MUSiC&amp;year=%3F" in page
    assert "?scene=English&amp;section=eBOOK&amp;year=2022" in page


def test_what_is_asked_for_in_other_capitals_is_shown_as_chosen(
    client: Client, operator: User
) -> None:
    client.post("/rules/view/", {"view": "tree"})

    page = client.get("/rules/?scene=ENGLISH&section=ebook")

    assert "<option selected>English</option>" in shown(page)
    assert "<option selected>eBOOK</option>" in shown(page)
    assert page.context["choices"]["sections"].count("eBOOK") == 1
    assert 'section=eBOOK" aria-current="true"' in shown(page)


def test_htmx_gets_the_list_alone(client: Client, operator: User) -> None:
    part = shown(client.get("/rules/?search=ebook", headers={"HX-Request": "true"}))

    assert part.strip().startswith('<section id="rules"')
    assert "<html" not in part


@pytest.mark.parametrize(
    "path",
    [
        "/rules/",
        "/rules/?search=songs",
        "/rules/?state=listed",
        "/rules/{}/",
        "/rules/{}/versions/",
    ],
)
@pytest.mark.parametrize("is_admin", [True, False])
def test_more_rows_cost_no_more_queries(client: Client, path: str, is_admin: bool) -> None:
    user = make_user(role="Admin") if is_admin else make_operator()
    client.force_login(user)
    client.post("/rules/view/", {"view": "tree"})
    rule = make_rule()

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(path.format(rule.pk)).status_code == 200
        return len(queries)

    make_listing()
    cost()
    one = cost()
    for number in range(5):
        make_rule()
        make_listing(f"200{number}_MP3")
        edited(rule, f"Text {number}.\n")
        make_draft(rule={"rule_id": rule.pk})

    assert cost() <= one <= 10


def test_a_page_shows_as_many_as_fit_and_leads_to_the_others(
    client: Client, operator: User
) -> None:
    Rule.objects.bulk_create(
        Rule(name=f"r{number}", scene="English", section="MANY") for number in range(30)
    )

    first = client.get("/rules/?section=MANY")
    second = client.get("/rules/?section=MANY&page=2")

    assert [len(page.context["rows"]) for page in (first, second)] == [25, 5]
    assert "?page=2&amp;section=MANY" in shown(first)


def test_what_is_published_and_not_here_can_be_chosen(client: Client, operator: User) -> None:
    make_listing(fault={"template": "It hangs.", "values": {}})
    make_listing("1999_GONE", vanished_at="2026-01-01T00:00Z")
    make_listing("javascript", url="javascript:alert(1)", section="X264")
    here = make_rule("2019_HERE")
    make_listing(here.name)

    page = client.get("/rules/?state=listed")
    narrowed = client.get("/rules/?state=listed&section=x264")

    assert {one.name for one in page.context["page"]} == {"2021_MP3", "javascript"}
    assert "It hangs." in shown(page)
    assert 'href="javascript:' not in shown(page)
    assert [one.name for one in narrowed.context["page"]] == ["javascript"]
    assert "2 rules are published whose texts are not here." in shown(client.get("/rules/"))


def test_a_file_is_shown_with_what_it_tells_before_it_is_kept(
    client: Client, operator: User
) -> None:
    page = client.post("/rules/new/", upload())

    form = page.context["form"]
    told = {name: form[name].value() for name in ("name", "scene", "section", "year", "encoding")}
    assert told == {
        "name": "2019_FR_MUSiC",
        "scene": "French",
        "section": "MUSiC",
        "year": 2019,
        "encoding": "cp437",
    }
    assert "░▒▓ The 2019 French MUSiC" in shown(page)
    assert not Rule.objects.filter(name="2019_FR_MUSiC").exists()


def sent_back(page: Any, **fields: Any) -> dict[str, Any]:
    """Return what the page that shows a file sends."""
    form = page.context["form"]
    values = {name: form[name].value() for name in form.fields}
    return {name: "" if value is None else value for name, value in (values | fields).items()}


def test_another_encoding_shows_the_same_bytes_anew(client: Client, operator: User) -> None:
    page = client.post("/rules/new/", upload("Règle 2019 à lire\n".encode("cp1252")))

    other = client.post("/rules/new/", sent_back(page, encoding="cp437", preview="yes"))
    wrong = client.post("/rules/new/", sent_back(page, encoding="utf-8", preview="yes"))

    assert "Règle" in shown(page)
    assert "RΦgle" in shown(other)
    assert other.context["form"]["name"].value() == "2019_FR_MUSiC"
    assert "encoding" in wrong.context["form"].errors
    assert "Règle" in shown(wrong)


def test_what_is_confirmed_is_kept_with_its_bytes(client: Client, operator: User) -> None:
    page = client.post("/rules/new/", upload())

    kept = client.post("/rules/new/", sent_back(page, section="SONGS", year=""))

    rule = Rule.objects.get(name="2019_FR_MUSiC")
    assert kept.headers["Location"] == rule.get_absolute_url()
    assert (rule.section, rule.year, rule.created_by) == ("SONGS", None, operator)
    assert bytes(rule.versions.get().raw) == TEXT.encode("cp437")


def test_an_upload_from_the_wizard_leads_back_there_and_nowhere_else(
    client: Client, operator: User
) -> None:
    for there, led in (("/wizard/", True), ("https://evil.example/", False), ("//evil/", False)):
        url = f"/rules/new/?next={there}"
        name = f"rule{next(numbers)}"
        page = client.post(url, upload())
        kept = client.post(url, sent_back(page, name=name))
        rule = Rule.objects.get(name=name)
        expected = f"{there}?show={rule.pk}" if led else rule.get_absolute_url()
        assert kept.headers["Location"] == expected


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        (b"", "empty.nfo"),
        (b" \r\n", "blank.nfo"),
        (b"\x00\x01\x02\xff" * 500, "binary.nfo"),
        (b"%PDF-1.7\nx", "rule.pdf"),
        (b"<!DOCTYPE html><html><body>404</body></html>", "page.nfo"),
        (b"x" * ((1 << 20) + 1), "large.nfo"),
    ],
)
def test_what_is_no_rule_is_refused_with_a_sentence(
    client: Client, operator: User, raw: bytes, name: str
) -> None:
    page = client.post("/rules/new/", upload(raw, name))

    assert page.status_code == 200
    assert len(page.context["form"].errors["file"][0].split()) > 3
    assert "sent" not in page.context["form"].fields


@pytest.mark.parametrize("sent", ["", "§", "AAAA====", "AAE="])
def test_a_file_that_did_not_come_back_whole_is_asked_for_again(
    client: Client, operator: User, sent: str
) -> None:
    page = client.post("/rules/new/", {"sent": sent, "name": "x", "scene": "y", "section": "z"})

    assert page.status_code == 200
    assert "file" in page.context["form"].fields
    assert not Rule.objects.filter(name="x").exists()


@pytest.mark.parametrize("name", ["../../etc", "a/b", "..", "2022_EBOOK/", "2022_ebook"])
def test_a_name_that_cannot_be_is_told_at_its_field(
    client: Client, operator: User, name: str
) -> None:
    page = client.post("/rules/new/", upload())

    again = client.post("/rules/new/", sent_back(page, name=name))

    assert list(again.context["form"].errors) == ["name"]
    assert again.context["form"]["section"].value() == "MUSiC"


def test_the_page_of_a_rule_tells_what_is_known_of_it(client: Client, admin: User) -> None:
    rule = make_rule(text=f"{TEXT}{EVIL}\n")
    version = rule.versions.get()
    make_listing(rule.name)
    make_draft(rule={"rule_id": rule.pk})

    page = shown(client.get(rule.get_absolute_url()))

    assert version.sha256 in page
    assert f"https://rules.example/nfo/{rule.name}.nfo" in page
    assert "1 draft" in page
    assert "Releases cannot be packed by it" in page
    assert EVIL not in page


def test_a_spec_is_told_in_words_with_how_sure_it_is(client: Client, operator: User) -> None:
    page = shown(client.get(Rule.objects.get(name="2022_EBOOK").get_absolute_url()))

    assert "Its spec is complete" in page
    assert "5,000,000; 10,000,000" in page
    assert "could not be compared with the published text" in page
    assert "The text is not here." in page


def test_a_spec_that_ships_is_told_to_stay_whatever_the_text(client: Client, admin: User) -> None:
    rule = make_rule("2022_EBOOK", section="eBOOK", year=2022, release_type="EBOOK")
    rule.refresh_from_db()
    url = f"/rules/{rule.pk}/edit/"
    came, asked = shown(client.get(rule.get_absolute_url())), shown(client.get(url))

    renamed = shown(client.post(url, typed(rule, year=2023), follow=True))
    changed = shown(client.post(url, typed(rule, content="Other.\n"), follow=True))

    assert "This spec came with the program: neither a published nor an edited text" in came
    assert "What releases are packed by" in came
    assert "The text changed since" not in came
    assert "your text does not change it" in asked
    assert "it stays as it was" not in renamed
    assert "The rule is saved. Releases are packed by the spec that came" in changed
    assert "The text changed since version 1: the spec was not." in changed


def test_our_own_profile_is_not_said_to_be_published(client: Client, admin: User) -> None:
    rule = Rule.objects.get(name="HOUSE_DOCS")

    pages = [
        shown(client.get(f"/rules/{path}"))
        for path in ("?search=house_docs", f"{rule.pk}/", f"{rule.pk}/edit/")
    ]

    for sentence in ("Text not downloaded", "in the published text", "newer text is published"):
        assert not any(sentence in page for page in pages)
    assert "this is our own profile" in pages[1]


def test_what_could_not_be_read_is_told_with_its_reason(client: Client, operator: User) -> None:
    rule = make_rule()
    unread = {
        "field": "max_volumes",
        "template": "Line %(line)d says %(said)s.",
        "values": {"line": 7, "said": "two things"},
    }
    Rule.objects.filter(pk=rule.pk).update(unread=[unread], is_complete=False)

    page = shown(client.get(rule.get_absolute_url()))

    assert "Volumes, at most:</strong> Line 7 says two things." in page


def test_an_edit_is_a_version_and_the_published_one_stays(client: Client, admin: User) -> None:
    rule = make_rule()
    published(rule, "As published.\n")
    rule.refresh_from_db()
    first = client.get(f"/rules/{rule.pk}/edit/")

    saved = client.post(f"/rules/{rule.pk}/edit/", typed(rule, content="As edited.\n"))

    rule.refresh_from_db()
    assert "Your edit is a local copy." in shown(first)
    assert saved.headers["Location"] == rule.get_absolute_url()
    assert rule.content == "As edited.\n"
    assert rule.versions.filter(content="As published.\n").exists()


def test_of_two_who_edit_the_second_is_told(client: Client, admin: User) -> None:
    rule = make_rule()
    before = typed(rule)
    edited(rule, "The first.\n")

    page = client.post(f"/rules/{rule.pk}/edit/", before | {"content": "The second.\n"})

    rule.refresh_from_db()
    assert "was changed meanwhile" in str(page.context["form"].errors)
    assert "The second." in shown(page)
    assert rule.content == "The first.\n"


def test_who_may_not_edit_sees_no_button_and_is_refused(client: Client, operator: User) -> None:
    rule = make_rule()

    page = shown(client.get(rule.get_absolute_url()))
    refused = [
        client.get(f"/rules/{rule.pk}/edit/"),
        client.post(f"/rules/{rule.pk}/edit/", typed(rule, content="x")),
        client.post(f"/rules/{rule.pk}/versions/1/restore/"),
        client.get(f"/rules/delete/?rule={rule.pk}"),
        client.post("/rules/delete/", {"rule": rule.pk}),
        client.post("/rules/sync/"),
        client.post("/rules/schedule/", {"interval": "daily"}),
    ]

    assert "/edit/" not in page
    assert {one.status_code for one in refused} == {403}
    assert Rule.objects.filter(pk=rule.pk, version=1).exists()


def test_versions_are_compared_word_by_word(client: Client, operator: User) -> None:
    rule = edited(make_rule(), TEXT.replace("15 MB", f"20 MB{EVIL}"))

    page = shown(client.get(f"/rules/{rule.pk}/versions/"))

    assert "From version 1 to 2" in page
    assert "<del>15</del>" in page
    assert "<ins>20</ins>" in page
    assert EVIL not in page
    assert client.get(f"/rules/{rule.pk}/versions/?from=9").status_code == 404
    assert client.get(f"/rules/{rule.pk}/versions/?from=x").status_code == 404


def test_versions_to_compare_are_chosen_whichever_is_in_force(client: Client, admin: User) -> None:
    rule = make_rule()
    url = f"/rules/{rule.pk}/versions/"
    alone = shown(client.get(url))
    edited(rule, "Edited.\n")
    actions.restore_version(rule, 1, by=admin)

    oldest, same = shown(client.get(url)), shown(client.get(f"{url}?from=2&to=2"))
    back = shown(client.get(f"{url}?to=1"))

    assert "Version 1 is the only one to compare" in alone
    assert "From version 1 to 2" in oldest
    assert "From version 2 to 1" in back
    assert "Choose two versions to compare" in same
    assert [page.count('id="id_from"') for page in (alone, oldest, same)] == [0, 1, 1]


def test_a_rule_without_a_text_has_no_versions(client: Client, operator: User) -> None:
    rule = Rule.objects.get(name="2022_EBOOK")

    assert "so there is no version yet" in shown(client.get(f"/rules/{rule.pk}/versions/"))


def test_an_earlier_version_is_put_in_force_again(client: Client, admin: User) -> None:
    rule = edited(make_rule(), "Edited.\n")

    client.post(f"/rules/{rule.pk}/versions/1/restore/", {"seen_version": 2})
    late = client.post(f"/rules/{rule.pk}/versions/2/restore/", {"seen_version": 2}, follow=True)

    rule.refresh_from_db()
    assert rule.version == 1
    assert "was changed meanwhile" in shown(late)


def test_a_version_seen_that_is_no_number_is_passed_over(client: Client, admin: User) -> None:
    rule = edited(make_rule(), "Mine.\n")

    client.post(f"/rules/{rule.pk}/versions/1/restore/", {"seen_version": "9" * 5000})

    rule.refresh_from_db()
    assert rule.version == 1


def test_a_newer_published_text_is_told_where_the_own_one_stays(
    client: Client, operator: User
) -> None:
    rule = edited(make_rule(), "Mine.\n")
    published(rule, "Published anew.\n")

    page = shown(client.get(rule.get_absolute_url()))
    old = shown(client.get(f"/rules/{rule.pk}/versions/1/"))
    listed = shown(client.get("/rules/"))
    actions.restore_version(rule, 3, by=make_admin())
    restored = shown(client.get("/rules/"))

    assert "it waits as version 3" in page
    assert f"/rules/{rule.pk}/versions/?from=2&amp;to=3" in page
    assert listed.count("Newer published text waits") == 1
    assert "Newer published text waits" not in restored
    assert "This is version 1, which is not in force." in old
    assert "Songs must be packed" in old


def test_the_bytes_and_pictures_are_files_to_keep(client: Client, operator: User) -> None:
    rule = make_rule()
    raw = client.get(f"/rules/{rule.pk}/versions/1/raw/")
    picture = client.get(f"/rules/{rule.pk}/versions/1/picture/?as=png")

    assert raw.content == TEXT.encode("cp437")
    assert picture.content.startswith(b"\x89PNG")
    for answer in (raw, picture):
        assert answer.headers["Content-Disposition"].startswith("attachment")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Security-Policy"] == "sandbox"


def test_rules_are_deleted_after_it_is_told_where_they_are_used(
    client: Client, admin: User
) -> None:
    gone, kept = make_rule(), make_rule()
    make_release(rule=kept)
    draft = make_draft(rule={"rule_id": gone.pk})

    asked = shown(client.get(f"/rules/delete/?rule={gone.pk}&rule={kept.pk}&rule=x"))
    done = client.post("/rules/delete/", {"rule": [gone.pk, kept.pk]}, follow=True)

    assert "Delete these 2 rules?" in asked
    assert f"Draft {draft.pk} must choose again." in asked
    assert "1 release" in asked
    assert list(Rule.objects.filter(pk__in=[gone.pk, kept.pk])) == [kept]
    assert "1 rule is deleted." in shown(done)
    assert kept.name in shown(done)


def test_nothing_chosen_is_told(client: Client, admin: User) -> None:
    for answer in (
        client.get("/rules/delete/", follow=True),
        client.post("/rules/download/", follow=True),
    ):
        assert "Choose a rule first." in shown(answer)


def test_a_synchronization_is_asked_for_once_and_planned(client: Client, admin: User) -> None:
    client.post("/rules/sync/")
    client.post("/rules/sync/")
    planned = client.post("/rules/schedule/", {"interval": "weekly"}, follow=True)
    wrong = client.post("/rules/schedule/", {"interval": "hourly"}, follow=True)

    assert Job.objects.filter(work="sync").count() == 1
    assert SyncPlan.current().interval == "weekly"
    assert 'id="job"' in shown(planned)
    assert "Choose one of: off, daily, weekly." in shown(wrong)


def test_what_the_last_synchronization_did_is_told(client: Client, admin: User) -> None:
    job = actions.request_sync(by=admin)
    job.finish(
        {
            "new": ["2021_MP3"],
            "changed": [],
            "unchanged": ["a", "b"],
            "vanished": [],
            "failed": [["2020_X", "It hangs."]],
        }
    )

    page = shown(client.get("/rules/"))

    assert "1: 2021_MP3" in page
    assert "2020_X" in page
    assert "It hangs." in page


def test_a_synchronization_is_told_at_once_to_who_asked_for_it(client: Client, admin: User) -> None:
    client.force_login(make_user(role="Admin"))
    job = actions.request_sync(by=admin)
    job.finish(
        {"new": [], "changed": ["a", "b"], "unchanged": ["c"], "failed": [["d", "It hangs"]]}
    )

    others = shown(client.get("/rules/"))
    client.force_login(admin)
    own = shown(client.get("/rules/"))
    Job.objects.update(finished_at=job.queued_at - timedelta(days=1))
    later = shown(client.get("/rules/"))

    assert "Completed, 2 changed, 1 failed</span>" in own
    is_open = ['sync-box" open' in page for page in (others, own, later)]
    assert is_open == [False, True, False]


def test_a_release_leads_to_what_changed_since_it_was_packed(client: Client, admin: User) -> None:
    rule = make_rule()
    release = make_release(owner=admin, rule=rule, rule_version=1)
    before = shown(client.get(release.get_absolute_url()))
    edited(rule, "Edited.\n")

    after = shown(client.get(release.get_absolute_url()))

    assert "What changed since this was packed" not in before
    assert f"/rules/{rule.pk}/versions/?from=1&amp;to=2" in after


@pytest.mark.parametrize("state", ["", "listed"])
@pytest.mark.parametrize(
    "asked", ["search=" + "e%20" * 2000, "search=" + "e*" * 2000, "scene=" + ",e" * 2000]
)
def test_a_page_bears_very_long_questions(
    client: Client, operator: User, state: str, asked: str
) -> None:
    assert client.get(f"/rules/?state={state}&{asked}").status_code == 200
