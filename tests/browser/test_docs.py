import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests.instance import Instance

pytestmark = [pytest.mark.slow, pytest.mark.parametrize("page", ["script"], indirect=True)]
LOGO = "https://cdn.redoc.ly/redoc/logo-mini.svg"
TALL: ViewportSize = {"width": 1280, "height": 15_000}
"""Swagger draws no operation of so many before it is in sight."""
DRAWING_MS = 60_000
"""Redoc draws all operations before it shows one, and then reads them for its search."""


def test_the_api_document_is_read_from_this_host_alone(page: Page, instance: Instance) -> None:
    page.set_viewport_size(TALL)
    page.goto(f"{instance.url}/api/docs")

    expect(page.get_by_text("/api/wizard/pack", exact=True)).to_be_visible()
    page.locator("#operations-wizard-wizard_pack .opblock-summary-control").click()
    expect(page.locator("#operations-wizard-wizard_pack")).to_contain_text("UnprocessableEntity")


def test_redoc_shows_the_operations_from_this_host_alone(
    page: Page, instance: Instance, complaints: list[str]
) -> None:
    stopped: set[tuple[str, str | None]] = set()
    page.on("requestfailed", lambda request: stopped.add((request.url, request.failure)))
    page.goto(f"{instance.url}/core-docs")

    expect(page.get_by_role("heading", name="Release Packer")).to_be_visible(timeout=DRAWING_MS)
    expect(page.get_by_role("heading", name="Pack a draft")).to_be_attached()
    page.get_by_placeholder("Search").fill("draft")
    expect(page.get_by_role("search").get_by_text("Pack a draft")).to_be_visible(timeout=DRAWING_MS)
    # Redoc wants the logo of its makers, which the policy of the page never lets it ask for.
    assert stopped == {(LOGO, "csp")}
    complaints[:] = [one for one in complaints if LOGO not in one]
