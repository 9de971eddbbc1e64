"""Pictures of every page in every state: `make screenshots`, then look into `screenshots/`."""

import re
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.atlas import Place, filled
from tests.browser.conftest import CHROMIUM
from tests.browser.walking import NARROW, WIDE, Walk
from tests.instance import running_instance

VIEWS = {
    "light-wide": {"color_scheme": "light", "viewport": WIDE},
    "dark-wide": {"color_scheme": "dark", "viewport": WIDE},
    "light-narrow": {"color_scheme": "light", "viewport": NARROW},
    "dark-narrow": {"color_scheme": "dark", "viewport": NARROW},
}


def main(folder: Path, wanted: str) -> None:
    """Draw every place whose name matches `wanted`, in every view."""
    with (
        tempfile.TemporaryDirectory() as data,
        running_instance(Path(data)) as instance,
        sync_playwright() as playwright,
    ):
        places = [one for one in filled(instance) if re.search(wanted, one.name)]
        browser = playwright.chromium.launch(executable_path=CHROMIUM)
        for view in VIEWS:
            draw(browser, instance.url, places, view, folder / view)
        browser.close()
    print(f"{len(places)} places are drawn in {folder}")  # noqa: T201  # it is a program


def draw(browser: Browser, url: str, places: list[Place], view: str, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    walk = Walk(browser, url, **VIEWS[view])
    for place, page in walk.visits(places):
        name = re.sub(r"[^a-z0-9]+", "-", place.name.lower())
        page.screenshot(path=folder / f"{name}.png", full_page=True)
    walk.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:] or [""])
