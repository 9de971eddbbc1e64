import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Page,
    Request,
    Response,
    expect,
    sync_playwright,
)

from tests.instance import Instance, running_instance

expect.set_options(timeout=15_000)
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Walk once more where a walk fails, which is told: a machine that stood still is no defect."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """A browser, for as long as no other tests run: its loop would forbid them the database."""
    if not CHROMIUM:
        absent = pytest.fail if os.environ.get("CI") else pytest.skip
        absent("no browser: apt-get install chromium")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM)
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    with running_instance(tmp_path_factory.mktemp("instance")) as running:
        yield running


@pytest.fixture
def new_instance(tmp_path: Path) -> Iterator[Instance]:
    """An instance that nobody has used yet."""
    with running_instance(tmp_path) as running:
        yield running


@pytest.fixture
def complaints() -> Iterator[list[str]]:
    """What the browser complained of; a test that leaves any fails."""
    found: list[str] = []
    yield found
    assert found == []


@pytest.fixture(params=["script", "no script"])
def page(browser: Browser, request: pytest.FixtureRequest, complaints: list[str]) -> Iterator[Page]:
    """A page of an English browser, with JavaScript and without."""
    context = browser.new_context(
        locale="en-US", java_script_enabled=request.param == "script", accept_downloads=True
    )
    page = context.new_page()
    page.set_default_timeout(15_000)
    listen(page, complaints)
    yield page
    context.close()


def listen(page: Page, complaints: list[str]) -> None:
    """Note what the browser's console says, what fails, and what asks another host."""

    def note_error(said: ConsoleMessage) -> None:
        if said.type == "error" and not is_borne(said):
            complaints.append(said.text)

    def note_failure(response: Response) -> None:
        if response.status >= 500:
            complaints.append(response.url)

    def note_outside(request: Request) -> None:
        if outside(request.url):
            complaints.append(request.url)

    page.on("console", note_error)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("response", note_failure)
    page.on("request", note_outside)


def is_borne(said: ConsoleMessage) -> bool:
    """Tell whether it is of what pages bear: their instance ended, or their session did."""
    url = said.location.get("url", "")
    is_live = "/jobs/" in url and ("/events" in url or "/states" in url)
    is_kept = url.endswith("/keep/")
    return (is_live and "ERR_CONNECTION_REFUSED" in said.text) or (is_kept and "401" in said.text)


def outside(url: str) -> bool:
    """Tell whether `url` asks another host than the instance."""
    return url.startswith("http") and not url.startswith("http://127.0.0.1:")


@pytest.fixture(scope="session")
def sample() -> Path:
    return Path(__file__).parents[2] / "drafts" / "sample" / "the-time-machine.epub"
