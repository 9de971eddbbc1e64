"""Reliability S3: a kept secret goes nowhere that it was not given for."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncssh
import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from pytest_django import Settings

from accounts.models import ReleaseGroup, User
from delivery import actions
from delivery.actions import Given, Taken
from delivery.checking import Refused
from delivery.models import Destination
from delivery.parcel import Manner
from network.addresses import NotAllowed
from tests.delivery.peers import PASSWORD, USER, Peer, ftp_server
from tests.factories import make_admin, make_operator, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded")]
NEW: dict[str, Any] = {"name": "There", "type": "FTP", "host": "ftp.example.org", "username": USER}
KEY = asyncssh.generate_private_key("ssh-ed25519").export_private_key().decode()


@pytest.fixture
def ann(seeded: None) -> User:
    return make_operator()


@pytest.fixture
def peer(tmp_path: Path, settings: Settings) -> Iterator[Peer]:
    """A server of FTP that the operator allows to be called."""
    with ftp_server(tmp_path / "there") as one:
        settings.DELIVERY_HOSTS = [one.authority]
        yield one


def kept(owner: User | None, **said: Any) -> Destination:
    given = Given(**{**NEW, "password": PASSWORD, **said})
    return actions.create_destination(given, owner=owner, by=owner or make_admin())


def test_secrets_are_kept_encrypted_and_shown_to_nobody(ann: User) -> None:
    destination = Destination.objects.get(pk=kept(ann).pk)

    assert destination.password.reveal() == PASSWORD
    assert PASSWORD not in str(Destination.objects.values_list("password").get())
    assert PASSWORD not in repr(destination.endpoint())
    assert PASSWORD not in repr(Given(password=PASSWORD, private_key=PASSWORD))


@pytest.mark.parametrize(
    ("kind", "port"), [("FTP", 21), ("FTPS", 21), ("FTPS_IMPLICIT", 990), ("SFTP", 22)]
)
def test_the_usual_port_of_a_type_is_taken(ann: User, kind: str, port: int) -> None:
    assert kept(ann, type=kind).port == port


@pytest.mark.parametrize(
    "change",
    [
        {"host": "evil.example.org"},
        {"port": 2121},
        {"username": "other"},
        {"type": "FTPS"},
        {"type": "SFTP"},
        {"host": "evil.example.org", "password": None, "folder": "x"},
    ],
)
@pytest.mark.parametrize("who", ["owner", "admin"])
def test_a_kept_password_stays_where_it_was_given_for(
    ann: User, change: dict[str, Any], who: str
) -> None:
    destination = kept(ann)
    by = ann if who == "owner" else make_admin()

    with pytest.raises(Refused, match="Enter it again") as refused:
        actions.update_destination(destination, Given(**change), by=by)

    assert refused.value.field == "password"
    destination.refresh_from_db()
    assert (destination.host, destination.port, destination.username) == (NEW["host"], 21, USER)


def test_a_kept_key_stays_where_it_was_given_for(ann: User) -> None:
    destination = kept(ann, type="SFTP", password="", private_key=KEY)

    with pytest.raises(Refused) as refused:
        actions.update_destination(destination, Given(host="evil.example.org"), by=ann)

    assert refused.value.field == "private_key"


def test_other_things_change_without_the_secret(ann: User) -> None:
    destination = kept(ann)
    given = Given(name="Elsewhere", folder="in", host="FTP.Example.ORG", options={"timeout": 5})

    changed = actions.update_destination(destination, given, by=ann)

    assert (changed.name, changed.folder, changed.options) == ("Elsewhere", "in", {"timeout": 5})
    assert changed.password.reveal() == PASSWORD
    assert changed.modified_at > destination.modified_at


def test_an_option_is_kept_changed_and_made_usual_again(ann: User) -> None:
    given = {"connections": 8, "bandwidth": 512, "attempts": 20, "order": "NFO"}
    destination = kept(ann, options={"timeout": 5, **given})
    manner = destination.manner()

    changed = actions.update_destination(destination, Given(options=dict.fromkeys(given)), by=ann)

    assert manner == Manner(connections=8, bytes_per_s=512 * 1024, attempts=20, order="NFO")
    assert changed.options == {"timeout": 5}
    assert changed.manner() == Manner(connections=2)


def test_a_refused_option_is_named(ann: User) -> None:
    with pytest.raises(Refused, match="attempts: A whole number from 1 to 20 is expected"):
        kept(ann, options={"connections": 1, "attempts": 99})
    with pytest.raises(Refused, match="There is no option speed, only: passive, timeout, connec"):
        kept(ann, options={"speed": 1})


def test_a_group_goes_there_by_itself_once(ann: User) -> None:
    group = ReleaseGroup.objects.create(tag="OURS")
    own, for_all = kept(ann), kept(None)

    for _ in range(2):
        actions.add_auto_delivery(own, group, by=ann)
    with pytest.raises(PermissionDenied):
        actions.add_auto_delivery(for_all, group, by=ann)

    assert list(Destination.objects.of_group(group)) == [own]
    actions.remove_auto_delivery(own, group, by=ann)
    assert not Destination.objects.of_group(group).exists()


def test_a_secret_that_is_given_again_goes_along(ann: User) -> None:
    given = Given(host="other.example.org", password="new")

    changed = actions.update_destination(kept(ann), given, by=ann)

    assert (changed.host, changed.password.reveal()) == ("other.example.org", "new")


def test_the_accepted_key_of_a_server_is_not_that_of_another_one(ann: User) -> None:
    key = "ssh-ed25519 SHA256:" + "a" * 43
    destination = kept(ann, type="SFTP", host_key=key)

    changed = actions.update_destination(
        destination, Given(host="other.example.org", password="new"), by=ann
    )

    assert (destination.host_key, changed.host_key) == (key, "")


def test_a_folder_of_the_server_keeps_no_secret(ann: User) -> None:
    changed = actions.update_destination(kept(ann), Given(type="LOCAL"), by=ann)

    assert (changed.host, changed.port, changed.username) == ("", None, "")
    assert not changed.password


def test_a_test_writes_to_the_server_and_removes_it(ann: User, peer: Peer) -> None:
    destination = kept(ann, host="127.0.0.1", port=peer.port)

    assert actions.test_destination(destination, by=ann) >= 0
    assert peer.logins == [(USER, PASSWORD)]
    assert peer.files() == []


def test_a_test_of_what_is_not_kept_carries_no_kept_secret(ann: User, peer: Peer) -> None:
    kept(ann, host="127.0.0.1", port=peer.port)
    given = Given(**{**NEW, "host": "127.0.0.1", "port": peer.port, "username": "x"})

    with pytest.raises(NotAllowed, match="refuses the login"):
        actions.test_given(given, owner=ann, by=ann)

    assert peer.logins == [("x", "")]


def test_no_way_leads_a_kept_secret_to_another_server(ann: User, peer: Peer) -> None:
    destination = kept(ann)
    for by in (ann, make_admin()):
        with pytest.raises(Refused):
            actions.update_destination(destination, Given(host="127.0.0.1", port=peer.port), by=by)
    destination.host, destination.port = "127.0.0.1", peer.port  # as a stale row would be

    with pytest.raises(Exception, match=r"ftp\.example\.org"):
        actions.test_destination(destination, by=ann)

    assert peer.logins == []


def test_those_for_all_and_those_of_others_are_the_administrators(ann: User) -> None:
    for destination in (kept(None), kept(make_user())):
        with pytest.raises(PermissionDenied, match="MOD permission on config"):
            actions.update_destination(destination, Given(name="x"), by=ann)
        with pytest.raises(PermissionDenied, match="DELETE permission on config"):
            actions.delete_destination(destination, by=ann)
        with pytest.raises(PermissionDenied, match="WRITE permission on config"):
            actions.test_destination(destination, by=ann)
        with pytest.raises(PermissionDenied, match="WRITE permission on config"):
            actions.test_given(Given(**NEW), owner=destination.user, by=ann)
        assert destination not in Destination.objects.visible_to(ann)


def test_a_name_stands_once_for_each_and_once_for_all(ann: User) -> None:
    kept(ann)
    kept(None)
    other = kept(ann, name="Other")

    for owner in (ann, None):
        with pytest.raises(Taken, match="already"):
            kept(owner)
    with pytest.raises(Taken):
        actions.update_destination(other, Given(name="There"), by=ann)
    with pytest.raises(IntegrityError), transaction.atomic():
        Destination.objects.create(name="There", type="LOCAL")


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ("name", {"name": " "}),
        ("name", {"name": "x" * 101}),
        ("name", {"name": "a\nb"}),
        ("type", {"type": "HTTP"}),
        ("host", {"host": ""}),
        ("host", {"host": "0x7f.1"}),
        ("host", {"host": "http://example.org"}),
        ("port", {"port": 0}),
        ("port", {"port": 65_536}),
        ("port", {"port": 10**30}),
        ("username", {"username": "a\r\nDELE x"}),
        ("username", {"type": "SFTP", "username": ""}),
        ("password", {"password": "a\r\nDELE x"}),
        ("password", {"type": "SFTP", "password": ""}),
        ("private_key", {"private_key": KEY}),
        ("private_key", {"type": "SFTP", "private_key": "no key"}),
        ("private_key", {"type": "SFTP", "passphrase": "x"}),
        ("folder", {"folder": "a\0b"}),
        ("folder", {"type": "LOCAL", "folder": "/etc"}),
        ("options", {"options": {"passive": "yes"}}),
        ("options", {"options": {"timeout": True}}),
        ("options", {"options": {"timeout": 10**6}}),
        ("options", {"options": {"other": 1}}),
        ("options", {"options": {"connections": 0}}),
        ("options", {"options": {"connections": 9}}),
        ("options", {"options": {"bandwidth": -1}}),
        ("options", {"options": {"attempts": 21}}),
        ("options", {"options": {"order": "SIZE"}}),
        ("host_key", {"host_key": "ssh-ed25519 SHA256:" + "a" * 43}),
        ("host_key", {"type": "SFTP", "host_key": "MD5:aa"}),
    ],
)
def test_what_cannot_be_kept_is_refused_by_its_field(
    ann: User, field: str, said: dict[str, Any]
) -> None:
    with pytest.raises(Refused) as refused:
        kept(ann, **said)

    assert refused.value.field == field
    assert not Destination.objects.exists()
