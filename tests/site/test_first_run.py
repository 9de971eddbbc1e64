"""A new instance as `packer serve` starts it, and what travels from it."""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.factories import make_book
from tests.instance import PASSWORD, Instance, running_instance

pytestmark = pytest.mark.slow
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')


@pytest.fixture
def new_instance(tmp_path: Path) -> Iterator[Instance]:
    with running_instance(tmp_path, PACKER_ADMIN_PASSWORD="", LANG="C.UTF-8") as running:
        yield running


def posted(person: httpx.Client, path: str, **answers: str) -> httpx.Response:
    """Fill in the form of a page, as it was given to this browser, and send it."""
    token = TOKEN.search(person.get(path).text)
    assert token
    return person.post(path, data={"csrfmiddlewaretoken": token[1]} | answers)


def test_a_served_instance_makes_no_account_until_somebody_opens_it(new_instance: Instance) -> None:
    root = {"username": "root", "password1": PASSWORD, "password2": PASSWORD, "language": "en"}
    login = {"username": "admin", "password": PASSWORD}
    with httpx.Client(base_url=new_instance.url, timeout=60) as person:
        assert person.post("/api/auth/login", json=login).status_code == 401
        assert person.get("/releases/", follow_redirects=True).url.path == "/welcome/"

        assert posted(person, "/welcome/", **root).headers["Location"] == "/"

        assert person.get("/preferences/").status_code == 200
        person.cookies.clear()
        assert person.get("/welcome/").headers["Location"] == "/accounts/login/"


def test_a_command_says_that_nobody_is_there_yet(new_instance: Instance, tmp_path: Path) -> None:
    book = make_book(tmp_path)

    done = new_instance.run("pack", str(book), "-g", "GRP", "-t", "EBOOK")

    assert done.returncode == 3
    assert "administrator yet" in done.stderr


def test_setting_up_by_hand_makes_the_account_and_closes_the_page(new_instance: Instance) -> None:
    done = new_instance.run("setup")

    assert "user admin, password " in done.stderr
    assert httpx.get(f"{new_instance.url}/welcome/").headers["Location"] == "/accounts/login/"


def test_pages_travel_compressed_and_what_happens_live_does_not_wait(instance: Instance) -> None:
    with httpx.Client(base_url=instance.url, timeout=60) as person:
        posted(person, "/accounts/login/", username="admin", password=PASSWORD)

        page = person.get("/preferences/")
        file = person.get("/preferences/export/")
        with person.stream("GET", "/jobs/events") as live:
            first = next(live.iter_bytes())

    assert page.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in file.headers
    assert live.headers["Content-Type"].startswith("text/event-stream")
    assert "Content-Encoding" not in live.headers
    assert first
