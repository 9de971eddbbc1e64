"""A person is told of a release like theirs before it is packed, and says that it is meant."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser import walk
from tests.instance import Instance

pytestmark = pytest.mark.slow


def walk_to_options(page: Page, url: str, group: str, book: Path) -> None:
    walk.begin_again(page, url)
    walk.answer_until_file(page, group)
    walk.choose_file(page, book)
    walk.go_on(page, 5)
    walk.await_jobs(page)
    for step in (6, 7, 8):
        walk.go_on(page, step)


def test_a_duplicate_is_shown_and_confirmed(
    page: Page, new_instance: Instance, sample: Path
) -> None:
    walk.log_in(page, new_instance.url)
    walk_to_options(page, new_instance.url, "FIRST", sample)
    expect(page.get_by_text("Releases like this one")).to_have_count(0)
    walk.pack(page)

    walk_to_options(page, new_instance.url, "SECOND", sample)
    expect(page.get_by_role("heading", name="Releases like this one")).to_be_visible()
    expect(page.get_by_text("is made of the same file.")).to_be_visible()
    page.get_by_role("button", name="Validate and pack").click()
    walk.at(page, 8)
    expect(page.get_by_text("Look at the releases like this one first.")).to_be_visible()

    page.get_by_label("pack this one all the same").check()
    walk.pack(page)


@pytest.mark.parametrize("page", ["script"], indirect=True)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_list_fits_a_small_screen(
    page: Page, new_instance: Instance, sample: Path, scheme: str
) -> None:
    page.emulate_media(color_scheme="light" if scheme == "light" else "dark")
    walk.log_in(page, new_instance.url)
    walk_to_options(page, new_instance.url, "FIRST", sample)
    walk.pack(page)
    walk_to_options(page, new_instance.url, "SECOND", sample)

    page.set_viewport_size({"width": 360, "height": 740})

    expect(page.get_by_label("pack this one all the same")).to_be_visible()
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= 360
    link = page.get_by_role("link", name="Look at it")
    with page.expect_navigation():
        link.click()
    expect(page.get_by_role("heading", name="eBook-FIRST")).to_be_visible()
