"""The keys of providers, as an administrator keeps and tests them."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.walk import log_in, open_account_menu
from tests.instance import Instance, running_instance
from tests.loopback import LoopbackProviders, loopback_providers

pytestmark = pytest.mark.slow
CANARY = "canary-4711"


@pytest.fixture(scope="module")
def providers() -> Iterator[LoopbackProviders]:
    with loopback_providers() as there:
        yield there


@pytest.fixture(scope="module")
def instance(
    tmp_path_factory: pytest.TempPathFactory, providers: LoopbackProviders
) -> Iterator[Instance]:
    there = {"GOOGLEBOOKS_URL": providers.url("GoogleBooks"), "OUTBOUND_HOSTS": providers.host}
    with running_instance(tmp_path_factory.mktemp("instance"), **there) as running:
        yield running


def test_a_key_is_kept_tested_and_forgotten(
    page: Page, instance: Instance, providers: LoopbackProviders
) -> None:
    page.on("dialog", lambda dialog: dialog.accept())
    log_in(page, instance.url)
    open_account_menu(page)
    page.get_by_role("link", name="API keys").click()
    google = page.get_by_role("region", name="Google Books")
    expect(google).to_contain_text("Not asked: it needs a key")

    google.get_by_role("link", name="Add my own key").click()
    page.get_by_label("API key").fill(CANARY)
    page.get_by_role("button", name="Keep").click()
    expect(google).to_contain_text("Asked with your key")
    google.get_by_role("button", name="Test (My key)").click()
    expect(page.get_by_text("Google Books answered in ")).to_be_visible()
    assert CANARY not in page.content()

    google.get_by_role("link", name="Change (My key)").click()
    page.get_by_label("Address").fill("https://elsewhere.example")
    page.get_by_role("button", name="Keep").click()
    expect(page.get_by_text("Give the key again")).to_be_visible()
    page.get_by_role("link", name="Back").click()

    google.get_by_role("button", name="Remove (My key)").click()
    expect(google).to_contain_text("Not asked: it needs a key")
    assert set(providers.keys("GoogleBooks")) == {CANARY}
