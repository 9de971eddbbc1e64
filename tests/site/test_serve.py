"""packer serve, as it ends."""

import json
import signal
import socket
import time
from pathlib import Path

import pytest

from tests.instance import Instance, own_database
from tests.processes import waited_for

pytestmark = pytest.mark.slow
LOGIN = json.dumps({"username": "nobody", "password": "wrong"}).encode()
HEAD = (
    "POST /api/auth/login HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
    f"Content-Type: application/json\r\nContent-Length: {len(LOGIN)}\r\n\r\n"
)


def test_a_request_that_runs_at_the_end_has_the_grace_to_be_answered(tmp_path: Path) -> None:
    with own_database() as url:
        instance = Instance(tmp_path, url).start(grace_s=30)
        assert instance.process
        try:
            with socket.create_connection(("127.0.0.1", instance.port)) as slow:
                slow.sendall(HEAD.encode() + LOGIN[:5])
                instance.process.send_signal(signal.SIGTERM)
                assert waited_for(lambda: not is_taken(instance.port), 10)
                time.sleep(6)  # more than a server that knew of no grace would wait
                slow.sendall(LOGIN[5:])

                assert slow.makefile("rb").readline() == b"HTTP/1.1 401 Unauthorized\r\n"
            assert instance.process.wait(30) == 0
        finally:
            if instance.process.poll() is None:
                instance.kill()


def is_taken(port: int) -> bool:
    with socket.socket() as caller:
        return caller.connect_ex(("127.0.0.1", port)) == 0
