"""Files on their way in a real browser: whatever happens to page, network or server."""

import hashlib
import os
import signal
from pathlib import Path

import pytest
from playwright._impl._api_structures import SetCookieParam
from playwright.sync_api import CDPSession, Dialog, Page, Route, expect

from tests.browser import walk
from tests.browser.relay import relayed
from tests.factories import make_book
from tests.instance import Instance, await_web, web_process

pytestmark = [
    pytest.mark.slow,
    pytest.mark.parametrize("page", ["script"], indirect=True),
]
SLOW_BYTES_A_SECOND = 4_000_000
PATCHED = "**/api/uploads/*"


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """A book that takes some seconds at the speed of `slow`."""
    return make_book(tmp_path, title="Long", size_bytes=12_000_000)


@pytest.fixture
def step(page: Page, instance: Instance) -> Page:
    """A page at the step of the file."""
    reach_step(page, instance.url, "SENT")
    return page


def reach_step(page: Page, url: str, group: str) -> None:
    walk.log_in(page, url)
    walk.begin(page)
    walk.answer_until_file(page, group)


@pytest.fixture
def line(page: Page) -> CDPSession:
    return page.context.new_cdp_session(page)


def slow(line: CDPSession, bytes_a_second: int = SLOW_BYTES_A_SECOND) -> None:
    line.send("Network.enable")
    limits = {"offline": False, "latency": 0, "downloadThroughput": -1}
    line.send("Network.emulateNetworkConditions", limits | {"uploadThroughput": bytes_a_second})


def fast(line: CDPSession) -> None:
    slow(line, -1)


def choose(page: Page, *files: Path) -> None:
    page.locator("[data-uploads] input[type=file]").set_input_files(files)


def row(page: Page, file: Path) -> str:
    return f"[data-uploads] li.upload:has-text('{file.name}')"


def under_way(page: Page, file: Path, least: int = 1) -> None:
    """Wait until some of the file is sent."""
    walk.until(
        page,
        f"[...document.querySelectorAll('li.upload')].some((row) => row.textContent.includes("
        f"{file.name!r}) && row.querySelector('progress').value >= {least})",
    )


def arrived(page: Page, file: Path) -> None:
    place = page.locator(row(page, file))
    expect(place).to_contain_text("You can go on")
    expect(place).to_contain_text(hashlib.sha256(file.read_bytes()).hexdigest())


def go_on(page: Page) -> None:
    page.get_by_label("Public domain").check()
    walk.go_on(page, 5)


def test_a_file_is_sent_and_told(step: Page, book: Path) -> None:
    choose(step, book)

    arrived(step, book)
    go_on(step)
    expect(step.locator("main")).to_contain_text("Long")


def test_going_on_waits_for_the_file_that_replaces_another(
    step: Page, book: Path, tmp_path: Path, line: CDPSession
) -> None:
    other = make_book(tmp_path)
    choose(step, other)
    arrived(step, other)
    slow(line)
    choose(step, book)
    step.get_by_label("Public domain").check()

    step.get_by_role("button", name="Continue").click()

    expect(step.locator(row(step, book))).to_contain_text("The next step comes as soon as")
    walk.at(step, 5)
    expect(step.locator("main")).to_contain_text("Long")


def test_a_pause_loses_nothing(step: Page, book: Path, line: CDPSession) -> None:
    slow(line)
    choose(step, book)
    under_way(step, book)

    step.get_by_role("button", name="Pause").click()
    expect(step.get_by_text("Paused at")).to_be_visible()
    expect(step.get_by_role("button", name="Go on")).to_be_focused()
    sent = step.locator("li.upload progress").evaluate("(bar) => bar.value")
    fast(line)
    step.get_by_role("button", name="Go on").click()

    arrived(step, book)
    assert sent > 0


def test_a_lost_network_is_waited_for(
    *, page: Page, instance: Instance, book: Path, line: CDPSession, complaints: list[str]
) -> None:
    with relayed(instance.port) as relay:
        reach_step(page, relay.url, "RELAYED")
        slow(line)
        choose(page, book)
        under_way(page, book)

        relay.cut()
        expect(page.locator(row(page, book))).to_contain_text("The connection is lost.")
        fast(line)
        relay.mend()

        arrived(page, book)
        go_on(page)
        page.goto("about:blank")
    complaints.clear()  # the browser reports the lost connection


def test_a_restarted_server_is_waited_for(
    step: Page, book: Path, line: CDPSession, instance: Instance, complaints: list[str]
) -> None:
    slow(line)
    choose(step, book)
    under_way(step, book)

    os.kill(web_process(instance), signal.SIGKILL)
    expect(step.locator(row(step, book))).to_contain_text("The connection is lost.")
    await_web(instance)
    fast(line)

    arrived(step, book)
    go_on(step)
    complaints.clear()  # the browser reports the lost connection


def test_a_reloaded_page_goes_on_where_it_was(step: Page, book: Path, line: CDPSession) -> None:
    asked: list[str] = []
    slow(line)
    choose(step, book)
    under_way(step, book, 20)
    step.once("dialog", lambda dialog: note_and_leave(dialog, asked))

    step.reload()

    listed = step.locator(row(step, book))
    expect(listed).to_contain_text("Choose the same file again to go on")
    assert asked == ["beforeunload"]
    offsets: list[str] = []
    step.route(PATCHED, lambda route: note_offset(route, offsets))
    fast(line)
    choose(step, book)
    expect(step.locator(row(step, book))).to_have_count(1)
    arrived(step, book)
    assert int(offsets[0]) > 0


def note_and_leave(dialog: Dialog, asked: list[str]) -> None:
    asked.append(dialog.type)
    dialog.accept()


def note_offset(route: Route, offsets: list[str]) -> None:
    if route.request.method == "PATCH":
        offsets.append(route.request.headers["upload-offset"])
    route.continue_()


def test_an_interrupted_file_can_be_discarded(step: Page, book: Path, line: CDPSession) -> None:
    slow(line)
    choose(step, book)
    under_way(step, book)
    step.once("dialog", lambda dialog: dialog.accept())
    step.reload()

    step.get_by_role("button", name="Discard").click()

    expect(step.locator("li.upload")).to_have_count(0)
    step.reload()
    expect(step.locator("li.upload")).to_have_count(0)


def test_a_removed_file_is_given_up(
    step: Page, book: Path, line: CDPSession, instance: Instance
) -> None:
    slow(line)
    choose(step, book)
    under_way(step, book)

    with step.expect_response(lambda answer: answer.request.method == "DELETE") as given_up:
        step.get_by_role("button", name="Remove").click()

    assert given_up.value.status == 204
    expect(step.locator("li.upload")).to_have_count(0)
    expect(step.locator("[data-uploads] input[type=file]")).to_be_focused()


def test_of_several_files_each_further_one_gets_a_draft(step: Page, tmp_path: Path) -> None:
    books = [make_book(tmp_path, title=f"Book {number}") for number in range(3)]
    step.get_by_label("Public domain").check()

    choose(step, *books)

    arrived(step, books[0])
    for further in books[1:]:
        expect(step.locator(row(step, further))).to_contain_text("a draft of its own")
    step.locator(row(step, books[2])).get_by_role("link", name="Open it").click()
    walk.at(step, 4)
    expect(step.get_by_text(books[2].name, exact=True)).to_be_visible()
    expect(step.get_by_label("Public domain")).to_be_checked()
    walk.go_on(step, 5)


def test_files_stay_on_their_way_while_one_goes_on(
    step: Page, book: Path, tmp_path: Path, line: CDPSession
) -> None:
    first = make_book(tmp_path, title="First")
    slow(line, 500_000)
    choose(step, first, book)
    arrived(step, first)

    go_on(step)

    expect(step.locator("#job")).to_have_count(0)
    expect(step.get_by_role("tab", name="Summary")).to_be_visible()
    under_way(step, book)
    expect(step.get_by_role("complementary", name="Files on their way")).to_be_visible()
    fast(line)
    expect(step.get_by_role("link", name=f"{book.name} has arrived.")).to_be_visible()


def test_a_refused_file_is_told_and_the_one_before_stays(
    step: Page, tmp_path: Path, complaints: list[str]
) -> None:
    good, fake = make_book(tmp_path), tmp_path / "fake.epub"
    fake.write_text("Only a text.")
    choose(step, good)
    arrived(step, good)

    choose(step, fake)

    expect(step.get_by_role("alert").filter(has_text="is a file of type TXT")).to_be_visible()
    expect(step.locator(row(step, good))).to_be_visible()
    go_on(step)
    complaints.clear()  # the browser reports the refusal


def test_refused_files_have_a_heading_on_the_next_step(
    step: Page, tmp_path: Path, complaints: list[str]
) -> None:
    good, fake = make_book(tmp_path), tmp_path / "fake.epub"
    fake.write_text("Only a text.")
    choose(step, good, fake)
    arrived(step, good)
    expect(step.locator(row(step, fake))).to_contain_text("is a file of type TXT")

    go_on(step)

    refused = step.get_by_role("complementary", name="Files that were refused")
    expect(refused.get_by_role("heading", name="Files that were refused")).to_be_visible()
    refused.get_by_role("button", name="Remove").click()
    expect(refused).to_be_hidden()
    complaints.clear()  # the browser reports the refusal


def test_an_empty_file_is_refused(step: Page, tmp_path: Path, complaints: list[str]) -> None:
    empty = tmp_path / "empty.epub"
    empty.touch()

    choose(step, empty)

    expect(step.get_by_role("alert").filter(has_text="empty.epub is empty")).to_be_visible()
    complaints.clear()  # the browser reports the refusal


def test_a_file_is_dropped(step: Page, book: Path) -> None:
    dropped = step.evaluate_handle(
        """() => { const data = new DataTransfer();
        data.items.add(new File(["Only a text."], "dropped.epub")); return data; }"""
    )
    with step.expect_response(lambda answer: answer.request.method == "POST") as begun:
        step.dispatch_event("[data-uploads]", "drop", {"dataTransfer": dropped})

    assert begun.value.status == 201


def test_an_ended_session_is_told(
    *, step: Page, book: Path, line: CDPSession, instance: Instance, complaints: list[str]
) -> None:
    slow(line)
    choose(step, book)
    under_way(step, book)
    step.get_by_role("button", name="Pause").click()
    kept: list[SetCookieParam] = [
        {"name": one["name"], "value": one["value"], "url": instance.url}
        for one in step.context.cookies()
    ]
    step.context.clear_cookies()

    step.get_by_role("button", name="Go on").click()
    expect(step.locator(row(step, book))).to_contain_text("Your session has ended.")
    step.context.add_cookies(kept)  # as logging in again does
    fast(line)
    step.get_by_role("button", name="Go on").click()

    arrived(step, book)
    complaints.clear()  # the browser reports the refusal
