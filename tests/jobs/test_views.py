import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from jobs.models import Job
from tests.factories import make_admin, make_job, make_user

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def failed(job: Job) -> Job:
    claimed = Job.objects.claim(job.pk)
    assert claimed is not None
    claimed.fail("The disk is full")
    return claimed


def url(page: str, job: Job) -> str:
    return reverse(f"jobs:{page}", args=[job.pk])


def test_the_list_shows_ones_own_jobs() -> None:
    own, other = failed(make_job()), make_job()

    page = signed_in(own.by).get(reverse("jobs:index")).content.decode()

    assert url("detail", own) in page
    assert "The disk is full" in page
    assert url("detail", other) not in page


def test_the_list_of_an_admin_shows_everybodys() -> None:
    job = make_job()

    assert url("detail", job) in signed_in(make_admin()).get(reverse("jobs:index")).content.decode()


def test_a_list_of_three_costs_the_queries_of_a_list_of_one(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    user = make_user()
    client = signed_in(user)
    make_job(by=user)
    client.get(reverse("jobs:index"))  # fills the caches

    with django_assert_num_queries(4):
        client.get(reverse("jobs:index"))
    make_job(by=user), make_job(by=user)
    with django_assert_num_queries(4):
        client.get(reverse("jobs:index"))


def test_a_page_shows_state_reason_and_log() -> None:
    job = make_job()
    job.log("Reading <book.epub>", "WARNING")
    failed(job)

    page = signed_in(job.by).get(url("detail", job)).content.decode()

    assert "<html" in page
    assert "The disk is full" in page
    assert "Reading &lt;book.epub&gt;" in page
    assert url("rerun", job) in page


def test_htmx_gets_the_panel_alone() -> None:
    job = make_job()

    page = signed_in(job.by).get(url("detail", job), headers=HTMX).content.decode()

    assert "<html" not in page
    assert 'id="job"' in page
    assert f'data-live="{url("job-events", job)}"' in page
    assert url("cancel", job) in page


@pytest.mark.parametrize(
    ("rate", "seconds", "said"),
    [
        (210 << 20, 3, "512.0 MiB of 1.0 GiB, 210.0 MiB/s, 3 s left"),
        (1 << 20, 512, "512.0 MiB of 1.0 GiB, 1.0 MiB/s, 8 min 32 s left"),
        (100 << 10, 5243, "512.0 MiB of 1.0 GiB, 100.0 KiB/s, 1 h 27 min left"),
        (0, None, "512.0 MiB of 1.0 GiB"),
    ],
)
def test_the_panel_tells_rate_and_time_left(rate: int, seconds: int | None, said: str) -> None:
    job = make_job()
    Job.objects.claim(job.pk)
    Job.objects.update(stage="archive", bytes_done=512 << 20, bytes_total=1 << 30, rate=rate)

    page = signed_in(job.by).get(url("detail", job), headers=HTMX).content.decode()

    assert said in page.replace("\xa0", " ")
    assert "writing the volumes" in page
    assert Job.objects.get().eta_s == seconds


def test_the_panel_of_a_job_that_is_over_asks_no_more() -> None:
    job = failed(make_job())

    page = signed_in(job.by).get(url("detail", job), headers=HTMX).content.decode()

    assert "data-live" not in page
    assert url("cancel", job) not in page


def test_a_page_shows_the_last_lines_of_a_long_log_in_order() -> None:
    job = make_job()
    for number in range(205):
        job.log(f"line-{number:03}")

    page = signed_in(job.by).get(url("detail", job)).content.decode()

    assert "line-004" not in page
    assert page.index("line-005") < page.index("line-204")


def test_a_running_job_is_cancelled_by_post() -> None:
    job = make_job()
    Job.objects.claim(job.pk)

    response = signed_in(job.by).post(url("cancel", job))

    assert response["Location"] == url("detail", job)
    assert Job.objects.get().cancel_requested


def test_a_failed_job_is_run_again_by_post_and_the_new_one_shown() -> None:
    job = failed(make_job())

    response = signed_in(job.by).post(url("rerun", job))

    again = Job.objects.newest_first()[0]
    assert again.pk != job.pk
    assert response["Location"] == url("detail", again)


@pytest.mark.parametrize(
    ("page", "reason"), [("cancel", "nothing to cancel"), ("rerun", "Only a job that failed")]
)
def test_a_refusal_is_told_on_the_page(page: str, reason: str) -> None:
    job = make_job()
    claimed = Job.objects.claim(job.pk)
    assert claimed is not None
    claimed.finish({})

    answer = signed_in(job.by).post(url(page, job), follow=True).content.decode()

    assert reason in answer


@pytest.mark.parametrize("page", ["detail", "cancel", "rerun"])
def test_the_job_of_somebody_else_is_nowhere(page: str) -> None:
    job = failed(make_job())
    client = signed_in(make_user())
    ask = client.get if page == "detail" else client.post

    assert ask(url(page, job)).status_code == 404
    assert ask(reverse(f"jobs:{page}", args=[0])).status_code == 404
    assert Job.objects.count() == 1


@pytest.mark.parametrize("page", ["cancel", "rerun"])
def test_a_job_is_changed_by_post_alone(page: str) -> None:
    job = failed(make_job())

    assert signed_in(job.by).get(url(page, job)).status_code == 405


def test_a_page_is_read_by_get_alone() -> None:
    job = make_job()

    assert signed_in(job.by).post(url("detail", job)).status_code == 405


def test_a_post_from_elsewhere_is_refused() -> None:
    job = make_job()
    client = Client(enforce_csrf_checks=True)
    client.force_login(job.by)

    assert client.post(url("cancel", job)).status_code == 403
    assert Job.objects.get().status == "pending"


@pytest.mark.parametrize("page", ["detail", "cancel", "rerun"])
def test_who_is_not_signed_in_is_sent_to_the_login(page: str) -> None:
    job = make_job()

    answer = Client().get(url(page, job))

    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("accounts:login"))
