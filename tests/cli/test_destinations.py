"""packer destinations, with a server of SFTP whose key is not known yet."""

from collections.abc import Iterator
from pathlib import Path

import asyncssh
import pytest
from pytest_django import Settings

from cli.exits import Exit
from delivery.models import Destination
from packer_site import commands
from tests.delivery.peers import PASSWORD, USER, Peer, sftp_server
from tests.factories import make_admin

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded")]
Captured = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def key() -> asyncssh.SSHKey:
    return asyncssh.generate_private_key("ssh-ed25519")


@pytest.fixture
def box(tmp_path: Path, key: asyncssh.SSHKey, settings: Settings) -> Iterator[Peer]:
    make_admin(username="admin")
    with sftp_server(tmp_path, key) as server:
        settings.DELIVERY_HOSTS = [server.authority]
        Destination.objects.create(
            name="Box",
            type="SFTP",
            host="127.0.0.1",
            port=server.port,
            username=USER,
            password=PASSWORD,
        )
        yield server


def test_the_key_of_a_server_is_accepted_where_it_is_the_one_expected(
    box: Peer, key: asyncssh.SSHKey, capsys: Captured
) -> None:
    fingerprint = key.get_fingerprint()

    unknown = commands.run(["destinations", "test", "Box"])
    told = capsys.readouterr().err
    accepted = commands.run(["destinations", "accept", "Box", fingerprint])
    works = capsys.readouterr().out
    again = commands.run(["destinations", "accept", "Box", fingerprint])

    assert (unknown, accepted, again) == (Exit.DESTINATION_FAILED, Exit.DONE, Exit.DONE)
    assert f"To accept it: packer destinations accept DESTINATION {fingerprint}." in told
    assert works.startswith("It works: ")
    assert Destination.objects.get().host_key == f"ssh-ed25519 {fingerprint}"


def test_a_key_that_nobody_expects_is_not_accepted(
    box: Peer, key: asyncssh.SSHKey, capsys: Captured
) -> None:
    code = commands.run(["destinations", "accept", "Box", f"SHA256:{'a' * 43}"])

    assert code == Exit.DESTINATION_FAILED
    assert f"It shows another key, {key.get_fingerprint()}" in capsys.readouterr().err
    assert Destination.objects.get().host_key == ""
