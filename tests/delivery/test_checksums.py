"""What servers of FTP say of sums, as it was seen of several."""

import hashlib
from pathlib import Path
from typing import Any

import pytest

from delivery.checksums import HASH_CRC32, HASH_SHA256, XCRC, XSHA256, Summer, offered, read
from tests.delivery.bringing import Ear, endpoint_of, packed, stands
from tests.delivery.peers import FTPHandler, ftp_server


@pytest.mark.parametrize(
    ("features", "expected"),
    [
        ("211-Features:\r\n MDTM\r\n SIZE\r\n211 End", []),
        ("211-Features:\r\n XCRC filename;start;end\r\n211 End", [XCRC]),
        (
            "211-x\r\n HASH SHA-256*;SHA-1;CRC32\r\n XSHA256\r\n211 End",
            [XSHA256, HASH_SHA256, HASH_CRC32],
        ),
        ("211-x\r\n HASH SHA-1*;MD5\r\n211 End", []),
    ],
    ids=["none", "XCRC", "all", "other sums"],
)
def test_commands_are_read_from_the_features(features: str, expected: list[Summer]) -> None:
    assert offered(features) == expected


@pytest.mark.parametrize(
    ("answer", "summer", "digits"),
    [
        ("250 1A2B3C4D", XCRC, "1a2b3c4d"),
        ("250 XCRC 0x1A2B3C4D", XCRC, "1a2b3c4d"),
        ("250 b3c4d", XCRC, "000b3c4d"),
        (f"213 SHA-256 0-49 {'ab' * 32} a 00000000.part", HASH_SHA256, "ab" * 32),
        ('250 "a 00000000.part" 1A2B3C4D', XCRC, "1a2b3c4d"),
        ("250 a 00000000.part", XCRC, ""),
        ("250 done", XSHA256, ""),
    ],
)
def test_a_sum_is_read_from_an_answer_and_never_from_the_name_in_it(
    answer: str, summer: Summer, digits: str
) -> None:
    found = read(answer, summer, "a 00000000.part")

    assert (found.digits if found else "") == digits


@pytest.mark.parametrize(
    ("command", "features", "how"),
    [("XSHA256", "XSHA256 filename", "XSHA256"), ("HASH", "HASH SHA-1*;SHA-256", "HASH SHA-256")],
)
def test_a_server_that_sums_is_asked_to(
    tmp_path: Path, command: str, features: str, how: str
) -> None:
    heard: list[str] = []

    def summed(self: Any, path: str) -> None:
        self.respond(f"213 {hashlib.sha256(Path(path).read_bytes()).hexdigest()}")

    def opts(self: Any, line: str) -> None:
        heard.append(line)
        self.respond("200 SHA-256")

    methods = {
        f"ftp_{command}": summed,
        "ftp_OPTS": opts,
        "ftp_FEAT": lambda self, _line: self.respond(f"211-x\r\n {features}\r\n211 End"),
        "proto_cmds": FTPHandler.proto_cmds
        | {command: {"perm": "r", "auth": True, "arg": True, "help": ""}},
    }
    parcels = packed(tmp_path / "packed")
    with ftp_server(tmp_path / "there", handler=type("Own", (FTPHandler,), methods)) as peer:
        done = Ear().deliver(parcels, endpoint_of(peer, "FTP"))
        again = Ear().deliver(parcels, endpoint_of(peer, "FTP"))

        assert stands(parcels, peer.folder)
    assert done.checked_by == again.checked_by == how
    assert again.sent_files == 0
    assert set(heard) == ({"HASH SHA-256"} if command == "HASH" else set())
