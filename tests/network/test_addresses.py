"""Reliability S6: which addresses are of the open network."""

import pytest

from network.addresses import NotAllowed, host_name, is_public
from tests.network.hosts import ELSEWHERE


@pytest.mark.parametrize("address", [*ELSEWHERE, "127.0.0.1", "::1", "fe80::1%eth0"])
def test_an_address_that_is_not_of_the_open_network_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["1.1.1.1", "93.184.215.14", "2606:4700::1111", "2a00:1450:4007:80e::200e"]
)
def test_an_address_of_the_open_network_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    ("written", "host"),
    [
        ("FTP.Example.org", "ftp.example.org"),
        ("Bücher.example", "xn--bcher-kva.example"),
        ("[2A00::0001]", "2a00::1"),
        ("2a00::1", "2a00::1"),
        ("192.0.2.1", "192.0.2.1"),
    ],
)
def test_a_host_is_written_in_one_way(written: str, host: str) -> None:
    assert host_name(written) == host


@pytest.mark.parametrize("written", ["", "0x7f.1", "localhost.", "fe80::1%eth0", "[127.0.0.1]"])
def test_what_is_no_name_of_a_host_is_refused(written: str) -> None:
    with pytest.raises(NotAllowed, match="is not the name of a host"):
        host_name(written)


def test_a_refused_host_is_shown_without_what_one_cannot_see() -> None:
    with pytest.raises(NotAllowed) as refused:
        host_name("a\x1b[2Jb\r\n")

    assert str(refused.value).startswith("“a[2Jb” is not")
