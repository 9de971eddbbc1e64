"""What one can do to destinations. Those for all, and others', are configuration of the site."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import ReleaseGroup, User
from accounts.permissions import require
from delivery.checking import Refused, check, check_secrets, checked_host
from delivery.models import PORTS, AutoDelivery, Destination
from network.deadline import Deadline

TEST_S = 10.0
"""How long a test may take in all."""
PLAIN = ("name", "type", "host", "port", "username", "folder", "host_key")


class Taken(Refused):
    """There is one of this name already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What is said of a destination; None: it stays as it is, or is as usual."""

    name: str | None = None
    type: str | None = None
    host: str | None = None
    port: int | None = None
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    private_key: str | None = field(default=None, repr=False)
    passphrase: str | None = field(default=None, repr=False)
    folder: str | None = None
    options: Mapping[str, Any] | None = None
    """Of them, too: what is left out stays, and None makes it as usual."""
    host_key: str | None = None


def create_destination(given: Given, *, owner: User | None, by: User) -> Destination:
    """Keep a destination for `owner`, or for all.

    Raises:
        PermissionDenied: it is not for `by`, who may not configure the site.
        Refused: a value cannot be kept.
        Taken: its owner has one of this name.
    """
    require_over(owner, by, "write")
    return saved(described(given, Destination(user=owner)))


@transaction.atomic
def update_destination(destination: Destination, given: Given, *, by: User) -> Destination:
    """Change what is given of `destination`. A kept secret goes to no place it was not given for.

    Raises:
        PermissionDenied: it is not of `by`, who may not configure the site.
        Refused: a value cannot be kept, or the place changes and the secret is not given again.
        Taken: its owner has one of this name.
    """
    require_over(destination.user, by, "mod")
    kept = Destination.objects.select_for_update().get(pk=destination.pk)
    kept.modified_at = timezone.now()
    return saved(described(given, kept))


def delete_destination(destination: Destination, *, by: User) -> None:
    """Forget `destination` and its secrets.

    Raises:
        PermissionDenied: it is not of `by`, who may not configure the site.
    """
    require_over(destination.user, by, "delete")
    destination.delete()


def test_destination(destination: Destination, *, by: User) -> int:
    """Deliver a small file there and remove it; return the milliseconds that it took.

    Raises:
        PermissionDenied: it is not of `by`, who may not configure the site.
        Undecryptable: a secret cannot be read.
        Unreachable: it does not work, and why.
    """
    require_over(destination.user, by, "write")
    # Read at once: a place and the secrets that were given for it, not for an earlier one.
    return probed(Destination.objects.get(pk=destination.pk))


def test_given(given: Given, *, owner: User | None, by: User) -> int:
    """Do as `test_destination` does with what is not kept, and with no secret that is.

    Raises:
        PermissionDenied: it would not be for `by`, who may not configure the site.
        Refused: a value could not be kept.
        Unreachable: it does not work, and why.
    """
    require_over(owner, by, "write")
    return probed(described(given, Destination(user=owner)))


def add_auto_delivery(destination: Destination, group: ReleaseGroup, *, by: User) -> AutoDelivery:
    """Have what is packed under `group` delivered there from now on; twice is once.

    Raises:
        PermissionDenied: it is not of `by`, who may not configure the site.
    """
    require_over(destination.user, by, "write")
    return AutoDelivery.objects.get_or_create(
        destination=destination, group=group, defaults={"by": by}
    )[0]


def remove_auto_delivery(destination: Destination, group: ReleaseGroup, *, by: User) -> None:
    """Have what is packed under `group` delivered there no more by itself.

    Raises:
        PermissionDenied: it is not of `by`, who may not configure the site.
    """
    require_over(destination.user, by, "write")
    destination.auto_deliveries.filter(group=group).delete()


def require_over(owner: User | None, by: User, action: str) -> None:
    """Let `by` pass over what is their own, or with `action` on the site's configuration."""
    if owner != by:
        require(by, "config", action)


def described(given: Given, destination: Destination) -> Destination:
    """Return `destination` as `given` says, checked.

    Raises:
        Refused: a value cannot be kept, or a secret would go elsewhere.
    """
    place, login = place_of(destination), destination.username
    set_plainly(destination, given)
    if given.port is None and destination.type != place[0]:
        destination.port = PORTS.get(destination.type)
    if destination.is_remote:
        destination.host = checked_host(destination.host)
    else:
        leave_servers(destination)
    is_elsewhere = place_of(destination) != place
    if is_elsewhere and given.host_key is None:
        destination.host_key = ""
    check(destination)
    if destination.is_remote:
        is_elsewhere = is_elsewhere or destination.username != login
        take_secrets(destination, given, is_elsewhere=is_elsewhere)
    return destination


def set_plainly(destination: Destination, given: Given) -> None:
    for name in PLAIN:
        value = getattr(given, name)
        if value is not None:
            setattr(destination, name, value.strip() if isinstance(value, str) else value)
    options = destination.options | dict(given.options or {})
    destination.options = {name: value for name, value in options.items() if value is not None}


def place_of(destination: Destination) -> tuple[str, str, int | None]:
    return destination.type, destination.host, destination.port


def leave_servers(destination: Destination) -> None:
    """Forget what a folder of this machine has no use for."""
    destination.host = destination.username = destination.host_key = ""
    destination.port = None
    destination.password = destination.private_key = destination.passphrase = ""


def take_secrets(destination: Destination, given: Given, *, is_elsewhere: bool) -> None:
    """Keep the secrets that are given.

    Raises:
        Refused: one cannot be kept, is missing, or a kept one would go elsewhere.
    """
    check_secrets(given.password, given.private_key, given.passphrase)
    if destination.type != Destination.Type.SFTP:
        if given.private_key:
            raise Refused("private_key", _("Only SFTP takes a key: give a password."))
        destination.private_key = destination.passphrase = ""
    for name in ("password", "private_key"):
        if getattr(given, name) is not None:
            setattr(destination, name, getattr(given, name))
        elif is_elsewhere and getattr(destination, name):
            raise Refused(
                name, _("Enter it again: the stored one was given for another server or user.")
            )
    if given.private_key is not None:
        destination.passphrase = given.passphrase or ""
    if destination.type == Destination.Type.SFTP and not (
        destination.password or destination.private_key
    ):
        raise Refused("password", _("Give a password or a private key."))


def saved(destination: Destination) -> Destination:
    try:
        with transaction.atomic():
            destination.save()
    except IntegrityError as error:
        sentence = _("There is a destination called “%(name)s” already: choose another name.")
        raise Taken("name", sentence % {"name": destination.name}) from error
    return destination


def probed(destination: Destination) -> int:
    from delivery.probe import probe  # noqa: PLC0415  # its libraries take long to load

    endpoint = destination.endpoint()
    return probe(endpoint, Deadline(min(TEST_S, endpoint.timeout_s)))
