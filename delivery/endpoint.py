"""What the engines are told of a destination, and what they tell. No Django here."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from network.addresses import NotAllowed, Unreachable, authority
from network.deadline import Deadline


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """A place to deliver to, who logs in there, and what the operator allows."""

    type: str
    host: str = ""
    port: int = 0
    username: str = ""
    password: str = field(default="", repr=False)
    private_key: str = field(default="", repr=False)
    passphrase: str = field(default="", repr=False)
    folder: str = ""
    passive: bool = True
    timeout_s: float = 60.0
    """How long the server may take to let one in."""
    host_key: str = ""
    """Type and sum of the one that was accepted, e.g. ``ssh-ed25519 SHA256:…``."""
    allowed_hosts: frozenset[str] = frozenset()
    """Each as host:port, let through though private."""
    roots: tuple[Path, ...] = ()
    """Folders of this machine that may be written to."""

    @property
    def authority(self) -> str:
        return authority(self.host, self.port)


class Remote(Protocol):
    """The folder of a destination, while one is connected to it."""

    def write(self, name: str, content: bytes) -> None: ...

    def size(self, name: str) -> int: ...

    def remove(self, name: str) -> None: ...


Opener = Callable[[Endpoint, Deadline], AbstractContextManager[Remote]]


class ConnectionRefused(Unreachable):
    """Nobody listens there."""


class BrokenOff(Unreachable):
    """The connection ended too early."""


class Full(Unreachable):
    """There is no room for more."""


class LoginRefused(NotAllowed):
    """User, password or key are not accepted."""


class NotPermitted(NotAllowed):
    """The folder is not there, or may not be written to."""


class Unsuited(NotAllowed):
    """The server does not speak what is asked of it."""


class CertificateRefused(NotAllowed):
    """The server cannot prove its name."""


class HostKeyUnknown(NotAllowed):
    """No key of the server was accepted yet; its values hold the one that it showed."""


class HostKeyChanged(NotAllowed):
    """The server shows another key than the one that was accepted."""
