"""What others know of a book is asked, compared and accepted in a real browser."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Dialog, Page, expect

from tests.books import make_epub
from tests.browser import walk
from tests.instance import Instance, free_port, running_instance
from tests.metadata.service import Service, running, sent, slow

pytestmark = pytest.mark.slow
WITH_SCRIPT = pytest.mark.parametrize("page", ["script"], indirect=True)
numbers = count(1)


@pytest.fixture(scope="module")
def library() -> Iterator[Service]:
    """Stands for Open Library; the other provider of books is down."""
    with running() as service:
        yield service


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory, library: Service) -> Iterator[Instance]:
    dead = f"127.0.0.1:{free_port()}"
    with running_instance(
        tmp_path_factory.mktemp("enriched"),
        OPENLIBRARY_URL=library.url,
        GOOGLEBOOKS_URL=f"http://{dead}",
        OUTBOUND_HOSTS=f"{library.authority},{dead}",
    ) as started:
        key = {"name": "GoogleBooks", "api_key": "a-key-of-this-test"}
        assert started.api().post("/config/apis", json=key).status_code == 201
        yield started


@pytest.fixture
def title() -> str:
    """A title of this test's own: answers are remembered for a day."""
    return f"Voyage {next(numbers)}"


def knows(library: Service, title: str, *works: dict[str, Any], seconds: float = 0) -> None:
    """Have the library know these works, and be slow about it."""
    usual = {"key": "/works/OL7W", "title": title, "author_name": ["Ann Author"]}
    answer = sent({"numFound": len(works), "docs": [usual | work for work in works]})
    library.on("/search.json", slow(answer, seconds))


def reach_metadata(page: Page, instance: Instance, folder: Path, title: str) -> None:
    """Walk to step 6 with a book that says its title and author alone."""
    book = make_epub(folder / "book.epub", title=title, authors=["Ann Author"], year=2001)
    walk.log_in(page, instance.url)
    walk.begin(page)
    walk.answer_until_file(page, "ENRICH")
    walk.choose_file(page, book)
    walk.go_on(page, 5)
    walk.await_jobs(page)
    walk.go_on(page, 6)


def enrich(page: Page) -> None:
    page.get_by_role("button", name="Enrich", exact=True).click()


def await_answers(page: Page) -> None:
    look_until(page, "#all-OpenLibrary")


def look_until(page: Page, shown: str) -> None:
    """Wait until nobody is asked and `shown` is there; without script, by looking again."""
    for _ in range(60):
        if page.locator("#cancel").count() == 0 and page.locator(shown).count():
            return
        page.wait_for_timeout(250)
        again = page.get_by_role("button", name="Look again")
        if again.count():
            again.click()
    raise AssertionError("the providers are not done")


def use(page: Page, field: str) -> None:
    page.locator(f"#use-OpenLibrary-{field}").click()


def test_one_value_is_accepted_then_all_but_the_locked_and_a_dead_provider_stops_nobody(
    page: Page, instance: Instance, library: Service, tmp_path: Path, title: str
) -> None:
    knows(library, title, {"publisher": ["Press"], "first_publish_year": 1895, "subject": ["Sea"]})
    reach_metadata(page, instance, tmp_path, title)
    page.get_by_label("Edition", exact=True).fill("2nd")

    enrich(page)
    await_answers(page)

    expect(page.get_by_role("alert")).to_contain_text("Google Books")
    expect(page.get_by_role("alert").get_by_role("link")).to_have_text("Manage the API keys")
    expect(page.get_by_label("Publisher", exact=True)).not_to_have_value("Press")
    use(page, "publisher")
    expect(page.get_by_label("Publisher", exact=True)).to_have_value("Press")
    expect(page.get_by_label("Genre", exact=True)).to_have_value("")

    page.locator("#lock-year").check()
    page.locator("#all-OpenLibrary").click()
    expect(page.get_by_label("Genre", exact=True)).to_have_value("Sea")
    expect(page.get_by_label("Year", exact=True)).to_have_value("2001")
    expect(page.get_by_label("Edition", exact=True)).to_have_value("2nd")
    walk.go_on(page, 7)
    expect(page.locator("#preview")).to_contain_text("Press")
    page.get_by_role("button", name="Back").click()
    expect(page.locator("#lock-year")).to_be_checked()


def test_nothing_is_used_that_nobody_accepted(
    page: Page, instance: Instance, library: Service, tmp_path: Path, title: str
) -> None:
    knows(library, title, {"subject": ["Sea"]})
    reach_metadata(page, instance, tmp_path, title)
    enrich(page)
    await_answers(page)

    walk.go_on(page, 7)

    expect(page.locator("#preview")).not_to_contain_text("Sea")


def test_one_goes_on_while_the_providers_are_still_asked(
    page: Page, instance: Instance, library: Service, tmp_path: Path, title: str
) -> None:
    knows(library, title, {"subject": ["Sea"]}, seconds=3)
    reach_metadata(page, instance, tmp_path, title)

    enrich(page)
    expect(page.locator("#cancel")).to_be_visible()

    walk.go_on(page, 7)


def test_asking_is_cancelled(
    page: Page, instance: Instance, library: Service, tmp_path: Path, title: str
) -> None:
    knows(library, title, {"subject": ["Sea"]}, seconds=3)
    reach_metadata(page, instance, tmp_path, title)
    page.get_by_label("Genre", exact=True).fill("Mine")

    enrich(page)
    page.locator("#cancel").click()
    look_until(page, ".alert-warning")

    expect(page.locator(".alert-warning")).to_contain_text("Cancelled Ask again, or go on without")
    expect(page.get_by_label("Genre", exact=True)).to_have_value("Mine")


def test_the_order_is_changed_by_the_keyboard_and_remembered(
    page: Page, instance: Instance, tmp_path: Path, title: str
) -> None:
    names = page.locator(".provider-name")
    reach_metadata(page, instance, tmp_path, title)
    first = names.all_inner_texts()

    page.locator(".moves button").nth(1).focus()
    page.keyboard.press("Enter")

    expect(names.first).to_have_text(first[1])
    walk.begin_again(page, instance.url)
    reach_again(page, tmp_path)
    assert names.all_inner_texts() == first[::-1]


def reach_again(page: Page, folder: Path) -> None:
    walk.answer_until_file(page, "AGAIN")
    walk.choose_file(page, folder / "book.epub")
    walk.go_on(page, 5)
    walk.await_jobs(page)
    walk.go_on(page, 6)


@WITH_SCRIPT
def test_the_order_is_changed_by_dragging(
    page: Page, instance: Instance, tmp_path: Path, title: str
) -> None:
    names = page.locator(".provider-name")
    reach_metadata(page, instance, tmp_path, title)
    first = names.all_inner_texts()

    page.locator(".provider-order li").nth(1).drag_to(
        page.locator(".provider-order li").nth(0), target_position={"x": 40, "y": 2}
    )

    expect(names.first).to_have_text(first[1])
    page.reload()
    assert names.all_inner_texts() == first[::-1]


@WITH_SCRIPT
def test_what_is_typed_while_the_providers_think_is_kept_and_the_caret_too(
    page: Page, instance: Instance, library: Service, tmp_path: Path, title: str
) -> None:
    knows(library, title, {"publisher": ["Press"]}, seconds=2)
    reach_metadata(page, instance, tmp_path, title)

    enrich(page)
    field = page.get_by_label("Genre", exact=True)
    field.focus()
    for _ in range(30):
        page.keyboard.type("ab", delay=60)
    await_answers(page)
    page.keyboard.type("!")

    expect(field).to_have_value("ab" * 30 + "!")


def test_what_a_provider_sends_is_shown_as_text(
    page: Page, instance: Instance, library: Service, tmp_path: Path, title: str
) -> None:
    attack = "<img src=x onerror=alert(1)><script>alert(2)</script>"
    dialogs: list[str] = []

    def note(dialog: Dialog) -> None:
        dialogs.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", note)
    knows(
        library, title, {"publisher": [attack], "title": f"{title} {attack}", "subject": [attack]}
    )
    reach_metadata(page, instance, tmp_path, title)

    enrich(page)
    await_answers(page)
    use(page, "publisher")

    expect(page.get_by_label("Publisher", exact=True)).to_have_value(attack)
    expect(page.locator(".said", has_text="<script>").first).to_be_visible()
    assert page.locator("#comparison img, #comparison script").count() == 0
    assert dialogs == []


def test_enter_goes_on_and_presses_nothing_else(
    page: Page, instance: Instance, tmp_path: Path, title: str
) -> None:
    reach_metadata(page, instance, tmp_path, title)

    page.get_by_label("Genre", exact=True).press("Enter")

    walk.at(page, 7)


def test_tabs_show_what_the_analysis_found(
    page: Page, instance: Instance, tmp_path: Path, title: str, request: pytest.FixtureRequest
) -> None:
    reach_metadata(page, instance, tmp_path, title)
    page.get_by_role("button", name="Back").click()
    walk.at(page, 5)
    panel = page.get_by_role("tabpanel")
    expect(panel).to_contain_text("Real type")

    page.get_by_role("tab", name="Structure").click()
    expect(panel).to_contain_text("container.xml")
    page.reload()
    expect(panel).to_contain_text("container.xml")
    if "no script" in request.node.callspec.id:
        return
    page.get_by_role("tab", name="Structure").focus()
    page.keyboard.press("ArrowRight")
    expect(panel).to_contain_text("Real type")
    page.keyboard.press("ArrowRight")
    expect(panel).to_contain_text("OPF dc:title")
    expect(page.get_by_role("tab", name="Metadata")).to_be_focused()


def test_the_table_fits_a_phone(
    page: Page, instance: Instance, library: Service, tmp_path: Path, title: str
) -> None:
    knows(library, title, {"publisher": ["Press"]})
    page.set_viewport_size({"width": 360, "height": 800})
    reach_metadata(page, instance, tmp_path, title)
    enrich(page)
    await_answers(page)

    bounds = page.locator("#use-OpenLibrary-publisher").bounding_box()

    assert bounds
    assert bounds["x"] + bounds["width"] <= 360
    wide = page.locator("html").bounding_box()
    assert wide
    assert wide["width"] <= 360
