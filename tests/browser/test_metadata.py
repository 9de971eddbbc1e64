"""What a page asks depends on what is made."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser import walk
from tests.instance import Instance

pytestmark = pytest.mark.slow


def test_the_issue_is_asked_of_a_magazine_alone(
    page: Page, instance: Instance, sample: Path
) -> None:
    walk.log_in(page, instance.url)
    walk.begin(page)
    walk.answer_until_file(page, "MAG")
    walk.choose_file(page, sample)
    walk.go_on(page, 5)
    walk.await_jobs(page)
    walk.go_on(page, 6)
    expect(page.get_by_label("Issue", exact=True)).to_be_hidden()

    page.get_by_label("Category").select_option("Magazine")
    page.get_by_label("Issue", exact=True).fill("22")
    page.get_by_label("Date of the issue").fill("2014-12")
    walk.go_on(page, 7)

    expect(page.locator("#preview")).to_contain_text("The.Time.Machine.No.22.December.2014")
