"""A person keeps rules and chooses one, in a real browser, with script and without."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Dialog, Page, expect

from tests.browser import walk
from tests.instance import Instance

pytestmark = pytest.mark.slow
WITH_SCRIPT = pytest.mark.parametrize("page", ["script"], indirect=True)
TEXT = "░▒▓ The {year} eBook Standards ▓▒░\r\n1) A quokka{payload} must be packed.\r\n" + "".join(
    f"{number}) Clause {number} of the rule.\r\n" for number in range(2, 40)
)
PAYLOAD = "<img src=x onerror=alert(1)><script>alert(2)</script>"


def file_of(folder: Path, name: str, **values: str) -> Path:
    path = folder / f"{name}.nfo"
    text = TEXT.format(**{"year": "2011", "payload": ""} | values)
    path.write_bytes(text.encode("cp437"))
    return path


def add(page: Page, url: str, file: Path) -> None:
    page.goto(f"{url}/rules/new/")
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_role("button", name="Show its text").click()
    page.get_by_role("button", name="Save the rule").click()
    expect(page.get_by_text(f"{file.stem} is in the library.")).to_be_visible()


def name_for(request: pytest.FixtureRequest, section: str) -> str:
    return f"2011_{section}_{request.node.callspec.id.replace(' ', '')}"


def is_sideways(page: Page) -> bool:
    """Tell whether the page scrolls sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth > innerWidth"))


def test_a_file_is_looked_at_corrected_and_kept(
    page: Page, instance: Instance, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    name = name_for(request, "EBOOK")
    walk.log_in(page, instance.url)
    page.goto(f"{instance.url}/rules/new/")
    page.locator("input[type=file]").set_input_files(file_of(tmp_path, name))
    page.get_by_role("button", name="Show its text").click()

    expect(page.get_by_label("Name", exact=False).first).to_have_value(name)
    expect(page.get_by_label("Scene", exact=False).first).to_have_value("English")
    expect(page.get_by_label("Year", exact=False).first).to_have_value("2011")
    expect(page.get_by_role("region", name=name, exact=True)).to_contain_text(
        "░▒▓ The 2011 eBook Standards"
    )
    page.get_by_label("Encoding").select_option("cp1252")
    page.get_by_role("button", name="Show it in this encoding").click()
    expect(page.get_by_role("region", name=name, exact=True)).to_contain_text("°±² The 2011")
    page.get_by_label("Encoding").select_option("cp437")
    page.get_by_label("Section", exact=False).first.fill("Odd books")
    page.get_by_role("button", name="Save the rule").click()

    expect(page.get_by_role("heading", name="[2011] Odd books")).to_be_visible()
    expect(page.get_by_text("Releases cannot be packed by it")).to_be_visible()
    with page.expect_download() as raw:
        page.get_by_role("link", name="Download", exact=True).click()
    assert Path(raw.value.path()).read_bytes() == file_of(tmp_path, name).read_bytes()


def test_rules_are_found_by_words_of_their_text_and_in_the_tree(
    page: Page, instance: Instance, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    name = name_for(request, "FOUND")
    walk.log_in(page, instance.url)
    add(page, instance.url, file_of(tmp_path, name, payload=f" {name[5:]}"))
    page.goto(f"{instance.url}/rules/")

    page.get_by_label("Search in names").fill("quokka")
    page.get_by_role("button", name="Search").click()
    expect(page.locator(".hits mark").first).to_have_text("quokka")
    expect(page.locator("#rules")).not_to_contain_text("2022_EBOOK")
    expect(page).to_have_url(re.compile(r"/rules/\?search=quokka&"))

    page.wait_for_load_state("networkidle")
    page.get_by_role("button", name="Tree").click()
    tree = page.get_by_role("navigation", name="Scene, section, year")
    tree.get_by_role("link", name="English").click()
    tree.get_by_role("link", name="eBOOK", exact=True).click()
    expect(page.get_by_role("link", name="[2022] eBOOK")).to_be_visible()
    expect(page.locator("#rules")).not_to_contain_text("2020_WDX")
    page.get_by_role("button", name="List").click()
    expect(tree).to_have_count(0)


def test_a_text_is_edited_compared_and_restored_then_the_rule_deleted(
    page: Page, instance: Instance, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    name = name_for(request, "EDIT")
    walk.log_in(page, instance.url)
    add(page, instance.url, file_of(tmp_path, name))
    page.get_by_role("link", name="Edit", exact=True).click()
    expect(page.get_by_text("Your edit is a local copy.")).to_be_visible()
    text = page.get_by_label("Text", exact=True)
    text.fill(text.input_value().replace("Clause 20 of", "Sentence 20 of"))
    page.get_by_role("button", name="Save").click()

    page.get_by_role("link", name="Compare and restore versions").click()
    expect(page.locator(".sides del")).to_have_text("Clause")
    expect(page.locator(".sides ins")).to_have_text("Sentence")
    page.get_by_role("button", name="Put version 1 in force").click()
    expect(page.get_by_text("Version 1 is in force.")).to_be_visible()
    expect(page.get_by_role("region", name=name, exact=True)).to_contain_text("Clause 20 of")

    page.get_by_role("link", name="Delete").click()
    expect(page.get_by_role("heading", name="Delete this rule?")).to_be_visible()
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("1 rule is deleted.")).to_be_visible()


def test_step_3_shows_every_rule_and_takes_those_that_are_complete(
    page: Page, instance: Instance, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    name = name_for(request, "EBOOK_THREE")
    walk.log_in(page, instance.url)
    page.get_by_role("banner").get_by_role("button", name="New release").click()
    page.get_by_label("Release group").fill("RULES")
    walk.go_on(page, 2)
    page.get_by_text("eBook", exact=True).click()
    walk.go_on(page, 3)
    expect(page.get_by_role("radio", name="[2022] eBOOK Recommended")).to_be_checked()

    page.get_by_role("link", name="Add a rule from a file").click()
    page.locator("input[type=file]").set_input_files(file_of(tmp_path, name))
    page.get_by_role("button", name="Show its text").click()
    page.get_by_role("button", name="Save the rule").click()
    walk.at(page, 3)
    expect(page.get_by_role("region", name=name, exact=True)).to_contain_text(
        "A quokka must be packed."
    )
    offer = page.locator(".rule-offer", has_text=name)
    expect(offer.get_by_role("radio")).to_be_disabled()
    expect(offer).to_contain_text("Cannot be packed by:")

    page.get_by_label("Search in names").fill(name)
    page.get_by_role("button", name="Show", exact=True).click()
    page.wait_for_load_state("networkidle")
    expect(page.locator(".rule-offer", has_text=name)).to_be_visible()
    page.get_by_role("link", name=f"Show its text: {name}").click()
    expect(page.get_by_role("region", name=name, exact=True)).to_be_visible()
    page.wait_for_load_state("networkidle")
    walk.go_on(page, 4)


@WITH_SCRIPT
def test_no_page_of_the_library_scrolls_sideways_or_obeys_a_text(
    page: Page, instance: Instance, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    name = name_for(request, "EVIL")
    asked: list[str] = []

    def note(dialog: Dialog) -> None:
        asked.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", note)
    walk.log_in(page, instance.url)
    add(page, instance.url, file_of(tmp_path, name, payload=PAYLOAD))
    rule = page.url
    page.set_viewport_size({"width": 360, "height": 740})
    pages = ("", "edit/", "versions/", "versions/1/")
    others = ("/rules/", "/rules/?search=quokka", "/rules/?state=listed", "/rules/new/")

    for url in [
        *(f"{rule}{path}" for path in pages),
        *(f"{instance.url}{path}" for path in others),
    ]:
        page.goto(url)
        assert not is_sideways(page), url

    assert asked == []


@WITH_SCRIPT
def test_the_library_is_used_by_keyboard(page: Page, instance: Instance) -> None:
    walk.log_in(page, instance.url)
    page.goto(f"{instance.url}/rules/")
    page.wait_for_load_state("networkidle")
    page.get_by_label("Search in names").focus()
    page.keyboard.type("2022_EBOOK")
    expect(page.locator("#rules")).not_to_contain_text("2020_WDX")
    expect(page.get_by_label("Search in names")).to_be_focused()

    page.get_by_label("Choose 2022_EBOOK").focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Delete the chosen").focus()
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="Delete this rule?")).to_be_visible()
    page.get_by_role("link", name="Keep them").click()
    expect(page.get_by_role("heading", name="Rules")).to_be_visible()
