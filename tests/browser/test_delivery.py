"""A person brings a release to a server of FTP and to a folder, in the last step of the wizard."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser import walk
from tests.delivery.peers import PASSWORD, USER, Peer, ftp_server
from tests.instance import Instance, running_instance

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def peer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Peer]:
    with ftp_server(tmp_path_factory.mktemp("peer") / "there") as one:
        yield one


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory, peer: Peer) -> Iterator[Instance]:
    folder = tmp_path_factory.mktemp("delivering")
    with running_instance(folder, DELIVERY_HOSTS=peer.authority) as running:
        yield running


def test_the_last_step_delivers_to_a_server_and_to_a_folder(
    page: Page, instance: Instance, peer: Peer, sample: Path, request: pytest.FixtureRequest
) -> None:
    kind = request.node.callspec.id.replace(" ", "")
    (peer.folder / kind).mkdir(exist_ok=True)
    walk.log_in(page, instance.url)
    pack(page, f"GO{kind.upper()}", sample)
    name = page.locator("h2.release-name").inner_text()

    add_destination(page, f"Server {kind}", "FTP, not encrypted", peer, folder=kind)
    page.get_by_label("Where to?").select_option(label=f"Server {kind} (FTP, not encrypted)")
    page.get_by_role("button", name="Test", exact=True).click()
    expect(page.get_by_text("It works: a file was written and removed again")).to_be_visible()
    deliver(page, f"Server {kind}")

    add_destination(page, f"Folder {kind}", "Folder of the server", None, folder=kind)
    deliver(page, f"Folder {kind}")

    here = files_in(instance.data_dir / "releases", name)
    assert here
    assert files_in(peer.folder / kind, name) == here
    assert files_in(instance.data_dir / "delivered" / kind, name) == here
    page.get_by_role("button", name="Finish").click()
    expect(page.get_by_role("heading", level=1, name=name)).to_be_visible()
    page.get_by_role("tab", name="Deliveries").click()
    expect(page.get_by_text("made sure by")).to_have_count(2)


def pack(page: Page, group: str, book: Path) -> None:
    walk.begin(page)
    walk.answer_until_file(page, group)
    walk.choose_file(page, book)
    walk.go_on(page, 5)
    walk.await_jobs(page)
    for step in (6, 7, 8):
        walk.go_on(page, step)
    walk.pack(page)


def add_destination(page: Page, name: str, kind: str, peer: Peer | None, *, folder: str) -> None:
    page.get_by_role("link", name="Add a destination").click()
    page.locator("#id_name").fill(name)
    page.get_by_label("Type").select_option(label=kind)
    page.get_by_label("Folder", exact=True).fill(folder)
    if peer:
        page.get_by_label("Host").fill("127.0.0.1")
        page.get_by_label("Port").fill(str(peer.port))
        page.get_by_label("User name").fill(USER)
        page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Keep").click()
    walk.at(page, 9)


def deliver(page: Page, name: str) -> None:
    page.locator("#destination").select_option(label=option_of(page, name))
    page.get_by_role("button", name="Deliver", exact=True).click()
    walk.await_jobs(page)
    row = page.locator(".deliveries li").filter(has_text=name)
    expect(row.locator(".badge")).to_have_text("Delivered")


def option_of(page: Page, name: str) -> str:
    return page.locator("#destination option").filter(has_text=name).inner_text()


def files_in(folder: Path, name: str) -> dict[str, bytes]:
    """Return the files of a release: those of its folder, and those that lie beside it."""
    found = (path for path in folder.rglob("*") if path.is_file() and name in str(path))
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}
