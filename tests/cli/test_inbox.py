import json
from pathlib import Path

import pytest

from cli.exits import Exit
from packer_site import commands
from releases.models import InboxFile
from tests.factories import make_admin, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded")]


@pytest.fixture
def inbox(tmp_path: Path, settings: object, seeded: None) -> Path:
    make_admin(username="admin")
    folder = tmp_path / "inbox"
    folder.mkdir()
    settings.INBOX_DIR = folder  # type: ignore[attr-defined]
    return folder


def test_what_lies_in_the_inbox_is_found_at_once(
    inbox: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (inbox / "book.epub").write_bytes(b"PK")

    assert commands.run(["inbox", "scan", "--json"]) == Exit.DONE

    said = capsys.readouterr()
    document = json.loads(said.out)
    assert document["folder"] == str(inbox)
    assert [(one["path"], one["state"]) for one in document["files"]] == [("book.epub", "waiting")]
    assert "are left until they are whole" in said.err


def test_a_list_is_narrowed_by_state(inbox: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (inbox / "book.epub").write_bytes(b"PK")
    commands.run(["inbox", "scan"])
    InboxFile.objects.update(state="refused", reason="It is empty.")
    capsys.readouterr()

    commands.run(["inbox", "list", "--state", "refused"])
    commands.run(["inbox", "list", "--state", "moved"])

    said = capsys.readouterr()
    assert said.out == "book.epub  Refused  admin  It is empty.\n"
    assert said.err == f"Nothing is in {inbox}.\n"


def test_who_may_make_no_releases_may_not_look(
    inbox: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make_user(username="reader")

    assert commands.run(["inbox", "scan", "--as", "reader"]) == Exit.NOT_PERMITTED
    assert not InboxFile.objects.exists()
