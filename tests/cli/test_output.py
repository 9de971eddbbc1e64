"""What the commands print where they cannot go on, and where nobody listens."""

import json
import subprocess
from pathlib import Path

import pytest

from accounts.models import User
from cli.exits import Exit
from packer_site import commands
from tests.factories import make_admin, make_user
from tests.instance import Instance


@pytest.mark.slow
@pytest.mark.parametrize(
    "command", ["jobs list", "pack book.epub -g GRP", "rules list", "backup x"]
)
def test_a_database_that_is_away_is_told_in_a_sentence(tmp_path: Path, command: str) -> None:
    away = Instance(tmp_path, "mysql://root@127.0.0.1:1/packer")

    done = away.run(*command.split())

    assert done.returncode == Exit.FAILED
    assert done.stderr.startswith("packer: The database does not answer (")
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_who_reads_no_further_is_no_reason_to_complain(tmp_path: Path) -> None:
    instance = Instance(tmp_path)
    printing = subprocess.Popen(
        instance.command("completion", "bash"),
        env=instance.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert printing.stdout
    printing.stdout.close()

    assert printing.communicate(timeout=60)[1] == ""
    assert printing.returncode == Exit.FAILED


@pytest.mark.django_db
@pytest.mark.usefixtures("seeded")
def test_a_name_of_digits_is_a_name_first(capsys: pytest.CaptureFixture[str]) -> None:
    make_admin()
    first = make_user(username="ann")
    named = make_user(username=str(first.pk + 1000))
    other = User.objects.create(pk=first.pk + 1000, username="other")

    names = []
    for said in (named.username, str(first.pk)):
        assert commands.run(["users", "show", said, "--json"]) == Exit.DONE
        names.append(json.loads(capsys.readouterr().out)["username"])

    assert names == [named.username, "ann"]
    assert other.pk == int(named.username)


@pytest.mark.django_db
@pytest.mark.usefixtures("seeded")
@pytest.mark.parametrize("value", ["NaN", "[" * 200_000])
def test_what_is_no_json_is_taken_as_it_is_written(
    capsys: pytest.CaptureFixture[str], value: str
) -> None:
    make_admin()

    assert commands.run(["prefs", "set", "theme", value]) == Exit.INVALID
    assert "light" in capsys.readouterr().err


@pytest.mark.django_db
@pytest.mark.usefixtures("seeded")
def test_what_is_no_text_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    make_admin()

    assert commands.run(["users", "show", "\udcff"]) == Exit.INVALID
    assert "no text in UTF-8" in capsys.readouterr().err
