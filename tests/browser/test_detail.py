"""The page of one release, as a person goes through it: with JavaScript and without."""

import json
import zipfile
from itertools import count
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.walk import await_jobs, log_in, until
from tests.factories import make_book
from tests.instance import Instance

pytestmark = pytest.mark.slow
numbers = count(1)
TABS = ("Info", "Files", "Conformity", "Deliveries", "Jobs", "History", "Actions")


@pytest.fixture
def release(instance: Instance, tmp_path: Path) -> str:
    """The name of a release of a book that nobody packed before."""
    title = f"Detail {next(numbers)} {tmp_path.name}"
    book = make_book(tmp_path, title=title)
    packed = instance.run(
        *("pack", str(book), "--group", "DETAIL", "--type", "EBOOK", "--json"),
        *("--title", title, "--output", str(instance.data_dir / "releases")),
    )
    assert packed.returncode == 0, packed.stderr
    return str(json.loads(packed.stdout)["release"])


def address(instance: Instance, name: str) -> str:
    found = instance.api().get("/releases", params={"search": name}).json()["releases"]
    (key,) = [one["id"] for one in found if one["name"] == name]
    return f"{instance.url}/releases/{key}/"


@pytest.fixture
def shown(page: Page, instance: Instance, release: str) -> Page:
    """The page of `release`; what would open a dialog fails the test."""
    page.on("dialog", lambda dialog: pytest.fail(dialog.message))
    log_in(page, instance.url)
    page.goto(address(instance, release))
    expect(page.get_by_role("heading", name=release)).to_be_visible()
    return page


def has_script(page: Page) -> bool:
    return page.locator("[data-copies]").first.is_visible()


def go_to(page: Page, tab: str) -> None:
    page.get_by_role("tab", name=tab).click()
    expect(page.get_by_role("tab", name=tab)).to_have_attribute("aria-selected", "true")


def test_each_tab_has_its_address_and_back_leads_back(shown: Page) -> None:
    seen = []
    for tab in TABS:
        go_to(shown, tab)
        expect(shown).to_have_title(titled(tab, shown.get_by_role("heading", level=1).inner_text()))
        seen.append(shown.url)
    assert len(set(seen)) == len(TABS)

    shown.go_back()
    expect(shown.get_by_role("tab", name="History")).to_have_attribute("aria-selected", "true")
    assert shown.url == seen[-2]


def titled(tab: str, name: str) -> str:
    title = name if tab == "Info" else f"{tab} · {name}"
    return f"{title} · Release Packer"


def test_arrows_move_among_the_tabs(shown: Page) -> None:
    if not has_script(shown):
        pytest.skip("each tab is a link of its own")
    shown.get_by_role("tab", name="Info").focus()

    for tab in (*TABS[1:], "Info"):
        shown.keyboard.press("ArrowRight")
        expect(shown.get_by_role("tab", name=tab)).to_have_attribute("aria-selected", "true")
        expect(shown.get_by_role("tab", name=tab)).to_be_focused()


def test_chosen_files_are_downloaded_as_one_zip(shown: Page) -> None:
    go_to(shown, "Files")
    shown.get_by_label("Choose file_id.diz").check()
    shown.get_by_role("checkbox", name="Choose detail-", exact=False).first.check()

    with shown.expect_download() as awaited:
        shown.get_by_role("button", name="Download the chosen files").click()

    with zipfile.ZipFile(awaited.value.path()) as archive:
        assert len(archive.namelist()) == 2
    with shown.expect_download():  # a download is no row: it may be asked for again
        shown.get_by_role("button", name="Download the chosen files").click()


def test_all_files_of_a_page_are_chosen_at_once(shown: Page) -> None:
    go_to(shown, "Files")
    if not has_script(shown):
        pytest.skip("without script each is chosen by itself")
    files = shown.locator("input[name=file]")
    button = shown.get_by_role("button", name="Download the chosen files")
    expect(button).to_be_disabled()

    shown.get_by_label("Choose all files of this page").check()
    expect(shown.locator("input[name=file]:checked")).to_have_count(files.count())
    expect(button).to_contain_text(f"({files.count()})")
    shown.get_by_label("Choose all files of this page").uncheck()
    files.first.click()
    files.nth(2).click(modifiers=["Shift"])
    expect(shown.locator("input[name=file]:checked")).to_have_count(3)


def test_a_text_is_looked_at_in_its_place(shown: Page) -> None:
    go_to(shown, "Files")
    address = shown.url
    with_script = has_script(shown)

    shown.locator("a.view-file", has_text="View").first.click()

    expect(shown.locator("#viewed [data-text]")).to_contain_text("Detail")
    assert (shown.url == address) == with_script
    if with_script:
        expect(shown.locator("#viewed-title")).to_be_focused()
        shown.get_by_role("link", name="Look at the file_id.diz").click()
        expect(shown.locator("#viewed [data-text]")).to_contain_text("DISK: [01/01]")


def test_a_name_and_a_sum_are_copied(browser: Browser, instance: Instance, release: str) -> None:
    context = browser.new_context(locale="en-US", permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    log_in(page, instance.url)
    page.goto(address(instance, release))

    page.get_by_role("button", name="Copy the name").click()

    until(page, f"navigator.clipboard.readText().then((text) => text === {release!r})")
    context.close()


def test_a_release_is_verified_from_its_files(shown: Page) -> None:
    go_to(shown, "Files")

    shown.get_by_role("button", name="Verify now").click()

    expect(shown.get_by_role("tab", name="Conformity")).to_have_attribute("aria-selected", "true")
    await_jobs(shown)
    expect(shown.get_by_text("conforms to 2022_EBOOK")).to_be_visible()


def test_a_file_that_is_gone_is_shown_and_found(
    shown: Page, instance: Instance, release: str
) -> None:
    next((instance.data_dir / "releases" / release).glob("*.zip")).unlink()
    go_to(shown, "Files")

    expect(shown.get_by_text("1 file is not as it was packed.")).to_be_visible()
    expect(shown.get_by_text("is not there")).to_be_visible()
    shown.get_by_role("link", name="Download all").click()
    expect(shown.get_by_text("is gone from the disk")).to_be_visible()


def test_a_release_is_repacked_and_taken_back(shown: Page, release: str) -> None:
    go_to(shown, "Actions")
    shown.get_by_role("link", name="Repack: look at what would change").click()
    shown.get_by_text("Change the metadata").click()
    shown.get_by_label("Genre").fill("Tales of tabs")
    shown.get_by_role("button", name="Look again at what would change").click()
    expect(shown.locator("#proposal")).to_contain_text("Tales of tabs")

    shown.get_by_role("button", name="Do it").click()
    await_jobs(shown)

    expect(shown.get_by_role("link", name="1. Repacked")).to_be_visible()
    shown.get_by_role("link", name="1. Repacked").click()
    expect(shown.locator(".changed-facts")).to_contain_text("Tales of tabs")
    shown.get_by_role("link", name="Take it back").click()
    shown.get_by_role("button", name="Take it back").click()
    await_jobs(shown)
    expect(shown.get_by_role("link", name="2. Undone")).to_be_visible()
    expect(shown.get_by_text("takes back 1")).to_be_visible()
    go_to(shown, "Info")
    expect(shown.get_by_text("Tales of tabs")).to_have_count(0)


def test_an_nfo_is_written_by_hand(shown: Page) -> None:
    go_to(shown, "Actions")
    shown.get_by_role("link", name="Mend the NFO: look at what would change").click()
    shown.get_by_text("Write the NFO by hand").click()
    field = shown.get_by_label("Text of the NFO")
    field.fill(field.input_value().replace("presents", "tells") + "\nWritten by hand\n")
    shown.get_by_role("button", name="Look again at what would change").click()
    expect(shown.locator(".diff .added", has_text="+Written by hand")).to_be_visible()

    shown.get_by_role("button", name="Do it").click()
    await_jobs(shown)

    go_to(shown, "Info")
    expect(shown.locator("[data-text]")).to_contain_text("Written by hand")
