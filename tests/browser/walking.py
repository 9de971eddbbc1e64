"""A browser that looks at every place of an atlas."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

from tests.atlas import NOBODY, Place
from tests.instance import PASSWORD

AXE = Path(__file__).parents[1] / "judges" / "node_modules" / "axe-core" / "axe.min.js"
WIDE = {"width": 1200, "height": 900}
NARROW = {"width": 360, "height": 740}
GRAVE = {"serious", "critical"}


class Walk:
    """Sessions of each person that looks, all with the same window."""

    def __init__(self, browser: Browser, url: str, **options: Any) -> None:
        self.browser, self.url, self.options = browser, url, options
        self.pages: dict[str, Page] = {}

    def page_of(self, who: str) -> Page:
        if who not in self.pages:
            context = self.browser.new_context(locale="en-US", **self.options)
            page = context.new_page()
            page.set_default_timeout(15_000)
            if who != NOBODY:
                sign_in(page, self.url, who)
            self.pages[who] = page
        return self.pages[who]

    def visits(self, places: Iterable[Place]) -> Iterator[tuple[Place, Page]]:
        """Yield each place with the page that shows it, loaded whole."""
        for place in places:
            page = self.page_of(place.who)
            answer = page.goto(self.url + place.path, wait_until="load")
            assert answer, place
            assert answer.status == place.status, (place, answer.status)
            yield place, page

    def close(self) -> None:
        for page in self.pages.values():
            page.context.close()


def sign_in(page: Page, url: str, who: str) -> None:
    page.goto(f"{url}/accounts/login/")
    page.locator("#id_username").fill(who)
    page.locator("#id_password").fill(PASSWORD)
    page.locator("#id_password").press("Enter")
    page.wait_for_url(f"{url}/")


def grave_violations(page: Page) -> list[str]:
    """Return what axe finds serious or critical on the page, by rule and place."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE.read_text())
    found = page.evaluate(
        "() => axe.run(document, {resultTypes: ['violations']}).then((r) => r.violations)"
    )
    return [
        f"{one['id']}: {node['target']} {node['failureSummary']}"
        for one in found
        if one["impact"] in GRAVE
        for node in one["nodes"]
    ]
