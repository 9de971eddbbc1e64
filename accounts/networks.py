"""Which addresses are one client's."""

from ipaddress import IPv6Address, ip_address, ip_network

NETWORK_BITS = 64
"""Of an IPv6 address: whoever has one has all that begin like it."""


def network(address: str) -> str:
    """Return what one client has of addresses."""
    try:
        given = ip_address(address.partition("%")[0])
    except ValueError:  # over a socket of this machine
        return "here"
    if not isinstance(given, IPv6Address):
        return str(given)
    if given.ipv4_mapped:
        return str(given.ipv4_mapped)
    return str(ip_network((given, NETWORK_BITS), strict=False).network_address)
