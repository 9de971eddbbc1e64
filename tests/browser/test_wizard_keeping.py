"""Nothing typed in the wizard is lost, whatever happens to tabs, sessions and connections."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import walk
from tests.instance import PASSWORD, Instance

pytestmark = pytest.mark.slow
scripted = pytest.mark.parametrize("page", ["script"], indirect=True)
GROUP = "Release group"


def saved(page: Page) -> None:
    expect(page.locator("#save-status")).to_contain_text("Saved")


def log_in_here(page: Page) -> None:
    page.get_by_label("User name").fill("admin")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()


def begun(page: Page, instance: Instance) -> str:
    walk.log_in(page, instance.url)
    walk.begin(page)
    return page.url


@scripted
def test_a_field_is_checked_as_it_is_left_and_keeps_the_focus_elsewhere(
    page: Page, instance: Instance
) -> None:
    begun(page, instance)
    field = page.get_by_label(GROUP)
    field.press_sequentially("NO-GOOD")
    saved(page)
    expect(page.locator(".errorlist")).to_have_count(0)
    expect(field).to_be_focused()

    field.press("Tab")

    expect(page.get_by_text("capital letters and digits alone")).to_be_visible()
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).not_to_be_focused()
    field.fill("GOOD")
    expect(page.locator(".errorlist")).to_have_count(0)


@scripted
def test_the_time_of_saving_is_of_the_clock_that_the_page_names(
    page: Page, instance: Instance
) -> None:
    begun(page, instance)
    page.clock.set_fixed_time("2026-07-01T12:00:00Z")
    page.evaluate("document.documentElement.dataset.zone = 'Asia/Kolkata'")

    page.get_by_label(GROUP).press_sequentially("CLOCK")

    expect(page.locator("#save-status")).to_contain_text("5:30:00")


@scripted
def test_what_is_typed_is_on_another_machine_at_once(
    page: Page, browser: Browser, instance: Instance
) -> None:
    here = begun(page, instance)
    page.get_by_label(GROUP).press_sequentially("ELSEWHERE")
    saved(page)

    other = browser.new_context(locale="en-US").new_page()
    walk.log_in(other, instance.url)
    other.goto(here)

    expect(other.get_by_label(GROUP)).to_have_value("ELSEWHERE")
    other.context.close()


@scripted
def test_a_browser_that_dies_without_a_connection_loses_nothing(
    page: Page, instance: Instance, complaints: list[str]
) -> None:
    here = begun(page, instance)
    page.context.set_offline(True)
    page.get_by_label(GROUP).press_sequentially("DEAD")
    expect(page.locator("#save-status")).to_contain_text("Not saved: no connection")
    page.close(run_before_unload=False)
    page.context.set_offline(False)

    again = page.context.new_page()
    again.goto(here)

    expect(again.get_by_label(GROUP)).to_have_value("DEAD")
    saved(again)
    again.reload()
    expect(again.get_by_label(GROUP)).to_have_value("DEAD")
    complaints.clear()  # the browser reports that there was no connection


@scripted
def test_a_connection_that_comes_back_is_used(
    page: Page, instance: Instance, complaints: list[str]
) -> None:
    begun(page, instance)
    page.context.set_offline(True)
    page.get_by_label(GROUP).press_sequentially("AGAIN")
    expect(page.locator("#save-status")).to_contain_text("Trying again")

    page.context.set_offline(False)

    saved(page)
    complaints.clear()  # the browser reports that there was no connection


@scripted
def test_a_session_that_ends_while_one_types_is_said_and_the_text_comes_back(
    page: Page, instance: Instance, complaints: list[str]
) -> None:
    begun(page, instance)
    page.context.clear_cookies(name="sessionid")
    page.get_by_label(GROUP).press_sequentially("LOGGEDOUT")
    expect(page.locator("#save-status")).to_contain_text("you are logged out")

    page.get_by_role("link", name="Log in and go on").click()
    log_in_here(page)

    walk.at(page, 1)
    expect(page.get_by_label(GROUP)).to_have_value("LOGGEDOUT")
    saved(page)
    complaints.clear()  # the browser reports the 401 that this is about


def test_what_is_sent_after_the_session_ended_is_there_after_the_login(
    page: Page, instance: Instance, complaints: list[str]
) -> None:
    begun(page, instance)
    page.get_by_label(GROUP).fill("SENT")
    page.context.clear_cookies(name="sessionid")

    page.get_by_role("button", name="Continue").click()
    log_in_here(page)

    walk.at(page, 1)
    expect(page.get_by_label(GROUP)).to_have_value("SENT")
    walk.go_on(page, 2)
    complaints.clear()  # the browser may report a 401 where it kept the text in passing


def test_of_two_tabs_the_older_one_asks_which_is_to_stay(
    page: Page, instance: Instance, complaints: list[str]
) -> None:
    here = begun(page, instance)
    other = page.context.new_page()
    other.goto(here)
    other.get_by_label(GROUP).fill("NEWER")
    walk.go_on(other, 2)

    page.get_by_label(GROUP).fill("OLDER")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("changed elsewhere meanwhile")).to_be_visible()
    expect(page.get_by_text("NEWER")).to_be_visible()
    page.get_by_role("button", name="Keep what is typed here").click()
    expect(page.get_by_role("button", name="Keep what is typed here")).to_have_count(0)
    expect(page.get_by_label(GROUP)).to_have_value("OLDER")
    walk.go_on(page, 2)

    other.goto(here)
    expect(other.get_by_label(GROUP)).to_have_value("OLDER")
    complaints.clear()  # the browser may report the 409 that this is about


def test_the_older_tab_may_take_what_the_newer_one_saved(
    page: Page, instance: Instance, complaints: list[str]
) -> None:
    here = begun(page, instance)
    other = page.context.new_page()
    other.goto(here)
    other.get_by_label(GROUP).fill("NEWER")
    walk.go_on(other, 2)
    page.get_by_label(GROUP).fill("OLDER")
    page.get_by_role("button", name="Continue").click()

    page.get_by_role("link", name="Take what was saved elsewhere").click()

    expect(page.get_by_label(GROUP)).to_have_value("NEWER")
    complaints.clear()  # the browser may report the 409 that this is about


def test_two_tabs_at_two_steps_are_merged(page: Page, instance: Instance) -> None:
    here = begun(page, instance)
    page.get_by_label(GROUP).fill("FIRST")
    walk.go_on(page, 2)
    other = page.context.new_page()
    other.goto(here)
    other.get_by_label(GROUP).fill("SECOND")
    walk.go_on(other, 2)

    page.get_by_text("eBook", exact=True).click()
    walk.go_on(page, 3)

    page.goto(here)
    expect(page.get_by_label(GROUP)).to_have_value("SECOND")


def answered(page: Page, instance: Instance, sample: Path, group: str) -> None:
    begun(page, instance)
    walk.answer_until_file(page, group)
    walk.choose_file(page, sample)
    walk.go_on(page, 5)
    walk.await_jobs(page)
    for step in (6, 7, 8):
        walk.go_on(page, step)


def test_a_draft_packed_in_another_tab_is_looked_at_and_not_changed(
    page: Page,
    instance: Instance,
    sample: Path,
    request: pytest.FixtureRequest,
    complaints: list[str],
) -> None:
    group = "TABS" + request.node.callspec.id.replace(" ", "").upper()
    answered(page, instance, sample, group)
    other = page.context.new_page()
    other.goto(page.url.replace("options", "group"))
    walk.pack(page)

    other.get_by_label(GROUP).fill("LATE")
    other.get_by_role("button", name="Continue").click()
    walk.at(other, 9)
    expect(other.get_by_text("Packed and verified")).to_be_visible()

    page.get_by_role("link", name="1 Group").click()
    walk.at(page, 1)
    expect(page.get_by_label(GROUP)).to_have_value(group)
    expect(page.get_by_label(GROUP)).to_be_disabled()
    expect(page.get_by_text("To change the release, repack it")).to_be_visible()
    complaints.clear()  # the browser may report the 409 that the other tab met


def test_a_double_click_packs_once_and_back_shows_it_packed(
    page: Page, instance: Instance, sample: Path, request: pytest.FixtureRequest
) -> None:
    group = "TWICE" + request.node.callspec.id.replace(" ", "").upper()
    answered(page, instance, sample, group)
    confirmation = page.get_by_label("pack this one all the same")
    if confirmation.is_visible():
        confirmation.check()

    page.get_by_role("button", name="Validate and pack").dblclick()
    walk.at(page, 9)
    walk.await_jobs(page)
    expect(page.get_by_text("Packed and verified")).to_be_visible()

    found = instance.api().get("/releases", params={"search": group}).json()
    assert found["pagination"]["total"] == 1
    page.go_back()
    expect(page.get_by_text("can only be looked at").first).to_be_visible()
