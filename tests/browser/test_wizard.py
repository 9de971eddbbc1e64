"""A person makes a release of a real book in a real browser, with script and without."""

import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser import walk
from tests.instance import Instance

pytestmark = pytest.mark.slow


def test_nine_steps_make_a_release_to_download(
    page: Page, instance: Instance, sample: Path, request: pytest.FixtureRequest
) -> None:
    group = "WALK" + request.node.callspec.id.replace(" ", "").upper()
    walk.log_in(page, instance.url)
    walk.begin(page)
    walk.answer_until_file(page, group)
    walk.choose_file(page, sample)
    walk.go_on(page, 5)
    walk.await_jobs(page)
    walk.go_on(page, 6)
    expect(page.get_by_label("Title", exact=False).first).to_have_value("The Time Machine")
    walk.go_on(page, 7)
    expect(page.locator("#preview")).to_contain_text("H. G. Wells")
    walk.go_on(page, 8)
    walk.pack(page)

    name = f"H.G.Wells.The.Time.Machine.2014.RETAiL.ePUB.eBook-{group}"
    with zipfile.ZipFile(walk.download(page)) as archive:
        assert archive.testzip() is None
        assert f"{name}/file_id.diz" in archive.namelist()

    page.get_by_role("button", name="Finish").click()
    page.wait_for_url("**/releases/*/")
    expect(page.get_by_role("heading", name=name)).to_be_visible()
    page.goto(f"{instance.url}/releases/")
    expect(page.get_by_role("link", name=name)).to_be_visible()


def test_mistakes_are_told_where_they_are_made(
    page: Page, instance: Instance, tmp_path: Path, complaints: list[str]
) -> None:
    text = tmp_path / "fake.epub"
    text.write_text("Only a text.")
    walk.log_in(page, instance.url)
    walk.begin(page)

    page.get_by_label("Release group").fill("NO-GOOD")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("capital letters and digits alone")).to_be_visible()

    walk.answer_until_file(page, "GOOD")
    walk.choose_file(page, text)
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("fake.epub is a file of type TXT")).to_be_visible()
    expect(page.get_by_label("Public domain")).to_be_checked()
    complaints.clear()  # the browser reports the refusal that this is about


def test_going_back_and_coming_again_loses_nothing(page: Page, instance: Instance) -> None:
    walk.log_in(page, instance.url)
    walk.begin(page)
    page.get_by_label("Release group").fill("BACK")
    walk.go_on(page, 2)
    page.get_by_text("TV", exact=True).click()
    page.get_by_role("button", name="Back").click()
    walk.at(page, 1)
    expect(page.get_by_label("Release group")).to_have_value("BACK")

    page.reload()
    walk.at(page, 1)
    walk.go_on(page, 2)
    expect(page.get_by_role("radio", name="TV")).to_be_checked()

    page.goto(instance.url)
    page.get_by_role("link", name="BACK").first.click()
    walk.at(page, 2)


def test_the_browsers_back_button_shows_what_was_saved(page: Page, instance: Instance) -> None:
    walk.log_in(page, instance.url)
    walk.begin(page)
    page.get_by_label("Release group").fill("SAVED")
    walk.go_on(page, 2)

    page.go_back()

    walk.at(page, 1)
    expect(page.get_by_label("Release group")).to_have_value("SAVED")


@pytest.mark.parametrize("page", ["script"], indirect=True)
def test_a_draft_gone_in_another_tab_is_said_and_nothing_typed_is_lost(
    page: Page, instance: Instance, complaints: list[str]
) -> None:
    walk.log_in(page, instance.url)
    walk.begin(page)
    page.get_by_label("Release group").fill("GONE")
    other = page.context.new_page()
    other.on("dialog", lambda dialog: dialog.accept())
    other.goto(instance.url)
    other.get_by_role("button", name="Discard").first.click()
    expect(other.get_by_text("The draft is discarded.")).to_be_visible()

    page.get_by_role("button", name="Continue").click()

    expect(page.get_by_role("alert")).to_contain_text("This draft is not there any more")
    expect(page.get_by_role("link", name="To the dashboard")).to_be_visible()
    expect(page.get_by_label("Release group")).to_have_value("GONE")
    complaints.clear()  # the browser reports the 404 that this is about


def test_the_sample_leads_a_newcomer_to_a_release(page: Page, new_instance: Instance) -> None:
    walk.log_in(page, new_instance.url)
    page.get_by_role("button", name="sample book").click()
    walk.at(page, 5)
    walk.await_jobs(page)
    for step in (6, 7, 8):
        walk.go_on(page, step)
    walk.pack(page)
    page.close()  # which would complain that the instance, ending first, tells it no more
