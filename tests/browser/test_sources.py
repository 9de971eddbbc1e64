"""Files that do not come from the person's own machine, in a real browser."""

import random
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.books import make_epub
from tests.browser import walk
from tests.instance import Instance, running_instance
from tests.metadata.service import Handler, Respond, Service, running

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def web() -> Iterator[Service]:
    """What the server may fetch from."""
    with running() as service:
        yield service


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory, web: Service) -> Iterator[Instance]:
    data = tmp_path_factory.mktemp("sources")
    (data / "inbox" / "books" / "deep").mkdir(parents=True)
    with running_instance(data, OUTBOUND_HOSTS=web.authority, INBOX_STABLE_S="0.5") as one:
        yield one


@pytest.fixture
def deep(instance: Instance, sample: Path) -> Path:
    """A folder that is deeper than the inbox looks."""
    folder = instance.data_dir / "inbox" / "books" / "deep"
    shutil.copy(sample, folder / "the-time-machine.epub")
    (folder / "notes.odt").write_text("x")
    return folder


def at_step_4(page: Page, url: str, group: str) -> None:
    walk.log_in(page, url)
    walk.begin(page)
    walk.answer_until_file(page, group)


def group_of(request: pytest.FixtureRequest, stem: str) -> str:
    return stem + str(request.node.callspec.id).replace(" ", "").upper()


def test_a_file_is_chosen_from_the_folder_of_the_server(
    page: Page, instance: Instance, deep: Path, request: pytest.FixtureRequest
) -> None:
    at_step_4(page, instance.url, group_of(request, "FOLDER"))
    page.get_by_label("Public domain").check()
    page.get_by_role("link", name="Server folder").click()
    for folder in ("books", "deep"):
        page.locator(".folder-rows").get_by_role("link", name=folder).click()
    expect(page.get_by_text("not allowed by 2022_EBOOK")).to_be_visible()
    expect(page.get_by_role("button", name="Choose notes.odt")).to_have_count(0)

    page.get_by_role("button", name="Choose the-time-machine.epub").click()

    expect(page.locator("#chosen-file")).to_contain_text("the-time-machine.epub")
    page.get_by_label("Public domain").check()
    walk.go_on(page, 5)
    assert (deep / "the-time-machine.epub").exists()


@pytest.mark.parametrize("page", ["script"], indirect=True)
def test_names_are_found_as_they_are_typed_and_by_keyboard(
    page: Page, instance: Instance, deep: Path
) -> None:
    at_step_4(page, instance.url, "FIND")
    page.goto(f"{page.url}?from=folder&path=books/deep")

    page.get_by_label("Find in this folder").press_sequentially("time")

    expect(page.get_by_text("notes.odt")).to_have_count(0)
    expect(page.get_by_label("Find in this folder")).to_be_focused()
    page.wait_for_timeout(500)  # no letter is still being sought
    walk.until(page, "!document.querySelector('.htmx-request')")
    page.get_by_role("button", name="Choose the-time-machine.epub").press("Enter")
    expect(page.locator("#chosen-file")).to_contain_text("the-time-machine.epub")


def slow(content: bytes, go_on: threading.Event) -> Respond:
    """Send half of `content`, and the rest when it may go on."""

    def respond(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        half = len(content) // 2
        handler.wfile.write(content[:half])
        go_on.wait(60)
        handler.wfile.write(content[half:])

    return respond


def test_a_file_is_fetched_from_an_address_while_the_page_tells_how_far_it_is(
    page: Page, instance: Instance, web: Service, sample: Path, request: pytest.FixtureRequest
) -> None:
    go_on = threading.Event()
    web.on("/book.epub", slow(sample.read_bytes(), go_on))
    at_step_4(page, instance.url, group_of(request, "FETCH"))
    page.get_by_role("link", name="From an address").click()
    page.get_by_label("Address of the file").fill(f"{web.url}/book.epub?key=1")
    page.get_by_role("button", name="Fetch").click()
    expect(page.locator("#job")).to_be_visible()
    has_script = "no script" not in request.node.callspec.id
    if has_script:
        expect(page.locator("#job")).to_contain_text("of 520.9 KiB")
    go_on.set()
    walk.await_jobs(page)

    page.get_by_role("link", name="From an address").click()

    expect(page.locator("#chosen-file")).to_contain_text("book.epub")
    page.get_by_label("Public domain").check()
    walk.go_on(page, 5)


def test_an_address_that_cannot_be_asked_says_so_at_the_field(
    page: Page, instance: Instance
) -> None:
    at_step_4(page, instance.url, "WRONG")
    page.get_by_role("link", name="From an address").click()
    page.get_by_label("Address of the file").fill("ftp://example.org/book.epub")

    page.get_by_role("button", name="Fetch").click()

    expect(page.locator("#url-trouble")).to_contain_text("begins with http://")
    expect(page.get_by_label("Address of the file")).to_have_value("ftp://example.org/book.epub")


def test_a_download_that_fails_tells_why(
    page: Page, instance: Instance, web: Service, request: pytest.FixtureRequest
) -> None:
    at_step_4(page, instance.url, group_of(request, "GONE"))
    page.get_by_role("link", name="From an address").click()
    page.get_by_label("Address of the file").fill(f"{web.url}/nothing.epub")
    page.get_by_role("button", name="Fetch").click()
    expect(page.locator("#job, #source-ways .alert-danger").first).to_be_visible()
    walk.await_jobs(page)

    page.get_by_role("link", name="From an address").click()

    expect(page.get_by_text("has no file at this address (HTTP 404)").first).to_be_visible()


@pytest.mark.parametrize("page", ["script"], indirect=True)
def test_a_download_is_cancelled_while_it_stalls(
    page: Page, instance: Instance, web: Service
) -> None:
    go_on = threading.Event()
    web.on("/slow.epub", slow(random.Random(1).randbytes(400_000), go_on))
    at_step_4(page, instance.url, "CANCEL")
    page.get_by_role("link", name="From an address").click()
    page.get_by_label("Address of the file").fill(f"{web.url}/slow.epub")
    page.get_by_role("button", name="Fetch").click()
    expect(page.locator("#job")).to_contain_text("of 390.6 KiB")

    page.locator("#job").get_by_role("button", name="Cancel").click()

    expect(page.get_by_text("The download was cancelled.")).to_be_visible()
    go_on.set()
    assert not list((instance.data_dir / "uploads").glob(".fetching-*"))


def shown(page: Page, url: str, file: str) -> None:
    """Load the page of the inbox until it shows the file in that state."""
    for _time in range(60):
        page.goto(url)
        if page.locator(".inbox-rows").get_by_text(file).count():
            return
        page.wait_for_timeout(250)
    raise AssertionError(f"{url} does not show {file}")


def review(page: Page, name: str, group: str) -> None:
    """Go from the inbox to the step after the file."""
    page.get_by_role("link", name=f"Review {name}").click()
    if page.get_by_label("Release group").count():
        page.get_by_label("Release group").fill(group)
        for step in (2, 3, 4):
            walk.go_on(page, step)
    expect(page.locator("#chosen-file")).to_contain_text(name)
    page.get_by_label("Public domain").check()
    walk.go_on(page, 5)


def test_a_file_that_is_put_into_the_inbox_is_reviewed_packed_and_moved_out(
    page: Page, instance: Instance, request: pytest.FixtureRequest
) -> None:
    title = group_of(request, "Found ")
    name = f"{title}.epub".replace(" ", "-")
    original = instance.data_dir / "inbox" / name
    make_epub(original, title=title, authors=["Ann Author"], year=2020, language="en")
    walk.log_in(page, instance.url)
    shown(page, f"{instance.url}/inbox/?show=drafted", name)
    review(page, name, group_of(request, "INBOX"))
    walk.await_jobs(page)
    for step in (6, 7, 8):
        walk.go_on(page, step)
    walk.pack(page)
    assert original.exists()

    page.goto(f"{instance.url}/inbox/?show=drafted")
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name=f"Move the original out of the inbox {name}").click()
    expect(page.get_by_text("moved out of the inbox").first).to_be_visible()

    shown(page, f"{instance.url}/inbox/?show=moved", name)
    assert not original.exists()
