"""The nine steps for each type, by keys alone, and with a book that means harm."""

from pathlib import Path

import pytest
from playwright.sync_api import Dialog, Page, expect

from tests.books import make_epub, make_video
from tests.browser import walk
from tests.instance import Instance

pytestmark = pytest.mark.slow
scripted = pytest.mark.parametrize("page", ["script"], indirect=True)
TABS = 60
"""More than any page of the wizard has stops of the Tab key before what is looked for."""


def answer_until(page: Page, kind: str, group: str) -> None:
    """Answer the first three steps, and come to the file."""
    page.get_by_label("Release group").fill(group)
    walk.go_on(page, 2)
    page.get_by_text(kind, exact=True).click()
    walk.go_on(page, 3)
    walk.go_on(page, 4)


def tab_to(page: Page, name: str) -> None:
    """Press Tab until what has the focus is called `name`."""
    for _ in range(TABS):
        page.keyboard.press("Tab")
        focused = page.locator(":focus")
        labels = focused.evaluate("it => [...(it.labels ?? []), it].map(one => one.textContent)")
        if any(name in label for label in labels):
            return
    raise AssertionError(f"Tab does not lead to {name}")


def step_on(page: Page, to: int) -> None:
    page.keyboard.press("Alt+ArrowRight")
    walk.at(page, to)
    expect(page.locator("#step-title")).to_be_focused()


@scripted
def test_keys_alone_lead_from_the_dashboard_to_a_release(
    page: Page, instance: Instance, sample: Path
) -> None:
    walk.log_in(page, instance.url)
    tab_to(page, "New release")
    page.keyboard.press("Enter")
    walk.at(page, 1)
    expect(page.get_by_label("Release group")).to_be_focused()
    page.keyboard.type("keys")
    page.keyboard.press("Enter")
    walk.at(page, 2)
    tab_to(page, "eBook")
    page.keyboard.press("Space")
    step_on(page, 3)
    step_on(page, 4)
    page.locator("input[type=file]").set_input_files(sample)  # the dialog is the system's
    tab_to(page, "My own work")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    expect(page.get_by_text("You can go on")).to_be_visible()
    step_on(page, 5)
    walk.await_jobs(page)
    step_on(page, 6)
    step_on(page, 7)
    step_on(page, 8)
    if page.get_by_label("pack this one all the same").is_visible():
        tab_to(page, "pack this one all the same")
        page.keyboard.press("Space")
    tab_to(page, "Validate and pack")
    page.keyboard.press("Enter")
    walk.at(page, 9)
    walk.await_jobs(page)
    expect(page.get_by_text("Packed and verified")).to_be_visible()


@scripted
def test_keys_go_back_and_forward_and_help(page: Page, instance: Instance) -> None:
    walk.log_in(page, instance.url)
    walk.begin(page)
    answer_until(page, "eBook", "GOTO")
    page.keyboard.press("Alt+1")
    walk.at(page, 1)
    expect(page.get_by_label("Release group")).to_have_value("GOTO")
    page.keyboard.press("Alt+4")
    walk.at(page, 4)
    page.keyboard.press("Alt+9")  # which is not open yet
    page.keyboard.press("Alt+ArrowLeft")
    walk.at(page, 3)
    page.keyboard.press("Shift+?")
    expect(page.get_by_role("dialog")).to_contain_text("To the step of this number")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()


@scripted
def test_a_mistake_is_led_to_from_the_summary(page: Page, instance: Instance) -> None:
    walk.log_in(page, instance.url)
    walk.begin(page)

    page.get_by_role("button", name="Continue").click()
    expect(page.locator("#mistakes")).to_be_focused()
    page.locator("#mistakes").get_by_role("link", name="Release group").click()

    expect(page.get_by_label("Release group")).to_be_focused()


def test_an_episode_becomes_a_release(
    page: Page, instance: Instance, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    group = "EPISODE" + request.node.callspec.id.replace(" ", "").upper()
    video = make_video(tmp_path / "episode.mkv", title=group)
    walk.log_in(page, instance.url)
    walk.begin(page)
    answer_until(page, "TV", group)
    walk.choose_file(page, video)
    walk.go_on(page, 5)
    walk.await_jobs(page)
    walk.go_on(page, 6)
    page.get_by_label("Title", exact=False).first.fill(f"Show of {group}")
    page.get_by_label("Episode", exact=False).first.fill("S01E02")
    page.locator("[name=tv_format]").select_option(index=1)
    for step in (7, 8):
        walk.go_on(page, step)
    walk.pack(page)


def test_a_document_becomes_a_release(
    page: Page, instance: Instance, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    group = "PAPER" + request.node.callspec.id.replace(" ", "").upper()
    text = tmp_path / "manual.txt"
    text.write_text(f"The manual of {group}.\n" * 300)
    walk.log_in(page, instance.url)
    walk.begin(page)
    answer_until(page, "Document", group)
    walk.choose_file(page, text)
    walk.go_on(page, 5)
    walk.await_jobs(page)
    walk.go_on(page, 6)
    for name, value in {
        "title": f"Manual {group}",
        "author": "Ann Author",
        "year": "2020",
        "language": "en",
    }.items():
        page.locator(f"#id_{name}").fill(value)
    for step in (7, 8):
        walk.go_on(page, step)
    walk.pack(page)


@scripted
def test_a_book_that_means_harm_is_shown_harmless_and_fits_a_phone(
    page: Page, instance: Instance, tmp_path: Path
) -> None:
    dialogs: list[str] = []

    def note(dialog: Dialog) -> None:
        dialogs.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", note)
    evil = "<img src=x onerror=alert(1)>\u202eevil " + "W" * 400
    book = make_epub(
        tmp_path / "harm.epub", title=evil, authors=["<script>alert(2)</script>"], year=2020
    )
    page.set_viewport_size({"width": 360, "height": 740})
    walk.log_in(page, instance.url)
    walk.begin(page)
    walk.answer_until_file(page, "HARM")
    walk.choose_file(page, book)
    walk.go_on(page, 5)
    walk.await_jobs(page)
    fits = "document.documentElement.scrollWidth <= 360"
    for step in (6, 7):
        walk.until(page, fits)
        walk.go_on(page, step)
    page.get_by_role("button", name="Continue").click()  # a name so long is refused, and said

    expect(page.locator("#mistakes")).to_be_visible()
    walk.until(page, fits)
    assert dialogs == []
