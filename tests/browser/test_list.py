"""A person looks for releases and does something to several, with script and without."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.books import make_epub
from tests.browser import walk
from tests.instance import Instance

pytestmark = pytest.mark.slow
WITH_SCRIPT = pytest.mark.parametrize("page", ["script"], indirect=True)
TITLES = ("Mysterious Island", "Silent River", "Golden Tower")


@pytest.fixture(scope="module")
def shelf(instance: Instance, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three packed releases, by the authors of which they are found; return their folder."""
    folder = tmp_path_factory.mktemp("shelf")
    for number, title in enumerate(TITLES):
        book = folder / f"shelf{number}.epub"
        make_epub(book, title=title, authors=["Élise Shelfer"], year=2020)
        made = instance.run("pack", str(book), "--group", "SHELF", "--type", "EBOOK")
        assert made.returncode == 0, made.stderr
    return instance.data_dir / "releases"


def look(page: Page, instance: Instance, query: str = "search=shelfer") -> None:
    walk.log_in(page, instance.url)
    page.goto(f"{instance.url}/releases/?{query}")


def rows(page: Page) -> list[str]:
    return page.locator("#release-table .release-name").all_inner_texts()


def put_back(page: Page) -> None:
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("heading", name=re.compile("(is|are) back"))).to_be_visible()


def test_a_search_is_narrowed_saved_and_found_again(
    page: Page, instance: Instance, shelf: Path, request: pytest.FixtureRequest
) -> None:
    """A view is saved but once, so that each way looks for something of its own."""
    way = request.node.callspec.id
    view, sought = f"Mine {way}", "elise myst" if way == "script" else "myst elise"
    look(page, instance, "show=all")
    page.get_by_label("Search in name").fill(sought)
    page.get_by_role("button", name="Search").click()
    expect(page.locator("#release-table mark", has_text="Myst").first).to_be_visible()
    expect(page.locator("#release-table")).not_to_contain_text("Silent.River")

    page.get_by_text("Filters", exact=True).click()
    page.get_by_label("Completed").check()
    page.get_by_role("button", name="Show these").click()
    expect(page.get_by_role("link", name="Remove Status: Completed")).to_be_visible()
    page.get_by_text("Save this view").click()
    page.get_by_label("Name of the view").fill(view)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text(f"The view {view} is saved.")).to_be_visible()

    page.goto(f"{instance.url}/releases/?show=all")
    page.get_by_role("link", name=view, exact=True).click()
    expect(page.get_by_label("Search in name")).to_have_value(sought)
    expect(page.get_by_role("link", name="Remove Status: Completed")).to_be_visible()
    page.get_by_role("link", name=f"Remove Search: {sought}").click()
    expect(page.locator("#release-table")).to_contain_text("Silent.River")


def test_cards_are_remembered(page: Page, instance: Instance, shelf: Path) -> None:
    look(page, instance)
    page.get_by_role("button", name="Cards").click()
    expect(page.locator(".release-card")).to_have_count(3)
    page.reload()
    expect(page.locator(".release-card")).to_have_count(3)
    page.get_by_role("button", name="Table").click()
    expect(page.locator(".release-card")).to_have_count(0)


def test_what_is_put_in_the_trash_comes_back(page: Page, instance: Instance, shelf: Path) -> None:
    before = sorted(path.name for path in shelf.iterdir())
    look(page, instance)
    page.get_by_label(re.compile("Choose .*Silent.River")).check()
    page.get_by_label(re.compile("Choose .*Golden.Tower")).check()
    page.get_by_role("button", name="Move to the trash").click()
    expect(page.get_by_role("heading", name="Put these in the trash?")).to_be_visible()
    expect(page.get_by_role("heading", name="2 releases")).to_be_visible()
    page.get_by_role("button", name="Move to the trash").click()
    expect(page.get_by_role("heading", name="2 releases are in the trash")).to_be_visible()
    assert not [path for path in shelf.iterdir() if "Silent.River" in path.name]

    put_back(page)

    assert sorted(path.name for path in shelf.iterdir()) == before
    page.goto(f"{instance.url}/releases/?search=shelfer")
    expect(page.locator("#release-table tbody tr")).to_have_count(3)


@WITH_SCRIPT
def test_shift_chooses_a_range(page: Page, instance: Instance, shelf: Path) -> None:
    look(page, instance)
    boxes = page.locator("input[name=release]")
    boxes.nth(0).click()
    boxes.nth(2).click(modifiers=["Shift"])

    expect(page.locator("input[name=release]:checked")).to_have_count(3)
    expect(page.locator("[data-bulk-count]")).to_have_text("Chosen: 3")
    expect(page.get_by_label("This page")).to_be_checked()
    page.get_by_label("This page").uncheck()
    expect(page.locator("input[name=release]:checked")).to_have_count(0)


@WITH_SCRIPT
def test_the_list_is_used_by_keyboard(page: Page, instance: Instance, shelf: Path) -> None:
    look(page, instance, "show=all")
    page.get_by_label("Search in name").focus()
    page.keyboard.type("golden")
    expect(page.locator("#release-table tbody tr")).to_have_count(1)
    expect(page.get_by_label("Search in name")).to_be_focused()

    page.get_by_label(re.compile("Choose .*Golden.Tower")).focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Move to the trash").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Move to the trash").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="1 release is in the trash")).to_be_visible()
    put_back(page)


@WITH_SCRIPT
@pytest.mark.parametrize("mode", ["Cards", "Table"])
def test_no_list_scrolls_sideways_on_a_telephone(
    page: Page, instance: Instance, shelf: Path, mode: str
) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    look(page, instance)
    page.get_by_role("button", name=mode).click()
    expect(page.get_by_role("button", name=mode)).to_have_attribute("aria-pressed", "true")
    for path in (
        "?type=EBOOK&search=shelfer",
        "?search=zzz",
        "trash/",
        "views/",
        "bulk/?do=pack&all=1",
    ):
        page.goto(f"{instance.url}/releases/{path}")
        assert not page.evaluate("document.documentElement.scrollWidth > innerWidth"), path
