"""What anybody has is checked in the browser, and what is broken is found again."""

import shutil
from pathlib import Path
from zipfile import ZipFile

import pytest
from playwright.sync_api import Browser, Page, expect

from releases.packing import pack
from tests.browser.walk import await_jobs, log_in
from tests.instance import Instance
from tests.packing.making import NAME, make_payload, make_plan

pytestmark = pytest.mark.slow
NFO = b"Title\r\nReleased: 2024-05-01\r\nLanguage: English\r\nhttps://example.org/title\r\n"
HOSTILE = '<img src=x onerror="alert(1)">.txt'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A release with a file that no rule allows, whose name is an attack."""
    into = tmp_path / "out"
    into.mkdir()
    payloads = (make_payload(tmp_path, name="grp-title.epub"),)
    plan = make_plan(tmp_path, nfo=NFO, payloads=payloads, volume_bytes=5_000_000)
    made = pack(plan, into).folder
    (made / HOSTILE).write_text("ad")
    (made / "ad.exe").write_text("ad")
    return made


def zipped(path: Path, *folders: Path) -> Path:
    with ZipFile(path, "w") as archive:
        for folder in folders:
            for file in sorted(folder.rglob("*")):
                archive.write(file, f"{folder.name}/{file.relative_to(folder).as_posix()}")
    return path


def send(page: Page, path: Path) -> None:
    page.get_by_role("link", name="Conformity", exact=True).click()
    page.locator("input[type=file]").set_input_files(path)
    page.get_by_role("button", name="Check").click()
    expect(page.get_by_role("link", name="All checks")).to_be_visible()
    await_jobs(page)


def refuse_dialogs(page: Page) -> None:
    page.on("dialog", lambda dialog: pytest.fail(dialog.message))


def test_a_zip_is_checked_filtered_and_taken_away(
    page: Page, instance: Instance, folder: Path
) -> None:
    refuse_dialogs(page)
    log_in(page, instance.url)

    send(page, zipped(folder.parent / "sent.zip", folder))

    expect(page.get_by_role("heading", name=NAME)).to_be_visible()
    expect(page.get_by_text("It does not conform to 2022_EBOOK.")).to_be_visible()
    expect(page.get_by_text("ad.exe")).to_be_visible()
    expect(page.get_by_text(HOSTILE)).to_be_visible()
    page.get_by_label("Search in the report").fill("exe")
    page.get_by_role("button", name="Filter").click()
    expect(page.get_by_text("ad.exe")).to_be_visible()
    expect(page.get_by_text(HOSTILE)).not_to_be_visible()
    with page.expect_download() as taken:
        page.get_by_role("link", name="SARIF").click()
    assert taken.value.suggested_filename == "sent.zip.sarif"
    page.get_by_role("link", name="All checks").click()
    expect(page.get_by_role("link", name="sent.zip").first).to_be_visible()


def test_each_release_of_a_zip_has_its_report(page: Page, instance: Instance, folder: Path) -> None:
    refuse_dialogs(page)
    log_in(page, instance.url)
    other = shutil.copytree(folder, folder.with_name("Other.Title.2020.RETAiL.ePUB.eBook-GRP"))
    (other / "ad.exe").unlink()

    send(page, zipped(folder.parent / "several.zip", folder, other))

    expect(page.get_by_text("ad.exe")).to_be_visible()
    page.get_by_role("link", name=other.name).click()
    expect(page.get_by_role("heading", name=other.name)).to_be_visible()
    expect(page.get_by_text("ad.exe")).not_to_be_visible()


def test_a_hostile_zip_is_refused_with_its_reason(
    page: Page, instance: Instance, tmp_path: Path
) -> None:
    log_in(page, instance.url)
    with ZipFile(tmp_path / "hostile.zip", "w") as archive:
        archive.writestr("../../evil.nfo", b"text")

    page.get_by_role("link", name="Conformity", exact=True).click()
    page.locator("input[type=file]").set_input_files(tmp_path / "hostile.zip")
    page.get_by_role("button", name="Check").click()

    reason = page.get_by_text("points outside of it: such a ZIP is not unpacked")
    for _ in range(60):
        again = page.get_by_role("link", name="Look again")
        if reason.count():
            break
        page.wait_for_timeout(500)
        if again.count():
            again.click()
    expect(reason).to_be_visible()


def test_the_report_needs_no_sideways_scrolling_on_a_phone(
    browser: Browser, instance: Instance, folder: Path, complaints: list[str]
) -> None:
    context = browser.new_context(locale="en-US", viewport={"width": 360, "height": 740})
    page = context.new_page()
    refuse_dialogs(page)
    log_in(page, instance.url)

    page.get_by_role("button", name="Menu").click()
    send(page, zipped(folder.parent / "sent.zip", folder))

    for _ in range(2):
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= 360
        page.get_by_role("link", name="All checks").click()
        expect(page.get_by_role("heading", name="Recent checks")).to_be_visible()
        page.go_back()
    context.close()
