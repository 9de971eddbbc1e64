"""An administrator says who may do what, with script and without; the person does that, no more."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import walk
from tests.browser.conftest import listen
from tests.instance import PASSWORD, Instance

pytestmark = pytest.mark.slow
WITH_SCRIPT = pytest.mark.parametrize("page", ["script"], indirect=True)
SIDEWAYS = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture
def way(request: pytest.FixtureRequest) -> str:
    """Return what keeps the rows of a test apart from those of its other way."""
    return re.sub(r"[\W_]", "", f"{request.node.originalname}{request.node.callspec.id}")[-60:]


@pytest.fixture
def office(page: Page, instance: Instance) -> Page:
    """A browser that the administrator is logged in with."""
    walk.log_in(page, instance.url)
    return page


@pytest.fixture
def other(browser: Browser, complaints: list[str]) -> Iterator[Page]:
    """The browser of somebody else, on another machine."""
    context = browser.new_context(locale="en-US")
    page = context.new_page()
    listen(page, complaints)
    yield page
    context.close()


def add_person(page: Page, instance: Instance, name: str) -> None:
    page.goto(f"{instance.url}/people/add/")
    page.get_by_label("User name").fill(name)
    page.get_by_label("New password").first.fill(PASSWORD)
    page.get_by_label("New password, again").fill(PASSWORD)
    page.get_by_role("button", name="Add the person").click()
    expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible()
    page.wait_for_load_state("load")  # its scripts run after what is seen


def enter(page: Page, instance: Instance, name: str, password: str) -> None:
    page.goto(f"{instance.url}/accounts/login/")
    page.locator("#id_username").fill(name)
    page.locator("#id_password").fill(password)
    page.locator("#id_password").press("Enter")
    page.wait_for_url(f"{instance.url}/")


def test_a_person_does_what_an_administrator_gave_them_and_no_more(
    office: Page, other: Page, instance: Instance, way: str
) -> None:
    walk.open_account_menu(office)
    office.get_by_role("link", name="People").click()
    office.get_by_role("link", name="Add a person").click()
    office.get_by_label("User name").fill(way)
    office.get_by_label("E-mail").fill(f"{way}@example.com")
    office.get_by_role("button", name="Propose a password").click()
    expect(office.get_by_text("Note the password down")).to_be_visible()
    password = office.get_by_label("New password, again").input_value()
    expect(office.get_by_label("E-mail")).to_have_value(f"{way}@example.com")
    office.get_by_role("button", name="Add the person").click()
    expect(office.get_by_text("The person is added.")).to_be_visible()

    office.get_by_role("combobox", name="Role").select_option(label="Operator")
    office.get_by_role("button", name="Give the role").click()
    expect(office.get_by_text("The role is given.")).to_be_visible()
    expect(office.get_by_role("row", name=re.compile("^Rules"))).to_contain_text("Role Operator")
    office.get_by_role("checkbox", name="Users READ", exact=True).check()
    office.get_by_role("button", name="Save the permissions").click()
    expect(office.get_by_text("The permissions are saved.")).to_be_visible()

    enter(other, instance, way, password)
    walk.open_account_menu(other)
    other.get_by_role("link", name="People").click()
    expect(other.get_by_role("heading", name="People", exact=True)).to_be_visible()
    expect(other.get_by_role("link", name="Add a person")).to_have_count(0)
    other.get_by_role("link", name=way, exact=True).click()
    expect(other.get_by_role("checkbox", name="Users READ", exact=True)).to_be_checked()
    expect(other.get_by_role("checkbox", name="Users READ", exact=True)).to_be_disabled()
    for path, status in (
        ("/rules/new/", 200),
        ("/people/", 200),
        ("/people/add/", 403),
        ("/roles/", 403),
        ("/templates/storage/", 403),
    ):
        answer = other.request.get(instance.url + path)
        assert answer.status == status, path


def test_what_a_tick_implies_is_ticked_and_said(
    office: Page, instance: Instance, way: str, request: pytest.FixtureRequest
) -> None:
    has_script = request.node.callspec.id == "script"
    add_person(office, instance, way)
    boxes = {
        action: office.get_by_role("checkbox", name=f"Rules {action}", exact=True)
        for action in ("READ", "WRITE", "MOD")
    }

    boxes["MOD"].check()
    if has_script:
        expect(boxes["WRITE"]).to_be_checked()
        expect(boxes["READ"]).to_be_checked()
        expect(office.locator("#announcer")).to_have_text("With it: Rules READ, Rules WRITE")
    office.get_by_role("button", name="Save the permissions").click()
    said = "The permissions are saved." if has_script else "with what they imply: Rules READ"
    expect(office.get_by_text(said)).to_be_visible()
    for one in boxes.values():
        expect(one).to_be_checked()

    boxes["WRITE"].uncheck()
    if has_script:
        expect(boxes["MOD"]).not_to_be_checked()
        expect(boxes["READ"]).to_be_checked()
        expect(office.locator("#announcer")).to_have_text("Without it: Rules MOD")


def test_the_second_of_two_who_edit_is_told_and_keeps_what_they_typed(
    office: Page, instance: Instance, way: str
) -> None:
    add_person(office, instance, way)
    second = office.context.new_page()
    second.goto(office.url)
    second.get_by_label("Note").fill("Mine")

    office.get_by_label("Note").fill("Theirs")
    office.get_by_role("button", name="Save the account").click()
    expect(office.get_by_text("The account is saved.")).to_be_visible()
    second.get_by_role("button", name="Save the account").click()

    expect(second.get_by_text("Somebody else changed this while you did.")).to_be_visible()
    expect(second.get_by_text("Somebody else changed it to “Theirs”.")).to_be_visible()
    expect(second.get_by_label("Note")).to_have_value("Mine")
    second.get_by_role("button", name="Save the account").click()
    expect(second.get_by_text("The account is saved.")).to_be_visible()
    expect(second.get_by_label("Note")).to_have_value("Mine")


def test_a_role_is_made_on_a_phone_and_its_people_get_another(
    office: Page, instance: Instance, way: str
) -> None:
    office.set_viewport_size({"width": 360, "height": 740})
    add_person(office, instance, way)
    person = office.url
    office.goto(f"{instance.url}/roles/add/")
    office.get_by_label("Name").fill(way)
    office.get_by_role("button", name="Add the role").click()
    office.get_by_role("checkbox", name="Configuration READ", exact=True).check()
    office.get_by_role("button", name="Save the permissions").click()
    expect(office.get_by_text("The permissions are saved")).to_be_visible()
    assert office.evaluate(SIDEWAYS) == 0
    office.goto(person)
    office.get_by_role("combobox", name="Role").select_option(label=way)
    office.get_by_role("button", name="Give the role").click()
    assert office.evaluate(SIDEWAYS) == 0

    office.get_by_role("link", name=way, exact=True).first.click()
    office.get_by_role("link", name="Delete").click()
    office.get_by_role("button", name="Delete").click()
    expect(office.get_by_text("This field is required.")).to_be_visible()
    office.get_by_label("Role that they get").select_option(label="Operator")
    office.get_by_role("button", name="Delete").click()
    expect(office.get_by_text("The role is deleted.")).to_be_visible()
    office.goto(person)
    expect(office.get_by_role("link", name="Operator")).to_be_visible()


def test_a_group_gets_its_members_by_name(office: Page, instance: Instance, way: str) -> None:
    tag = way.upper()[-30:]
    add_person(office, instance, way)
    office.goto(f"{instance.url}/groups/")
    office.get_by_role("textbox", name="Tag").fill("NO GROUP")
    office.get_by_role("button", name="Add the group").click()
    expect(office.get_by_text("capital letters and digits alone")).to_be_visible()
    office.get_by_role("textbox", name="Tag").fill(tag)
    office.get_by_role("button", name="Add the group").click()
    expect(office.get_by_text("The group is added.")).to_be_visible()
    office.get_by_label("User name").fill(way)
    office.get_by_role("button", name="Add the member").click()
    expect(office.get_by_text("The person is in the group now.")).to_be_visible()

    office.get_by_role("link", name=way, exact=True).click()
    expect(office.get_by_role("link", name=tag)).to_be_visible()
    office.get_by_role("button", name=f"Take out {tag}").click()
    expect(office.get_by_text("The person is no longer in the group.")).to_be_visible()


def test_who_is_deactivated_is_out_until_activated(
    office: Page, other: Page, instance: Instance, way: str
) -> None:
    add_person(office, instance, way)
    person = office.url
    enter(other, instance, way, PASSWORD)

    office.get_by_role("link", name="Deactivate").click()
    office.get_by_role("button", name="Deactivate").click()
    expect(office.get_by_text("The person may no longer log in.")).to_be_visible()
    other.goto(f"{instance.url}/releases/")
    expect(other.get_by_role("heading", name="Log in")).to_be_visible()

    office.get_by_role("button", name="Activate").click()
    expect(office.get_by_text("The person may log in again.")).to_be_visible()
    office.goto(person)
    office.get_by_role("link", name="Delete").click()
    office.get_by_role("button", name="Delete for good").click()
    expect(office.get_by_text("The person is deleted.")).to_be_visible()


@WITH_SCRIPT
def test_the_list_narrows_as_one_chooses_and_the_address_keeps_it(
    office: Page, instance: Instance, way: str
) -> None:
    add_person(office, instance, way)
    office.goto(f"{instance.url}/people/")

    office.get_by_label("Status").select_option(label="Deactivated")
    expect(office.locator("#people-table")).not_to_contain_text(way)
    office.get_by_label("Status").select_option(label="Active")
    office.get_by_label("Search in names").fill(way)

    expect(office.get_by_text("1 person", exact=True)).to_be_visible()
    expect(office).to_have_url(re.compile(f"search={way}.*status=active"))
    office.reload()
    expect(office.get_by_label("Search in names")).to_have_value(way)
    expect(office.get_by_role("link", name=way, exact=True)).to_be_visible()
