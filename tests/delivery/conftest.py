from collections.abc import Iterator
from pathlib import Path

import asyncssh
import pytest

from network import trust
from tests.network.certificates import serving


@pytest.fixture(scope="session")
def host_key() -> asyncssh.SSHKey:
    return asyncssh.generate_private_key("ssh-ed25519")


@pytest.fixture
def certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of the certificate of `localhost`, which the system trusts."""
    folder = tmp_path / "certificate"
    folder.mkdir()
    serving(folder, "localhost")
    monkeypatch.setenv("SSL_CERT_FILE", str(folder / "certificate.pem"))
    trust.trust.cache_clear()
    yield folder
    trust.trust.cache_clear()
