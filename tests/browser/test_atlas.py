"""Every page in every state: for everyone, on every screen, harmless and light."""

import gzip
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import pytest
from django.urls import URLPattern, URLResolver, get_resolver
from playwright.sync_api import Browser, Dialog, Page, Response

from tests.atlas import Place, filled
from tests.browser.conftest import listen
from tests.browser.walking import AXE, NARROW, WIDE, Walk, grave_violations
from tests.instance import running_instance

FIRST_PAINT_BYTES = 200 * 1024
SIDEWAYS = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
WIDEST = """() => [...document.querySelectorAll("body *")]
  .filter((one) => one.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
  .slice(0, 3).map((one) => one.outerHTML.slice(0, 120))"""

pytestmark = pytest.mark.slow


class Atlas(NamedTuple):
    url: str
    places: list[Place]


@pytest.fixture(scope="module")
def atlas(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Atlas]:
    with running_instance(tmp_path_factory.mktemp("atlas")) as instance:
        yield Atlas(instance.url, filled(instance))


@pytest.mark.parametrize(
    ("theme", "size"), [("light", WIDE), ("dark", WIDE), ("light", NARROW)], ids=str
)
def test_axe_finds_nothing_serious_on_any_page(
    browser: Browser, atlas: Atlas, theme: str, size: dict[str, int]
) -> None:
    if not AXE.exists():
        absent = pytest.fail if os.environ.get("CI") else pytest.skip
        absent("axe-core is missing: make install needs npm")
    walk = Walk(browser, atlas.url, color_scheme=theme, viewport=size)

    found = {
        place.name: violations
        for place, page in walk.visits(atlas.places)
        if (violations := grave_violations(page))
    }

    walk.close()
    assert not found, told(found)


def test_no_page_scrolls_sideways_on_a_phone(browser: Browser, atlas: Atlas) -> None:
    walk = Walk(browser, atlas.url, viewport=NARROW)

    found = {
        place.name: page.evaluate(WIDEST)
        for place, page in walk.visits(atlas.places)
        if page.evaluate(SIDEWAYS) > 0
    }

    walk.close()
    assert not found, told(found)


def test_no_text_of_a_user_does_anything(
    browser: Browser, atlas: Atlas, complaints: list[str]
) -> None:
    def note_dialog(dialog: Dialog) -> None:
        complaints.append(dialog.message)
        dialog.dismiss()

    walk = Walk(browser, atlas.url)
    page = walk.page_of("hostile")
    listen(page, complaints)
    page.on("dialog", note_dialog)
    hostile = [place for place in atlas.places if place.who == "hostile"]

    for place, shown in walk.visits(hostile):
        assert shown.locator("#main x, #main img[src=x], #main iframe").count() == 0, place

    walk.close()


def test_the_first_paint_of_every_page_is_light(browser: Browser, atlas: Atlas) -> None:
    walk = Walk(browser, atlas.url, viewport=WIDE)
    weights: dict[str, int] = {}
    heavy = {}
    plain = [place for place in atlas.places if place.who != "hostile"]

    def weigh(response: Response) -> None:
        if response.url not in weights and response.request.resource_type != "eventsource":
            weights[response.url] = weight(response)

    for who in {place.who for place in plain}:
        walk.page_of(who).on("response", weigh)
    for place, page in walk.visits(plain):
        total = sum(weights.get(url, 0) for url in loaded(page))
        if total > FIRST_PAINT_BYTES:
            heavy[place.name] = total

    walk.close()
    assert not heavy, heavy


def told(found: Mapping[str, Sequence[str]]) -> str:
    """Return what was found, one line each, each rule and element once."""
    first: dict[str, str] = {}
    for name, violations in found.items():
        for violation in violations:
            key = re.sub(r"\d+", "", violation.partition(" Fix any")[0])
            first.setdefault(key, f"{name}: {violation}")
    return "\n".join(["", *first.values()])


def weight(response: Response) -> int:
    """Return the bytes of an answer, as a server that compresses sends them."""
    if response.status != 200:
        return 0
    return len(gzip.compress(response.body(), 6))


def loaded(page: Page) -> set[str]:
    """Return the URLs of all that the page shows or runs."""
    urls = page.evaluate("() => performance.getEntriesByType('resource').map((one) => one.name)")
    return {page.url, *urls}


PARTS = {
    *("accounts:display", "accounts:end-other-sessions", "accounts:end-session"),
    *("accounts:people:activate", "accounts:people:add-group", "accounts:people:add-member"),
    *("accounts:people:give-role", "accounts:people:group-offers", "accounts:people:join-group"),
    *("accounts:people:leave-group", "accounts:people:offers", "accounts:people:password"),
    *("accounts:people:permissions", "accounts:people:remove-member"),
    *("accounts:people:remove-role", "accounts:people:role-permissions"),
    *("accounts:people:save", "accounts:people:save-role"),
    *("accounts:logout", "inbox:act", "nfo-download"),
    *("livez", "readyz", "healthz", "health", "metrics"),
    *("chores:change", "chores:run"),
    *("conformity:document", "enrichment:remove", "enrichment:test"),
    *("delivery:accept", "delivery:add-group", "delivery:remove", "delivery:remove-group"),
    *("notifications:remove", "notifications:test"),
    *("delivery:test", "releases:deliver"),
    *("jobs:cancel", "jobs:cancel-waiting", "jobs:events", "jobs:job-events", "jobs:log"),
    *("jobs:rerun", "jobs:states"),
    *("library:default", "library:download", "library:duplicate", "library:preview"),
    "library:restore",
    *("preferences:export", "preferences:import", "preferences:order", "preferences:reset"),
    "preferences:save",
    *("releases:badge", "releases:bulk-undo", "releases:change-view", "releases:cover"),
    *("releases:conformity-document", "releases:discard-edits", "releases:download"),
    "releases:download-file",
    *("releases:download-several", "releases:groups", "releases:nfo", "releases:owners"),
    *("releases:pack", "releases:release-cover", "releases:remember"),
    *("rulebook:download", "rulebook:picture", "rulebook:raw", "rulebook:restore"),
    *("rulebook:schedule", "rulebook:sync", "rulebook:view"),
    *("wizard:analyse", "wizard:asking", "wizard:check-address", "wizard:choose"),
    *("wizard:compare", "wizard:discard", "wizard:discard-upload", "wizard:download"),
    *("wizard:fetch", "wizard:keep", "wizard:preview", "wizard:remember", "wizard:sample"),
    "wizard:start",
}
"""Routes that are no page: they take a POST, or answer a file or a part of a page."""
ELSEWHERE = {
    "accounts:welcome",  # of an instance without an administrator, see test_frame.py
    "core-docs",  # Redoc draws it, see test_docs.py
    "rulebook:version",  # the page of a rule
}


def test_every_page_stands_in_the_atlas(atlas: Atlas) -> None:
    seen = {place.route for place in atlas.places}

    assert {route for route in page_routes() if route not in seen} == PARTS | ELSEWHERE


def page_routes() -> Iterator[str]:
    yield from named("", get_resolver().url_patterns)


def named(namespace: str, patterns: list[URLPattern | URLResolver]) -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            if pattern.name:
                yield f"{namespace}{pattern.name}"
        elif pattern.namespace not in {"admin", "api"}:
            inner = f"{pattern.namespace}:" if pattern.namespace else ""
            yield from named(namespace + inner, pattern.url_patterns)
