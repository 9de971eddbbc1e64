"""A person writes a template in a real browser, with script and without."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser import walk
from tests.instance import Instance

pytestmark = pytest.mark.slow
WITH_SCRIPT = pytest.mark.parametrize("page", ["script"], indirect=True)


def look(page: Page) -> None:
    """Have the preview shown; with script it comes by itself."""
    button = page.get_by_role("button", name="Preview", exact=True)
    if button.count():
        button.click()


def text_of(page: Page) -> Locator:
    return page.get_by_label("Text with placeholders")


def write(page: Page, url: str, name: str, text: str) -> None:
    page.goto(f"{url}/templates/new/")
    page.get_by_label("Name").fill(name)
    text_of(page).fill(text)


def test_what_is_typed_is_shown_and_what_is_wrong_is_marked(
    page: Page, instance: Instance, request: pytest.FixtureRequest
) -> None:
    walk.log_in(page, instance.url)
    name = f"marked {request.node.callspec.id}"
    write(page, instance.url, name, "By {{ author }}\n{{ titel }}")
    look(page)
    preview = page.locator("#preview")
    expect(preview).to_contain_text("By H. G. Wells")
    expect(preview).to_contain_text("Is it title?")

    text_of(page).fill("By {{ author }}\n{{ title }}")
    look(page)
    expect(preview).to_contain_text("The Time Machine")
    expect(preview).to_contain_text("Nothing to mend")

    page.get_by_label("Shown with").select_option(label="Sample: TV")
    look(page)
    expect(preview).to_contain_text("Night Watch")

    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The template is saved.")).to_be_visible()
    expect(text_of(page)).to_have_value("By {{ author }}\n{{ title }}")


def test_a_refused_text_stays_to_be_mended(page: Page, instance: Instance) -> None:
    walk.log_in(page, instance.url)
    write(page, instance.url, "refused", "{% if title %}")

    page.get_by_role("button", name="Save").click()

    expect(page.locator(".errorlist")).to_contain_text("Line 1")
    expect(text_of(page)).to_have_value("{% if title %}")
    expect(page.get_by_label("Name")).to_have_value("refused")


@WITH_SCRIPT
def test_a_mark_leads_to_its_line(page: Page, instance: Instance) -> None:
    walk.log_in(page, instance.url)
    write(page, instance.url, "lines", "\n" * 60 + "  {{ titel }}")

    page.get_by_role("link", name="61:6").click()

    expect(text_of(page)).to_be_focused()
    place = text_of(page).evaluate("editor => [editor.selectionStart, editor.scrollTop]")
    assert place[0] == 60 + 5
    assert place[1] > 0
    expect(page.locator("[data-cursor]")).to_have_text("61:6")


@WITH_SCRIPT
def test_a_placeholder_is_put_in_where_the_cursor_is(page: Page, instance: Instance) -> None:
    walk.log_in(page, instance.url)
    write(page, instance.url, "inserted", "Title: !")
    text_of(page).evaluate("editor => editor.setSelectionRange(7, 7)")
    page.get_by_text("What a template can say").click()

    page.get_by_role("button", name="title", exact=True).click()

    expect(text_of(page)).to_have_value("Title: {{ title }}!")
    expect(page.locator("#preview")).to_contain_text("Title: The Time Machine!")
    page.keyboard.press("Control+z")
    expect(text_of(page)).to_have_value("Title: !")


def test_what_is_typed_is_downloaded_in_its_encoding(page: Page, instance: Instance) -> None:
    walk.log_in(page, instance.url)
    write(page, instance.url, "drawn", "█ {{ author }}")

    with page.expect_download() as nfo:
        page.get_by_role("button", name="Download NFO").click()
    with page.expect_download() as picture:
        page.get_by_role("button", name="PNG, dark").click()

    assert nfo.value.suggested_filename == "drawn.nfo"
    assert Path(nfo.value.path()).read_bytes() == b"\xdb H. G. Wells"
    assert Path(picture.value.path()).read_bytes().startswith(b"\x89PNG")


def test_a_file_is_shown_then_saved_then_changed_then_restored(
    page: Page, instance: Instance, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    name = f"art {request.node.callspec.id}"
    file = tmp_path / f"{name}.nfo"
    file.write_bytes("░▒▓ {{#if title}}{{title}}{{/if}}\r\n".encode("cp437"))
    walk.log_in(page, instance.url)
    page.goto(f"{instance.url}/templates/import/")
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_role("button", name="Show its text").click()
    expect(page.get_by_text("Nothing is saved yet")).to_be_visible()
    expect(text_of(page)).to_have_value(re.compile("^░▒▓ {% if title %}"))
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name=name)).to_be_visible()

    text_of(page).fill("another text")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Versions").click()
    expect(page.locator(".diff .added")).to_have_text("+another text")
    page.get_by_role("button", name="Restore version 1").click()
    expect(text_of(page)).to_have_value(re.compile("^░▒▓"))

    page.get_by_role("link", name="Delete").click()
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("The template is deleted.")).to_be_visible()


def test_step_7_takes_another_template_and_a_text_of_ones_own(
    page: Page, instance: Instance
) -> None:
    walk.log_in(page, instance.url)
    page.goto(instance.url)
    page.get_by_role("banner").get_by_role("button", name="New release").click()
    walk.answer_until_file(page, "STEP7")
    walk.choose_file(page, Path(__file__).parents[2] / "drafts/sample/the-time-machine.epub")
    walk.go_on(page, 5)
    walk.await_jobs(page)
    walk.go_on(page, 6)
    walk.go_on(page, 7)

    page.get_by_label("Template", exact=False).first.select_option(label="minimal")
    look(page)
    expect(text_of(page)).to_have_value(re.compile(r"^{% for line in banner"))
    expect(page.locator("#preview")).to_contain_text("Title ........: The Time Machine")

    text_of(page).fill("Of {{ author }}, {{ titel }}")
    look(page)
    expect(page.locator("#preview")).to_contain_text("Of H. G. Wells")
    expect(page.locator("#preview")).to_contain_text("Is it title?")
    page.get_by_role("button", name="Continue").click()
    expect(page.locator(".errorlist")).to_contain_text("titel")
    text_of(page).fill(
        "{{ title }} {{ author }} {{ publisher }} {{ year }} {{ language_name }}\n"
        "{{ source }} {{ released_on }}"
    )
    walk.go_on(page, 8)
    page.get_by_role("button", name="Back").click()
    expect(text_of(page)).to_have_value(re.compile("^{{ title }} {{ author }}"))


def test_texts_are_moved_to_a_folder_and_back(page: Page, new_instance: Instance) -> None:
    walk.log_in(page, new_instance.url)
    for place in ("Files in a folder", "Database"):
        page.goto(f"{new_instance.url}/templates/storage/")
        page.get_by_label(place).check()
        page.get_by_role("button", name="Show what will happen").click()
        expect(page.get_by_text("moves as it is").first).to_be_visible()
        page.get_by_role("button", name="Move the texts").click()
        walk.await_jobs(page)
        expect(page.locator(".facts")).to_contain_text(place)

    kept = new_instance.data_dir / "templates"
    assert {path.suffix for path in kept.iterdir()} == {".old"}
