"""What stands around every page: menus, notices, keys, and how pages are shown."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import listen
from tests.browser.walk import log_in, open_account_menu, until
from tests.instance import PASSWORD, Instance, running_instance

pytestmark = pytest.mark.slow
USUAL = {"theme": "auto", "language": "en", "time_zone": ""}
PAGES = ["/", "/releases/", "/templates/", "/rules/", "/conformity/", "/jobs/", "/preferences/"]
PHONE = {"width": 360, "height": 740}
DESK = {"width": 1200, "height": 800}
Opener = Callable[..., Page]


@pytest.fixture(scope="module")
def own_instance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    with running_instance(tmp_path_factory.mktemp("frame")) as running:
        yield running


@pytest.fixture
def instance(own_instance: Instance) -> Instance:
    """An instance whose administrator prefers nothing particular."""
    own_instance.api().put("/config/preferences", json=USUAL)
    return own_instance


@pytest.fixture
def new_instance(tmp_path: Path) -> Iterator[Instance]:
    with running_instance(tmp_path, PACKER_ADMIN_PASSWORD="") as running:
        yield running


@pytest.fixture
def opened(browser: Browser, complaints: list[str]) -> Iterator[Opener]:
    """Open pages of other browsers than `page`'s."""
    contexts = []

    def open_page(**options: Any) -> Page:
        contexts.append(browser.new_context(**{"locale": "en-US"} | options))
        page = contexts[-1].new_page()
        page.set_default_timeout(15_000)
        listen(page, complaints)
        return page

    yield open_page
    for context in contexts:
        context.close()


@contextmanager
def menu_of(page: Page) -> Iterator[Any]:
    open_account_menu(page)
    yield page.locator(".drop-panel")


def tell(page: Page, **detail: str) -> None:
    script = "detail => document.dispatchEvent(new CustomEvent('packer:toast', {detail}))"
    page.evaluate(script, detail)


def test_whoever_opens_a_new_instance_first_makes_its_administrator(
    page: Page, new_instance: Instance
) -> None:
    page.goto(f"{new_instance.url}/releases/")
    expect(page.get_by_role("heading", name="Welcome to Release Packer")).to_be_visible()
    page.get_by_label("User name").fill("root")
    page.get_by_label("Password", exact=False).first.fill("short")
    page.get_by_label("Password confirmation").fill("short")
    page.get_by_role("button", name="Create the administrator").click()
    expect(page.locator(".errorlist")).to_contain_text("too short")

    page.locator("#id_password1").fill(PASSWORD)
    page.get_by_label("Password confirmation").fill(PASSWORD)
    page.get_by_role("button", name="Create the administrator").click()

    expect(page.locator("header summary")).to_have_text("root")
    with menu_of(page) as menu:
        menu.get_by_role("button", name="Log out").click()
    page.goto(f"{new_instance.url}/welcome/")
    expect(page.get_by_role("heading", name="Log in")).to_be_visible()


def test_a_theme_is_kept_and_follows_to_another_browser(
    page: Page, instance: Instance, opened: Opener
) -> None:
    log_in(page, instance.url)
    with menu_of(page) as menu, page.expect_response("**/accounts/display/"):
        menu.get_by_role("button", name="Dark").click()
    expect(page.locator("html[data-bs-theme=dark]")).to_have_count(1)

    page.goto(f"{instance.url}/releases/")
    expect(page.locator("html[data-bs-theme=dark]")).to_have_count(1)
    elsewhere = opened()
    log_in(elsewhere, instance.url)
    expect(elsewhere.locator("html[data-bs-theme=dark]")).to_have_count(1)


def test_auto_is_what_the_system_is(instance: Instance, opened: Opener) -> None:
    page = opened(color_scheme="dark")
    page.goto(instance.url)
    expect(page.locator("html[data-bs-theme=dark]")).to_have_count(1)

    page.emulate_media(color_scheme="light")

    expect(page.locator("html[data-bs-theme=light]")).to_have_count(1)


def test_a_language_is_kept_and_follows_to_another_browser(
    page: Page, instance: Instance, opened: Opener
) -> None:
    log_in(page, instance.url)
    page.goto(f"{instance.url}/jobs/")
    with menu_of(page) as menu:
        menu.get_by_role("button", name="Français").click()
    expect(page.locator("html[lang=fr]")).to_have_count(1)
    expect(page).to_have_url(f"{instance.url}/jobs/")

    elsewhere = opened()
    elsewhere.goto(instance.url)
    elsewhere.get_by_label("User name").fill("admin")
    elsewhere.get_by_label("Password").fill(PASSWORD)
    elsewhere.get_by_role("button", name="Log in").click()
    expect(elsewhere.locator("html[lang=fr]")).to_have_count(1)


def test_times_are_told_by_the_clock_of_the_browser(instance: Instance, opened: Opener) -> None:
    page = opened(timezone_id="Asia/Tokyo")
    log_in(page, instance.url)

    page.goto(f"{instance.url}/preferences/")

    assert "+09:00" in str(page.locator("time").first.get_attribute("datetime"))


def test_a_clock_can_be_chosen(page: Page, instance: Instance) -> None:
    log_in(page, instance.url)
    page.goto(f"{instance.url}/preferences/")

    page.get_by_label("Time zone").select_option("Pacific/Auckland")
    page.get_by_role("region", name="Display").get_by_role("button", name="Save").click()

    expect(page.get_by_text("Your preferences are saved.")).to_be_visible()
    assert "+13:00" in str(page.locator("time").first.get_attribute("datetime"))


def test_providers_are_put_in_order(page: Page, instance: Instance) -> None:
    log_in(page, instance.url)
    page.goto(f"{instance.url}/preferences/")
    order = page.locator(".provider-name")
    first, second = order.all_inner_texts()[:2]

    page.get_by_role("button", name=f"{second}: up").click()

    expect(order.first).to_have_text(second)
    expect(order.nth(1)).to_have_text(first)
    page.reload()
    expect(order.first).to_have_text(second)


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_a_phone_has_its_menu_and_no_page_is_wider(
    instance: Instance, opened: Opener, script: bool
) -> None:
    page = opened(viewport=PHONE, java_script_enabled=script)
    log_in(page, instance.url)
    for path in PAGES:
        page.goto(f"{instance.url}{path}")
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], path

    expect(page.get_by_role("link", name="Releases", exact=True)).to_be_hidden()
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("link", name="Releases", exact=True).click()

    expect(page).to_have_url(f"{instance.url}/releases/")
    page.get_by_role("button", name="Menu").click()
    current = page.get_by_role("link", name="Releases", exact=True)
    expect(current).to_have_attribute("aria-current", "page")


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_menu_is_one_line_on_a_desk(instance: Instance, opened: Opener, language: str) -> None:
    page = opened(viewport=DESK)
    log_in(page, instance.url)
    instance.api().put("/config/preferences", json={"language": language})

    page.goto(f"{instance.url}/rules/")

    tops = page.locator(".site-menu a").evaluate_all("all => all.map(a => a.offsetTop)")
    assert len(tops) >= 6
    assert len(set(tops)) == 1
    assert page.evaluate("document.documentElement.scrollWidth") <= DESK["width"]
    assert page.locator("header").bounding_box()["height"] < 70  # type: ignore[index]


def test_the_account_menu_opens_and_closes_by_the_keyboard(
    instance: Instance, opened: Opener
) -> None:
    page = opened()
    log_in(page, instance.url)
    page.locator("header summary").focus()

    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Preferences")).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Preferences")).to_be_focused()
    page.keyboard.press("Escape")

    expect(page.get_by_role("link", name="Preferences")).to_be_hidden()
    expect(page.locator("header summary")).to_be_focused()


def test_notices_stay_until_they_are_closed(instance: Instance, opened: Opener) -> None:
    page = opened()
    log_in(page, instance.url)
    tell(page, text="One is packed", level="success", href="/releases/")
    tell(page, text="Two failed", level="danger")

    page.goto(f"{instance.url}/jobs/")

    expect(page.get_by_role("alert").filter(has_text="Two failed")).to_be_visible()
    expect(page.get_by_role("status").filter(has_text="One is packed")).to_be_visible()
    page.get_by_role("alert").get_by_role("button", name="Close").press("Enter")
    expect(page.get_by_text("Two failed")).to_have_count(0)
    expect(page.get_by_role("button", name="Close")).to_be_focused()
    page.get_by_role("link", name="One is packed").click()
    expect(page).to_have_url(f"{instance.url}/releases/")
    expect(page.locator(".toast-notice")).to_have_count(0)


def test_only_the_last_five_notices_are_shown(instance: Instance, opened: Opener) -> None:
    page = opened()
    log_in(page, instance.url)

    for number in range(7):
        tell(page, text=f"Number {number}", level="info")

    expect(page.locator(".toast-notice")).to_have_count(5)  # jobs of others may be told among them
    expect(page.locator(".toast-notice").filter(has_text="Number 6")).to_have_count(1)
    expect(page.locator(".toast-notice").filter(has_text="Number 0")).to_have_count(0)


def test_a_notice_is_text_and_leads_nowhere_else(instance: Instance, opened: Opener) -> None:
    page = opened()
    log_in(page, instance.url)
    page.on("dialog", lambda dialog: pytest.fail("a script ran"))

    tell(page, text="<img src=x onerror=alert(1)>", level="danger", href="javascript:alert(1)")
    tell(page, text="Elsewhere", level="</div>", href="//evil.example/")

    expect(page.locator(".toast-notice p").first).to_have_text("<img src=x onerror=alert(1)>")
    expect(page.locator(".toast-notice a")).to_have_count(0)
    expect(page.locator(".toast-notice img")).to_have_count(0)


def test_notices_on_a_phone_hide_no_button(instance: Instance, opened: Opener) -> None:
    page = opened(viewport=PHONE)
    log_in(page, instance.url)

    for number in range(5):
        tell(page, text=f"A release with a rather long name, number {number}", level="info")

    shelf = page.locator("#toasts").bounding_box()
    main = page.locator("main").bounding_box()
    assert shelf
    assert main
    assert shelf["y"] + shelf["height"] <= main["y"] + 1
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_who_listens_hears_what_is_announced(instance: Instance, opened: Opener) -> None:
    page = opened()
    page.goto(instance.url)
    say = "document.dispatchEvent(new CustomEvent('packer:announce', {detail: {text: 'Saved'}}))"

    page.evaluate(say)

    expect(page.locator("#announcer[aria-live=polite]")).to_have_text("Saved")


def test_keys_help_and_search(instance: Instance, opened: Opener) -> None:
    page = opened()
    log_in(page, instance.url)
    page.goto(f"{instance.url}/rules/")
    help_dialog = page.get_by_role("dialog", name="Keyboard")

    page.keyboard.press("?")
    expect(help_dialog).to_contain_text("To the search of the page")
    page.keyboard.press("Escape")
    expect(help_dialog).to_be_hidden()
    for _each in range(2):
        page.keyboard.press("?")
        help_dialog.get_by_role("button", name="Close").click()
        expect(help_dialog).to_be_hidden()
    page.keyboard.press("/")
    until(page, "document.activeElement.matches('input')")
    page.keyboard.type("a/b?")

    expect(help_dialog).to_be_hidden()
    assert page.evaluate("document.activeElement.value") == "a/b?"


def test_a_session_that_is_ended_elsewhere_asks_for_a_login(
    page: Page, instance: Instance, opened: Opener
) -> None:
    log_in(page, instance.url)
    elsewhere = opened()
    log_in(elsewhere, instance.url)

    page.goto(f"{instance.url}/preferences/")
    page.get_by_role("button", name="Log all others out").click()
    elsewhere.get_by_role("link", name="Releases", exact=True).click()

    expect(elsewhere.get_by_role("heading", name="Log in")).to_be_visible()
    page.goto(f"{instance.url}/releases/")
    expect(page.get_by_role("heading", name="Releases")).to_be_visible()


def test_what_was_said_is_taken_along_in_a_file(
    page: Page, instance: Instance, tmp_path: Path
) -> None:
    page.on("dialog", lambda dialog: dialog.accept())
    log_in(page, instance.url)
    page.goto(f"{instance.url}/preferences/")
    page.get_by_label("Release group").fill("MYGRP")
    page.get_by_role("region", name="Begin a release").get_by_role("button", name="Save").click()
    with page.expect_download() as awaited:
        page.get_by_role("link", name="Export").click()
    awaited.value.save_as(tmp_path / "mine.json")
    page.get_by_role("button", name="Forget my preferences").click()
    expect(page.get_by_label("Release group")).to_have_value("")

    page.get_by_label("File of preferences").set_input_files(tmp_path / "mine.json")
    page.get_by_role("button", name="Import").click()

    expect(page.get_by_label("Release group")).to_have_value("MYGRP")
