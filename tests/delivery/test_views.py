from pathlib import Path
from typing import Any

import asyncssh
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from accounts.models import ReleaseGroup, User
from delivery.models import Destination
from tests.delivery.peers import PASSWORD, USER, ftp_server, sftp_server
from tests.factories import make_admin, make_operator, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded")]
PATH = "/config/destinations/"
HTMX = {"HX-Request": "true"}
TYPED = {"name": "There", "type": "FTP", "host": "ftp.example.org", "username": USER}


@pytest.fixture
def operator(client: Client, seeded: None) -> User:
    user = make_operator()
    client.force_login(user)
    return user


def make_destination(owner: User | None = None, **fields: Any) -> Destination:
    usual = {"name": "There", "type": "FTP", "host": "127.0.0.1", "port": 21, "username": USER}
    return Destination.objects.create(user=owner, **usual | {"password": PASSWORD} | fields)


def test_a_destination_is_added_changed_and_removed(client: Client, operator: User) -> None:
    added = client.post(f"{PATH}new/own/", TYPED | {"password": PASSWORD})
    made = Destination.objects.get()
    changed = client.post(f"{PATH}{made.pk}/", TYPED | {"port": "21", "folder": "in"})
    kept = Destination.objects.get()
    removed = client.post(f"{PATH}{made.pk}/remove/")

    assert {one.headers["Location"] for one in (added, changed, removed)} == {PATH}
    assert (made.user, made.port) == (operator, 21)
    assert (kept.folder, kept.password.reveal()) == ("in", PASSWORD)
    assert not Destination.objects.exists()


def test_how_files_are_brought_there_is_set_and_shown(client: Client, operator: User) -> None:
    said = {"connections": "4", "bandwidth": "100", "attempts": "3", "order": "NAME"}
    client.post(f"{PATH}new/own/", TYPED | {"password": PASSWORD} | said)
    made = Destination.objects.get()
    shown = client.get(f"{PATH}{made.pk}/").content.decode()
    wrong = client.post(f"{PATH}{made.pk}/", TYPED | {"port": "21", "connections": "9"})
    client.post(f"{PATH}{made.pk}/", TYPED | {"port": "21"})
    kept = Destination.objects.get()

    options = {"connections": 4, "bandwidth": 100, "attempts": 3, "order": "NAME"}
    assert made.options == {"passive": True, **options}
    assert 'name="bandwidth" value="100"' in shown
    assert "connections" in wrong.context["form"].errors
    assert kept.options == {"passive": True}


def test_a_group_is_delivered_by_itself_until_told_otherwise(
    client: Client, operator: User
) -> None:
    made = make_destination(operator)
    group, foreign = (ReleaseGroup.objects.create(tag=tag) for tag in ("OURS", "THEIRS"))
    group.members.add(operator)

    added = client.post(f"{PATH}{made.pk}/groups/", {"group": " ours "}, follow=True)
    unknown = client.post(f"{PATH}{made.pk}/groups/", {"group": foreign.tag}, follow=True)
    removed = client.post(f"{PATH}{made.pk}/groups/{group.pk}/remove/", follow=True)

    assert b"What is packed under OURS goes to There by itself" in added.content
    assert b"There is no release group THEIRS that you may know of" in unknown.content
    assert b"goes to There by itself no more" in removed.content
    assert not made.auto_deliveries.exists()


def test_who_comes_from_a_page_is_led_back_there(client: Client, operator: User) -> None:
    form = client.get(f"{PATH}new/own/?next=/wizard/")
    said = TYPED | {"password": PASSWORD}

    back = client.post(f"{PATH}new/own/", said | {"next": "/wizard/"})
    away = client.post(
        f"{PATH}new/own/", said | {"name": "Other", "next": "https://evil.example.org/"}
    )

    assert b'name="next" value="/wizard/"' in form.content
    assert back.headers["Location"] == "/wizard/"
    assert away.headers["Location"] == PATH


def test_a_changed_host_asks_for_the_password_again(client: Client, operator: User) -> None:
    made = make_destination(operator)

    page = client.post(f"{PATH}{made.pk}/", TYPED | {"host": "evil.example.org", "port": "21"})

    assert "Enter it again" in page.context["form"].errors["password"][0]
    assert Destination.objects.get().host == "127.0.0.1"


def test_no_page_shows_a_secret(client: Client, operator: User) -> None:
    made = make_destination(operator)
    admin = Client()
    admin.force_login(make_admin())

    for path in (PATH, f"{PATH}{made.pk}/"):
        assert PASSWORD not in client.get(path).content.decode()
    for path in ("/admin/delivery/destination/", f"/admin/delivery/destination/{made.pk}/change/"):
        page = admin.get(path).content.decode()
        assert "There" in page
        assert PASSWORD not in page
        assert made.password.token not in page


def test_a_form_is_tried_before_it_is_kept(
    client: Client, operator: User, tmp_path: Path, settings: Settings
) -> None:
    with ftp_server(tmp_path / "there") as peer:
        settings.DELIVERY_HOSTS = [peer.authority]
        typed = TYPED | {"host": "127.0.0.1", "port": str(peer.port), "test": "1"}
        works = client.post(f"{PATH}new/own/", typed | {"password": PASSWORD}, headers=HTMX)
        made = make_destination(operator, port=peer.port)
        without = client.post(f"{PATH}{made.pk}/", typed)

    assert b"It works" in works.content
    assert b"<html" not in works.content
    assert "refuses the login" in without.context["outcome"].sentence
    assert peer.logins == [(USER, PASSWORD), (USER, "")]
    assert Destination.objects.count() == 1


def test_the_key_of_a_server_is_shown_then_accepted_then_works(
    client: Client,
    operator: User,
    tmp_path: Path,
    settings: Settings,
    host_key: asyncssh.SSHKey,
) -> None:
    with sftp_server(tmp_path / "there", host_key) as peer:
        settings.DELIVERY_HOSTS = [peer.authority]
        made = make_destination(operator, type="SFTP", port=peer.port)
        client.post(f"{PATH}{made.pk}/test/")
        shown = client.get(PATH)
        key = shown.context["outcome"]["host_key"]
        heard_before = list(peer.logins)
        client.post(f"{PATH}{made.pk}/accept/", {"host_key": key})
        works = client.post(f"{PATH}{made.pk}/test/", headers=HTMX)

    assert key.endswith(host_key.get_fingerprint())
    assert key in shown.content.decode()
    assert heard_before == []
    assert b"It works" in works.content


def test_those_of_others_are_not_there(client: Client, operator: User) -> None:
    for one in (make_destination(), make_destination(make_user())):
        assert client.get(f"{PATH}{one.pk}/").status_code == 404
        for verb in ("remove", "test", "accept"):
            assert client.post(f"{PATH}{one.pk}/{verb}/").status_code == 404
    assert client.get(f"{PATH}new/all/").status_code == 403
    assert client.get(f"{PATH}new/x/").status_code == 404
    assert list(client.get(PATH).context["destinations"]) == []


def test_the_page_costs_no_more_with_more_destinations(client: Client, operator: User) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get(PATH)
        return len(queries)

    make_destination(operator)
    cost()
    one = cost()
    for number in range(3):
        make_destination(operator, name=f"Another {number}")

    assert cost() == one <= 10
