"""The page of all jobs: what it shows, how it is narrowed, and what ten thousand of them cost."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from drafts.models import Draft
from jobs import listing, views
from jobs.models import Job
from tests.factories import (
    make_admin,
    make_draft,
    make_job,
    make_operator,
    make_release,
    make_source,
    make_user,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded")]
MANY = 20_000


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def shown(client: Client, query: str = "") -> list[int]:
    """Return the numbers of the jobs on a page of the list."""
    rows = client.get(reverse("jobs:index") + query).context["rows"]
    return [row.job.pk for row in rows]


def ended(status: str = "failed", **fields: Any) -> Job:
    now = timezone.now()
    facts: dict[str, Any] = {"status": status, "finished_at": now, "started_at": now}
    return make_job(**facts | fields)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["lint", "bad", "late"]),
        ("?status=failed", ["bad"]),
        ("?work=lint", ["lint"]),
        ("?since=2026-03-02", ["lint", "late"]),
        ("?until=2026-03-01", ["bad"]),
        ("?since=2026-03-01&until=2026-03-01", ["bad"]),
        ("?status=nothing&work=none&since=yesterday", ["lint", "bad", "late"]),
        ("?text=nothing+of+this", []),
    ],
)
def test_the_list_is_narrowed_by_its_address(query: str, expected: list[str]) -> None:
    user = make_operator()
    march = timezone.make_aware(datetime(2026, 3, 1, 12))  # noqa: DTZ001
    made = {
        "late": make_job(by=user, queued_at=march + timedelta(days=3)),
        "bad": ended(by=user, queued_at=march),
        "lint": make_job(by=user, work="lint", queued_at=march + timedelta(days=1)),
    }

    assert shown(signed_in(user), query) == [made[name].pk for name in expected]


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "America/New_York"])
@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_a_day_outside_of_all_calendars_narrows_nothing(day: str, zone: str) -> None:
    job = make_job(by=make_operator())
    client = signed_in(job.by)
    client.cookies["zone"] = zone

    assert shown(client, f"?since={day}") == shown(client, f"?until={day}") == [job.pk]


def test_jobs_are_found_by_what_they_are_about_and_by_number() -> None:
    user = make_operator()
    release = make_release(owner=user, name="Wuthering.Heights-GRP")
    draft = make_draft(owner=user, enrichment={"title": "Emma"})
    source = make_source(owner=user)
    packing = make_job(by=user, subject=release.subject)
    judging = make_job(by=user, work="lint", subject=f"{release.subject}:3")
    asking = make_job(by=user, work="enrich", subject=draft.subject)
    reading = make_job(by=user, work="analysis", subject=source.subject)
    client = signed_in(user)

    assert shown(client, "?text=wuthering") == [packing.pk]
    assert shown(client, "?text=emm") == [asking.pk]
    assert shown(client, f"?text={source.name}") == [reading.pk]
    assert judging.pk in shown(client, f"?text={judging.pk}")


def test_each_row_leads_to_what_it_is_about() -> None:
    user = make_operator()
    release, draft = make_release(owner=user), make_draft(owner=user, enrichment={"title": "Emma"})
    make_job(by=user, subject=f"{release.subject}:3", work="lint")
    make_job(by=user, subject=draft.subject, work="enrich")
    make_job(by=user, subject="rules", work="sync")

    page = signed_in(user).get(reverse("jobs:index")).content.decode()

    for url in (release.get_absolute_url(), draft.get_absolute_url(), reverse("rulebook:index")):
        assert f'<a href="{url}"' in page
    assert "Emma" in page


def test_the_name_of_what_is_hidden_is_not_told() -> None:
    user = make_operator()
    hidden = make_release(name="Secret.Book-GRP")
    make_job(by=user, subject=hidden.subject)

    client = signed_in(user)

    assert "Secret.Book" not in client.get(reverse("jobs:index")).content.decode()
    assert shown(client, "?text=Secret") == []


def test_the_chips_count_ones_own_jobs_of_each_status() -> None:
    user = make_operator()
    ended(by=user), ended("completed", by=user), make_job(by=user)
    ended(), make_job()

    chips = signed_in(user).get(reverse("jobs:index") + "?status=failed").context["chips"]

    counts = {chip["value"]: chip["count"] for chip in chips}
    assert counts == {
        "": 3,
        "pending": 1,
        "running": 0,
        "completed": 1,
        "failed": 1,
        "cancelled": 0,
    }
    assert [chip["value"] for chip in chips if chip["is_current"]] == ["failed"]


def test_an_administrator_may_look_at_their_own_alone() -> None:
    admin = make_admin()
    own, other = make_job(by=admin), make_job()
    client = signed_in(admin)

    assert shown(client) == [other.pk, own.pk]
    assert shown(client, "?whose=mine") == [own.pk]


def test_whose_is_no_question_for_others() -> None:
    user = make_operator()
    make_job()

    page = signed_in(user).get(reverse("jobs:index") + "?whose=all")

    assert page.context["rows"] == []
    assert b'name="whose"' not in page.content


def test_pages_follow_each_other_without_a_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "PER_PAGE", 3)
    user = make_operator()
    jobs = [make_job(by=user).pk for _each in range(8)][::-1]
    client = signed_in(user)

    read: list[int] = []
    for query in ("", f"?before={jobs[2]}", f"?before={jobs[5]}"):
        page = client.get(reverse("jobs:index") + query).context["page"]
        read += [job.pk for job in page.rows]
    back = client.get(reverse("jobs:index") + f"?after={jobs[5]}").context["page"]

    assert read == jobs
    assert (page.newer, page.older) == (jobs[6], 0)
    assert [job.pk for job in back.rows] == jobs[2:5]
    assert (back.newer, back.older) == (jobs[2], jobs[4])


def test_a_failure_shows_its_reason_and_what_to_do() -> None:
    user = make_operator()
    ended(by=user, error="The disk is <full>", hint="Free some space")

    page = signed_in(user).get(reverse("jobs:index")).content.decode()

    assert "The disk is &lt;full&gt;" in page
    assert "Free some space" in page


def test_failures_are_run_again_together_after_a_look_at_them() -> None:
    user = make_operator()
    first, second = (ended(by=user, subject=make_release().subject) for _ in range(2))
    ended("completed", by=user)
    other = ended()
    client = signed_in(user)
    url = reverse("jobs:rerun-failed") + "?work=pack"

    look = client.get(url)
    answer = client.post(url, {"newest": second.pk}, follow=True)

    assert [job.pk for job in look.context["jobs"]] == [second.pk, first.pk]
    assert "2 jobs run again." in answer.content.decode()
    again = Job.objects.active()
    assert {job.subject for job in again} == {first.subject, second.subject}
    assert not Job.objects.active().filter(by=other.by).exists()


def test_a_failure_that_was_run_again_is_left_alone() -> None:
    user = make_operator()
    subject = make_release().subject
    ended(by=user, subject=subject)
    ended("completed", by=user, subject=subject)

    page = signed_in(user).get(reverse("jobs:rerun-failed"))

    assert page.context["jobs"] == []
    assert "each was run again already" in page.content.decode()


def test_what_is_busy_is_told_apart() -> None:
    user = make_operator()
    subject = make_release().subject
    make_job(by=user, subject=subject, active_key=f"pack {subject}")
    failed = ended(by=user, subject=subject)

    answer = signed_in(user).post(reverse("jobs:rerun-failed"), {"newest": failed.pk}, follow=True)

    assert "0 jobs run again." in answer.content.decode()
    assert "1 was left out" in answer.content.decode()


def test_no_more_than_a_bound_are_run_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "MOST_AT_ONCE", 2)
    user = make_operator()
    newest = [ended(by=user, subject=make_release().subject) for _ in range(3)][-1]

    signed_in(user).post(reverse("jobs:rerun-failed"), {"newest": newest.pk})

    assert Job.objects.active().count() == 2


def test_a_post_that_names_no_newest_runs_nothing() -> None:
    user = make_operator()
    ended(by=user)

    signed_in(user).post(reverse("jobs:rerun-failed"), {"newest": "x"})

    assert not Job.objects.active().exists()


def test_all_that_wait_are_cancelled_and_none_of_others() -> None:
    user = make_operator()
    waiting = [make_job(by=user), make_job(by=user)]
    running = Job.objects.claim(make_job(by=user).pk)
    other = make_job()

    answer = signed_in(user).post(reverse("jobs:cancel-waiting"), follow=True)

    assert "2 jobs are cancelled." in answer.content.decode()
    assert {Job.objects.get(pk=job.pk).status for job in waiting} == {"cancelled"}
    assert running is not None
    assert not Job.objects.get(pk=running.pk).cancel_requested
    assert Job.objects.get(pk=other.pk).status == "pending"


@pytest.mark.parametrize("page", ["rerun", "cancel"])
def test_what_is_done_from_the_list_leads_back_to_it(page: str) -> None:
    user = make_operator()
    job = ended(by=user) if page == "rerun" else make_job(by=user)
    back = reverse("jobs:index") + "?status=failed"

    answer = signed_in(user).post(reverse(f"jobs:{page}", args=[job.pk]), {"next": back})

    assert answer["Location"] == back


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example", "javascript:x", "nowhere"]
)
def test_no_form_leads_to_another_site(elsewhere: str) -> None:
    job = make_job(by=make_operator())

    answer = signed_in(job.by).post(reverse("jobs:cancel", args=[job.pk]), {"next": elsewhere})

    assert answer["Location"] == reverse("jobs:detail", args=[job.pk])


def test_the_log_is_narrowed_to_what_is_wrong() -> None:
    job = make_job(by=make_operator())
    for level in ("DEBUG", "INFO", "WARNING", "ERROR"):
        job.log(f"said {level}", level)
    client = signed_in(job.by)

    page = client.get(reverse("jobs:detail", args=[job.pk]) + "?level=WARNING").content.decode()

    assert "said WARNING" in page
    assert "said ERROR" in page
    assert "said INFO" not in page


async def whole(answer: Any) -> str:
    return b"".join([piece async for piece in answer]).decode()


@pytest.mark.django_db(transaction=True)
def test_the_log_is_a_file_of_one_line_for_each_event() -> None:
    job = make_job(by=make_operator())
    job.log("first\r\nINFO forged \x1b[31mred\x85", "WARNING")
    for number in range(3):
        job.log(f"line {number}")

    answer = signed_in(job.by).get(reverse("jobs:log", args=[job.pk]))
    text = asyncio.run(whole(answer))

    assert answer["Content-Disposition"] == f'attachment; filename="job-{job.pk}.log.txt"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert len(text.splitlines()) == 4
    assert text.splitlines()[0].endswith(r"WARNING first\x0d\x0aINFO forged \x1b[31mred\x85")


def test_the_log_of_anothers_job_is_nowhere() -> None:
    job = make_job()

    assert signed_in(make_user()).get(reverse("jobs:log", args=[job.pk])).status_code == 404


@pytest.fixture
def many() -> User:
    """A user with twenty thousand jobs about releases, drafts and files."""
    user = make_operator()
    about = [
        make_release(owner=user).subject,
        make_draft(owner=user).subject,
        make_source(owner=user).subject,
        "rules",
    ]
    statuses = ["completed", "completed", "failed", "cancelled"]
    now = timezone.now()
    Job.objects.bulk_create(
        (
            Job(
                work="pack",
                by=user,
                subject=about[n % 4],
                status=statuses[n // 4 % 4],
                finished_at=now,
                language="en",
            )
            for n in range(MANY)
        ),
        batch_size=2000,
    )
    return user


@pytest.mark.slow
def test_twenty_thousand_jobs_cost_no_more_queries_than_few(many: User) -> None:
    client = signed_in(many)
    oldest = Job.objects.order_by("pk")[60].pk
    client.get(reverse("jobs:index"))  # fills the caches

    for query in (
        "",
        "?status=failed",
        f"?before={oldest}",
        "?text=book",
        "?work=pack&status=failed",
    ):
        with CaptureQueriesContext(connection) as queries:
            assert len(shown(client, query)) == listing.PER_PAGE
        assert len(queries) <= 12, query


@pytest.mark.slow
def test_no_page_of_many_jobs_sorts_them_all(many: User) -> None:
    """What the database says of how it finds a page: by an index, in its order."""
    with CaptureQueriesContext(connection) as queries:
        shown(signed_in(many), "?status=failed")
    (found,) = [one["sql"] for one in queries if "LIMIT 51" in one["sql"]]
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {'QUERY PLAN ' * (connection.vendor == 'sqlite')}{found}")
        plan = " ".join(str(part) for row in cursor.fetchall() for part in row)

    assert "TEMP B-TREE" not in plan
    assert "filesort" not in plan


def test_jobs_of_a_release_in_the_trash_keep_its_name() -> None:
    user = make_operator()
    release = make_release(owner=user, trashed_at=timezone.now())
    ended(by=user, subject=release.subject)

    (row,) = signed_in(user).get(reverse("jobs:index")).context["rows"]

    assert row.about.name == release.name
    assert row.about.url == release.get_absolute_url()


@pytest.mark.parametrize("is_packed", [True, False])
def test_a_download_is_not_run_again_for_a_draft_that_is_packed_or_gone(is_packed: bool) -> None:
    user = make_operator()
    draft = make_draft(owner=user)
    job = ended(by=user, work="download", subject=draft.subject, arguments={"url": "http://a/b"})
    client = signed_in(user)
    again = reverse("jobs:rerun", args=[job.pk])
    pages = [reverse("jobs:index"), reverse("jobs:detail", args=[job.pk])]
    for page in pages:
        assert again in client.get(page).content.decode()

    Draft.objects.update(release=make_release(owner=user)) if is_packed else draft.delete()

    for page in [*pages, reverse("jobs:rerun-failed")]:
        assert again not in client.get(page).content.decode()
    assert "packed already or gone" in client.post(again, follow=True).content.decode()
    assert Job.objects.count() == 1


def test_a_download_shows_its_address_and_no_key() -> None:
    user = make_operator()
    url = "https://example.org/books/emma.epub"
    job = ended(by=user, work="download", arguments={"url": f"{url}?key=secret#page"})

    for page in (reverse("jobs:index"), reverse("jobs:detail", args=[job.pk])):
        text = signed_in(user).get(page).content.decode()
        assert f"{url}?…" in text
        assert "secret" not in text
