import pytest

from accounts.networks import network


@pytest.mark.parametrize(
    ("address", "counted_as"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::"),
        ("fe80::1%eth0", "fe80::"),
        ("", "here"),
        ("unix:", "here"),
    ],
)
def test_a_network_that_one_client_has_is_one_client(address: str, counted_as: str) -> None:
    assert network(address) == counted_as
