import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation
from pytest_django import Settings

from accounts.models import User
from jobs.chores import Chore
from jobs.models import Job
from jobs.queue import run_here
from packer_site.work import recover
from releases.actions import Refused, WrongField
from rulebook import actions
from rulebook.actions import RuleEdit
from rulebook.models import Listing, SyncPlan
from rulebook.seeds import seed_listings
from rules.models import Rule, RuleVersion
from tests.factories import make_admin, make_operator
from tests.metadata.service import Handler, Respond, dropped, moved, raw, silent
from tests.rulebook.site import PAGE, RulesSite, drawn, rules_site, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded")]
NAME = "2001_TEST"
FILE = f"/nfo/{NAME}.nfo"
WRITING = re.compile(
    r"(insert|update|delete|replace) (ignore |into |from )*.(rules|rulebook)_", re.I
)
FAKE = Path(__file__).parents[3] / "shared" / "fake_api" / "fixtures"


@pytest.fixture
def admin(seeded: None) -> User:
    return make_admin()


@pytest.fixture
def site(settings: Settings) -> Iterator[RulesSite]:
    with rules_site() as there:
        settings.RULES_URL = there.url
        settings.OUTBOUND_HOSTS = [there.service.authority]
        yield there


def synchronized(admin: User) -> Job:
    return run_here(actions.request_sync(by=admin, at_once=True))


def report_of(admin: User) -> dict[str, Any]:
    job = synchronized(admin)
    assert job.status == Job.Status.COMPLETED, job.error
    report: dict[str, Any] = job.result
    return report


def counts(report: dict[str, Any]) -> dict[str, int]:
    return {name: len(found) for name, found in report.items() if found}


def log(admin: User) -> str:
    job = Job.objects.filter(by=admin, work="sync").newest_first()[0]
    return "\n".join(job.lines.values_list("message", flat=True))


def published() -> Any:
    return RuleVersion.objects.filter(origin="published")


@contextmanager
def nothing_written() -> Iterator[None]:
    """Let no rule, version or listing be written in here."""
    with CaptureQueriesContext(connection) as queries:
        yield
    assert [one["sql"] for one in queries if WRITING.match(one["sql"])] == []


# What a synchronization brings


def test_a_synchronization_brings_every_rule_as_it_was_published(
    site: RulesSite, admin: User
) -> None:
    report = report_of(admin)

    rule = Rule.objects.get(name=NAME)
    version = rule.versions.get()
    assert counts(report) == {"new": 22}
    assert (rule.scene, rule.section, rule.year, rule.origin) == (
        "English",
        "Test",
        2001,
        "published",
    )
    assert (rule.version, rule.content) == (1, text_of("1"))
    assert (bytes(version.raw), version.encoding, version.by) == (
        drawn(text_of("1")),
        "cp437",
        None,
    )
    assert (version.url, version.source) == (f"{site.url}nfo/{NAME}.nfo", f"{NAME}.nfo")
    assert "22 rules are listed." in log(admin)
    assert "22 new, 0 changed, 0 unchanged, 0 vanished, 0 failed" in log(admin)


@pytest.mark.parametrize("has_tags", [True, False])
def test_a_second_one_changes_nothing(site: RulesSite, admin: User, has_tags: bool) -> None:
    site.has_tags = has_tags
    site.without_file = {NAME}
    site.add("2030_TEST", "Klingon Rules")
    report_of(admin)
    site.forget()

    with nothing_written():
        report = report_of(admin)

    assert counts(report) == {"unchanged": 23}
    assert published().count() == 23
    assert len(site.asked) == 25  # the index, the files, and the page of the one without a file
    assert any(one.headers.get("if-none-match") for one in site.service.asked) == has_tags


def test_a_text_that_changed_is_a_new_version_and_the_old_one_stays(
    site: RulesSite, admin: User
) -> None:
    report_of(admin)
    site.texts[NAME] += "  1.2) More.\n"

    report = report_of(admin)

    rule = Rule.objects.get(name=NAME)
    assert (report["changed"], len(report["unchanged"])) == ([NAME], 21)
    assert [one.content for one in rule.versions.all()] == [site.texts[NAME], text_of("1")]
    assert (rule.version, rule.content) == (2, site.texts[NAME])


def test_an_edited_text_stays_in_force_and_the_log_tells(site: RulesSite, admin: User) -> None:
    report_of(admin)
    rule = Rule.objects.get(name=NAME)
    edit = RuleEdit(name=NAME, scene="English", section="Mine", year=2001, content="own text\n")
    actions.edit_rule(rule, edit, by=admin)
    site.texts[NAME] += "changed\n"

    report = report_of(admin)

    rule.refresh_from_db()
    assert report["changed"] == [NAME]
    assert (rule.version, rule.content, rule.section) == (2, "own text\n", "Mine")
    assert rule.versions.get(number=3).content == site.texts[NAME]
    assert f"{NAME}: its published text changed; your own text stays in force." in log(admin)
    with nothing_written():
        report_of(admin)


def test_a_rule_that_vanished_is_marked_and_stays_until_it_is_back(
    site: RulesSite, admin: User
) -> None:
    report_of(admin)
    site.remove(NAME)

    report = report_of(admin)

    rule, listing = Rule.objects.get(name=NAME), Listing.objects.get(name=NAME)
    assert (report["vanished"], rule.content) == ([NAME], text_of("1"))
    assert rule.vanished_at
    assert listing.vanished_at
    assert f"{NAME} is no longer listed; its copy stays." in log(admin)
    with nothing_written():
        assert report_of(admin)["vanished"] == []
    site.add(NAME, text=text_of("1"))
    report_of(admin)
    rule.refresh_from_db()
    listing.refresh_from_db()
    assert {rule.vanished_at, listing.vanished_at} == {None}
    assert rule.versions.count() == 1


def test_a_rule_that_came_with_the_program_gets_its_text_and_keeps_its_spec(
    site: RulesSite, admin: User
) -> None:
    site.add("2022_EBOOK")
    before = Rule.objects.get(name="2022_EBOOK")

    report = report_of(admin)

    rule = Rule.objects.get(name="2022_EBOOK")
    assert "2022_EBOOK" in report["new"]
    assert (rule.version, rule.content) == (1, text_of("2022_EBOOK"))
    assert (rule.origin, rule.spec_data, rule.is_complete) == (
        "shipped",
        before.spec_data,
        True,
    )


def test_a_deleted_rule_comes_back(site: RulesSite, admin: User) -> None:
    report_of(admin)
    actions.delete_rule(Rule.objects.get(name=NAME), by=admin)

    assert report_of(admin)["new"] == [NAME]
    assert Rule.objects.get(name=NAME).content == text_of("1")


def test_the_same_text_as_file_and_as_page_is_one_version(site: RulesSite, admin: User) -> None:
    report_of(admin)
    site.without_file = {NAME}
    assert report_of(admin)["changed"] == []
    site.without_file = set()

    assert counts(report_of(admin)) == {"unchanged": 22}
    assert Rule.objects.get(name=NAME).versions.count() == 1


def test_a_text_that_was_there_once_before_is_news(site: RulesSite, admin: User) -> None:
    for text in ("one\n", "two\n", "one\n"):
        site.texts[NAME] = text
        report_of(admin)

    rule = Rule.objects.get(name=NAME)
    assert [one.content for one in rule.versions.all()] == ["one\n", "two\n", "one\n"]
    assert rule.version == 3


# What goes wrong


def test_fewer_than_twenty_rules_are_a_failure_that_changes_nothing(
    site: RulesSite, admin: User
) -> None:
    report_of(admin)
    for number in range(1, 4):
        site.remove(f"20{number:02}_TEST")
    site.texts["2010_TEST"] += "changed\n"

    with nothing_written():
        job = synchronized(admin)

    assert job.status == Job.Status.FAILED
    assert "lists 19 rules, and less than 20 are not believed: nothing was changed" in job.error
    assert Rule.objects.filter(vanished_at=None, name__endswith="_TEST").count() == 22


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (raw(b"<title>Just a moment...</title>", 403), "refuses the question"),
        (raw(b"", 404), "has nothing at that address"),
        (dropped, "broke off"),
        (moved("http://10.0.0.1/"), "redirects to another host"),
        (raw(b"\0" * 1000), "lists 0 rules"),
    ],
    ids=range(5),
)
def test_without_the_index_nothing_changes(
    site: RulesSite, admin: User, answer: Any, sentence: str
) -> None:
    site.answers["/"] = answer

    with nothing_written():
        job = synchronized(admin)

    assert job.status == Job.Status.FAILED
    assert sentence in job.error
    assert "unforeseen" not in job.error


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (raw(b"<html>Site maintenance</html>"), "sent a web page in place of the rule"),
        (raw(bytes(range(256)) * 40), "is no text"),
        (raw(b"x" * ((1 << 20) + 1)), "has at most"),
        (raw(b"%PDF-1.7 ..."), "is no text"),
        (raw(b"\r\n"), "has no text"),
        (raw(b"no", 403), "refuses the question"),
        (moved("http://10.0.0.1/x"), "redirects to another host"),
    ],
    ids=range(7),
)
def test_a_rule_that_fails_does_not_stop_the_others(
    site: RulesSite, admin: User, answer: Any, sentence: str
) -> None:
    report_of(admin)
    site.answers[FILE] = answer
    site.answers[f"/html/{NAME}.html"] = raw(b"<html>Site maintenance</html>", Content_Type=PAGE)
    site.answers[f"/numbered_html/{NAME}.html"] = raw(b"", 404)

    report = report_of(admin)

    ((name, reason),) = report["failed"]
    assert (name, len(report["unchanged"])) == (NAME, 21)
    assert sentence in reason
    assert Listing.objects.get(name=NAME).trouble == reason
    assert f"{NAME}: {reason}" in log(admin)
    assert Rule.objects.get(name=NAME).content == text_of("1")
    site.answers.clear()
    report_of(admin)
    assert Listing.objects.get(name=NAME).trouble == ""


def test_a_site_that_hangs_is_asked_no_more(
    site: RulesSite, admin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rulebook.actions.downloads.REQUEST_S", 0.7)
    report_of(admin)
    site.forget()
    for name in site.texts:
        site.answers[f"/nfo/{name}.nfo"] = silent

    report = report_of(admin)

    assert len(report["failed"]) == 22
    assert len(site.asked) == 1 + 5
    assert "did not answer in time" in report["failed"][0][1]
    assert "no answer 5 times in a row" in report["failed"][-1][1]


@pytest.mark.parametrize("name", ["..%2f..%2fetc", "..", "a b", "x" * 101, "%00", "é"])
def test_a_name_that_cannot_be_kept_is_told(site: RulesSite, admin: User, name: str) -> None:
    page = site.index().replace(b"</body>", b"") + f'<p><a href="/nfo/{name}.nfo">d</a>'.encode()
    site.answers["/"] = raw(page, Content_Type=PAGE)

    report = report_of(admin)

    assert len(report["new"]) == 22
    assert "A name has 1 to 100 letters" in report["failed"][0][1]
    assert Listing.objects.filter(seen_at=None).count() == 0
    assert Listing.objects.count() == 22


def test_of_names_that_differ_by_capitals_one_is_kept(site: RulesSite, admin: User) -> None:
    site.add("2001_Test")

    report = report_of(admin)

    assert report["failed"] == [
        ["2001_Test", f"It differs from {NAME} by its capitals alone: that one is kept."]
    ]
    with nothing_written():
        report_of(admin)


def test_a_rule_keeps_its_name_where_the_site_changes_the_capitals(
    site: RulesSite, admin: User
) -> None:
    report_of(admin)
    site.remove(NAME)
    site.add(NAME.lower(), text="changed\n")

    report = report_of(admin)

    assert (report["changed"], report["vanished"], report["failed"]) == ([NAME], [], [])
    assert Listing.objects.get(name__iexact=NAME).url.endswith(f"/{NAME.lower()}.nfo")
    with nothing_written():
        report_of(admin)


def test_an_own_rule_whose_name_differs_by_capitals_is_not_touched(
    site: RulesSite, admin: User
) -> None:
    own = actions.import_rule(
        actions.NewRule(raw=b"own\n", name="2001_Test", scene="English", section="Own"), by=admin
    )

    report = report_of(admin)

    own.refresh_from_db()
    assert [name for name, _reason in report["failed"]] == [NAME]
    assert "There is a rule 2001_Test already" in report["failed"][0][1]
    assert (own.content, own.versions.count()) == ("own\n", 1)


def test_links_to_other_hosts_are_not_followed(site: RulesSite, admin: User) -> None:
    page = site.index() + b'<p><a href="http://10.0.0.1/nfo/2030_X.nfo">d</a>'
    site.answers["/"] = raw(page, Content_Type=PAGE)

    report = report_of(admin)

    ((name, reason),) = report["failed"]
    assert name == "2030_X"
    assert "leads to another host" in reason


def test_a_cancelled_one_stops_and_keeps_what_it_has(
    site: RulesSite, admin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()  # the lease listens, as in production

    job = actions.request_sync(by=admin, at_once=True)
    Job.objects.filter(pk=job.pk).update(cancel_requested=True)

    assert run_here(job).status == Job.Status.CANCELLED
    assert site.asked == []


# Who may, and when


def test_administrators_alone_synchronize() -> None:
    operator = make_operator()

    for forbidden in (
        lambda: actions.request_sync(by=operator),
        lambda: actions.plan_sync("daily", by=operator),
    ):
        with pytest.raises(PermissionDenied, match="MOD permission on config"):
            forbidden()
    assert not Job.objects.exists()


def test_one_runs_at_a_time(admin: User) -> None:
    first = actions.request_sync(by=admin)

    assert actions.request_sync(by=make_admin()) == first
    assert Job.objects.count() == 1


def test_the_plan_has_an_interval_and_nothing_else(admin: User) -> None:
    actions.plan_sync("daily", by=admin)
    actions.plan_sync("weekly", by=admin)

    with pytest.raises(WrongField, match="off, daily, weekly"):
        actions.plan_sync("hourly", by=admin)
    assert SyncPlan.objects.get().interval == "weekly"


@pytest.mark.parametrize(
    ("interval", "days", "is_due"),
    [
        ("off", None, False),
        ("off", 100, False),
        ("daily", None, True),
        ("daily", 0.9, False),
        ("daily", 1.1, True),
        ("daily", 50, True),
        ("weekly", 6.9, False),
        ("weekly", 7.1, True),
    ],
)
def test_what_is_due_is_started_once(
    admin: User, interval: str, days: float | None, is_due: bool
) -> None:
    actions.plan_sync(interval, by=admin)
    if days is not None:
        SyncPlan.objects.update(last_at=timezone.now() - timedelta(days=days))

    recover()
    Job.objects.update(status="completed", finished_at=timezone.now(), active_key=None)
    Chore.objects.update(is_wanted=True)
    recover()

    assert list(Job.objects.values_list("work", "by")) == [("sync", admin.pk)] * is_due


def test_a_plan_of_one_who_left_is_another_administrators(admin: User) -> None:
    gone = make_admin()
    actions.plan_sync("daily", by=gone)
    User.objects.filter(pk=gone.pk).update(is_active=False)

    job = actions.start_due_sync()

    assert job
    assert job.by == admin


def test_a_tick_without_a_plan_costs_one_question(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(3):  # and the two of the transaction
        assert actions.start_due_sync() is None


# One rule


def test_a_listed_rule_is_downloaded_by_its_name(site: RulesSite, admin: User) -> None:
    report_of(admin)
    Rule.objects.filter(name=NAME).delete()
    operator = make_operator()

    first = actions.download_rule(NAME, by=operator)
    with nothing_written():
        again = actions.download_rule(NAME, by=operator)
    site.texts[NAME] += "changed\n"
    changed = actions.download_rule(NAME, by=operator)

    assert [one.outcome for one in (first, again, changed)] == ["new", "unchanged", "changed"]
    assert first.rule == again.rule == changed.rule
    assert {one.by for one in first.rule.versions.all()} == {operator}


def test_the_index_is_asked_where_a_known_address_leads_nowhere(
    site: RulesSite, admin: User
) -> None:
    Listing.objects.create(
        name=NAME, scene="English", section="Test", year=2001, url=f"{site.url}nfo/old/{NAME}.nfo"
    )

    assert actions.download_rule(NAME, by=admin).rule.content == text_of("1")


@pytest.mark.parametrize(
    ("name", "sentence"),
    [("2001_test", "Did you mean 2001_TEST"), ("nothing", "is listed: synchronize the rules")],
)
def test_an_unlisted_name_is_told_with_those_near(
    site: RulesSite, admin: User, name: str, sentence: str
) -> None:
    report_of(admin)

    with pytest.raises(actions.NotListed, match=sentence):
        actions.download_rule(name, by=admin)


def test_who_may_not_write_rules_downloads_none(site: RulesSite, admin: User) -> None:
    reader = User.objects.create_user("reader")

    with pytest.raises(PermissionDenied, match="WRITE permission on rules"):
        actions.download_rule(NAME, by=reader)
    assert site.asked == []


def test_what_cannot_be_downloaded_is_told_and_noted(site: RulesSite, admin: User) -> None:
    report_of(admin)
    site.answers[FILE] = raw(b"no", 403)

    with pytest.raises(Refused, match="refuses the question"):
        actions.download_rule(NAME, by=admin)
    assert "refuses" in Listing.objects.get(name=NAME).trouble


def test_a_planned_synchronization_speaks_the_language_of_the_site(
    site: RulesSite, admin: User, settings: Settings
) -> None:
    actions.plan_sync("daily", by=admin)
    settings.LANGUAGE_CODE = "fr"

    with translation.override("en"):
        job = actions.start_due_sync()

    assert job
    assert job.language == "fr"


@pytest.mark.parametrize(
    ("answer", "english", "french"),
    [
        (raw(b"no", 403), "refuses the question (HTTP 403)", "refuse la requête (HTTP 403)"),
        (raw(b"\r\n"), "The file has no text", "pas de texte"),
    ],
    ids=range(2),
)
def test_a_trouble_is_told_in_the_language_of_its_reader(
    site: RulesSite, admin: User, answer: Any, english: str, french: str
) -> None:
    report_of(admin)
    site.answers[FILE] = answer
    with translation.override("fr"):
        report_of(admin)

    listing = Listing.objects.get(name=NAME)

    assert english in listing.trouble
    with translation.override("fr"):
        assert french in listing.trouble
        assert french in log(admin)
    assert "Règles répertoriées" in log(admin)


# The seed list, and the site that is shared


def test_a_first_run_lists_what_is_known_without_a_network(settings: Settings) -> None:
    settings.RULES_URL = "https://rules.example/"
    seed_listings()
    Listing.objects.filter(name="2022_EBOOK").update(section="changed")
    seed_listings()

    found = {one.name: one for one in Listing.objects.all()}
    assert len(found) == 40
    assert found["2022_EBOOK"].section == "changed"
    assert found["2020_FR_TVWEB"].scene == "French"
    assert (found["2020_WDX"].year, found["2020_WDX"].url, found["2020_WDX"].seen_at) == (
        2020,
        "https://rules.example/nfo/2020_WDX.nfo",
        None,
    )
    assert found["UNK_ISOaRIP"].year is None


def test_what_the_seed_list_alone_knew_does_not_vanish_as_news(
    site: RulesSite, admin: User
) -> None:
    seed_listings()

    assert report_of(admin)["vanished"] == []
    assert Listing.objects.exclude(vanished_at=None).count() == 40
    with nothing_written():
        report_of(admin)


@pytest.fixture
def recorded_site(site: RulesSite) -> RulesSite:
    """Answer as recorded; the server beside the records leaves the index out."""
    site.texts.clear()
    for path in sorted(FAKE.glob("sr_*.json")):
        one = json.loads(path.read_text())
        headers = dict(one["response"]["headers"])
        body = one["response"]["raw"].encode(headers.pop("X-Fake-Encode", "utf-8"))
        if one["response"]["status"] == 304 or "delay_s" in one["response"]:
            continue
        sent = raw(body, one["response"]["status"], **headers)
        site.answers[one["request"]["path"]] = tagged(sent, headers.get("ETag"))
    return site


def tagged(sent: Respond, tag: str | None) -> Respond:
    def respond(handler: Handler) -> None:
        is_known = tag and handler.headers.get("If-None-Match") == tag
        (raw(b"", 304) if is_known else sent)(handler)

    return respond


@pytest.mark.parametrize("folder", ["", "mirror/"])
@pytest.mark.skipif(not FAKE.exists(), reason="the fixtures lie outside the clone")
def test_the_recorded_site_twice_in_a_row_changes_nothing_the_second_time(
    recorded_site: RulesSite, settings: Settings, admin: User, folder: str
) -> None:
    answers = recorded_site.answers
    recorded_site.answers = {f"/{folder}{path[1:]}": one for path, one in answers.items()}
    settings.RULES_URL += folder
    too_few = synchronized(admin)
    settings.RULES_LEAST = 11
    report = report_of(admin)

    with nothing_written():
        again = report_of(admin)

    assert "lists 11 rules, and less than 20 are not believed" in too_few.error
    assert report["new"] == ["2022_EBOOK"]
    assert "FICTIONAL eBook Test Standards 2022" in Rule.objects.get(name="2022_EBOOK").content
    assert counts(again) == {"unchanged": 1, "failed": 10}
    assert published().count() == 1
