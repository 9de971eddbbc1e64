"""Who may read the metrics."""

from ipaddress import ip_address
from secrets import compare_digest

from django.conf import settings
from django.http import HttpRequest

FORWARDING = ("X-Forwarded-For", "Forwarded", "X-Real-IP")
REFUSED = "Metrics are for the addresses of METRICS_ALLOW, and for who shows METRICS_TOKEN."


def may_read(request: HttpRequest) -> bool:
    return shows_token(request) or asks_from_near(request)


def shows_token(request: HttpRequest) -> bool:
    expected = str(settings.METRICS_TOKEN)
    kind, _space, shown = request.headers.get("Authorization", "").partition(" ")
    if not expected or kind.lower() != "bearer":
        return False
    return compare_digest(shown.strip().encode(), expected.encode())


def asks_from_near(request: HttpRequest) -> bool:
    """Tell whether the request comes from an address that is let in.

    Behind a proxy that is not declared, everybody seems to ask from the proxy's own address.
    """
    try:
        address = ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:  # over a socket of this machine, behind which there is a proxy
        return False
    is_forwarded = any(name in request.headers for name in FORWARDING)
    if is_forwarded and (address.is_loopback or not settings.TRUSTED_PROXIES):
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return any((mapped or address) in network for network in settings.METRICS_ALLOW)
