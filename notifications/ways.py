"""How a message leaves: by mail, by a signed request, or by a service that Apprise knows."""

import hashlib
import hmac
import json
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.utils.translation import gettext_noop

from network.addresses import NotAllowed, Unreachable, authority
from network.deadline import Deadline

TIMEOUT_S = 10.0
DEFAULT_PORTS = {False: 80, True: 443}
OF_OTHER_PORTS = {
    "NotifyAMQP",
    "NotifyGrowl",
    "NotifyIRC",
    "NotifyMQTT",
    "NotifyRSyslog",
    "NotifySMPP",
    "NotifyXMPP",
}
"""They speak no HTTP, and choose a port by themselves where none is named."""
OF_ANY_SERVER = {"NotifyBlueSky", "NotifyEmail", "NotifyNostr", "NotifyVapid", "NotifyZulip"}
"""Their addresses, or what those lead to, name servers in ways that are not told from outside."""

# It tells every address that it calls, and those hold tokens.
logging.getLogger("apprise").setLevel(logging.CRITICAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One message, and where it goes."""

    address: str = field(repr=False)
    secret: str = field(repr=False)
    number: str
    """The same for each attempt: who hears it twice can tell."""
    event: str
    title: str
    text: str
    facts: Mapping[str, Any]


def by_mail(letter: Letter) -> None:
    """Send it by the mail server of the instance.

    Raises:
        NotAllowed: the instance has none.
        Unreachable: the server does not take it.
    """
    if not settings.EMAIL_URL:
        raise NotAllowed(gettext_noop("No mail server is set: the operator can set EMAIL_URL."))
    mail = EmailMessage(
        subject=" ".join(letter.title.split()),
        body=letter.text or letter.title,
        to=[letter.address],
        headers={"Message-ID": f"<{letter.number}@release-packer>"},
        connection=get_connection(timeout=TIMEOUT_S),
    )
    try:
        mail.send()
    except OSError as error:  # those of smtplib are, too
        raise Unreachable(
            gettext_noop("The mail server does not take it (%(kind)s): it is tried again."),
            kind=type(error).__name__,
        ) from None


def by_webhook(letter: Letter) -> None:
    """POST it as JSON, with the time and a signature over both.

    Raises:
        NotAllowed: the address may not be called.
        Unreachable: nobody there takes it.
    """
    from releases.metadata.http import Request, target  # noqa: PLC0415  # few messages go out
    from releases.metadata.http.outlet import Outlet  # noqa: PLC0415  # as above

    body = json.dumps({"event": letter.event, "title": letter.title, **letter.facts}).encode()
    request = Request(
        target=target(letter.address),
        method="POST",
        headers={"Content-Type": "application/json", "User-Agent": "ReleasePacker"},
        secrets=signed(letter, body, int(time.time())),
        body=body,
    )
    allowed = frozenset(settings.OUTBOUND_HOSTS)
    with Outlet(Deadline(TIMEOUT_S), allowed_hosts=allowed) as outlet:
        reply = outlet.fetch(request, tries=1)
    if not HTTPStatus.OK <= reply.status < HTTPStatus.MULTIPLE_CHOICES:
        raise Unreachable(
            gettext_noop("%(host)s answers %(status)d: check the address."),
            host=reply.host,
            status=reply.status,
        )


def signed(letter: Letter, body: bytes, at: int) -> dict[str, str]:
    """Return what proves to the receiver who sent `body`, and when."""
    told = {
        "X-Packer-Event": letter.event,
        "X-Packer-Message": letter.number,
        "X-Packer-Timestamp": str(at),
    }
    if not letter.secret:
        return told
    signature = hmac.new(letter.secret.encode(), f"{at}.".encode() + body, hashlib.sha256)
    return told | {"X-Packer-Signature": f"sha256={signature.hexdigest()}"}


def by_apprise(letter: Letter) -> None:
    """Hand it to the service that the address names.

    Raises:
        NotAllowed: the address names none, or one that may not be called.
        Unreachable: the service does not take it.
    """
    service = service_of(letter.address)
    if not service.notify(body=letter.text or letter.title, title=letter.title):
        raise Unreachable(
            gettext_noop("%(service)s does not take it: check the address, or wait."),
            service=str(service.service_name),
        )


def service_of(address: str) -> Any:
    """Return the service of Apprise that `address` names.

    One with a host of its own is called only where the operator allows that host: the library
    opens its connections by itself.

    Raises:
        NotAllowed: there is none, or it may not be called.
    """
    import apprise  # noqa: PLC0415  # 0.3 s that few messages need

    found = apprise.Apprise.instantiate(address, suppress_exceptions=True)
    if found is None:
        raise NotAllowed(
            gettext_noop("Apprise knows no service at this address: write it like %(example)s."),
            example="discord://webhook/token",
        )
    refuse_unknowable(found)
    if not is_of_one_host(found):
        refuse_other_host(found)
    return found


def refuse_unknowable(service: Any) -> None:
    """Raise NotAllowed where nobody can tell what would be called, or read on this machine."""
    name = {"service": str(service.service_name)}
    if type(service).__name__ in OF_ANY_SERVER:
        raise NotAllowed(
            gettext_noop("%(service)s may lead to any server: choose another service."), **name
        )
    if any(is_a_file(value) for value in vars(service).values()):
        raise NotAllowed(
            gettext_noop("The address for %(service)s names a file to be read: leave that out."),
            **name,
        )


def is_a_file(value: Any) -> bool:
    """Tell whether it is one that the library would fetch from anywhere, or from the disk."""
    from apprise import AppriseAttachment  # noqa: PLC0415  # as in `service_of`

    return isinstance(value, AppriseAttachment) and len(value) > 0


def is_of_one_host(service: Any) -> bool:
    """Tell whether it is called at the host of its maker alone, whatever its address says."""
    templates: tuple[str, ...] = service.templates
    return not (service.protocol or any("{host}" in template for template in templates))


def refuse_other_host(service: Any) -> None:
    """Raise NotAllowed unless the operator allows the host that the address names."""
    host = str(getattr(service, "host", "") or "")
    place = authority(host, port_of(service))
    if not host or place not in {known.lower() for known in settings.OUTBOUND_HOSTS}:
        raise NotAllowed(
            gettext_noop(
                "%(service)s at %(place)s is not allowed: the operator can add the place"
                " to OUTBOUND_HOSTS."
            ),
            service=str(service.service_name),
            place=place,
        )


def port_of(service: Any) -> int:
    """Return the port at which `service` is called.

    Raises:
        NotAllowed: nobody can tell.
    """
    if named := getattr(service, "port", None):
        return int(named)
    if type(service).__name__ in OF_OTHER_PORTS:
        raise NotAllowed(
            gettext_noop("The address for %(service)s names no port: add it after the host."),
            service=str(service.service_name),
        )
    usual = service.template_tokens.get("port", {}).get("default")
    return int(usual or DEFAULT_PORTS[bool(service.secure)])


WAYS: Mapping[str, Callable[[Letter], None]] = {
    "MAIL": by_mail,
    "WEBHOOK": by_webhook,
    "APPRISE": by_apprise,
}
