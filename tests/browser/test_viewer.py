"""A person looks at NFOs in a real browser, with script and without."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, Dialog, Page, expect

from tests.browser import walk
from tests.browser.conftest import CHROMIUM, listen
from tests.instance import Instance

pytestmark = pytest.mark.slow
WITH_SCRIPT = pytest.mark.parametrize("page", ["script"], indirect=True)
BLOCK = "█" * 20
DRAWN = "".join(f"║{BLOCK}║\n" for _row in range(6))
SEAM = 0.06
"""Of what is between ink and paper: nobody sees less."""
CODE_PAGE = bytes(code for code in range(1, 256) if code not in b"\t\n\r\x1a\x1b")
PLACES = """() => {
  const text = document.querySelector('[data-text] .nfo-part').firstChild;
  const range = new Range();
  const box = (at) => {
    range.setStart(text, at);
    range.setEnd(text, at + 1);
    return range.getBoundingClientRect();
  };
  const first = box(text.data.indexOf('█'));
  const last = box(text.data.lastIndexOf('█'));
  return [first.left, first.top, last.right, last.bottom];
}"""


def look(page: Page, url: str, data: bytes, name: str = "art.nfo") -> None:
    page.goto(f"{url}/nfo/")
    file: Any = {"name": name, "mimeType": "text/plain", "buffer": data}
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_role("button", name="Show it").click()
    expect(page.locator("[data-text]")).to_be_visible()


@pytest.fixture
def signed_in(page: Page, instance: Instance) -> Page:
    walk.log_in(page, instance.url)
    return page


def test_a_file_is_read_and_taken_away(signed_in: Page, instance: Instance) -> None:
    look(signed_in, instance.url, DRAWN.encode("cp437"))

    expect(signed_in.get_by_role("region", name="art.nfo")).to_have_text(DRAWN)
    with signed_in.expect_download() as picture:
        signed_in.get_by_role("button", name="PNG, dark").click()
    with signed_in.expect_download() as nfo:
        signed_in.get_by_role("button", name="Download NFO").click()
    assert Path(picture.value.path()).read_bytes().startswith(b"\x89PNG")
    assert Path(nfo.value.path()).read_bytes() == DRAWN.replace("\n", "\r\n").encode("cp437")


@pytest.mark.parametrize("page", ["no script"], indirect=True)
def test_without_script_no_tool_is_shown_that_needs_it(signed_in: Page, instance: Instance) -> None:
    look(signed_in, instance.url, b"a text")

    expect(signed_in.get_by_role("button", name="Copy")).to_be_hidden()
    expect(signed_in.get_by_label("Search in the text")).to_be_hidden()
    expect(signed_in.get_by_role("button", name="SVG")).to_be_visible()


@WITH_SCRIPT
def test_every_sign_of_the_code_page_is_of_the_font(signed_in: Page, instance: Instance) -> None:
    look(signed_in, instance.url, b"a" * 200 + CODE_PAGE)

    debugger = signed_in.context.new_cdp_session(signed_in)
    for domain in ("DOM", "CSS"):
        debugger.send(f"{domain}.enable")
    root = debugger.send("DOM.getDocument")["root"]["nodeId"]
    text = debugger.send("DOM.querySelector", {"nodeId": root, "selector": "[data-text]"})
    used = debugger.send("CSS.getPlatformFontsForNode", {"nodeId": text["nodeId"]})["fonts"]
    assert [font["isCustomFont"] for font in used] == [True]


@pytest.fixture(params=[1, 1.25, 2])
def screens(request: pytest.FixtureRequest, browser: Browser) -> Iterator[tuple[Browser, float]]:
    """A browser on a screen of so many pixels for one of CSS."""
    arguments = [f"--force-device-scale-factor={request.param}", "--window-size=1400,1300"]
    launched = browser.browser_type.launch(executable_path=CHROMIUM, args=arguments)
    yield launched, request.param
    launched.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_blocks_join_at_every_size(
    screens: tuple[Browser, float], scheme: Any, instance: Instance, complaints: list[str]
) -> None:
    launched, scale = screens
    page = launched.new_page(locale="en-US", color_scheme=scheme, no_viewport=True)
    listen(page, complaints)
    walk.log_in(page, instance.url)
    look(page, instance.url, DRAWN.encode("cp437"))
    page.evaluate("document.fonts.ready")
    for _ in range(5):
        page.get_by_role("button", name="Smaller").click()

    sizes = []
    for _ in range(13):
        sizes.append(page.locator("[data-zoomed]").inner_text())
        assert seams(page, scale) < SEAM, sizes
        page.get_by_role("button", name="Larger").click()

    assert (sizes[0], sizes[3], sizes[-1]) == ("57 %", "100 %", "400 %")
    page.context.close()


def seams(page: Page, scale: float) -> float:
    """Return how far the palest place inside of the drawn block is from ink, of 1."""
    left, top, right, bottom = (place * scale for place in page.evaluate(PLACES))
    shot = Image.open(io.BytesIO(page.screenshot())).convert("L")
    inside = shot.crop((int(left) + 3, int(top) + 3, int(right) - 3, int(bottom) - 3))
    tones = inside.histogram()
    seen = [tone for tone, count in enumerate(tones) if count]
    return (seen[-1] - seen[0]) / 230


@WITH_SCRIPT
def test_the_size_is_chosen_by_button_and_key_and_remembered(
    signed_in: Page, instance: Instance
) -> None:
    look(signed_in, instance.url, DRAWN.encode("cp437"))
    size = signed_in.locator("[data-zoomed]")
    signed_in.get_by_role("button", name="Larger").click()
    expect(size).to_have_text("114 %")

    signed_in.get_by_role("region", name="art.nfo").focus()
    signed_in.keyboard.press("+")
    expect(size).to_have_text("129 %")
    look(signed_in, instance.url, b"another")
    expect(size).to_have_text("129 %")

    signed_in.get_by_role("region", name="art.nfo").focus()
    signed_in.keyboard.press("0")
    expect(size).to_have_text("100 %")
    signed_in.keyboard.press("-")
    expect(size).to_have_text("86 %")


@WITH_SCRIPT
@pytest.mark.parametrize("width", [360, 1200])
def test_a_wide_text_is_brought_to_the_width(
    signed_in: Page, instance: Instance, width: int
) -> None:
    signed_in.set_viewport_size({"width": width, "height": 800})
    look(signed_in, instance.url, b"x" * 80)
    frame = signed_in.locator("[data-viewer-text]")

    signed_in.get_by_role("button", name="Fit the width").click()

    room = "frame => [frame.scrollWidth - frame.clientWidth, frame.clientWidth]"
    beyond, inside = frame.evaluate(room)
    assert beyond == 0
    text = signed_in.evaluate(PLACES.replace("█", "x"))
    assert text[2] - text[0] > 0.7 * inside


@WITH_SCRIPT
def test_lines_are_numbered_on_demand(signed_in: Page, instance: Instance) -> None:
    look(signed_in, instance.url, b"one\ntwo\n\nfour\n")
    numbers = signed_in.locator("[data-numbers]")
    expect(numbers).to_be_hidden()

    signed_in.get_by_role("button", name="Line numbers").click()

    expect(numbers).to_have_text("1\n2\n3\n4")
    expect(signed_in.get_by_role("button", name="Line numbers", pressed=True)).to_be_visible()


@WITH_SCRIPT
def test_words_are_found_one_after_another(signed_in: Page, instance: Instance) -> None:
    look(signed_in, instance.url, b"Ocean\n" + b"a line\n" * 6000 + b"OCEAN (ocean)\n")
    field, found = signed_in.get_by_label("Search in the text"), signed_in.locator("[data-found]")

    field.fill("ocean")
    expect(found).to_have_text("1 / 3")
    assert lit(signed_in) == (3, "Ocean")
    field.press("Enter")
    expect(found).to_have_text("2 / 3")
    assert lit(signed_in) == (3, "OCEAN")
    walk.until(signed_in, "document.querySelector('[data-viewer-text]').scrollTop > 50000")
    field.press("Shift+Enter")
    field.press("Shift+Enter")
    expect(found).to_have_text("3 / 3")
    signed_in.get_by_role("button", name="Next match").click()
    expect(found).to_have_text("1 / 3")

    field.fill("(ocean)")
    expect(found).to_have_text("1 / 1")
    field.fill("whale")
    expect(found).to_have_text("Not found")
    expect(signed_in.get_by_role("button", name="Next match")).to_be_disabled()
    assert lit(signed_in) == (0, "")


def lit(page: Page) -> tuple[int, str]:
    """Return how many matches are marked, and what the current one is."""
    marked = page.evaluate(
        "[CSS.highlights.get('match').size, [...CSS.highlights.get('current-match')].join()]"
    )
    return marked[0], marked[1]


@WITH_SCRIPT
def test_text_is_copied_whole_or_as_selected(signed_in: Page, instance: Instance) -> None:
    signed_in.context.grant_permissions(["clipboard-read", "clipboard-write"])
    look(signed_in, instance.url, DRAWN.encode("cp437"))
    said = signed_in.locator("[data-said]")

    signed_in.get_by_role("button", name="Copy").click()
    expect(said).to_have_text("The text is copied.")
    assert signed_in.evaluate("navigator.clipboard.readText()") == DRAWN

    signed_in.evaluate(
        "getSelection().setBaseAndExtent(...['0', '3'].flatMap("
        "at => [document.querySelector('.nfo-part').firstChild, Number(at)]))"
    )
    signed_in.get_by_role("button", name="Copy").click()
    expect(said).to_have_text("The selection is copied.")
    assert signed_in.evaluate("navigator.clipboard.readText()") == "║██"


@WITH_SCRIPT
@pytest.mark.parametrize("unit", [b"\xdb", b"word ", b"a\n", b"\xb0\xb1\xb2 and words\r\n"])
def test_a_text_of_a_mebibyte_answers(signed_in: Page, instance: Instance, unit: bytes) -> None:
    look(signed_in, instance.url, (unit * (1 << 20))[: 1 << 20])

    signed_in.get_by_role("button", name="Larger").click()
    signed_in.get_by_label("Search in the text").fill("a")
    signed_in.get_by_label("Search in the text").press("Enter")

    expect(signed_in.locator("[data-zoomed]")).to_have_text("114 %")
    expect(signed_in.locator("[data-found]")).not_to_be_empty()


MARKUP = (
    "<script>alert({0})</script>",
    "<img src=x onerror=alert({0})>",
    "<svg onload=alert({0})>",
    "<svg><script>alert({0})</script></svg>",
    "</pre><script>alert({0})</script>",
    "</textarea><script>alert({0})</script>",
    '" autofocus onfocus="alert({0})',
    "' onmouseover='alert({0})",
    "<iframe srcdoc='<script>alert({0})</script>'>",
    "<a href='javascript:alert({0})'>x</a>",
    "javascript:alert({0})",
    "<math><mtext></pre><img src onerror=alert({0})>",
    "<body onload=alert({0})>",
    "<details open ontoggle=alert({0})>",
    "{{{{ ''.__class__ }}}}<script>alert({0})</script>",
    "&lt;script&gt;alert({0})&lt;/script&gt;",
    "<ScRiPt>alert({0})//",
    "<style>@import 'javascript:alert({0})'</style>",
    "<meta http-equiv=refresh content='0;url=javascript:alert({0})'>",
    "--><script>alert({0})</script>",
)


@WITH_SCRIPT
def test_no_markup_in_a_text_is_ever_run(signed_in: Page, instance: Instance) -> None:
    dialogs: list[str] = []

    def dismiss(dialog: Dialog) -> None:
        dialogs.append(dialog.message)
        dialog.dismiss()

    signed_in.on("dialog", dismiss)
    payloads = [MARKUP[at % len(MARKUP)].format(at) for at in range(100)]

    for start in range(0, 100, 20):
        some = "\n".join(["text", *payloads[start : start + 20]])
        look(signed_in, instance.url, some.encode(), f"{MARKUP[0].format('name')}.nfo")
        expect(signed_in.locator("[data-text]")).to_have_text(f"{some}\n")
        signed_in.get_by_label("Search in the text").fill(payloads[start])
        expect(signed_in.locator("[data-found]")).to_have_text("1 / 1")

    assert dialogs == []
    assert signed_in.locator("[data-text] *:not(.nfo-part)").count() == 0


@pytest.mark.parametrize("width", [360, 1200])
def test_no_page_scrolls_sideways(signed_in: Page, instance: Instance, width: int) -> None:
    signed_in.set_viewport_size({"width": width, "height": 800})
    look(signed_in, instance.url, ("█" * 600).encode("cp437") + b"\n" + b"a name " * 30)

    assert overflow(signed_in) == 0


def overflow(page: Page) -> int:
    return int(page.evaluate("document.documentElement.scrollWidth - innerWidth"))


@WITH_SCRIPT
@pytest.mark.parametrize("width", [360, 1200])
def test_the_editor_of_a_wide_text_has_one_pair_of_scrollbars(
    signed_in: Page, instance: Instance, width: int
) -> None:
    signed_in.set_viewport_size({"width": width, "height": 800})
    signed_in.goto(f"{instance.url}/templates/import/")
    file: Any = {"name": "wide.nfo", "mimeType": "text/plain", "buffer": b"\xdb" * 600}
    signed_in.locator("input[type=file]").set_input_files(file)
    signed_in.get_by_role("button", name="Show its text").click()
    editor = signed_in.get_by_label("Text with placeholders")
    expect(editor).to_be_visible()

    assert overflow(signed_in) == 0
    editor.evaluate("editor => { editor.scrollLeft = 700; }")
    indent = "document.querySelector('.nfo-writing .nfo-ruler').style.textIndent"
    walk.until(signed_in, f"{indent} === '-700px'")
    scrolls = "pane => getComputedStyle(pane).overflowX"
    assert signed_in.locator(".nfo-writing").evaluate(scrolls) == "hidden"
    widths = signed_in.evaluate(
        "[...document.querySelectorAll('.nfo-panes > .nfo-pane')].map(one => one.clientWidth)"
    )
    assert min(widths) > 300
