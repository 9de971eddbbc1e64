"""Jobs while a person watches: live, without a stream, from another page, over a restart."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, Request, expect

from tests.browser import walk
from tests.factories import make_book
from tests.instance import ROOT, Instance, descendants, wait_for_job, web_process

pytestmark = pytest.mark.slow
WITH_SCRIPT = pytest.mark.parametrize("page", ["script"], indirect=True)
WITHOUT_SCRIPT = pytest.mark.parametrize("page", ["no script"], indirect=True)
SETTING = """
from django.utils import timezone
from accounts.models import User
from jobs.models import Job
user = User.objects.get(username="admin")
"""
RUNNING = """
job = Job.objects.create(work="sync", by=user, language="en")
job = Job.objects.claim(job.pk)
Job.objects.filter(pk=job.pk).update(lease_until=timezone.now() + timezone.timedelta(days=1))
print(job.pk)
"""


def by_hand(instance: Instance, code: str) -> str:
    """Do to the database of `instance` what its workers would, as slowly as a test needs it."""
    done = subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), "shell", "-v0", "-c", SETTING + code],
        env=instance.environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def begun(instance: Instance) -> int:
    """Return the number of a job that runs, and goes on when it is told to."""
    return int(by_hand(instance, RUNNING))


def go_on(instance: Instance, job: int, deed: str) -> None:
    """Do `deed` as the worker of `job`."""
    by_hand(instance, f"job = Job.objects.get(pk={job})\n{deed}")


MOVE = "Job.objects.filter(pk=job.pk).update(progress=64, stage='download'); job.log('Half <way>')"
FINISH = "job.finish({}); job.log('The end')"
FAIL = "job.fail('The disk is full', 'Free some space'); job.log('The disk is full', 'ERROR')"


def see_it_move_and_end(page: Page, instance: Instance, job: int) -> None:
    expect(page.locator("#job")).to_contain_text("Running")
    page.evaluate("window.isSamePage = true")
    go_on(instance, job, MOVE)

    expect(page.get_by_role("progressbar", name="Progress")).to_have_js_property("value", 64)
    expect(page.locator("#job")).to_contain_text("downloading")
    expect(page.get_by_role("list", name="Log")).to_contain_text("INFO Half <way>")
    assert page.evaluate("window.isSamePage")

    go_on(instance, job, FINISH)
    expect(page.get_by_role("heading", name="Completed")).to_be_visible()
    expect(page.get_by_role("list", name="Log")).to_contain_text("The end")
    assert page.locator("#toasts > *").count() == 0


@WITH_SCRIPT
def test_bar_and_log_move_over_one_connection(page: Page, instance: Instance) -> None:
    walk.log_in(page, instance.url)
    job = begun(instance)
    opened: list[str] = []

    def note(request: Request) -> None:
        if "/events" in request.url or "/states" in request.url:
            opened.append(request.url)

    page.on("request", note)
    page.goto(f"{instance.url}/jobs/{job}/")

    see_it_move_and_end(page, instance, job)

    assert sum(f"/jobs/{job}/events" in url for url in opened) == 1
    assert not any("/states" in url for url in opened)


@WITH_SCRIPT
def test_where_streams_are_shut_out_the_page_asks_instead(
    page: Page, instance: Instance, complaints: list[str]
) -> None:
    walk.log_in(page, instance.url)
    page.route("**/events?*", lambda route: route.abort())
    job = begun(instance)
    page.goto(f"{instance.url}/jobs/{job}/")

    see_it_move_and_end(page, instance, job)

    page.goto("about:blank")
    complaints.clear()  # the browser tells of each stream that it was kept from


@WITHOUT_SCRIPT
def test_without_script_one_looks_again(page: Page, instance: Instance) -> None:
    walk.log_in(page, instance.url)
    job = begun(instance)
    page.goto(f"{instance.url}/jobs/{job}/")

    go_on(instance, job, MOVE + "; " + FINISH)
    page.get_by_role("link", name="Look again").click()

    expect(page.get_by_role("heading", name="Completed")).to_be_visible()
    expect(page.get_by_role("list", name="Log")).to_contain_text("Half <way>")


PACED = "Job.objects.filter(pk=job.pk).update(bytes_done=1, bytes_total=2**30, rate=1)"


@WITH_SCRIPT
def test_a_lost_connection_is_told_and_no_time_left_stands(
    page: Page, instance: Instance, complaints: list[str]
) -> None:
    walk.log_in(page, instance.url)
    job = begun(instance)
    go_on(instance, job, PACED)
    page.goto(f"{instance.url}/jobs/{job}/")
    panel = page.locator("#job")
    expect(panel).to_contain_text(" left")
    expect(panel.get_by_text("The connection is lost")).to_be_hidden()

    page.context.set_offline(True)
    expect(panel.get_by_text("The connection is lost")).to_be_visible()
    expect(panel).not_to_contain_text(" left")

    page.context.set_offline(False)
    expect(panel.get_by_text("The connection is lost")).to_be_hidden()
    expect(panel).to_contain_text(" left")
    go_on(instance, job, FINISH)
    expect(panel.get_by_role("button", name="Cancel")).to_be_hidden()
    complaints.clear()  # the browser tells that the network was away


@WITH_SCRIPT
def test_the_end_of_a_job_is_told_on_another_page(page: Page, instance: Instance) -> None:
    walk.log_in(page, instance.url)
    job = begun(instance)
    page.goto(f"{instance.url}/rules/")
    expect(page.locator("[data-jobs-running]")).to_be_visible()

    go_on(instance, job, FAIL)

    toast = page.get_by_role("alert").filter(has_text="failed. The disk is full")
    expect(toast).to_be_visible()
    expect(page.locator("[data-jobs-running]")).to_be_hidden()
    toast.get_by_role("link").click()
    expect(page.get_by_role("heading", name="Failed")).to_be_visible()
    expect(page.locator("#job")).to_contain_text("Free some space")


@WITH_SCRIPT
def test_an_end_between_two_pages_is_told_on_the_next(page: Page, instance: Instance) -> None:
    walk.log_in(page, instance.url)
    job = begun(instance)
    page.goto(f"{instance.url}/rules/")
    expect(page.locator("[data-jobs-running]")).to_be_visible()

    page.goto("about:blank")
    go_on(instance, job, FINISH)
    page.goto(f"{instance.url}/templates/")

    expect(page.get_by_text(f"Synchronization of rules {job}: done.")).to_be_visible()


@WITH_SCRIPT
def test_rows_of_the_list_move_and_a_failure_is_run_again_from_there(
    page: Page, instance: Instance
) -> None:
    walk.log_in(page, instance.url)
    job = begun(instance)
    page.goto(f"{instance.url}/jobs/")
    row = page.locator(f'tr[data-job="{job}"]')
    expect(row).to_contain_text("Running")

    go_on(instance, job, MOVE)
    expect(row).to_contain_text("64 %")
    row.get_by_role("button", name="Cancel").click()
    expect(row).to_contain_text("Being cancelled")
    go_on(instance, job, FAIL)
    expect(row).to_contain_text("The disk is full")
    row.get_by_role("button", name="Run again: Synchronization").click()

    page.wait_for_url("**/jobs/")
    again = page.locator("tbody tr").first
    expect(again).not_to_have_attribute("data-job", str(job))


@WITHOUT_SCRIPT
def test_failures_of_a_list_are_run_again_together(page: Page, new_instance: Instance) -> None:
    walk.log_in(page, new_instance.url)
    for _each in range(2):
        go_on(new_instance, begun(new_instance), FAIL)

    page.goto(f"{new_instance.url}/jobs/?status=failed")
    page.get_by_role("link", name="Run failures again").click()
    expect(page.get_by_text("2 jobs that failed")).to_be_visible()
    page.get_by_role("button", name="Run them again").click()

    expect(page.get_by_text("jobs run again.")).to_be_visible()


@WITH_SCRIPT
def test_the_log_is_narrowed_and_kept(page: Page, instance: Instance) -> None:
    walk.log_in(page, instance.url)
    job = begun(instance)
    go_on(instance, job, "job.log('All is well'); job.log('Beware', 'WARNING'); " + FAIL)
    page.goto(f"{instance.url}/jobs/{job}/")

    with page.expect_download() as kept:
        page.get_by_role("link", name="Download").click()
    page.get_by_role("link", name="Warnings and errors").click()

    expect(page.get_by_role("list", name="Log")).to_contain_text("Beware")
    expect(page.get_by_role("list", name="Log")).not_to_contain_text("All is well")
    assert "INFO All is well" in Path(kept.value.path()).read_text()


@WITH_SCRIPT
def test_a_page_sees_the_end_of_a_pack_over_the_restart_of_the_server(
    page: Page, new_instance: Instance, tmp_path: Path, complaints: list[str]
) -> None:
    book = make_book(tmp_path, size_bytes=1_000_000)
    walk.log_in(page, new_instance.url)
    halt_workers(new_instance)
    job = ask_for_packing(new_instance.api(), book)
    page.goto(f"{new_instance.url}/jobs/{job}/")
    expect(page.locator("#job")).to_contain_text("Waiting for a worker")
    page.evaluate("window.isSamePage = true")

    new_instance.kill()
    new_instance.start()
    assert page.evaluate("window.isSamePage")

    expect(page.get_by_role("heading", name="Completed")).to_be_visible(timeout=60_000)
    assert wait_for_job(new_instance.api(), job)["status"] == "completed"
    page.goto("about:blank")
    complaints.clear()  # the browser tells that the server was away


def halt_workers(instance: Instance) -> None:
    """Have nothing be worked on until all is killed: how fast a pack is decides nothing."""
    assert instance.process
    for pid in {*descendants(instance.process.pid)} - {web_process(instance)}:
        os.kill(pid, signal.SIGSTOP)


def ask_for_packing(api: httpx.Client, book: Path) -> int:
    """Return the number of the job that packs `book`, as soon as it is asked for."""

    def post(path: str, body: dict[str, object]) -> dict[str, int]:
        answer = api.post(path, json=body)
        assert answer.is_success, answer.text
        found: dict[str, int] = answer.json()
        return found

    with book.open("rb") as file:
        sent = api.post("/wizard/upload", files={"file": file}, timeout=120).json()
    group = {"group": "GRP", "release_type": "EBOOK"}
    draft = post("/wizard/step/1/save", {"data": group})["job_id"]
    source = {"file_path": sent["file_path"], "rights": "own_work"}
    metadata = {"language": "en", "source": "RETAiL", "genre": "Novel"}
    steps: dict[int, dict[str, object]] = {3: {}, 4: source, 6: {"metadata": metadata}}
    for step, data in steps.items():
        post(f"/wizard/step/{step}/save", {"job_id": draft, "data": data})
    return post("/wizard/pack", {"job_id": draft})["job_id"]
