"""What the engines are told of a destination, and what they tell. No Django here."""

from collections.abc import Callable, Iterator
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


@dataclass(frozen=True, slots=True)
class Sum:
    """What a server says of a file."""

    how: str
    """By which command."""
    kind: str
    """``crc32`` or ``sha256``."""
    digits: str
    """Hexadecimal, lower case."""


Prepare = Callable[[str], object]


class Pieces(Protocol):
    """A file to be sent."""

    def pieces(self, offset: int, most: int = ...) -> Iterator[bytes]: ...


class Remote(Protocol):
    """The folder of a destination, while one is connected to it."""

    def write(self, name: str, content: bytes) -> None: ...

    def size(self, name: str) -> int: ...

    def remove(self, name: str) -> None: ...

    def renew(self) -> None:
        """Begin to wait anew: something went on."""

    def found(self, name: str) -> int | None:
        """Return the size of a file; None: it is not there."""

    def make_folder(self, name: str) -> None:
        """Make the folder called `name`, and those above it, where they are missing."""

    def ending(self, name: str, offset: int, length: int) -> bytes | None:
        """Return what a file holds from `offset` to its end; None: it cannot be read."""

    def send(self, name: str, source: Pieces, offset: int) -> None:
        """Write a file from `offset` on; what was there behind it is gone, or written over."""

    def sum(self, name: str, size: int, prepare: Prepare) -> Sum | None:
        """Return what the server sums a file up to; None: it does not.

        `prepare` is called, with the kind of the sum, while the server is at it.
        """

    def rename(self, name: str, final: str) -> None:
        """Have a file take another name, and the place of what had that before."""


Opener = Callable[[Endpoint, Deadline], AbstractContextManager[Remote]]


class ConnectionRefused(Unreachable):
    """Nobody listens there."""


class BrokenOff(Unreachable):
    """The connection ended too early."""


class Full(Unreachable):
    """There is no room for more."""


class Busy(Unreachable):
    """It does not work now, and may soon."""


class Mangled(Unreachable):
    """What arrived is not what was sent."""


class SourceLost(NotAllowed):
    """The file that is to be delivered is not there any more, or is another one."""


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
