"""A person's hands: what is typed and clicked, step by step."""

import time
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.instance import PASSWORD

PATIENCE_S = 10


def log_in(page: Page, url: str) -> None:
    page.goto(url)
    page.get_by_label("User name").fill("admin")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", name="Dashboard")).to_be_visible()
    page.wait_for_load_state("load")  # its scripts run after what is seen


def open_account_menu(page: Page) -> None:
    page.locator("header summary").click()


def begin(page: Page) -> None:
    page.get_by_role("banner").get_by_role("button", name="New release").click()
    at(page, 1)


def begin_again(page: Page, url: str) -> None:
    page.goto(url)
    begin(page)


def at(page: Page, number: int) -> None:
    expect(page.get_by_role("heading", name=f"Step {number} of 9")).to_be_visible()


def go_on(page: Page, to: int) -> None:
    page.get_by_role("button", name="Continue").click()
    at(page, to)


def answer_until_file(page: Page, group: str) -> None:
    page.get_by_label("Release group").fill(group)
    go_on(page, 2)
    page.get_by_text("eBook", exact=True).click()
    go_on(page, 3)
    go_on(page, 4)


def choose_file(page: Page, book: Path) -> None:
    page.locator("input[type=file]").set_input_files(book)
    page.get_by_label("Public domain").check()


def await_jobs(page: Page) -> None:
    """Wait until the page shows no running job; without script, by looking again."""
    panel = page.locator("#job")
    for _ in range(60):
        if not panel.count():
            return
        page.wait_for_timeout(500)
        again = page.get_by_role("link", name="Look again")
        if again.count():
            again.click()
    raise AssertionError("the job is not over")


def pack(page: Page) -> None:
    confirmation = page.get_by_label("pack this one all the same")
    if confirmation.is_visible():  # another test packed the sample on the same instance
        confirmation.check()
    page.get_by_role("button", name="Validate and pack").click()
    at(page, 9)
    await_jobs(page)
    expect(page.get_by_text("Packed and verified")).to_be_visible()


def download(page: Page) -> Path:
    with page.expect_download() as awaited:
        page.get_by_role("link", name="Download the release").click()
    return Path(awaited.value.path())


def until(page: Page, expression: str) -> None:
    """Wait until `expression` is true; the page's own policy forbids `wait_for_function`."""
    deadline = time.monotonic() + PATIENCE_S
    while not page.evaluate(expression):
        assert time.monotonic() < deadline, expression
        page.wait_for_timeout(50)
