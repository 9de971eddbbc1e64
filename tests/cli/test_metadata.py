from pathlib import Path

import pytest

from cli.exits import Exit
from packer_site import commands
from tests.factories import make_admin, make_book

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded")]
MAGAZINE = ("--title", "Name", "--category", "magazine", "--publisher", "Press")


def pack(into: Path, *options: str) -> int:
    make_admin(username="admin")
    return commands.run(["pack", str(make_book()), "-g", "GRP", "-o", str(into), *options])


def test_the_options_tell_which_issue_it_is(tmp_path: Path) -> None:
    issue = ("--issue", "22", "--issue-date", "2012-05", "--tags", "internal")

    code = pack(tmp_path / "out", *MAGAZINE, *issue)

    assert code == Exit.DONE
    name = "Name.No.22.May.2012.RETAiL.iNTERNAL.MAGAZiNE.ePUB.eBook-GRP"
    assert (tmp_path / "out" / name).is_dir()


def test_an_issue_that_cannot_be_is_refused_by_its_option(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = pack(tmp_path / "out", *MAGAZINE, "--issue-date", "May 2012")

    assert code == Exit.INVALID
    assert "--issue-date: May 2012 is no date of an issue" in capsys.readouterr().err
